//! `render_chart`: a picture and its numbers.

use super::{Running, Tool};
use crate::{
    charts::metrics::png,
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{Answer, Chart, ChartArgs, Charted},
    service::Service,
};

pub(super) const RENDER_CHART: Tool = Tool {
    name: "render_chart",
    title: "Draw a chart",
    about: "A PNG and its numbers: metrics by day as line or bar, two of them as scatter, a night's stages (hypnogram, \
        by the day it ended on), or the newest ecg; those take no metrics.\n\
        Example: {\"metrics\": [\"resting_heart_rate\"], \"start\": \"last 30 days\"}",
    args: ARGS,
    output: output::<Answer<Charted>>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("metrics", Takes::Texts, "Up to seven."),
    arg("start", Takes::Text, "Default: last 30 days."),
    arg("end", Takes::Text, "Inclusive."),
    arg("chart", Takes::OneOf(charts), "Default line."),
];

fn charts() -> Vec<String> {
    Chart::NAMES.map(|(name, _)| name.to_owned()).to_vec()
}

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = ChartArgs {
            metrics: given.texts("metrics"),
            start: given.text("start"),
            end: given.text("end"),
            chart: given.text("chart").map_or(Ok(Chart::default()), |name| Chart::parse(&name))?,
            max_bytes: Some(budget::DEFAULT_ROWS),
        };
        let charted = call.unless_over(service.ask(&args, false)).await?;
        call.show(png(&charted)?);
        value(&charted)
    })
}
