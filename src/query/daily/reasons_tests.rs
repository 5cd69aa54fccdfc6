//! Why there is nothing, by the clock and by how far the devices have uploaded.

use serde_json::{Value, json};

use super::*;
use crate::query::testkit::{Mirror, context, cycle, millis, night};

fn cell(mirror: &Mirror, providers: &[&str], now: &str, date: &str, metric: &str) -> Value {
    let args =
        DailyArgs { date: Some(date.to_owned()), metrics: vec![metric.to_owned()], ..DailyArgs::default() };
    let answer = daily(&context(providers, Some(&mirror.store), now), &args).unwrap();
    let day = serde_json::to_value(&answer.days.as_ref().unwrap()[0]).unwrap();
    let section = metric::find(metric).unwrap().section.as_str();
    let mut cell = day[section][metric].clone();
    cell["text"] = json!(cell["reason"].as_str().and_then(|code| answer.reasons.get(code)));
    cell
}

#[test]
fn what_is_due_hangs_on_what_it_is_about() {
    let (morning, afternoon, evening) =
        ("2026-03-18T09:05:00Z", "2026-03-18T14:05:00Z", "2026-03-18T19:35:00Z");
    // The strap was last heard of at the end of the 17th, or at noon of the 18th.
    for (uploaded, now, date, metric, expected) in [
        ("2026-03-17T21:35:00Z", morning, "2026-03-18", "total_sleep_time", "not_due"),
        ("2026-03-17T21:35:00Z", afternoon, "2026-03-18", "total_sleep_time", "not_arrived"),
        ("2026-03-17T21:35:00Z", evening, "2026-03-18", "resting_heart_rate", "not_arrived"),
        ("2026-03-18T11:00:00Z", evening, "2026-03-18", "resting_heart_rate", "no_record"),
        ("2026-03-18T11:00:00Z", evening, "2026-03-18", "nap_time", "not_due"),
        ("2026-03-18T11:00:00Z", evening, "2026-03-17", "nap_time", "no_nap"),
        ("2026-03-18T11:00:00Z", evening, "2026-03-19", "total_sleep_time", "not_due"),
        ("2026-03-18T11:00:00Z", evening, "2026-03-05", "total_sleep_time", "no_record"),
    ] {
        let mirror = Mirror::new();
        night(&mirror, 17);
        let mut open = cycle(18, "2026-03-17T21:30:00.000Z", None);
        open["updated_at"] = json!(uploaded);
        mirror.put("whoop.cycle", &[open]);
        mirror.cover("2012-01-01T00:00:00Z", now);
        let cell = cell(&mirror, &["whoop"], now, date, metric);
        assert_eq!(
            (&cell["value"], &cell["reason"]),
            (&Value::Null, &json!(expected)),
            "{date} {metric} at {now}"
        );
    }
}

#[test]
fn what_has_not_arrived_names_the_newest_that_has() {
    let mirror = Mirror::new();
    mirror.put_samples("oura", "heart_rate", &[(millis("2026-03-15T11:05:00Z"), "awake", 61.0)]);
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let of = |date: &str, metric: &str| cell(&mirror, &["oura"], "2026-03-18T09:05:00Z", date, metric);
    for metric in ["total_sleep_time", "steps", "nap_time", "oura_readiness_score"] {
        let cell = of("2026-03-16", metric);
        assert_eq!(cell["reason"], "not_arrived", "{metric}");
        let text = cell["text"].as_str().unwrap();
        assert!(
            text.ends_with("oura: the newest heart_rate sample is of 2026-03-15T12:05:00+01:00."),
            "{text}"
        );
    }
    // It may have been uploaded while the day went on.
    assert_eq!(of("2026-03-15", "steps")["reason"], "not_arrived");
    assert_eq!(of("2026-03-15", "total_sleep_time")["reason"], "no_record");
    // Nobody waits for a value that is not measured each day.
    assert_eq!(of("2026-03-16", "vo2_max")["reason"], "no_record");
}

#[test]
fn a_day_that_says_it_was_unworn_has_arrived() {
    let mirror = Mirror::new();
    mirror.put_samples("oura", "heart_rate", &[(millis("2026-03-15T11:05:00Z"), "awake", 61.0)]);
    let off = |day: &str| {
        json!({ "id": day, "day": day, "timestamp": format!("{day}T04:00:00+01:00"), "steps": 0,
            "total_calories": 1630, "non_wear_time": 86_400 })
    };
    mirror.put("oura.daily_activity", &[off("2026-03-16"), off("2026-03-17"), off("2026-03-18")]);
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let of = |date: &str, metric: &str| cell(&mirror, &["oura"], "2026-03-18T09:05:00Z", date, metric);
    for (date, metric, expected) in [
        ("2026-03-16", "steps", "not_worn"),
        ("2026-03-17", "total_energy", "not_worn"),
        ("2026-03-17", "nap_time", "no_nap"),
        ("2026-03-17", "total_sleep_time", "no_record"),
        // Nobody knows yet whether it will be worn.
        ("2026-03-18", "steps", "not_due"),
    ] {
        let cell = of(date, metric);
        assert_eq!((&cell["value"], &cell["reason"]), (&Value::Null, &json!(expected)), "{date} {metric}");
    }
}
