//! `get_series`: one metric through time.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer, Resolution, SeriesAnswer, SeriesArgs},
    service::Service,
};

pub(super) const GET_SERIES: Tool = Tool {
    name: "get_series",
    title: "Read series",
    about: "Metrics through time (heart rate, steps, weight …), one series per provider. \
        Rows of 5m, 1h, 1d or 1w (its Monday; default: what fits) have mean, min, max, n, and sum where parts add up; \
        `overall` has them of the whole span. 1d equals get_daily_summary. Codes (sleep_stage) come raw. No row means no data. No trends.\n\
        - Dates and cursor: as in list_records.\n\
        Example: {\"metrics\": [\"heart_rate\"], \"start\": \"yesterday\"}",
    args: ARGS,
    output: output::<Answer<SeriesAnswer>>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("metrics", Takes::Texts, "1 to 10 ids.").required(),
    arg("start", Takes::Text, "First day, instant, or a whole period such as 'last week'.").untold(),
    arg("end", Takes::Text, "Last day, inclusive; an instant is exclusive.").untold(),
    arg(
        "resolution",
        Takes::OneOf(query::resolution_names),
        "Width of a row. Default: what fits the window.",
    )
    .untold(),
    arg("source", Takes::OneOf(query::provider_ids), "One provider; all that measure it if left out.")
        .unlisted()
        .untold(),
    arg("cursor", Takes::Text, "next_cursor of the page before, with the other arguments unchanged.")
        .untold(),
    arg("fresh", Takes::Flag, "Ask the providers first even if the days are here.").untold(),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = SeriesArgs {
            metrics: given.texts("metrics"),
            start: given.text("start"),
            end: given.text("end"),
            resolution: given.text("resolution").as_deref().map(Resolution::read).transpose()?,
            source: given.text("source"),
            cursor: given.text("cursor"),
            max_bytes: Some(budget::rows(false)),
            max_rows: None,
        };
        let fresh = given.flag("fresh").unwrap_or(false);
        value(&call.unless_over(service.ask(&args, fresh)).await?)
    })
}
