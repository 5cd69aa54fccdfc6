//! Nights in parts and short nights, of one source and of several: one night, joined metric by metric.

use serde_json::{Value, json};

use super::*;
use crate::query::testkit::{Mirror, millis, nap, recovery, sleep, unscored};

fn mirror() -> Mirror {
    let mirror = Mirror::new();
    mirror.cover("2000-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    mirror
}

fn day(mirror: &Mirror) -> Value {
    let args = DailyArgs { date: Some("2026-03-17".into()), ..DailyArgs::default() };
    let context = mirror.signed_in_to(&["whoop", "oura", "withings"]);
    serde_json::to_value(&daily(&context, &args).unwrap().days.as_ref().unwrap()[0]).unwrap()
}

/// A period of the ring's, by the clock in Berlin; from 12 o'clock on its start is of the evening before.
fn oura(id: &str, kind: &str, start: &str, end: &str, asleep: i64) -> Value {
    let evening = start >= "12:00" && end < "12:00";
    let date = if evening { "2026-03-16" } else { "2026-03-17" };
    json!({
        "id": id, "day": "2026-03-17", "type": kind, "bedtime_start": format!("{date}T{start}:00+01:00"),
        "bedtime_end": format!("2026-03-17T{end}:00+01:00"), "total_sleep_duration": asleep,
        "time_in_bed": asleep + 1000, "awake_time": 1000, "deep_sleep_duration": asleep / 4,
        "light_sleep_duration": asleep / 2, "rem_sleep_duration": asleep / 4, "latency": 300, "efficiency": 90,
        "average_breath": 14.0, "average_hrv": 60, "average_heart_rate": 50.0, "lowest_heart_rate": 44,
        "restless_periods": 10,
    })
}

/// The two parts: from 22:00 to 01:40 and from 03:00 to 06:50.
fn two_parts() -> [Value; 2] {
    let mut first = oura("one", "long_sleep", "22:00", "01:40", 12_320);
    let mut second = oura("two", "long_sleep", "03:00", "06:50", 12_880);
    for (name, one, two) in [
        ("latency", json!(600), json!(60)),
        ("efficiency", json!(92), json!(96)),
        ("average_hrv", json!(40), json!(80)),
        ("lowest_heart_rate", json!(46), json!(43)),
        ("restless_periods", json!(7), json!(11)),
    ] {
        first[name] = one;
        second[name] = two;
    }
    [second, first]
}

fn value(day: &Value, metric: &str) -> Value {
    ["sleep", "recovery"]
        .iter()
        .map(|section| &day[section][metric]["value"])
        .find(|one| !one.is_null())
        .cloned()
        .unwrap_or_default()
}

#[test]
fn a_night_in_two_parts_is_joined_metric_by_metric() {
    let mirror = mirror();
    mirror.put("oura.sleep", &two_parts());
    let day = day(&mirror);
    for (metric, expected) in [
        ("total_sleep_time", json!(25_200)),
        ("time_in_bed", json!(27_200)),
        ("deep_sleep_duration", json!(6300)),
        ("awake_duration", json!(2000)),
        ("sleep_latency", json!(600)),
        ("sleep_start", json!("2026-03-16T22:00:00+01:00")),
        ("sleep_end", json!("2026-03-17T06:50:00+01:00")),
        // 12,320 and 12,880 parts of 25,200.
        ("sleep_efficiency", json!(94.0)),
        ("heart_rate_variability_rmssd", json!(60.4)),
        ("lowest_heart_rate", json!(43)),
        ("respiratory_rate", json!(14.0)),
    ] {
        assert_eq!(value(&day, metric), expected, "{metric}");
    }
    let parts: Vec<(&Value, &Value)> = day["night_parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (&part["id"], &part["asleep_seconds"]))
        .collect();
    assert_eq!(parts, [(&json!("one"), &json!(12_320)), (&json!("two"), &json!(12_880))]);
    assert!(day.get("other_sleeps").is_none(), "{day}");
}

#[test]
fn two_devices_that_cut_one_night_differently_tell_of_one_night() {
    let mirror = mirror();
    mirror.put("oura.sleep", &two_parts());
    mirror.put("whoop.sleep", &[sleep("w", 17, "2026-03-16T21:00:00.000Z", "2026-03-17T05:50:00.000Z")]);
    let day = day(&mirror);
    assert_eq!(
        day["sleep"]["total_sleep_time"],
        json!({ "value": 27_000, "unit": "s", "source": "whoop", "others": { "oura": 25_200 } })
    );
    assert!(day.get("other_sleeps").is_none(), "{day}");
    assert_eq!(day["night_parts"].as_array().unwrap().len(), 2, "those of the ring");
}

#[test]
fn a_watch_and_a_mat_of_one_cloud_are_not_added_up() {
    let mirror = mirror();
    let summary = |id: i64, start: &str, end: &str, asleep: i64| {
        json!({
            "id": id, "startdate": millis(start) / 1000, "enddate": millis(end) / 1000, "date": &end[..10],
            "timezone": "Europe/Berlin", "model_id": 63,
            "data": { "total_sleep_time": asleep, "total_timeinbed": asleep + 1500 },
        })
    };
    mirror.put(
        "withings.sleep",
        &[
            summary(1, "2026-03-16T21:00:00Z", "2026-03-17T05:50:00Z", 27_500),
            summary(2, "2026-03-16T21:05:00Z", "2026-03-17T00:30:00Z", 11_000),
            summary(3, "2026-03-17T02:00:00Z", "2026-03-17T05:45:00Z", 12_500),
            // In bed again for an hour, and in the evening a doze before midnight.
            summary(4, "2026-03-17T06:30:00Z", "2026-03-17T07:30:00Z", 3000),
            summary(5, "2026-03-17T20:00:00Z", "2026-03-17T21:30:00Z", 4000),
        ],
    );
    let day = day(&mirror);
    assert_eq!(value(&day, "total_sleep_time"), 30_500);
    assert_eq!(value(&day, "nap_time"), 4000);
    assert_eq!(value(&day, "sleep_end"), "2026-03-17T08:30:00+01:00");
}

#[test]
fn a_part_without_its_value_leaves_the_sum_unknown_and_says_why() {
    let mirror = mirror();
    let first = sleep("one", 17, "2026-03-16T21:00:00.000Z", "2026-03-17T00:40:00.000Z");
    let second = sleep("two", 17, "2026-03-17T02:00:00.000Z", "2026-03-17T05:50:00.000Z");
    mirror.put("whoop.sleep", &[unscored(first, "PENDING_SCORE"), second.clone()]);
    let cell = |mirror: &Mirror, metric: &str| day(mirror)["sleep"][metric].clone();
    assert_eq!(cell(&mirror, "total_sleep_time")["reason"], "pending_score", "half of a night is no night");
    assert_eq!(cell(&mirror, "respiratory_rate")["value"], 16.1, "the longer part has one");
    // A stage that is not told takes nothing else away.
    let mut lacking = sleep("one", 17, "2026-03-16T21:00:00.000Z", "2026-03-17T00:40:00.000Z");
    lacking["score"]["stage_summary"]["total_rem_sleep_time_milli"] = Value::Null;
    mirror.put("whoop.sleep", &[lacking]);
    assert_eq!(cell(&mirror, "total_sleep_time")["reason"], "not_provided");
    assert_eq!(cell(&mirror, "rem_sleep_duration")["reason"], "not_provided");
    assert_eq!(cell(&mirror, "deep_sleep_duration")["value"], 14_400);
    assert_eq!(cell(&mirror, "sleep_start")["value"], "2026-03-16T22:00:00+01:00");
    assert_eq!(cell(&mirror, "sleep_end")["value"], "2026-03-17T06:50:00+01:00");
}

#[test]
fn a_recovery_of_a_night_in_parts_is_that_of_the_longest() {
    let mirror = mirror();
    let parts = [
        sleep("one", 17, "2026-03-16T21:00:00.000Z", "2026-03-17T00:40:00.000Z"),
        sleep("two", 18, "2026-03-17T02:00:00.000Z", "2026-03-17T05:50:00.000Z"),
    ];
    mirror.put("whoop.sleep", &parts);
    let mut first = recovery(17, "one");
    first["score"]["recovery_score"] = json!(11.0);
    first["score"]["hrv_rmssd_milli"] = json!(20.0);
    mirror.put("whoop.recovery", &[first, recovery(18, "two")]);
    let day = day(&mirror);
    assert_eq!(value(&day, "heart_rate_variability_rmssd"), 87.3);
    assert_ne!(value(&day, "whoop_recovery_score"), 11);
}

#[test]
fn a_short_sleep_is_the_night_of_a_day_that_has_no_other() {
    let short = || oura("short", "sleep", "23:30", "02:10", 9000);
    let shorter = || oura("shorter", "sleep", "03:00", "04:00", 3000);
    for (name, records, night, naps) in [
        ("one", vec![short()], json!(9000), Value::Null),
        ("of two the longer one", vec![shorter(), short()], json!(9000), json!(3000)),
        (
            "beside a long one both are naps",
            vec![short(), shorter(), two_parts()[0].clone()],
            json!(12_880),
            json!(12_000),
        ),
        (
            "in the afternoon it is a nap",
            vec![oura("nap", "sleep", "14:00", "15:00", 3000)],
            Value::Null,
            json!(3000),
        ),
        (
            "and so is an evening's",
            vec![oura("late", "late_nap", "23:00", "00:30", 3000)],
            Value::Null,
            json!(3000),
        ),
    ] {
        // In whichever order they come.
        for turned in [false, true] {
            let mirror = mirror();
            let mut records = records.clone();
            if turned {
                records.reverse();
            }
            for record in records {
                mirror.put("oura.sleep", &[record]);
            }
            let day = day(&mirror);
            assert_eq!(value(&day, "total_sleep_time"), night, "{name}: {day}");
            assert_eq!(value(&day, "nap_time"), naps, "{name}: {day}");
            assert_eq!(value(&day, "sleep_start").is_null(), night.is_null(), "{name}");
        }
    }
}

#[test]
fn a_short_sleep_follows_what_becomes_of_the_night() {
    let mirror = mirror();
    mirror.put("oura.sleep", &[oura("short", "sleep", "23:30", "02:10", 9000), two_parts()[0].clone()]);
    assert_eq!(value(&day(&mirror), "total_sleep_time"), 12_880);
    mirror.store.remove("oura", "sleep", &["two".to_owned()], millis("2026-03-18T09:00:00Z")).unwrap();
    assert_eq!(value(&day(&mirror), "total_sleep_time"), 9000);
    assert_eq!(value(&day(&mirror), "nap_time"), Value::Null);
}

#[test]
fn a_short_sleep_beside_anothers_night_counts_once() {
    let strap = || sleep("w", 17, "2026-03-16T22:00:00.000Z", "2026-03-17T05:50:00.000Z");
    for (name, ring, others, naps) in [
        ("within it", oura("short", "sleep", "23:30", "02:10", 9000), json!({ "oura": 9000 }), Value::Null),
        ("after it", oura("again", "sleep", "07:20", "08:20", 3000), Value::Null, json!(3000)),
    ] {
        let mirror = mirror();
        mirror.put("whoop.sleep", &[strap()]);
        mirror.put("oura.sleep", &[ring]);
        let day = day(&mirror);
        let cell = &day["sleep"]["total_sleep_time"];
        assert_eq!((&cell["value"], &cell["others"]), (&json!(27_000), &others), "{name}");
        assert_eq!(value(&day, "nap_time"), naps, "{name}");
    }
    // The strap's own nap in the hours that the ring counts to its night stays the strap's nap.
    let mirror = mirror();
    mirror
        .put("whoop.sleep", &[strap(), nap("n", 17, "2026-03-17T12:00:00.000Z", "2026-03-17T15:10:00.000Z")]);
    mirror.put("oura.sleep", &two_parts());
    mirror.put("oura.sleep", &[oura("noon", "long_sleep", "13:00", "16:10", 10_000)]);
    let day = day(&mirror);
    assert_eq!((value(&day, "total_sleep_time"), value(&day, "nap_time")), (json!(27_000), json!(1200)));
}
