//! Withings Public Cloud API, as described by its official specification and by what live accounts answer.
//!
//! Every call is a form with an `action`; errors come with HTTP 200 and a number in the body. What changed is
//! asked for by `lastupdate`; what was deleted shows only in a listing by date. The specification is wrong in
//! places: where it and observed replies differ, the tables follow the replies.

mod account;
mod activity;
mod codes;
mod devices;
mod heart;
mod measure;
mod measure_types;
mod oauth;
mod resources;
mod sleep;
mod status;
#[cfg(test)]
mod tests;
mod workout;
mod workout_categories;

use jiff::SignedDuration;

use super::catalogue::{Provider, Quota, RateLimit, Whose};

pub const PROVIDER: Provider = Provider {
    id: "withings",
    title: "Withings",
    origin: "https://wbsapi.withings.net",
    oauth: oauth::OAUTH,
    // Text after the code exchange, a number after a refresh. No reply with data names the account.
    whose: &[Whose::TokenAnswer("/userid")],
    limit: RateLimit {
        // The "Start for Free" plan, per application: all users and processes of one client id.
        quotas: &[Quota { window: SignedDuration::from_secs(60), requests: 120 }],
        default_wait: SignedDuration::from_secs(60),
        // No header tells of the quota.
        remaining: None,
        reset_seconds: None,
    },
    classify: status::classify,
    resources: resources::RESOURCES,
};
