//! One record a day: scores of sleep and readiness, stress, resilience, blood oxygen.

use super::base::{COLLECTION, DAY, ID, contributor, get, score};
use crate::providers::catalogue::{Field, Pointer, Resource, Unit, field};

pub(super) const DAILY_SLEEP: Resource = Resource {
    name: "daily_sleep",
    about: "The day's sleep score and what it is made of.",
    request: get("/v2/usercollection/daily_sleep"),
    by_id: Some("/v2/usercollection/daily_sleep/{id}"),
    fields: DAILY_SLEEP_FIELDS,
    ..COLLECTION
};

pub(super) const DAILY_READINESS: Resource = Resource {
    name: "daily_readiness",
    about: "The day's readiness score, what it is made of, and skin temperature against the usual one.",
    request: get("/v2/usercollection/daily_readiness"),
    by_id: Some("/v2/usercollection/daily_readiness/{id}"),
    fields: DAILY_READINESS_FIELDS,
    ..COLLECTION
};

pub(super) const DAILY_STRESS: Resource = Resource {
    name: "daily_stress",
    about: "Time of high stress and of high recovery over the day.",
    // Sources disagree whether it takes `stress`; without `daily` it is refused in any case.
    request: get("/v2/usercollection/daily_stress"),
    by_id: Some("/v2/usercollection/daily_stress/{id}"),
    fields: DAILY_STRESS_FIELDS,
    ..COLLECTION
};

pub(super) const DAILY_SPO2: Resource = Resource {
    name: "daily_spo2",
    about: "Blood oxygen of the night; rings of the third generation and later.",
    scope: "spo2",
    request: get("/v2/usercollection/daily_spo2"),
    by_id: Some("/v2/usercollection/daily_spo2/{id}"),
    fields: DAILY_SPO2_FIELDS,
    ..COLLECTION
};

pub(super) const DAILY_RESILIENCE: Resource = Resource {
    name: "daily_resilience",
    about: "How well stress and recovery have been in balance over the last weeks.",
    scope: "stress",
    request: get("/v2/usercollection/daily_resilience"),
    by_id: Some("/v2/usercollection/daily_resilience/{id}"),
    fields: DAILY_RESILIENCE_FIELDS,
    ..COLLECTION
};

const DAILY_SLEEP_FIELDS: &[Field] = &[
    ID,
    DAY,
    score("score", "/score", "Sleep score, 1 to 100.").metric("oura_sleep_score"),
    contributor(
        "contributor_deep_sleep",
        "/contributors/deep_sleep",
        "deep_sleep",
        "Part of deep sleep, 1 to 100.",
    ),
    contributor(
        "contributor_efficiency",
        "/contributors/efficiency",
        "efficiency",
        "Part of efficiency, 1 to 100.",
    ),
    contributor("contributor_latency", "/contributors/latency", "latency", "Part of latency, 1 to 100."),
    contributor(
        "contributor_rem_sleep",
        "/contributors/rem_sleep",
        "rem_sleep",
        "Part of REM sleep, 1 to 100.",
    ),
    contributor(
        "contributor_restfulness",
        "/contributors/restfulness",
        "restfulness",
        "Part of restfulness, 1 to 100.",
    ),
    contributor("contributor_timing", "/contributors/timing", "timing", "Part of timing, 1 to 100."),
    contributor(
        "contributor_total_sleep",
        "/contributors/total_sleep",
        "total_sleep",
        "Part of the time asleep, 1 to 100.",
    ),
];

const DAILY_READINESS_FIELDS: &[Field] = &[
    ID,
    DAY,
    score("score", "/score", "Readiness score, 1 to 100.").metric("oura_readiness_score"),
    field(
        "temperature_deviation_c",
        "/temperature_deviation",
        Unit::DegreesDifference,
        "Skin temperature of the night against the wearer's usual one; no absolute value is given.",
    )
    .metric("skin_temperature_deviation"),
    field(
        "temperature_trend_deviation_c",
        "/temperature_trend_deviation",
        Unit::DegreesDifference,
        "The same, over several days.",
    )
    .metric("skin_temperature_trend_deviation"),
    contributor(
        "contributor_activity_balance",
        "/contributors/activity_balance",
        "activity_balance",
        "Part of recent activity, 1 to 100.",
    ),
    contributor(
        "contributor_body_temperature",
        "/contributors/body_temperature",
        "body_temperature",
        "Part of body temperature, 1 to 100; not a temperature.",
    ),
    contributor(
        "contributor_hrv_balance",
        "/contributors/hrv_balance",
        "hrv_balance",
        "Part of heart rate variability, 1 to 100; not milliseconds.",
    ),
    contributor(
        "contributor_previous_day_activity",
        "/contributors/previous_day_activity",
        "previous_day_activity",
        "Part of yesterday's activity, 1 to 100.",
    ),
    contributor(
        "contributor_previous_night",
        "/contributors/previous_night",
        "previous_night",
        "Part of last night, 1 to 100.",
    ),
    contributor(
        "contributor_recovery_index",
        "/contributors/recovery_index",
        "recovery_index",
        "Part of the time with a low heart rate, 1 to 100.",
    ),
    contributor(
        "contributor_resting_heart_rate",
        "/contributors/resting_heart_rate",
        "resting_heart_rate",
        "Part of resting heart rate, 1 to 100; not beats per minute.",
    ),
    contributor(
        "contributor_sleep_balance",
        "/contributors/sleep_balance",
        "sleep_balance",
        "Part of recent sleep, 1 to 100.",
    ),
    contributor(
        "contributor_sleep_regularity",
        "/contributors/sleep_regularity",
        "sleep_regularity",
        "Part of regular sleep, 1 to 100.",
    ),
];

const DAILY_STRESS_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("stress_high_seconds", "/stress_high", Unit::Seconds, "Time in the zone of high stress.")
        .with(&["/day_summary", "/recovery_high"])
        .metric("stress_high_duration"),
    field("recovery_high_seconds", "/recovery_high", Unit::Seconds, "Time in the zone of high recovery.")
        .with(&["/day_summary", "/stress_high"])
        .metric("recovery_high_duration"),
    field("day_summary", "/day_summary", Unit::Text, "restored, normal or stressful."),
];

const DAILY_SPO2_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("spo2_pct", "/spo2_percentage/average", Unit::Percent, "Average blood oxygen saturation.")
        .metric("oxygen_saturation"),
    field(
        "breathing_disturbance_index",
        "/breathing_disturbance_index",
        Unit::Score,
        "Oura's index of drops in blood oxygen, 0 to 100.",
    )
    .metric("breathing_disturbance_index"),
];

const DAILY_RESILIENCE_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("level", "/level", Unit::Text, "limited, adequate, solid, strong or exceptional."),
    part(
        "contributor_sleep_recovery",
        "/contributors/sleep_recovery",
        "sleep_recovery",
        "Part of recovery in sleep, 0 to 100.",
    ),
    part(
        "contributor_daytime_recovery",
        "/contributors/daytime_recovery",
        "daytime_recovery",
        "Part of recovery by day, 0 to 100.",
    ),
    part("contributor_stress", "/contributors/stress", "stress", "Part of stress, 0 to 100."),
];

/// A part of resilience, 0 to 100: here a 0 is one.
const fn part(name: &'static str, at: Pointer, key: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::Score, about).nest("contributors", key)
}
