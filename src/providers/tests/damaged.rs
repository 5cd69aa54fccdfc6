//! Records with a part that is missing or of another form: what is still read of them, and what refuses them.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::providers::{find_kind, flatten, normalise};

#[test]
fn what_cannot_be_a_record_says_why() {
    let sleep = find_kind("whoop.sleep").unwrap().1;
    let good = json!({ "id": "a", "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T08:00:00Z", "timezone_offset": "+01:00" });
    assert!(normalise::document(sleep, good.clone(), &TimeZone::UTC).is_ok());
    for (at, value, reason) in [
        ("id", json!(null), "no usable key at /id"),
        ("id", json!(""), "no usable key at /id"),
        ("id", json!({}), "no usable key at /id"),
        ("start", json!(null), "no instant at /start"),
        ("start", json!("2026-01-01"), "no instant at /start"),
    ] {
        let mut record = good.clone();
        record[at] = value;
        assert_eq!(normalise::document(sleep, record, &TimeZone::UTC).unwrap_err().reason, reason);
    }
    assert!(normalise::document(sleep, json!([]), &TimeZone::UTC).is_err());
    assert!(normalise::document(sleep, json!("x"), &TimeZone::UTC).is_err());
}

#[test]
fn one_bad_part_takes_nothing_else_with_it() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let sleep = find_kind("whoop.sleep").unwrap().1;
    let good = json!({ "id": "a", "start": "2026-11-21T04:00:00Z", "end": "2026-11-21T12:00:00Z", "timezone_offset": "+01:00" });
    for (at, value, day, offset, has_end) in [
        ("end", json!("later"), "2026-11-21", 3600, false),
        ("end", json!("2025-12-31T00:00:00Z"), "2026-11-21", 3600, false),
        ("timezone_offset", json!(null), "2026-11-21", -18_000, true),
        ("timezone_offset", json!("CET "), "2026-11-21", 3600, true),
        ("timezone_offset", json!("somewhere"), "2026-11-21", -18_000, true),
        ("timezone_offset", json!(60), "2026-11-21", -18_000, true),
        ("timezone_offset", json!("-0800"), "2026-11-21", -28_800, true),
    ] {
        let mut record = good.clone();
        record[at] = value.clone();
        let document = normalise::document(sleep, record, &zone).unwrap();
        let told =
            (document.day.unwrap().to_string(), document.offset.unwrap().seconds(), document.end.is_some());
        assert_eq!(told, (day.to_owned(), offset, has_end), "{at}: {value}");
        assert_eq!(document.inferred.is_some(), offset == -18_000, "{at}: {value}");
    }
    for (kind, record, day) in [
        (
            "oura.sleep",
            json!({ "id": "b", "day": ["no"], "bedtime_start": "2026-11-20T23:00:00-05:00", "bedtime_end": "2026-11-21T06:00:00-05:00" }),
            "2026-11-21",
        ),
        (
            "oura.sleep",
            json!({ "id": "b", "bedtime_start": "2026-11-20T23:00:00", "bedtime_end": 17 }),
            "2026-11-21",
        ),
        ("oura.workout", json!({ "id": "b", "start_datetime": "2026-11-20T23:00:00-05:00" }), "2026-11-20"),
        ("oura.daily_sleep", json!({ "id": "b", "timestamp": "2026-11-20T00:00:00-05:00" }), "2026-11-20"),
        (
            "withings.workout",
            json!({ "id": 7, "startdate": 1_795_000_000, "timezone": "Mars/Base" }),
            "2026-11-18",
        ),
    ] {
        let document = normalise::document(find_kind(kind).unwrap().1, record, &zone).unwrap();
        assert_eq!(document.day.unwrap().to_string(), day, "{kind}");
    }
}

#[test]
fn a_wrong_type_is_no_value_and_harms_nothing_else() {
    let sleep = find_kind("whoop.sleep").unwrap().1;
    let record = json!({
        "id": "a", "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T08:00:00Z", "timezone_offset": "+01:00",
        "nap": "yes", "score": { "respiratory_rate": "fast", "stage_summary": { "total_in_bed_time_milli": 28_800_000 } },
    });
    let document = normalise::document(sleep, record, &TimeZone::UTC).unwrap();
    let flat = flatten::flat(sleep, &document);
    let column = |name: &str| &flat[sleep.fields.iter().position(|field| field.name == name).unwrap()];
    assert_eq!(column("respiratory_rate"), &Value::Null);
    assert_eq!(column("in_bed_seconds"), &json!(28_800.0));
    let facts = normalise::facts(sleep, &document, &flat).values;
    assert_eq!(
        facts.iter().map(|fact| fact.metric).collect::<Vec<_>>(),
        ["time_in_bed", "sleep_start", "sleep_end"],
        "no total from parts that are missing"
    );
}
