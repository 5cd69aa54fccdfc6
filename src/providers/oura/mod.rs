//! Oura API v2, as described by its `OpenAPI` document and by what integrators report of the live service.
//!
//! Everything is listed oldest first behind opaque tokens, and the borders of a window are not to be relied
//! on: which day they include differs by collection. So every window of days is asked for with two days more
//! on either side, and what comes is told apart by its id. Nothing says when a record last changed. A day is
//! the one Oura gives, never computed.

mod access;
mod activity;
mod base;
mod body;
mod classify;
mod daily;
mod devices;
mod sleep;
mod table;
mod tags;
#[cfg(test)]
mod tests;
mod workout;
mod workout_sports;

use jiff::SignedDuration;

use super::catalogue::{NotMirrored, Provider, Quota, RateLimit, Whose};

pub const PROVIDER: Provider = Provider {
    id: "oura",
    title: "Oura",
    origin: "https://api.ouraring.com",
    access: access::ACCESS,
    // No document names the wearer. The id is shown to every token, whatever its scopes.
    whose: &[Whose::Resource { name: "personal_info", at: "/id", unasked: true }],
    limit: RateLimit {
        // https://cloud.ouraring.com/docs/error-handling. Replies say nothing of it before it is used up.
        quotas: &[Quota { window: SignedDuration::from_mins(5), requests: 5_000 }],
        default_wait: SignedDuration::from_secs(60),
        remaining: None,
        reset_seconds: None,
    },
    classify: classify::classify,
    not_mirrored: &[
        NotMirrored {
            operations: &["GET /v2/sandbox/"],
            why: "Invented data of nobody, for trying the API.",
        },
        NotMirrored {
            operations: &["GET /v2/webhook/", "POST /v2/webhook/", "PUT /v2/webhook/", "DELETE /v2/webhook/"],
            why: "Brings word that there are data, and none itself, to a server that Oura can reach.",
        },
    ],
    resources: table::RESOURCES,
    sports: workout_sports::SPORTS,
    models: None,
};
