//! Several readings of one day: of devices that count the same, of scales and cuffs, and of other clouds.

use serde_json::{Value, json};

use super::*;
use crate::query::testkit::{Mirror, millis};

/// Steps of a day from one device, or from another cloud.
fn steps(date: &str, brand: i64, model: i64, steps: i64) -> Value {
    json!({ "date": date, "brand": brand, "deviceid": format!("device-{model}"), "modelid": model, "steps": steps })
}

/// One value of a group: `value` thousandths.
fn measure(group: i64, at: &str, kind: i64, value: i64, attrib: i64) -> Value {
    json!({
        "grpid": group, "date": millis(at) / 1000, "attrib": attrib, "category": 1, "timezone": "Europe/Berlin",
        "modelid": 6, "measure": { "type": kind, "value": value, "unit": -3 },
    })
}

fn mat(id: i64, from: &str, to: &str, asleep: i64, model: i64) -> Value {
    json!({
        "id": id, "startdate": millis(from) / 1000, "enddate": millis(to) / 1000, "date": &to[..10],
        "timezone": "Europe/Berlin", "model_id": model, "data": { "total_sleep_time": asleep },
    })
}

#[test]
fn several_readings_of_a_day_become_one_by_what_they_are() {
    let (watch, pedometer, other_cloud) = (93, 59, 1055);
    let mirror = Mirror::new();
    mirror.put(
        "withings.activity",
        &[
            steps("2026-03-16", 1, watch, 8000),
            steps("2026-03-16", 1, pedometer, 7900),
            steps("2026-03-16", 18, other_cloud, 12_000),
            steps("2026-03-17", 18, other_cloud, 9000),
        ],
    );
    mirror.put(
        "withings.measure",
        &[
            measure(1, "2026-03-16T06:00:00Z", 1, 72_450, 0),
            measure(2, "2026-03-16T19:00:00Z", 1, 73_100, 0),
            measure(3, "2026-03-16T19:07:00Z", 1, 91_300, 1),
            measure(4, "2026-03-16T07:00:00Z", 10, 131_000, 0),
            measure(5, "2026-03-16T07:01:00Z", 10, 124_000, 0),
            measure(6, "2026-03-16T07:02:00Z", 10, 120_000, 0),
            measure(7, "2026-03-17T07:00:00Z", 10, 122_000, 0),
        ],
    );
    mirror.put(
        "withings.sleep",
        &[
            mat(1, "2026-03-15T22:00:00Z", "2026-03-16T05:00:00Z", 21_600, 63),
            mat(2, "2026-03-15T21:00:00Z", "2026-03-16T06:00:00Z", 30_000, other_cloud),
            mat(3, "2026-03-16T22:00:00Z", "2026-03-17T05:00:00Z", 22_000, other_cloud),
        ],
    );
    mirror.cover("2000-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
    let day = |date: &str| {
        let args = DailyArgs { date: Some(date.to_owned()), ..DailyArgs::default() };
        let answer = daily(&mirror.signed_in_to(&["withings"]), &args).unwrap();
        serde_json::to_value(&answer.days.as_ref().unwrap()[0]).unwrap()
    };
    let (first, second) = (day("2026-03-16"), day("2026-03-17"));
    for (day, section, metric, expected) in [
        (&first, "activity", "steps", json!(8000)),
        (&second, "activity", "steps", json!(9000)),
        (&first, "body", "weight", json!(73.1)),
        (&first, "body", "blood_pressure_systolic", json!(125)),
        (&first, "sleep", "total_sleep_time", json!(21_600)),
        (&second, "sleep", "total_sleep_time", json!(22_000)),
    ] {
        assert_eq!(day[section][metric]["value"], expected, "{metric} on {}", day["date"]);
    }
    for (section, metric, expected) in [
        // A cuff is no scale, and a copy without floors is a day without floors.
        ("body", "weight", "no_record"),
        ("activity", "floors_climbed", "not_provided"),
    ] {
        assert_eq!(second[section][metric]["reason"], expected, "{metric}");
    }
}
