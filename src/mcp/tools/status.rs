//! `get_status`: whether everything works.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        call::Call,
        result::value,
        schema::output,
    },
    query::{Answer, Status},
    service::Service,
};

pub(super) const GET_STATUS: Tool = Tool {
    name: "get_status",
    title: "Check the connection and the mirror",
    about: "Whether everything works: a verdict (healthy, degraded, unhealthy), checks, and for each provider whether \
        it is signed in, which scopes were granted, when it was last synced, the last error, and `mend`: the exact \
        command the user has to run in a terminal. Call it when an answer is empty, stale or AUTH_FAILED. Signing in \
        is not possible through tools.\n\
        Example: {} or {\"live\": true}",
    args: ARGS,
    output: output::<Answer<Status>>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[arg("live", Takes::Flag, "Also ask each signed-in provider (up to 20 s).")];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let live = given.flag("live").unwrap_or(false);
        value(&call.unless_over(service.status(live)).await?)
    })
}
