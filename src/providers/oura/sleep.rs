//! Periods of sleep, and when to go to bed.

use super::base::{COLLECTION, DAY, END, ID, START, get, offset, score};
use crate::{
    model::{Document, Fact, Facts, Role, Session},
    providers::{
        catalogue::{
            DayRule, END_OFFSET, Field, LocalClock, OFFSET_INFERRED, Resource, SessionRule, Time, Unit, field,
        },
        series::{Feeds, push_epochs, push_items, push_states, stage},
    },
};

pub(super) const SLEEP: Resource = Resource {
    name: "sleep",
    about: "Periods of sleep with stages, heart rate, HRV and breathing: nights, naps, and rejected ones.",
    role: Role::Sleep,
    request: get("/v2/usercollection/sleep"),
    by_id: Some("/v2/usercollection/sleep/{id}"),
    time: Time::Own {
        start: "/bedtime_start",
        // Null while the night is still going on.
        end: Some("/bedtime_end"),
        clock: LocalClock::InText,
        day: DayRule::Given("/day"),
    },
    session: SessionRule {
        naps: &[("/type", &["sleep", "late_nap"])],
        // Under three hours Oura calls no sleep long: it may be all that there was of a night.
        nights_if_alone: &[("/type", &["sleep"])],
        rejected: &[("/type", &["rest", "deleted"])],
        ..SessionRule::MAIN
    },
    fields: SLEEP_FIELDS,
    derive: Some(derive),
    moved: &["/heart_rate", "/hrv", "/movement_30_sec", "/sleep_phase_30_sec"],
    derives: &["sleep_start", "sleep_end", "nap_time"],
    series: &[HEART_RATE, HRV, STAGE, MOVEMENT],
    ..COLLECTION
};

pub(super) const SLEEP_TIME: Resource = Resource {
    name: "sleep_time",
    about: "The bedtime that Oura recommends.",
    request: get("/v2/usercollection/sleep_time"),
    by_id: Some("/v2/usercollection/sleep_time/{id}"),
    fields: SLEEP_TIME_FIELDS,
    ..COLLECTION
};

// Of the record, not of the moment: rows of the heart rate resource say `sleep`, and must stay apart.
const HEART_RATE: Feeds = ("heart_rate", "sleep_record");
const HRV: Feeds = ("heart_rate_variability_rmssd", "sleep_record");
const STAGE: Feeds = ("sleep_stage", "sleep_record");
const MOVEMENT: Feeds = ("sleep_movement", "sleep_record");

const SLEEP_FIELDS: &[Field] = &[
    ID,
    DAY,
    START,
    END,
    offset("/bedtime_start"),
    END_OFFSET,
    OFFSET_INFERRED,
    field(
        "type",
        "/type",
        Unit::Text,
        "long_sleep is a night or a part of one; sleep and late_nap are naps, but sleep is the night of a day without a long one if it lies in the night; rest and deleted were rejected by the wearer.",
    ),
    seconds("total_sleep_duration_seconds", "/total_sleep_duration", "Time asleep: light, deep and REM.")
        .metric("total_sleep_time"),
    seconds("time_in_bed_seconds", "/time_in_bed", "Time in bed.").metric("time_in_bed"),
    seconds("deep_sleep_duration_seconds", "/deep_sleep_duration", "Deep sleep.")
        .metric("deep_sleep_duration"),
    seconds("light_sleep_duration_seconds", "/light_sleep_duration", "Light sleep.")
        .metric("light_sleep_duration"),
    seconds("rem_sleep_duration_seconds", "/rem_sleep_duration", "REM sleep.").metric("rem_sleep_duration"),
    seconds("awake_time_seconds", "/awake_time", "Awake in bed.").metric("awake_duration"),
    seconds("latency_seconds", "/latency", "From going to bed to falling asleep.").metric("sleep_latency"),
    field("efficiency_pct", "/efficiency", Unit::Percent, "Share of the time in bed spent asleep.")
        .metric("sleep_efficiency"),
    field("average_breath", "/average_breath", Unit::PerMinute, "Breaths per minute.")
        .metric("respiratory_rate"),
    field(
        "average_heart_rate_bpm",
        "/average_heart_rate",
        Unit::Bpm,
        "Average heart rate, from 30-second samples; the app shows another one, from 5-minute averages.",
    )
    .metric("sleep_average_heart_rate"),
    field(
        "lowest_heart_rate_bpm",
        "/lowest_heart_rate",
        Unit::Bpm,
        "Lowest heart rate, from 30-second samples; the app shows another one, from 5-minute averages.",
    )
    .metric("lowest_heart_rate"),
    field("average_hrv_ms", "/average_hrv", Unit::Milliseconds, "Average heart rate variability, RMSSD.")
        .metric("heart_rate_variability_rmssd"),
    field("restless_periods", "/restless_periods", Unit::Count, "Restless periods.")
        .metric("oura_restless_periods"),
    field(
        "sleep_score_delta",
        "/sleep_score_delta",
        Unit::Score,
        "What it changed in the day's sleep score.",
    ),
    field(
        "readiness_score_delta",
        "/readiness_score_delta",
        Unit::Score,
        "What it changed in the day's readiness score.",
    ),
    score("readiness_score", "/readiness/score", "Readiness after this sleep, 1 to 100."),
    field(
        "readiness_temperature_deviation_c",
        "/readiness/temperature_deviation",
        Unit::DegreesDifference,
        "Skin temperature against the wearer's usual one.",
    ),
    field(
        "readiness_temperature_trend_deviation_c",
        "/readiness/temperature_trend_deviation",
        Unit::DegreesDifference,
        "The same, over several days.",
    ),
    field("period", "/period", Unit::Count, "Number of the period within the day."),
    field("low_battery_alert", "/low_battery_alert", Unit::Flag, "True if the ring warned of its battery."),
    field("sleep_algorithm_version", "/sleep_algorithm_version", Unit::Text, "Version of Oura's algorithm.")
        .on_request(),
    field(
        "sleep_analysis_reason",
        "/sleep_analysis_reason",
        Unit::Text,
        "Why it was last analysed, such as bedtime_edit.",
    )
    .on_request(),
];

const SLEEP_TIME_FIELDS: &[Field] = &[
    ID,
    DAY,
    field("recommendation", "/recommendation", Unit::Text, "What Oura recommends, such as earlier_bedtime."),
    field("status", "/status", Unit::Text, "Why there is a recommendation or none."),
    seconds(
        "optimal_bedtime_start_offset_seconds",
        "/optimal_bedtime/start_offset",
        "Earliest good bedtime, seconds from local midnight; may be negative.",
    )
    .nest("optimal_bedtime", "start_offset_seconds"),
    seconds(
        "optimal_bedtime_end_offset_seconds",
        "/optimal_bedtime/end_offset",
        "Latest good bedtime, seconds from local midnight; may be negative.",
    )
    .nest("optimal_bedtime", "end_offset_seconds"),
    seconds("optimal_bedtime_day_tz_seconds", "/optimal_bedtime/day_tz", "UTC offset of that day.")
        .nest("optimal_bedtime", "day_tz_seconds"),
];

const fn seconds(name: &'static str, at: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::Seconds, about)
}

/// The borders of a night, the time of a nap, both of what may be either, and the series of all.
fn derive(document: &Document, facts: &mut Facts) {
    let body = &document.body;
    if matches!(document.session, Session::Nap | Session::Short)
        && let Some(value) = body.pointer("/total_sleep_duration").and_then(serde_json::Value::as_f64)
    {
        facts.values.push(Fact { metric: "nap_time", value });
    }
    if document.session != Session::Nap {
        // A night that is still going on has begun, and no more can be said of it.
        if document.end.is_none() {
            facts.values.clear();
        }
        for (metric, at) in [("sleep_start", document.start), ("sleep_end", document.end)] {
            if let Some(at) = at {
                facts.values.push(Fact { metric, value: at.as_millisecond() as f64 });
            }
        }
    }
    push_items(facts, HEART_RATE, body.get("heart_rate"));
    push_items(facts, HRV, body.get("hrv"));
    let Some(start) = document.start else { return };
    let text =
        |name: &str| body.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    if let Some(phases) = text("sleep_phase_30_sec") {
        push_states(facts, STAGE, (start, 30.0), phases, phase);
    } else if let Some(phases) = text("sleep_phase_5_min") {
        push_states(facts, STAGE, (start, 300.0), phases, phase);
    }
    if let Some(movement) = text("movement_30_sec") {
        push_epochs(facts, MOVEMENT, (start, 30.0), movement, |code| {
            code.to_digit(10).filter(|class| (1..=4).contains(class)).map(f64::from)
        });
    }
}

/// Oura's digits for the phases of sleep.
fn phase(code: char) -> Option<f64> {
    match code {
        '1' => Some(stage::DEEP),
        '2' => Some(stage::LIGHT),
        '3' => Some(stage::REM),
        '4' => Some(stage::AWAKE),
        _ => None,
    }
}
