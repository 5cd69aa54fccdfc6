//! `get_events`: what is new since last time.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        budget,
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer, Events, EventsArgs},
    service::Service,
};

pub(super) const GET_EVENTS: Tool = Tool {
    name: "get_events",
    title: "Follow what changed",
    about: "What was new, changed (scored again, edited) or removed upstream, in the order of storing here; nothing is \
        skipped, however late it came. First the counts (by_day: the wearer's days it is about); first_import: the \
        past arriving, no news. Events are listed where few, or with `records` or `limit`. To poll, pass next_cursor \
        as `since`: it lies behind all that was counted or listed.\n\
        - `since` is exclusive: a cursor, seq:0 for the beginning, or a date or instant of `at`, the local time of \
        storing (not of the record). Default: the last 7 days.\n\
        - `record` is as it is now, null if removed since; a recovery's id is its cycle's.\n\
        - Reads the mirror only; sync_data looks upstream.\n\
        Example: {\"since\": \"yesterday\", \"ops\": [\"changed\", \"removed\"]}",
    args: ARGS,
    output: output::<Answer<Events>>,
    writes: false,
    fetches: false,
    run,
};

const ARGS: &[Arg] = &[
    arg("since", Takes::Text, ""),
    arg("until", Takes::Text, "A date (inclusive) or an instant (exclusive).").untold(),
    arg("kinds", Takes::SomeOf(query::kinds), "Only these kinds. describe_data lists them.")
        .unlisted()
        .untold(),
    arg("ops", Takes::SomeOf(ops), ""),
    arg("records", Takes::Flag, "List events with their records; false: without."),
    arg("limit", Takes::Number { least: 1, most: 1000 }, "Per page. Default 50.").untold(),
    arg("cursor", Takes::Text, "The same as since.").untold(),
];

fn ops() -> Vec<String> {
    query::OPS.map(str::to_owned).to_vec()
}

fn run<'a>(service: &'a Service, given: Given, _call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let limit = given.number("limit");
        let args = EventsArgs {
            since: given.text("cursor").or_else(|| given.text("since")),
            until: given.text("until"),
            kinds: given.texts("kinds"),
            ops: given.texts("ops"),
            limit,
            records: given.flag("records"),
            max_bytes: Some(budget::rows(limit.is_some())),
        };
        value(&service.events(&args)?)
    })
}
