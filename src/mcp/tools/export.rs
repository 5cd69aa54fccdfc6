//! `export_data`: files to keep, below one directory.

use super::{Running, Tool};
use crate::{
    export::{Exported, Format},
    mcp::{
        args::{Arg, Given, Takes, arg},
        call::Call,
        result::value,
        schema::output,
    },
    query::Answer,
    service::{ExportArgs, Service},
};

pub(super) const EXPORT_DATA: Tool = Tool {
    name: "export_data",
    title: "Export into files",
    about: "Writes mirrored data into files on this computer, uncut, and answers their paths.\n\
        - Only below the export directory; elsewhere the error has the command to run.\n\
        - UTC instants, inclusive days; no dates: everything.\n\
        Example: {\"kind\": \"daily\", \"start\": \"2026-01-01\"}",
    args: ARGS,
    output: output::<Answer<Exported>>,
    writes: true,
    fetches: false,
    run,
};

const ARGS: &[Arg] = &[
    arg("kind", Takes::Text, "A kind, sleeps, workouts, daily, metrics, samples, all (a directory).")
        .required(),
    arg("format", Takes::OneOf(Format::names), "Default csv."),
    arg("path", Takes::Text, "Relative."),
    arg("start", Takes::Text, "Day or period."),
    arg("end", Takes::Text, "Last day."),
    arg("overwrite", Takes::Flag, "Default false."),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = ExportArgs {
            kind: given.text("kind").unwrap_or_default(),
            format: given.text("format"),
            path: given.text("path"),
            start: given.text("start"),
            end: given.text("end"),
            overwrite: given.flag("overwrite").unwrap_or(false),
            ..ExportArgs::default()
        };
        let service = service.clone();
        value(&call.follow(move |told| service.export_below(&args, told)).await?)
    })
}
