//! Periods of sleep: nights, naps, and what the ring took for sleep.

use super::draft::Draft;
use super::scores::readiness;
use super::text::{localized, quoted, sample};
use super::{RingSleep, RingTruth};
use crate::demo::person::{EPOCH_SECONDS, Person, Sleep, Stage, add_days, hypnogram};
use crate::demo::random::Random;
use jiff::civil::Time;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Seconds between two points of a sleep's series.
const SERIES_SECONDS: i64 = 300;

/// Oura calls a sleep long from here on, seconds.
const LONG_SLEEP_SECONDS: i64 = 3 * 3600;

/// The hour at which a sleep day ends: who wakes later has slept for the next day.
const SLEEP_DAY_ENDS: Time = Time::constant(18, 0, 0, 0);

/// Every period the ring filed, oldest first.
pub fn ring_sleeps(person: &Person) -> Vec<RingSleep> {
    let mut found = Vec::new();
    for (index, night) in person.nights().iter().enumerate().filter(|(_, night)| night.seen_by.ring) {
        for sleep in &night.sleeps {
            let is_long = sleep.stages.in_bed_seconds() >= LONG_SLEEP_SECONDS;
            let kind = if is_long { "long_sleep" } else { "sleep" };
            let start_offset = night.zone.to_offset(sleep.start);
            found.push(ring_sleep(sleep, kind, start_offset, Some(index)));
        }
    }
    for nap in person.naps() {
        let kind = if Random::new(person.seed(), "oura nap", nap.key).chance(0.1) { "rest" } else { "sleep" };
        found.push(ring_sleep(nap, kind, nap.offset, None));
    }
    for nap in &person.evening_naps() {
        found.push(ring_sleep(nap, "late_nap", nap.offset, None));
    }
    for rest in &person.quiet_rests() {
        let is_deleted = Random::new(person.seed(), "oura rest", rest.key).chance(0.5);
        found.push(ring_sleep(rest, if is_deleted { "deleted" } else { "rest" }, rest.offset, None));
    }
    found.sort_by_key(|sleep| sleep.sleep.start);
    let mut periods = HashMap::new();
    for sleep in &mut found {
        let next = periods.entry(sleep.day).or_insert(0);
        sleep.period = *next;
        *next += 1;
    }
    found
}

fn ring_sleep(sleep: &Sleep, kind: &'static str, start_offset: Offset, night: Option<usize>) -> RingSleep {
    let woke = sleep.offset.to_datetime(sleep.end);
    let is_late = night.is_none() && woke.time() >= SLEEP_DAY_ENDS;
    let day = if is_late { add_days(woke.date(), 1) } else { woke.date() };
    RingSleep { sleep: sleep.clone(), kind, start_offset, day, night, period: 0 }
}

/// A record of `sleep`.
pub fn sleep(truth: &RingTruth, id: &str, period: &RingSleep) -> Draft {
    let sleep = &period.sleep;
    let person = &truth.person;
    let mut random = Random::new(person.seed(), "oura sleep", sleep.key);
    let night = period.night.map(|index| &person.nights()[index]);
    let is_main = night.and_then(|night| night.main_sleep()).is_some_and(|main| main.key == sleep.key);
    let vitals = night.or_else(|| truth.night_on(period.day)).map(|night| night.vitals);
    let hrv = vitals.map_or(60.0, |vitals| vitals.hrv_rmssd_ms);
    let lowest = vitals.map_or(54.0, |vitals| vitals.resting_heart_rate_bpm);
    let stages = sleep.stages;
    let start = localized(sleep.start, period.start_offset);
    let reasons =
        ["foreground_sleep_analysis", "background_created_foreground_updated", "background_sleep_analysis"];
    let readiness = night.filter(|_| is_main).map_or(Value::Null, |night| readiness(truth, night));
    let asleep_share = stages.asleep_seconds() as f64 / stages.in_bed_seconds().max(1) as f64;
    let fields = json!({
        "id": id,
        "average_breath": sleep.respiratory_rate,
        "average_heart_rate": (sleep.average_heart_rate_bpm * 100.0).round() / 100.0,
        "average_hrv": hrv.round() as i64,
        "awake_time": stages.awake_seconds,
        "bedtime_end": localized(sleep.end, sleep.offset),
        "bedtime_start": start,
        "day": period.day,
        "deep_sleep_duration": stages.deep_seconds,
        "efficiency": (asleep_share * 100.0).round().clamp(1.0, 100.0) as i64,
        "latency": sleep.latency_seconds,
        "light_sleep_duration": stages.light_seconds,
        "low_battery_alert": person.ring_battery_at(sleep.start).level_pct < 15,
        "lowest_heart_rate": lowest.round() as i64,
        "period": period.period,
        "readiness": readiness,
        "readiness_score_delta": if is_main { Value::Null } else { json!(random.whole(-2, 4)) },
        "rem_sleep_duration": stages.rem_seconds,
        "restless_periods": sleep.disturbance_count,
        "ring_id": null,
        "sleep_algorithm_version": "v2",
        "sleep_analysis_reason": if random.chance(0.04) { "bedtime_edit" } else { reasons[random.whole(0, 2) as usize] },
        "sleep_score_delta": if is_main { Value::Null } else { json!(random.whole(0, 6)) },
        "time_in_bed": stages.in_bed_seconds(),
        "total_sleep_duration": stages.asleep_seconds(),
        "type": period.kind,
    });
    let course = hypnogram(person.seed(), sleep);
    let five_minutes = quoted(course.chunks((SERIES_SECONDS / EPOCH_SECONDS) as usize).map(most_common));
    let points = stages.in_bed_seconds().div_euclid(SERIES_SECONDS) + 1;
    let mut pulse = random.clone();
    let heart_rate = series(&mut pulse, points, sleep.average_heart_rate_bpm, 3.0, (lowest, 150.0));
    let hrv_series = series(&mut random, points, hrv, 11.0, (8.0, 190.0));
    Draft::new(fields)
        .with("heart_rate", sample(SERIES_SECONDS, &start, heart_rate.into_iter()))
        .with("hrv", sample(SERIES_SECONDS, &start, hrv_series.into_iter()))
        .with("sleep_phase_30_sec", quoted(course.iter().map(|stage| digit(*stage))))
        .with("movement_30_sec", quoted(course.iter().map(|stage| movement(*stage, &mut pulse))))
        .with("app_sleep_phase_5_min", five_minutes.clone())
        .with("sleep_phase_5_min", five_minutes)
}

/// A sleep that began forty minutes before `now` and goes on: no end, no totals, no type.
pub fn in_progress(id: &str, now: Timestamp, offset: Offset) -> Value {
    let start = now.saturating_sub(SignedDuration::from_mins(40)).unwrap_or(now);
    let mut record = json!({
        "id": id,
        "bedtime_end": null,
        "bedtime_start": localized(start, offset),
        "day": offset.to_datetime(now).date(),
        "low_battery_alert": false,
        "period": 9,
        "time_in_bed": 2400,
    });
    for field in super::Collection::Sleep.describe().nullable {
        record[field.trim_start_matches('/')] = Value::Null;
    }
    record
}

/// Whole numbers around a mean, as tenths; none at the beginning and here and there later.
fn series(random: &mut Random, points: i64, mean: f64, spread: f64, bounds: (f64, f64)) -> Vec<Option<i64>> {
    let value = |point: i64| {
        let drawn = mean + spread * (random.unit() + random.unit() + random.unit() - 1.5) * 1.6;
        let is_missing = point == 0 || random.chance(0.03);
        (!is_missing).then(|| drawn.clamp(bounds.0, bounds.1).round() as i64 * 10)
    };
    (0..points).map(value).collect()
}

fn digit(stage: Stage) -> char {
    match stage {
        Stage::Deep => '1',
        Stage::Light => '2',
        Stage::Rem => '3',
        Stage::Awake => '4',
    }
}

/// The commonest stage of some epochs; the deeper of two as common.
fn most_common(epochs: &[Stage]) -> char {
    let mut counts = [0; 4];
    for stage in epochs {
        counts[digit(*stage) as usize - '1' as usize] += 1;
    }
    let best = (0..4).rev().max_by_key(|index| counts[*index]).unwrap_or(1);
    ['1', '2', '3', '4'][best]
}

fn movement(stage: Stage, random: &mut Random) -> char {
    let still = if stage == Stage::Awake { 0.35 } else { 0.96 };
    match random.unit() {
        share if share < still => '1',
        share if share < still + (1.0 - still) * 0.6 => '2',
        share if share < still + (1.0 - still) * 0.9 => '3',
        _ => '4',
    }
}
