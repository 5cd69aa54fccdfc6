//! `analyze`: one statistic of one metric.

use super::{Running, Tool};
use crate::{
    insight::{self, Analysis, AnalyzeArgs, Method},
    mcp::{
        args::{Arg, Given, Takes, arg},
        call::Call,
        result::value,
        schema::output,
    },
    service::Service,
};

pub(super) const ANALYZE: Tool = Tool {
    name: "analyze",
    title: "Compute a statistic",
    about: "One statistic of one metric over days, with n, window, source and caveats; one source, never a mixture. \
        baseline: anomalies[] against the 28 days before. trend: slope per week. compare: two periods, or days of a \
        kind. correlate: lags of -3 to 3 days. regularity: of sleep, with jetlag and debt. load: 7 against 28 days. \
        agreement: of two devices. Too few days is an error saying what is needed. No diagnosis, no forecast.\n\
        Example: {\"method\": \"baseline\", \"metric\": \"resting_heart_rate\"}",
    args: ARGS,
    output: output::<Analysis>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("method", Takes::OneOf(insight::method_names), "").required(),
    arg("metric", Takes::Text, "Its id; regularity needs none."),
    arg(
        "other",
        Takes::Text,
        "correlate: a metric. compare: workout, weekend, weekdays or tag:NAME. regularity: 'saturday, sunday, need 8h'.",
    ),
    arg("start", Takes::Text, "First day or a period. Default: some weeks, by method."),
    arg("end", Takes::Text, "Last day, inclusive."),
    arg("other_start", Takes::Text, "compare: the second period. Default: the one before."),
    arg("other_end", Takes::Text, ""),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = AnalyzeArgs {
            method: Method::parse(&given.text("method").unwrap_or_default())?,
            metric: given.text("metric"),
            other: given.text("other"),
            start: given.text("start"),
            end: given.text("end"),
            other_start: given.text("other_start"),
            other_end: given.text("other_end"),
        };
        value(&call.unless_over(service.ask(&args, false)).await?)
    })
}
