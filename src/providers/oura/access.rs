//! Signing in to Oura: two generations of endpoints, and what the person does on its pages.

use jiff::SignedDuration;

use crate::providers::catalogue::{Access, Alternative, ByToken, Dialect, OAuth, Revoke, Scope};

pub(super) const ACCESS: Access = Access::OAuth(OAuth {
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
});
