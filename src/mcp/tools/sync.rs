//! `sync_data`: fetch from the providers now.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer},
    service::{Service, SyncArgs, Synced},
};

pub(super) const SYNC_DATA: Tool = Tool {
    name: "sync_data",
    title: "Fetch new data now",
    about: "Fetches from the signed-in providers into the local mirror: what is new, the last 14 days again (scores \
        change), and a part of the older history. Safe to repeat; nothing is changed upstream. Other tools fetch what they need by themselves, so this is for 'sync now', \
        before get_events, or for the whole history.\n\
        - Answers after at most 45 s. status running: the work goes on; ask get_status or call it again.\n\
        - Per resource: status ok, idle, partial, running, not_granted or error, and counts.\n\
        Example: {} or {\"providers\": [\"whoop\"], \"since\": \"last 90 days\"}",
    args: ARGS,
    output: output::<Answer<Synced>>,
    writes: true,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("providers", Takes::SomeOf(query::provider_ids), "Only these. Default: every signed-in provider."),
    arg("resources", Takes::SomeOf(query::resource_names), "Only these, e.g. sleep. Default: all.")
        .unlisted(),
    arg("since", Takes::Text, "List everything from this day or period on again."),
    arg("full", Takes::Flag, "List the whole history again; takes minutes. Default: false."),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = SyncArgs {
            providers: given.texts("providers"),
            resources: given.texts("resources"),
            since: given.text("since"),
            full: given.flag("full").unwrap_or(false),
        };
        let mut job = service.start_sync(&args)?;
        let synced = call.watch(&mut job).await?;
        value(&service.synced(synced)?)
    })
}
