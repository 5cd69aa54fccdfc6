//! What a day comes to: the physiological day and the recovery of its night.

use jiff::SignedDuration;

use super::base::{
    AVERAGE_HEART_RATE, CALORIES, COLLECTION, END, MAXIMUM_HEART_RATE, OFFSET, SCORE_STATE, START,
    UPDATED_AT, collection,
};
use crate::{
    model::Role,
    providers::catalogue::{
        At, DayRule, END_OFFSET, Field, Lender, Link, LocalClock, OFFSET_INFERRED, Resource, Time, Unit,
        Wear, field, stored,
    },
};

pub(super) const CYCLE: Resource = Resource {
    name: "cycle",
    about: "Physiological days, from one main sleep to the next: strain, energy, heart rate.",
    role: Role::Day,
    scope: "read:cycles",
    request: collection("/developer/v2/cycle"),
    by_id: Some("/developer/v2/cycle/{id}"),
    key: &[&["/id"]],
    time: Time::Own {
        start: "/start",
        end: Some("/end"),
        clock: LocalClock::Offset("/timezone_offset"),
        // Noon after an unrecorded night: a cycle starts around midnight and is the day that follows.
        day: DayRule::MainSession { resource: "sleep", otherwise: SignedDuration::from_hours(12) },
    },
    fields: CYCLE_FIELDS,
    // A strap that was on has a heart rate, whatever became of the sleep: one can be deleted in the app.
    wear: &[Wear::Without { sessions: "sleep", unless: MEASURED }, Wear::Counts(MEASURED)],
    ..COLLECTION
};

pub(super) const RECOVERY: Resource = Resource {
    name: "recovery",
    about: "Recovery of a night: score, resting heart rate, HRV, blood oxygen, skin temperature.",
    role: Role::Day,
    scope: "read:recovery",
    request: collection("/developer/v2/recovery"),
    // There is no recovery by its own id: it belongs to a cycle.
    by_id: Some("/developer/v2/cycle/{id}/recovery"),
    key: &[&["/cycle_id"]],
    time: Time::Borrowed { from: &[Lender::Linked("sleep"), Lender::SameId("cycle")] },
    link: Some(Link { resource: "sleep", at: "/sleep_id" }),
    fields: RECOVERY_FIELDS,
    ..COLLECTION
};

const CYCLE_FIELDS: &[Field] = &[
    field("id", "/id", Unit::Text, "WHOOP's id of the cycle."),
    stored("day", At::Day, Unit::Day, "Day of the main sleep that starts the cycle."),
    START,
    END,
    OFFSET,
    END_OFFSET,
    OFFSET_INFERRED,
    SCORE_STATE,
    field("strain", "/score/strain", Unit::Score, "Day strain, 0 to 21.").metric("whoop_day_strain"),
    AVERAGE_HEART_RATE,
    MAXIMUM_HEART_RATE,
    CALORIES.metric("total_energy"),
    UPDATED_AT,
];

/// What a cycle has of a strap that was on for any of it.
const MEASURED: &[&str] = &["strain", "avg_hr_bpm", "max_hr_bpm", "calories"];

const RECOVERY_FIELDS: &[Field] = &[
    field("cycle_id", "/cycle_id", Unit::Text, "The cycle it belongs to; also its id here."),
    field("sleep_id", "/sleep_id", Unit::Text, "The sleep it was computed from."),
    stored("day", At::Day, Unit::Day, "Day of its sleep."),
    stored("start", At::Start, Unit::Instant, "Start of its sleep, UTC."),
    stored("end", At::End, Unit::Instant, "End of its sleep, UTC."),
    SCORE_STATE,
    field("recovery_score", "/score/recovery_score", Unit::Score, "Recovery, 0 to 100.")
        .metric("whoop_recovery_score"),
    field("resting_heart_rate_bpm", "/score/resting_heart_rate", Unit::Bpm, "Resting heart rate.")
        .metric("resting_heart_rate"),
    field("hrv_rmssd_ms", "/score/hrv_rmssd_milli", Unit::Milliseconds, "Heart rate variability, RMSSD.")
        .metric("heart_rate_variability_rmssd"),
    field(
        "spo2_pct",
        "/score/spo2_percentage",
        Unit::Percent,
        "Blood oxygen saturation; 4.0 straps and later.",
    )
    .metric("oxygen_saturation"),
    field(
        "skin_temp_c",
        "/score/skin_temp_celsius",
        Unit::Celsius,
        "Skin temperature; 4.0 straps and later.",
    )
    .metric("skin_temperature"),
    field(
        "user_calibrating",
        "/score/user_calibrating",
        Unit::Flag,
        "True while WHOOP is still learning the baseline.",
    ),
    UPDATED_AT,
];
