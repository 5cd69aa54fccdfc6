//! What WHOOP's collections and present states have in common, and the columns that recur.
//!
//! Column names are those of the data model WHOOP users' prompts and scripts already know, completed in
//! the same style. Milliseconds become `*_seconds`, kilojoules become `calories` (kcal).

use crate::{
    model::{Role, Sense},
    providers::catalogue::{
        At, Field, Format, Order, Paging, Range, Records, Request, Resource, ScoreState, Unit, Window, field,
        stored,
    },
};

/// The four collections differ in path, key and fields only.
pub(super) const COLLECTION: Resource = Resource {
    request: collection(""),
    window: Window::Range(Range {
        from: "start",
        to: "end",
        format: Format::Instant,
        floor: "2012-01-01",
        no_older_than: None,
        slice_days: 24,
        reread_days: 14,
        rows_at_once: None,
        at_most_days: None,
        widen_days: 0,
    }),
    paging: Paging::Token { request: "nextToken", reply: "/next_token" },
    order: Order::NewestFirst,
    records: Records::List("/records"),
    score: Some(ScoreState {
        at: "/score_state",
        part: "/score",
        scored: "SCORED",
        pending: "PENDING_SCORE",
        unscorable: "UNSCORABLE",
    }),
    ..Resource::BASE
};

/// What is true of the account now.
pub(super) const SNAPSHOT: Resource = Resource { role: Role::Person, ..Resource::BASE };

/// 25 is the most WHOOP gives; more is answered with 400, not cut.
pub(super) const fn collection(path: &'static str) -> Request {
    Request::Get { path, query: &[("limit", "25")] }
}

pub(super) const START: Field = stored("start", At::Start, Unit::Instant, "Start, UTC.");
pub(super) const END: Field = stored("end", At::End, Unit::Instant, "End, UTC; null while it is still open.");
pub(super) const OFFSET: Field =
    field("timezone_offset", "/timezone_offset", Unit::Text, "The wearer's UTC offset at the time.")
        .sense(Sense::Aside);
pub(super) const SCORE_STATE: Field = field(
    "score_state",
    "/score_state",
    Unit::Text,
    "SCORED, PENDING_SCORE or UNSCORABLE; every score field is null unless SCORED.",
);
pub(super) const UPDATED_AT: Field =
    field("updated_at", "/updated_at", Unit::Instant, "When WHOOP last changed the record.")
        .sense(Sense::Aside);

pub(super) const AVERAGE_HEART_RATE: Field =
    field("avg_hr_bpm", "/score/average_heart_rate", Unit::Bpm, "Average heart rate.")
        .nonzero()
        .sense(Sense::AverageHeartRate);
pub(super) const MAXIMUM_HEART_RATE: Field =
    field("max_hr_bpm", "/score/max_heart_rate", Unit::Bpm, "Highest heart rate.")
        .nonzero()
        .sense(Sense::MaximumHeartRate);
pub(super) const CALORIES: Field =
    field("calories", "/score/kilojoule", Unit::KilocaloriesFromKilojoules, "Energy, kilocalories.")
        .sense(Sense::Energy);
