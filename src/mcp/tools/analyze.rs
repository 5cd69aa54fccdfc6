//! `analyze`: one statistic of one metric, or the plain figures of several.

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
    about: "Statistics over days, of one source, never a mixture. summary: n, mean, median, sum, min, max, latest of up to 8 metrics, workout, sleep, nap; of two periods; \
        days above or below; by week. Add up nothing yourself. The others: one statistic of one metric. baseline: \
        anomalies[] against the 28 days before. trend: slope per week. compare: whether two periods, or days of a kind, \
        differ beyond chance. correlate: lags of -3 to 3 days. regularity: of sleep, with jetlag and debt. load: 7 against \
        28 days. agreement: of two devices. Each with n, source and caveats; too few days is an error.\n\
        Example: {\"method\": \"summary\", \"metrics\": [\"total_sleep_time\"], \"below\": \"6h30m\"}",
    args: ARGS,
    output: output::<Analysis>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("method", Takes::OneOf(insight::method_names), "").required(),
    arg("metric", Takes::Text, "Its id."),
    arg("metrics", Takes::Texts, "").untold(),
    arg(
        "other",
        Takes::Text,
        "correlate: a metric. compare: workout, weekend, weekdays, tag:NAME. regularity: 'saturday, sunday, need 8h'. agreement: two sources.",
    ),
    arg("start", Takes::Text, "First day or a period."),
    arg("end", Takes::Text, "Last day, inclusive."),
    arg("other_start", Takes::Text, "compare, summary: the second period."),
    arg("other_end", Takes::Text, ""),
    arg("above", Takes::Text, "A number, 6h30m or 23:30."),
    arg("below", Takes::Text, ""),
    arg("lag", Takes::Number { least: -3, most: 3 }, "").untold(),
    arg("by", Takes::OneOf(insight::grouping_names), "week, month, weekday or weekend.").unlisted(),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = AnalyzeArgs {
            method: Method::parse(&given.text("method").unwrap_or_default())?,
            metric: given.text("metric"),
            metrics: given.texts("metrics"),
            other: given.text("other"),
            start: given.text("start"),
            end: given.text("end"),
            other_start: given.text("other_start"),
            other_end: given.text("other_end"),
            above: given.text("above"),
            below: given.text("below"),
            by: given.text("by"),
            lag: given.whole("lag"),
        };
        value(&call.unless_over(service.ask(&args, false)).await?)
    })
}
