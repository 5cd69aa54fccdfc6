//! A provider that nobody sells: a pedometer with a cloud. It is here to show that a folder, its fixtures and
//! one line are enough, and uses other ways of paging, time and windows than a copy of one row would.
//!
//! Its records come in every way there is: by a grant, by a personal key, in files, and by the wearer's own hand.

use jiff::SignedDuration;

use crate::{
    model::{Role, Route},
    providers::catalogue::{
        Access, ByToken, DayRule, Dialect, Field, Format, LocalClock, OAuth, Paging, PersonalKey, Provider,
        Quota, Range, RateLimit, Records, Request, Resource, Revoke, Scope, SessionRule, Time, Unit, Whose,
        Window, by_http_status, field,
    },
};

pub(crate) const PROVIDER: Provider = Provider {
    id: "pedometer",
    title: "Pedometer",
    origin: "https://api.pedometer.invalid",
    access: Access::OAuth(OAuth {
        authorize: "https://api.pedometer.invalid/oauth/authorize",
        token: "https://api.pedometer.invalid/oauth/token",
        alternative: None,
        scopes: &[Scope { name: "walks", gives: "walks and who walks" }],
        offline_scope: None,
        scope_separator: " ",
        scope_prefix: "",
        scope_aliases: &[],
        code_lifetime: None,
        pkce: true,
        revoke: Revoke::ByToken(ByToken::Form("https://api.pedometer.invalid/oauth/revoke")),
        dialect: Dialect::NONE,
        setup: &["Register an app with the redirect {redirect}."],
    }),
    whose: &[Whose::TokenAnswer("/wearer")],
    limit: RateLimit {
        quotas: &[Quota { window: SignedDuration::from_secs(60), requests: 60 }],
        default_wait: SignedDuration::from_secs(60),
        remaining: None,
        reset_seconds: None,
    },
    classify: by_http_status,
    resources: &[WALK, WEARER],
    sports: &[],
    models: None,
    not_mirrored: &[],
};

/// The same, signed in to with a key that the wearer makes.
pub(crate) const BY_KEY: Provider = Provider {
    access: Access::PersonalKey(PersonalKey {
        setup: &["Make a key on the page of the pedometer."],
        gives: "walks and who walks",
        exchange: "https://api.pedometer.invalid/key/token",
    }),
    whose: &[Whose::Resource { name: "wearer", at: "/wearer_id", unasked: true }],
    resources: &[Resource { scope: "", ..WALK }, Resource { scope: "", ..WEARER }],
    ..PROVIDER
};

/// The same out of files that the pedometer has written.
pub(crate) const IN_FILES: Provider = Provider {
    origin: "",
    access: Access::Files { setup: &["Take the card out of the pedometer."] },
    whose: &[],
    resources: &[
        Resource { scope: "", route: Route::File, ..WALK },
        Resource { scope: "", route: Route::File, ..WEARER },
    ],
    ..PROVIDER
};

/// The same as the wearer writes it down.
pub(crate) const BY_HAND: Provider = Provider {
    origin: "",
    access: Access::Local,
    whose: &[],
    resources: &[
        Resource { scope: "", route: Route::Local, ..WALK },
        Resource { scope: "", route: Route::Local, ..WEARER },
    ],
    ..PROVIDER
};

const WALK: Resource = Resource {
    name: "walk",
    about: "Walks with their steps.",
    role: Role::Workout,
    scope: "walks",
    request: Request::Get { path: "/v1/walks", query: &[] },
    by_id: Some("/v1/walks/{id}"),
    window: Window::Range(Range {
        from: "since",
        to: "until",
        format: Format::EpochSeconds,
        floor: "2020-01-01",
        no_older_than: None,
        slice_days: 30,
        reread_days: 14,
        rows_at_once: None,
        at_most_days: Some(31),
        widen_days: 1,
    }),
    paging: Paging::Offset { request: "offset", reply: "/page/offset", more: "/page/more" },
    records: Records::List("/walks"),
    key: &[&["/walk_id"]],
    time: Time::Own {
        start: "/from",
        end: Some("/to"),
        clock: LocalClock::Zone(&["/zone"]),
        day: DayRule::Start,
    },
    session: SessionRule { rejected: &[("/discarded", &["true"])], ..SessionRule::MAIN },
    volatile: &["/served_at"],
    fields: WALK_FIELDS,
    ..Resource::BASE
};

const WALK_FIELDS: &[Field] = &[
    field("id", "/walk_id", Unit::Text, "The pedometer's id of the walk."),
    field("steps", "/steps", Unit::Count, "Steps of the walk.").metric("steps"),
    field("distance_meters", "/meters", Unit::Meters, "Distance of the walk.").metric("distance"),
    field("discarded", "/discarded", Unit::Flag, "True when the wearer discarded it."),
];

const WEARER: Resource = Resource {
    name: "wearer",
    about: "Who wears the pedometer.",
    role: Role::Person,
    scope: "walks",
    request: Request::Get { path: "/v1/wearer", query: &[] },
    fields: &[field("stride_meters", "/stride", Unit::Meters, "Length of a stride, as entered.")],
    ..Resource::BASE
};
