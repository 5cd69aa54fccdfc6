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
    about: "The feed of records that were new, changed (scored again, edited) or removed upstream, in the order in \
        which they were stored here; nothing is skipped, however late it arrived. For polling: pass next_cursor back \
        as `since`; it is always given, also when there are no events.\n\
        - `since` is exclusive: a cursor, seq:0 for the beginning, or a date or instant of `at`, the local time of \
        storing (not the time of the record). Without it: the last 7 days.\n\
        - `record` is the record as it is now, null if it has been removed since; a recovery's id is its cycle's.\n\
        - It reads the mirror only; call sync_data first to look upstream.\n\
        Example: {\"since\": \"seq:1042\", \"kinds\": [\"whoop.recovery\"]}",
    args: ARGS,
    output: output::<Answer<Events>>,
    writes: false,
    fetches: false,
    run,
};

const ARGS: &[Arg] = &[
    arg("since", Takes::Text, "next_cursor of the last call, seq:0, a date or an instant."),
    arg("until", Takes::Text, "A date (inclusive) or an instant (exclusive) of `at`."),
    arg("kinds", Takes::SomeOf(query::kinds), "Only these kinds. describe_data lists them.").unlisted(),
    arg("limit", Takes::Number { least: 1, most: 1000 }, "Events per page. Default 50."),
];

fn run<'a>(service: &'a Service, given: Given, _call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let limit = given.number("limit");
        let args = EventsArgs {
            since: given.text("since"),
            until: given.text("until"),
            kinds: given.texts("kinds"),
            limit,
            max_bytes: Some(budget::rows(limit.is_some())),
        };
        value(&service.events(&args)?)
    })
}
