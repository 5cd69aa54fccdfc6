//! `explain_missing`: why something is not there.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{Answer, ExplainArgs, Explained},
    service::Service,
};

pub(super) const EXPLAIN_MISSING: Tool = Tool {
    name: "explain_missing",
    title: "Explain missing data",
    about: "Why days lack a metric, per provider (not synced, not worn, pending score, no scope, empty upstream …), with \
        the mend: totals, and spans of the days without it. Fetches nothing.\n\
        Example: {\"date\": \"yesterday\", \"metric\": \"steps\"}",
    args: ARGS,
    output: output::<Answer<Explained>>,
    writes: false,
    fetches: false,
    run,
};

const ARGS: &[Arg] = &[
    arg("date", Takes::Text, "Instead of start, end."),
    arg("start", Takes::Text, ""),
    arg("end", Takes::Text, ""),
    arg("metric", Takes::Text, "Default: the main ones."),
    arg("detail", Takes::Flag, "With evidence and ids."),
    arg("cursor", Takes::Text, "next_cursor").untold(),
];

fn run<'a>(service: &'a Service, given: Given, _: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = ExplainArgs {
            date: given.text("date"),
            start: given.text("start"),
            end: given.text("end"),
            metric: given.text("metric"),
            cursor: given.text("cursor"),
            detail: given.flag("detail").unwrap_or(false),
            with_values: false,
            max_bytes: Some(budget::rows(false)),
        };
        value(&service.explain(&args)?)
    })
}
