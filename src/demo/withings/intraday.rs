//! `/v2/measure` `getintradayactivity`: the watch's moments of at most one day, keyed by epoch second.
//!
//! Made for the window of the request: ten years would be five million moments.

use super::data::State;
use super::devices::WATCH;
use super::envelope::Refusal;
use super::form::Form;
use crate::demo::kit::service::Caller;
use crate::demo::person::{PIECE_SECONDS, Person, add_days, dates};
use crate::demo::random::Random;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const DAY_SECONDS: i64 = 86_400;
/// The watch looks at the pulse every ten minutes, and every few seconds in a workout.
const PULSE_SECONDS: i64 = 600;
const WORKOUT_PULSE_SECONDS: i64 = 5;

/// What is measured at each moment, by field.
type Moments = BTreeMap<i64, Vec<(&'static str, Value)>>;

/// The answer to `getintradayactivity`. Without dates, the last day.
pub fn getintradayactivity(
    state: &State,
    form: &Form,
    _: &Caller,
    now: Timestamp,
) -> Result<String, Refusal> {
    let now = now.as_second();
    let start = form.number("startdate")?.unwrap_or(now - DAY_SECONDS);
    let end = form.number("enddate")?.unwrap_or(now).min(start + DAY_SECONDS).min(now);
    let asked = form.list("data_fields");
    let mut moments = Moments::new();
    if !state.quirks.access.membership_lapsed && start < end {
        movement(&state.person, start, end, &mut moments);
        pulse(&state.person, start, end, &mut moments);
    }
    let gated = state.quirks.access.free_plan;
    let mut series = Map::new();
    for (at, values) in moments {
        let mut entry = Map::new();
        entry.insert("deviceid".to_owned(), json!(WATCH.id));
        entry.insert("model".to_owned(), json!(WATCH.model));
        entry.insert("model_id".to_owned(), json!(WATCH.model_id));
        let named = entry.len();
        for (name, value) in values {
            let is_paid = ["rmssd", "sdnn1", "hrv_quality", "spo2_auto", "rr"].contains(&name);
            if asked.iter().flatten().any(|asked| asked == name) && !(gated && is_paid) {
                entry.insert(name.to_owned(), value);
            }
        }
        // Without `data_fields` the moments are there, but say nothing.
        if asked.is_none() || entry.len() > named {
            if state.quirks.records.unknown_keys {
                entry.insert("unheard_of".to_owned(), json!(1));
            }
            series.insert(at.to_string(), Value::Object(entry));
        }
    }
    let series = if series.is_empty() { json!([]) } else { Value::Object(series) };
    Ok(json!({"series": series}).to_string())
}

/// Steps, floors, energy and distance, in pieces of five minutes.
fn movement(person: &Person, start: i64, end: i64, moments: &mut Moments) {
    let day_of = |seconds: i64| Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN);
    let utc_day = |seconds: i64| day_of(seconds).to_zoned(jiff::tz::TimeZone::UTC).date();
    // A local day may begin half a day before or after the same day in UTC.
    for date in dates(add_days(utc_day(start), -1), add_days(utc_day(end), 1)) {
        for piece in person.movement_on(date) {
            let at = piece.start.as_second();
            if at < start || at >= end {
                continue;
            }
            moments.entry(at).or_default().extend([
                ("duration", json!(PIECE_SECONDS)),
                ("steps", json!(piece.steps)),
                ("elevation", json!(piece.floors)),
                ("calories", json!((piece.active_kilocalories * 100.0).round() / 100.0)),
                ("distance", json!((piece.distance_meters * 100.0).round() / 100.0)),
            ]);
        }
    }
}

/// Heart rate; at night variability, oxygen and breathing with it.
fn pulse(person: &Person, start: i64, end: i64, moments: &mut Moments) {
    let seed = person.seed();
    let first = start.div_euclid(PULSE_SECONDS);
    for slot in first..=end.div_euclid(PULSE_SECONDS) {
        let mut random = Random::new(seed, "watch", slot);
        let at = slot * PULSE_SECONDS + random.whole(0, 59);
        let Ok(instant) = Timestamp::from_second(at) else { continue };
        if at < start || at >= end || is_before_birth(person, instant) {
            continue;
        }
        let values = moments.entry(at).or_default();
        values.push(("heart_rate", json!(person.heart_rate_at(instant))));
        if person.is_asleep(instant) {
            let nights = person.nights();
            let after = nights.partition_point(|night| night.start() <= instant);
            let variability = after.checked_sub(1).map_or(50.0, |before| nights[before].vitals.hrv_rmssd_ms);
            let rmssd = random.normal(variability, 7.0).max(8.0).round() as i64;
            values.push(("rmssd", json!(rmssd)));
            values.push(("sdnn1", json!(rmssd + random.whole(0, 12))));
            values.push(("hrv_quality", json!(random.whole(1, 3))));
            values.push(("rr", json!(random.normal(14.6, 0.8).round() as i64)));
            if slot % 3 == 0 {
                values.push(("spo2_auto", json!(random.normal(96.2, 1.0).clamp(85.0, 100.0).round() as i64)));
            }
        }
    }
    let workouts = person.workouts();
    let from = Timestamp::from_second(start - DAY_SECONDS).unwrap_or(Timestamp::MIN);
    let first = workouts.partition_point(|workout| workout.start < from);
    for workout in workouts[first..].iter().take_while(|workout| workout.start.as_second() < end) {
        let mut at = workout.start;
        while at < workout.end {
            let second = at.as_second();
            if second >= start && second < end {
                let values = moments.entry(second).or_default();
                if values.iter().all(|(name, _)| *name != "heart_rate") {
                    values.push(("heart_rate", json!(person.heart_rate_at(at))));
                }
            }
            at = at.saturating_add(SignedDuration::from_secs(WORKOUT_PULSE_SECONDS)).unwrap_or(workout.end);
        }
    }
}

/// Before the first day there was no watch.
fn is_before_birth(person: &Person, at: Timestamp) -> bool {
    let first = person.days().first();
    first.is_none_or(|day| day.zone.to_datetime(at).date() < day.date)
}
