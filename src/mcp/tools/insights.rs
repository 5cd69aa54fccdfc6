//! `get_insights`: what stands out in a period.

use super::{Running, Tool};
use crate::{
    insight::{Insights, InsightsArgs, LEAST_DAYS, MOST_DAYS},
    mcp::{
        args::{Arg, Given, Takes, arg},
        call::Call,
        result::value,
        schema::output,
    },
    service::Service,
};

pub(super) const GET_INSIGHTS: Tool = Tool {
    name: "get_insights",
    title: "Find what stands out",
    about: "What stands out up to today or end: baselines, anomalies, trends, and the few correlations that survive \
        correction, with source, window, n, values and dates to cite. No diagnosis, no forecast.\n\
        Example: {\"days\": 30}",
    args: ARGS,
    output: output::<Insights>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("days", Takes::Number { least: LEAST_DAYS as i64, most: MOST_DAYS as i64 }, "Default 30."),
    arg("end", Takes::Text, "Last day."),
    arg("cursor", Takes::Text, "next_cursor"),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args =
            InsightsArgs { days: given.number("days"), end: given.text("end"), cursor: given.text("cursor") };
        value(&call.unless_over(service.ask(&args, false)).await?)
    })
}
