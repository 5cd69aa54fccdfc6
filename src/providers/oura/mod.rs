//! Oura API v2, as described by its `OpenAPI` document and by what integrators report of the live service.
//!
//! Everything is listed oldest first behind opaque tokens, and the borders of a window are not to be relied
//! on: which day they include differs by collection. So every window of days is asked for with two days more
//! on either side, and what comes is told apart by its id. Nothing says when a record last changed. A day is
//! the one Oura gives, never computed.

mod activity;
mod base;
mod body;
mod classify;
mod daily;
mod device;
mod sleep;
mod tags;
#[cfg(test)]
mod tests;
mod workout;

use jiff::SignedDuration;

use super::catalogue::{
    Alternative, ByToken, Dialect, NotMirrored, OAuth, Provider, Quota, RateLimit, Resource, Revoke, Scope,
    Whose,
};

pub const PROVIDER: Provider = Provider {
    id: "oura",
    title: "Oura",
    origin: "https://api.ouraring.com",
    oauth: OAuth {
        authorize: "https://cloud.ouraring.com/oauth/authorize",
        token: "https://api.ouraring.com/oauth/token",
        // Apps from developer.ouraring.com are not known to the first endpoint, and the other way round.
        alternative: Some(Alternative {
            token: "https://moi.ouraring.com/oauth/v2/ext/oauth-token",
            revoke: Revoke::ByToken(ByToken::Form("https://moi.ouraring.com/oauth/v2/ext/oauth-revoke")),
        }),
        scopes: &[
            Scope { name: "daily", gives: "sleep, readiness, activity, stress and rest mode" },
            Scope { name: "heartrate", gives: "heart rate through the day" },
            Scope { name: "workout", gives: "workouts" },
            Scope { name: "session", gives: "guided and unguided sessions" },
            Scope { name: "tag", gives: "tags and notes" },
            Scope { name: "spo2", gives: "blood oxygen during sleep" },
            Scope { name: "stress", gives: "resilience" },
            Scope { name: "heart_health", gives: "cardiovascular age and VO2 max" },
            Scope { name: "ring_configuration", gives: "the rings and their batteries" },
            Scope { name: "personal", gives: "age, height, weight and sex" },
            Scope { name: "email", gives: "e-mail address" },
        ],
        offline_scope: None,
        scope_separator: " ",
        // Asked for by their bare names, granted with a prefix since 2026; one has had another name.
        scope_prefix: "extapi:",
        scope_aliases: &[("spo2Daily", "spo2")],
        code_lifetime: Some(SignedDuration::from_mins(10)),
        // Optional, and no substitute for the secret.
        pkce: true,
        revoke: Revoke::ByToken(ByToken::Query {
            url: "https://api.ouraring.com/oauth/revoke",
            param: "access_token",
        }),
        dialect: Dialect::NONE,
        setup: &[
            "Open https://developer.ouraring.com/applications (or, for an older app, https://cloud.ouraring.com/oauth/applications) and sign in with your Oura account. A ring of the third generation or later needs an active membership.",
            "Create an application. Any name will do; website, privacy policy and terms can be pages of yours.",
            "Under Redirect URIs add exactly: {redirect}",
            "Tick every scope; what you leave out is not fetched. Save.",
            "Copy the Client ID and the Client Secret. (Personal access tokens can no longer be made; one that still works can be stored with --token-stdin.)",
        ],
    },
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
    resources: RESOURCES,
};

/// Documents before rows in time: the heart rate begins where the daily activity does.
const RESOURCES: &[Resource] = &[
    sleep::SLEEP,
    daily::DAILY_SLEEP,
    daily::DAILY_READINESS,
    activity::DAILY_ACTIVITY,
    daily::DAILY_STRESS,
    daily::DAILY_SPO2,
    daily::DAILY_RESILIENCE,
    body::DAILY_CARDIOVASCULAR_AGE,
    body::VO2_MAX,
    sleep::SLEEP_TIME,
    workout::WORKOUT,
    workout::SESSION,
    tags::ENHANCED_TAG,
    tags::TAG,
    tags::REST_MODE_PERIOD,
    device::RING_CONFIGURATION,
    body::PERSONAL_INFO,
    device::HEARTRATE,
    device::RING_BATTERY_LEVEL,
];
