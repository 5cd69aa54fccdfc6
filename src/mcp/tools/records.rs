//! `list_records`: records of one kind.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer, Format, Order, Records, RecordsArgs},
    service::Service,
};

pub(super) const LIST_RECORDS: Tool = Tool {
    name: "list_records",
    title: "List records of one kind",
    about: "Records of one kind (sleeps, workouts, recoveries …) as they were received, flattened, one row each; \
        rejected and unscored ones included. Use get_daily_summary for questions about days.\n\
        - Dates as in get_daily_summary, also instants; both ends inclusive. No dates: the last 7 days.\n\
        - Units are in the column names; instants are UTC, `day` and `timezone_offset` are local. Score fields are \
        null unless score_state is SCORED.\n\
        - Missing days are fetched first (waits up to 20 s); `coverage` says what is still not here. Averages and \
        counts: analyze.\n\
        - When `truncated`, repeat the call with `cursor` set to next_cursor.\n\
        Example: {\"kind\": \"whoop.sleep\", \"start\": \"last 30 days\", \"fields\": [\"day\", \"deep_sleep_seconds\"]}",
    args: ARGS,
    output: output::<Answer<Records>>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("kind", Takes::Named(query::kinds), "What to list.").required(),
    arg("start", Takes::Text, "First day, instant or period."),
    arg("end", Takes::Text, "Last day; an instant is exclusive."),
    arg("ids", Takes::Texts, "Only these, whatever their date."),
    arg("limit", Takes::Number { least: 1, most: 1000 }, "Records per page. Default 50."),
    arg("cursor", Takes::Text, "next_cursor of the page before.").untold(),
    arg(
        "where",
        Takes::Object,
        "Equal values, e.g. {\"measure\": \"weight\"}, {\"nap\": true}; of workouts {\"sport\": \"running\"}.",
    ),
    arg("fields", Takes::Texts, "Only these columns. describe_data lists them."),
    arg("order", Takes::OneOf(orders), "By start. Default newest_first."),
    arg("include", Takes::Texts, "Also linked kinds, e.g. recovery for whoop.sleep."),
    arg("series", Takes::FlagOrTexts, "Also the series inside each record (sleep stages, MET …)."),
    arg("include_removed", Takes::Flag, "Also those deleted upstream."),
    arg("format", Takes::OneOf(formats), "Default table (columns, rows)."),
    arg("fresh", Takes::Flag, "Ask the provider first even if the days are here.").untold(),
];

fn orders() -> Vec<String> {
    ["newest_first", "oldest_first"].map(str::to_owned).to_vec()
}

fn formats() -> Vec<String> {
    ["table", "objects"].map(str::to_owned).to_vec()
}

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let limit = given.number("limit");
        let args = RecordsArgs {
            kind: given.text("kind").unwrap_or_default(),
            start: given.text("start"),
            end: given.text("end"),
            ids: given.texts("ids"),
            limit,
            cursor: given.text("cursor"),
            equal: given.object("where").into_iter().collect(),
            fields: given.texts("fields"),
            order: given.text("order").map(|order| match order.as_str() {
                "oldest_first" => Order::OldestFirst,
                _ => Order::NewestFirst,
            }),
            include: given.texts("include"),
            series: given.flag_or_texts("series"),
            include_removed: given.flag("include_removed"),
            format: if given.text("format").as_deref() == Some("objects") {
                Format::Objects
            } else {
                Format::Table
            },
            max_bytes: Some(budget::rows(limit.is_some())),
        };
        let fresh = given.flag("fresh").unwrap_or(false);
        value(&call.unless_over(service.ask(&args, fresh)).await?)
    })
}
