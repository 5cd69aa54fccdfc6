//! WHOOP API v2, as described by its `OpenAPI` document and the pages of developer.whoop.com.
//!
//! There is no parameter that selects on `updated_at`: a record that is scored again is found only by
//! reading its time again. Listings are newest first with offset tokens, so a record deleted while paging
//! hides one; `sync` reads such a walk again.

mod access;
mod account;
mod base;
mod classify;
mod daily;
mod sleep;
mod table;
mod workout;
mod workout_sports;

use jiff::SignedDuration;

use super::catalogue::{NotMirrored, Provider, Quota, RateLimit, Whose};

pub const PROVIDER: Provider = Provider {
    id: "whoop",
    title: "WHOOP",
    origin: "https://api.prod.whoop.com",
    access: access::ACCESS,
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
    classify: classify::classify,
    resources: table::RESOURCES,
    sports: workout_sports::SPORTS,
    models: None,
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
