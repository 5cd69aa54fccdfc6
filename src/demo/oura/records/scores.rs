//! Oura's scores, in shape: what its algorithms would plausibly make of the person's truth.
//!
//! The formulas are invented; ranges, names and which value moves which way are those of the published schema.

use super::RingTruth;
use crate::demo::person::{Night, Person, add_days, day_number};
use crate::demo::random::Random;
use jiff::civil::Date;
use serde_json::{Value, json};

/// The skin temperature the deviations are counted from, degrees Celsius.
pub const USUAL_SKIN_TEMPERATURE: f64 = 33.6;

/// Days with a ring before what compares with the wearer's usual has a value.
pub const BASELINE_DAYS: i64 = 14;

/// A number of points on Oura's scale from 1 to 100.
pub fn points(value: f64) -> i64 {
    (value.round() as i64).clamp(1, 100)
}

/// `value` with this many decimals.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// The contributors of a night's sleep score.
pub fn sleep_contributors(person: &Person, night: &Night) -> Value {
    let mut random = Random::new(person.seed(), "oura sleep score", night.key);
    let sum = |part: fn(&crate::demo::person::Stages) -> i64| -> f64 {
        night.sleeps.iter().map(|sleep| part(&sleep.stages)).sum::<i64>() as f64
    };
    let asleep = sum(crate::demo::person::Stages::asleep_seconds);
    let in_bed = sum(crate::demo::person::Stages::in_bed_seconds);
    let latency = night.sleeps.first().map_or(0, |sleep| sleep.latency_seconds) as f64;
    json!({
        "deep_sleep": points(sum(|stages| stages.deep_seconds) / 5400.0 * 100.0),
        "efficiency": points(asleep / in_bed * 100.0 + 2.0),
        "latency": points(100.0 - (latency - 900.0).abs() / 18.0),
        "rem_sleep": points(sum(|stages| stages.rem_seconds) / 6000.0 * 100.0),
        "restfulness": points(random.normal(76.0, 9.0)),
        "timing": points(random.normal(86.0, 9.0)),
        "total_sleep": points(asleep / 28_800.0 * 100.0),
    })
}

/// The score that contributors make: their mean.
pub fn mean_of(contributors: &Value) -> i64 {
    let values: Vec<f64> =
        contributors.as_object().into_iter().flatten().filter_map(|(_, v)| v.as_f64()).collect();
    points(values.iter().sum::<f64>() / values.len().max(1) as f64)
}

/// The readiness of a night: contributors, score, temperatures.
pub fn readiness(truth: &RingTruth, night: &Night) -> Value {
    let mut random = Random::new(truth.person.seed(), "oura readiness", night.key);
    let vitals = &night.vitals;
    let sleep = mean_of(&sleep_contributors(&truth.person, night)) as f64;
    let deviation = vitals.skin_temperature_c - USUAL_SKIN_TEMPERATURE;
    let has_baseline = truth.days_with_ring(night.day) >= BASELINE_DAYS;
    let baseline = |value: f64| if has_baseline { json!(points(value)) } else { Value::Null };
    let contributors = json!({
        "activity_balance": baseline(random.normal(80.0, 8.0)),
        "body_temperature": points(100.0 - deviation.abs() * 40.0),
        "hrv_balance": baseline(75.0 + 0.8 * (vitals.hrv_rmssd_ms - 68.0)),
        "previous_day_activity": points(random.normal(82.0, 9.0)),
        "previous_night": points(sleep),
        "recovery_index": points(random.normal(80.0, 14.0)),
        "resting_heart_rate": points(90.0 - 4.0 * (vitals.resting_heart_rate_bpm - 53.0)),
        "sleep_balance": baseline(sleep + random.normal(0.0, 4.0)),
        "sleep_regularity": baseline(random.normal(78.0, 8.0)),
    });
    json!({
        "contributors": contributors,
        "score": readiness_score(&contributors),
        "temperature_deviation": rounded(deviation, 2),
        "temperature_trend_deviation": trend(truth, night.day).filter(|_| has_baseline),
    })
}

/// The worst contributors weigh more than the others.
fn readiness_score(contributors: &Value) -> i64 {
    let values = contributors.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_f64());
    let worst = values.fold(100.0, f64::min);
    points(0.7 * mean_of(contributors) as f64 + 0.3 * worst)
}

/// The mean deviation of the last three days' nights, as far as there were any.
fn trend(truth: &RingTruth, day: Date) -> Option<f64> {
    let nights = (0..3).filter_map(|back| truth.night_on(add_days(day, -back)));
    let deviations: Vec<f64> =
        nights.map(|night| night.vitals.skin_temperature_c - USUAL_SKIN_TEMPERATURE).collect();
    let mean = deviations.iter().sum::<f64>() / deviations.len() as f64;
    (!deviations.is_empty()).then(|| rounded(mean, 2))
}

/// Whether the person usually trained in the week before `day`: a number between 0 and 1.
pub fn recent_training(person: &Person, day: Date) -> f64 {
    let first = add_days(day, -6);
    let from = person.workouts().partition_point(|workout| workout.day() < first);
    let week = person.workouts()[from..].iter().take_while(|workout| workout.day() <= day);
    (week.count() as f64 / 6.0).min(1.0)
}

/// The stream of chance of one record of one day.
pub fn chance(truth: &RingTruth, name: &str, day: Date) -> Random {
    Random::new(truth.person.seed(), name, day_number(day))
}
