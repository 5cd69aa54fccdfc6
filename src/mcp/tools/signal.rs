//! `get_signal`: one recorded signal, as facts and as a picture.

use super::{Running, Tool};
use crate::{
    charts::ecg,
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer, Signal, SignalArgs, Wanted},
    service::Service,
};

pub(super) const GET_SIGNAL: Tool = Tool {
    name: "get_signal",
    title: "Show a recorded signal",
    about: "One ECG or stethoscope recording: its facts, the vendor's own classification (no diagnosis), and a picture \
        (25 mm/s, 10 mm/mV). list_records has the ids.\n\
        Example: {\"kind\": \"ecg\", \"id\": \"48\"}",
    args: ARGS,
    output: output::<Answer<Signal>>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("kind", Takes::OneOf(query::signal_kinds), "What was recorded.").required(),
    arg("id", Takes::Text, "Of record or signal.").required(),
    arg("samples", Takes::FlagOrNumber, "Also the numbers."),
    arg("cursor", Takes::Text, "next_cursor"),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let number = given.number("samples");
        let args = SignalArgs {
            kind: given.text("kind").unwrap_or_default(),
            id: given.text("id").unwrap_or_default(),
            samples: match (number, given.flag("samples")) {
                (Some(0), _) | (None, None | Some(false)) => Wanted::None,
                (Some(most), _) => Wanted::AtMost(most),
                (None, Some(true)) => Wanted::All,
            },
            cursor: given.text("cursor"),
            max_bytes: Some(budget::rows(number.is_some())),
        };
        let signal = call.unless_over(service.ask(&args, false)).await?;
        // Later pages are of the same recording.
        if args.cursor.is_none()
            && let Some(png) = ecg::picture(&signal)?
        {
            call.show(png);
        }
        value(&signal)
    })
}
