//! `get_daily_summary`: one value per metric and day.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer, Daily, DailyArgs, Detail},
    service::Service,
};

pub(super) const GET_DAILY_SUMMARY: Tool = Tool {
    name: "get_daily_summary",
    title: "Summarise days",
    about: "What is known of each day: sleep, recovery, activity, body and workouts, one value per metric with its \
        unit and source. Start here for 'how did I sleep', 'how was last week', and for anything by day.\n\
        - A day is the wearer's calendar day; a sleep, its recovery and its WHOOP cycle belong to the day it ended on, \
        so last night is today. Dates: today, yesterday, last night, last week, this month, last 30 days, 2026-03, \
        2026-W12, monday, ISO dates; both ends inclusive. No dates: the last 7 days.\n\
        - Sleep metrics are the night's, all its parts together; naps are in nap_time and other_sleeps. Durations in seconds, energy in \
        kcal, temperatures in °C.\n\
        - null is never zero: full detail gives each null a reason, compact lists empty_days; `reasons` explains them.\n\
        - Values of several devices are never mixed: one source is chosen, `others` shows the rest of the same night \
        or workout; what cannot be true is left out and named in left_out. Averages and counts: analyze.\n\
        - A section asked for by name shows further metrics; a table of more than 31 days has fewer columns.\n\
        - Missing days are fetched first (waits up to 20 s). When `truncated`, go on with `cursor`.\n\
        Example: {\"date\": \"yesterday\"} or {\"start\": \"last 30 days\", \"metrics\": [\"total_sleep_time\"]}",
    args: ARGS,
    output: output::<Answer<Daily>>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("date", Takes::Text, "One day, or a period such as 'last week'; instead of start and end."),
    arg("start", Takes::Text, "First day, or a whole period."),
    arg("end", Takes::Text, "Last day, inclusive. Default: today."),
    arg("sections", Takes::SomeOf(query::section_names), "Only these parts of the day. Default: all."),
    arg("metrics", Takes::Texts, "Only these, whatever the sections, e.g. resting_heart_rate."),
    arg("detail", Takes::OneOf(details), "full (default for one day) or compact, a table."),
    arg("cursor", Takes::Text, "next_cursor of the page before.").untold(),
    arg("fresh", Takes::Flag, "Ask the providers first even if the days are here."),
];

fn details() -> Vec<String> {
    ["full", "compact"].map(str::to_owned).to_vec()
}

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = DailyArgs {
            date: given.text("date"),
            start: given.text("start"),
            end: given.text("end"),
            sections: given.texts("sections"),
            metrics: given.texts("metrics"),
            detail: given.text("detail").map(|detail| match detail.as_str() {
                "full" => Detail::Full,
                _ => Detail::Compact,
            }),
            cursor: given.text("cursor"),
            max_bytes: Some(budget::rows(false)),
        };
        let fresh = given.flag("fresh").unwrap_or(false);
        value(&call.unless_over(service.ask(&args, fresh)).await?)
    })
}
