//! Sleeps and naps, and their signal by the minute, asked for one sleep at a time.

use super::base::{COLLECTION, END, OFFSET, SCORE_STATE, START, UPDATED_AT, collection};
use crate::{
    model::{Document, Fact, Facts, Role, Session},
    providers::catalogue::{
        At, DayRule, END_OFFSET, Field, Keep, Link, LocalClock, OFFSET_INFERRED, Records, Request, Resource,
        SessionRule, Time, Unit, Window, field, stored,
    },
};

pub(super) const SLEEP: Resource = Resource {
    name: "sleep",
    about: "Sleeps and naps with stages, sleep need and performance.",
    role: Role::Sleep,
    scope: "read:sleep",
    request: collection("/developer/v2/activity/sleep"),
    by_id: Some("/developer/v2/activity/sleep/{id}"),
    key: &[&["/id"]],
    time: Time::Own {
        start: "/start",
        end: Some("/end"),
        clock: LocalClock::Offset("/timezone_offset"),
        day: DayRule::End,
    },
    link: Some(Link { resource: "cycle", at: "/cycle_id" }),
    session: SessionRule { naps: &[("/nap", &["true"])], ..SessionRule::MAIN },
    fields: SLEEP_FIELDS,
    derive: Some(sleep_facts),
    derives: &["total_sleep_time", "sleep_start", "sleep_end", "nap_time"],
    ..COLLECTION
};

/// One request for each sleep. Added in 2026 and not enabled for all accounts: 403 and 404 say so. What the strap
/// says of its board and its battery (`board_temp`, `battery_temp`) is about the device, and not asked for.
pub(super) const SLEEP_STREAM: Resource = Resource {
    name: "sleep_stream",
    about: "The minutes of a sleep, as series: heart rate, skin temperature, whether WHOOP takes the person for \
            asleep, and whether the strap charges. The context of a sample is `sleep`. Not every account has it.",
    role: Role::Series,
    scope: "read:sleep",
    // A list in a query is written by repeating its name, as the specification leaves it to be by default.
    request: Request::Get {
        path: "/developer/v2/activity/sleep/{id}/stream",
        query: &[
            ("types", "hr"),
            ("types", "skin_temp"),
            ("types", "sleep_classification"),
            ("types", "charging_status"),
        ],
    },
    window: Window::PerRecord { of: "sleep", params: &[], id_as: None, same: &[], retry_while_empty: None },
    records: Records::List("/stream"),
    keep: Keep::Samples {
        at: "/timestamp",
        values: &[
            ("/hr", "heart_rate"),
            ("/skin_temp", "skin_temperature"),
            ("/is_sleeping", "whoop_sleeping"),
            ("/is_charging", "whoop_charging"),
        ],
        context: &[],
        otherwise: "sleep",
    },
    optional: true,
    ..Resource::BASE
};

const SLEEP_FIELDS: &[Field] = &[
    field("id", "/id", Unit::Text, "WHOOP's id of the sleep."),
    field("cycle_id", "/cycle_id", Unit::Text, "The cycle it belongs to."),
    stored("day", At::Day, Unit::Day, "Local date of the end."),
    START,
    END,
    OFFSET,
    END_OFFSET,
    OFFSET_INFERRED,
    field("nap", "/nap", Unit::Flag, "True for a nap."),
    SCORE_STATE,
    field(
        "sleep_performance_pct",
        "/score/sleep_performance_percentage",
        Unit::Percent,
        "Sleep obtained against sleep needed.",
    )
    .metric("whoop_sleep_score"),
    field(
        "sleep_consistency_pct",
        "/score/sleep_consistency_percentage",
        Unit::Percent,
        "How alike the times of recent sleeps are.",
    )
    .metric("whoop_sleep_consistency"),
    field(
        "sleep_efficiency_pct",
        "/score/sleep_efficiency_percentage",
        Unit::Percent,
        "Share of the time in bed spent asleep.",
    )
    .metric("sleep_efficiency"),
    field("respiratory_rate", "/score/respiratory_rate", Unit::PerMinute, "Breaths per minute.")
        .metric("respiratory_rate"),
    stage("in_bed_seconds", "/score/stage_summary/total_in_bed_time_milli", "Time in bed.")
        .metric("time_in_bed"),
    stage("light_sleep_seconds", "/score/stage_summary/total_light_sleep_time_milli", "Light sleep.")
        .metric("light_sleep_duration"),
    stage("rem_sleep_seconds", "/score/stage_summary/total_rem_sleep_time_milli", "REM sleep.")
        .metric("rem_sleep_duration"),
    stage("deep_sleep_seconds", "/score/stage_summary/total_slow_wave_sleep_time_milli", "Slow-wave sleep.")
        .metric("deep_sleep_duration"),
    stage("awake_seconds", "/score/stage_summary/total_awake_time_milli", "Awake in bed.")
        .metric("awake_duration"),
    stage("no_data_seconds", "/score/stage_summary/total_no_data_time_milli", "Without a usable signal."),
    field("sleep_cycle_count", "/score/stage_summary/sleep_cycle_count", Unit::Count, "Sleep cycles."),
    field("disturbance_count", "/score/stage_summary/disturbance_count", Unit::Count, "Disturbances.")
        .metric("whoop_disturbance_count"),
    stage("sleep_needed_baseline_seconds", "/score/sleep_needed/baseline_milli", "WHOOP's base sleep need.")
        .metric("whoop_sleep_need_baseline"),
    stage(
        "sleep_needed_from_sleep_debt_seconds",
        "/score/sleep_needed/need_from_sleep_debt_milli",
        "Added need from sleep debt.",
    )
    .metric("whoop_sleep_need_from_debt"),
    stage(
        "sleep_needed_from_recent_strain_seconds",
        "/score/sleep_needed/need_from_recent_strain_milli",
        "Added need from strain.",
    )
    .metric("whoop_sleep_need_from_strain"),
    stage(
        "sleep_needed_from_recent_nap_seconds",
        "/score/sleep_needed/need_from_recent_nap_milli",
        "Need taken off by naps; zero or less.",
    )
    .metric("whoop_sleep_need_from_naps"),
    UPDATED_AT,
];

const fn stage(name: &'static str, at: &'static str, about: &'static str) -> Field {
    field(name, at, Unit::SecondsFromMillis, about)
}

/// WHOOP has no total of the time asleep: it is the sum of the three stages (and of a nap, the nap time).
fn sleep_facts(document: &Document, facts: &mut Facts) {
    // Without a score nothing is told of it, its times included.
    if !document.body.get("score").is_some_and(serde_json::Value::is_object) {
        return;
    }
    // A stage that is not told makes the sum unknown, and takes nothing else away.
    let asleep: Option<f64> =
        ["total_light_sleep_time_milli", "total_slow_wave_sleep_time_milli", "total_rem_sleep_time_milli"]
            .into_iter()
            .map(|stage| document.body.pointer("/score/stage_summary")?.get(stage)?.as_f64())
            .sum();
    let is_nap = document.session == Session::Nap;
    let metric = if is_nap { "nap_time" } else { "total_sleep_time" };
    facts.values.extend(asleep.map(|asleep| Fact { metric, value: asleep / 1000.0 }));
    if is_nap {
        return;
    }
    for (metric, at) in [("sleep_start", document.start), ("sleep_end", document.end)] {
        if let Some(at) = at {
            facts.values.push(Fact { metric, value: at.as_millisecond() as f64 });
        }
    }
}
