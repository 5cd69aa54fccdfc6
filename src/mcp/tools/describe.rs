//! `describe_data`: what there is to ask for.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer, DescribeArgs, Described},
    service::Service,
};

pub(super) const DESCRIBE_DATA: Tool = Tool {
    name: "describe_data",
    title: "Describe what data there is",
    about: "The kinds of records and the metrics that can be asked for: what they mean, their units (UCUM), how many \
        records are here, their first and last day. With `kind` also how far back the history is complete and every \
        column of list_records; with `metric` also what it is and the days that have it. It reads no record.\n\
        Example: {\"kind\": \"whoop.sleep\"}",
    args: ARGS,
    output: output::<Answer<Described>>,
    writes: false,
    fetches: false,
    run,
};

const ARGS: &[Arg] = &[
    arg("kind", Takes::OneOf(query::kinds), "One kind, with its columns.").unlisted(),
    arg("metric", Takes::Text, "One metric, with the kinds it comes from."),
    arg("view", Takes::Text, "One view of query_sql, e.g. v_sleep."),
];

fn run<'a>(service: &'a Service, given: Given, _call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let (kind, metric, view) = (given.text("kind"), given.text("metric"), given.text("view"));
        let args = DescribeArgs { kind, metric, view, brief: true };
        value(&service.describe(&args)?)
    })
}
