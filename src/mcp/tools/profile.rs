//! `get_profile`: who the data is about.

use super::{Running, Tool};
use crate::{
    mcp::{
        args::{Arg, Given, Takes, arg},
        call::Call,
        result::value,
        schema::output,
    },
    query::{self, Answer, Profile, ProfileArgs},
    service::Service,
};

pub(super) const GET_PROFILE: Tool = Tool {
    name: "get_profile",
    title: "Show the profile",
    about: "What each provider knows of the person now: name, e-mail address, and the body data entered in the app, \
        with units in the field names. These are settings, not measurements, and have no history; get_daily_summary \
        has what was measured. `missing` says why a provider tells nothing.\n\
        Example: {\"provider\": \"whoop\"}",
    args: ARGS,
    output: output::<Answer<Profile>>,
    writes: false,
    fetches: true,
    run,
};

const ARGS: &[Arg] = &[
    arg("provider", Takes::OneOf(query::provider_ids), "Only this provider. Default: all."),
    arg("fresh", Takes::Flag, "Ask the provider first even if the profile is here.").untold(),
];

fn run<'a>(service: &'a Service, given: Given, call: &'a Call) -> Running<'a> {
    Box::pin(async move {
        let args = ProfileArgs { provider: given.text("provider") };
        let fresh = given.flag("fresh").unwrap_or(false);
        value(&call.unless_over(service.ask(&args, fresh)).await?)
    })
}
