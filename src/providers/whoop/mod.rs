//! WHOOP API v2, as described by its `OpenAPI` document and the pages of developer.whoop.com.
//!
//! There is no parameter that selects on `updated_at`: a record that is scored again is found only by
//! reading its time again. Listings are newest first with offset tokens, so a record deleted while paging
//! hides one; `sync` reads such a walk again.

mod resources;
mod stream;

use jiff::SignedDuration;

use super::catalogue::{
    After, ByToken, Dialect, NotMirrored, OAuth, Provider, Quota, RateLimit, Reply, Revoke, Scope, Verdict,
    Whose, by_http_status,
};

pub const PROVIDER: Provider = Provider {
    id: "whoop",
    title: "WHOOP",
    origin: "https://api.prod.whoop.com",
    oauth: OAuth {
        authorize: "https://api.prod.whoop.com/oauth/oauth2/auth",
        token: "https://api.prod.whoop.com/oauth/oauth2/token",
        alternative: None,
        scopes: &[
            Scope { name: "read:sleep", gives: "sleeps and naps" },
            Scope { name: "read:cycles", gives: "day strain, energy and heart rate" },
            Scope {
                name: "read:recovery",
                gives: "recovery, resting heart rate, HRV, blood oxygen, skin temperature",
            },
            Scope { name: "read:workout", gives: "workouts" },
            Scope { name: "read:profile", gives: "name and e-mail address" },
            Scope { name: "read:body_measurement", gives: "height, weight and maximum heart rate" },
        ],
        offline_scope: Some("offline"),
        scope_separator: " ",
        scope_prefix: "",
        scope_aliases: &[],
        code_lifetime: None,
        // Not in WHOOP's pages; shipped clients send it and are accepted. The secret is sent all the same.
        pkce: true,
        revoke: Revoke::ByToken(ByToken::Delete("https://api.prod.whoop.com/developer/v2/user/access")),
        dialect: Dialect::NONE,
        setup: &[
            "Open https://developer-dashboard.whoop.com and sign in with your WHOOP account (a paid membership is needed).",
            "Create a team if you have none, then create an app. Any name will do; the privacy policy URL can be a page of yours.",
            "Under Redirect URIs add exactly: {redirect}",
            "Tick all six read scopes and `offline`, then save.",
            "Copy the Client ID and the Client Secret.",
        ],
    },
    // Every record but the body measurement has it too: one alien record is enough to stop.
    whose: &[Whose::Resource { name: "profile", at: "/user_id", unasked: false }, Whose::Records("/user_id")],
    limit: RateLimit {
        // https://developer.whoop.com/docs/developing/rate-limiting, per client id.
        quotas: &[
            Quota { window: SignedDuration::from_secs(60), requests: 100 },
            Quota { window: SignedDuration::from_hours(24), requests: 10_000 },
        ],
        default_wait: SignedDuration::from_secs(60),
        remaining: Some("x-ratelimit-remaining"),
        reset_seconds: Some("x-ratelimit-reset"),
    },
    classify,
    resources: resources::RESOURCES,
    not_mirrored: &[
        NotMirrored {
            operations: &["GET /developer/v1/activity-mapping/"],
            why: "Turns ids of the retired first version into those of today; it has no data.",
        },
        NotMirrored {
            operations: &["GET /developer/v2/cycle/{}/sleep"],
            why: "The sleep of a cycle: the listing of sleeps has it, with the id of its cycle.",
        },
        NotMirrored {
            operations: &["DELETE /developer/v2/user/access"],
            why: "Ends a sign-in: `disconnect` uses it.",
        },
        NotMirrored {
            operations: &[
                "GET /developer/v2/partner/",
                "POST /developer/v2/partner/",
                "PATCH /developer/v2/partner/",
            ],
            why: "For laboratories under contract with WHOOP.",
        },
    ],
};

/// WHOOP documents `X-RateLimit-Reset` but no `Retry-After`; the former is the better hint.
fn classify(reply: &Reply) -> Verdict {
    match by_http_status(reply) {
        Verdict::Wait(after) => {
            let reset = reply.header("x-ratelimit-reset").and_then(|text| text.trim().parse().ok());
            Verdict::Wait(reset.map(After::Seconds).or(after))
        }
        verdict => verdict,
    }
}
