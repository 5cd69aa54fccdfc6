//! Withings Public Cloud API, as described by its official specification and by what live accounts answer.
//!
//! Every call is a form with an `action`; errors come with HTTP 200 and a number in the body. What changed is
//! asked for by `lastupdate`; what was deleted shows only in a listing by date. The specification is wrong in
//! places: where it and observed replies differ, the tables follow the replies.

mod access;
mod account;
mod activity;
mod base;
mod classify;
mod codes;
mod devices;
mod heart;
mod measure;
mod measure_types;
mod sleep;
mod table;
#[cfg(test)]
mod tests;
mod workout;
mod workout_categories;
mod workout_sports;

use jiff::SignedDuration;

use super::catalogue::{NotMirrored, Provider, Quota, RateLimit, Whose};

pub const PROVIDER: Provider = Provider {
    id: "withings",
    title: "Withings",
    origin: "https://wbsapi.withings.net",
    access: access::ACCESS,
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
    classify: classify::classify,
    not_mirrored: NOT_MIRRORED,
    resources: table::RESOURCES,
    sports: workout_sports::SPORTS,
    models: Some(&devices::MODELS),
};

const NOT_MIRRORED: &[NotMirrored] = &[
    NotMirrored {
        operations: &[
            "GET /oauth2_user/authorize2 authorize",
            "POST /v2/oauth2 getaccesstoken",
            "POST /v2/oauth2 revoke",
            "POST /v2/signature getnonce",
        ],
        why: "Signing in, and `disconnect`.",
    },
    NotMirrored {
        operations: &["POST /v2/oauth2 getdemoaccess"],
        why: "Withings' invented person without a consent page; `auth withings --demo-user` gets the same.",
    },
    NotMirrored {
        operations: &[
            "POST /v2/oauth2 recoverauthorizationcode",
            "POST /v2/oauth2 listusers",
            "POST /v2/oauth2 createclient",
            "POST /v2/user get",
            "POST /v2/user activate",
            "POST /v2/user addtorpm",
            "POST /v2/rawdata ",
            "POST /v2/survey ",
            "POST /v2/answers ",
            "POST /v2/nudge ",
            "POST /v2/nudgecampaign ",
            "POST /v2/dropshipment ",
            "POST /v2/order ",
            "POST /v2/device ",
        ],
        why: "For companies under contract with Withings, about the users and devices that they manage.",
    },
    NotMirrored {
        operations: &["POST /v2/user link", "POST /v2/user unlink", "POST /v2/measure confirmuser"],
        why: "Writes to the account: this program only reads.",
    },
    NotMirrored {
        operations: &["POST /notify "],
        why: "Brings word that there are data, and none itself, to a server that Withings can reach.",
    },
];
