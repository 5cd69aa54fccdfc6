//! Signals out of small mirrors: found by either id, summarised, paged exactly, and missed with a reason.

use serde_json::{Value, json};

use super::*;
use crate::{error::Code, query::testkit::Mirror};

/// Sunday's ECG with a cuff, its signal, and a reading of the cuff alone.
fn recorded() -> Mirror {
    let mirror = Mirror::new();
    let cuff = json!({ "systole": 121, "diastole": 78 });
    mirror.put(
        "withings.heart",
        &[
            json!({ "timestamp": 1_773_568_800, "deviceid": "d1", "model": 44, "heart_rate": 64,
                "ecg": { "signalid": 48, "afib": 2 }, "bloodpressure": cuff, "modified": 1_773_568_805 }),
            json!({ "timestamp": 1_773_655_200, "deviceid": "d1", "model": 44, "heart_rate": 60,
                "ecg": {}, "bloodpressure": cuff, "modified": 1_773_655_205 }),
            json!({ "timestamp": 1_773_741_600, "deviceid": "d2", "model": 93, "heart_rate": 71,
                "ecg": { "signalid": 50, "afib": 0 }, "modified": 1_773_741_605 }),
        ],
    );
    mirror.put(
        "withings.signal",
        &[json!({ "signalid": "48", "recording_id": "1773568800/d1", "signal": [3, -2, null, 7, 1000, -40],
            "sampling_frequency": 500, "wearposition": 3, "heart_rate": { "value": 64 } })],
    );
    mirror
}

fn asked(mirror: &Mirror, args: &SignalArgs) -> Result<Value> {
    let context = mirror.signed_in_to(&["withings"]);
    Ok(serde_json::to_value(args.ask(&context)?).unwrap())
}

fn args(kind: &str, id: &str, samples: Wanted) -> SignalArgs {
    SignalArgs { kind: kind.into(), id: id.into(), samples, ..SignalArgs::default() }
}

#[test]
fn a_signal_is_found_by_either_id_and_summarised() {
    let mirror = recorded();
    for id in ["48", "1773568800/d1"] {
        let answer = asked(&mirror, &args("ecg", id, Wanted::None)).unwrap();
        let signal = &answer["signal"];
        for (name, expected) in [
            ("kind", json!("ecg")),
            ("provider", json!("withings")),
            ("id", json!("48")),
            ("recording_id", json!("1773568800/d1")),
            ("recording_kind", json!("withings.heart")),
            ("duration_seconds", json!(0.012)),
            ("sampling_frequency_hz", json!(500.0)),
            ("sample_count", json!(6)),
            ("unit", json!("uV")),
            ("min", json!(-40.0)),
            ("max", json!(1000.0)),
            ("median", json!(3.0)),
            ("heart_rate_bpm", json!(64)),
            ("model", json!("BPM Core")),
            ("device_id", json!("d1")),
            ("position", json!("left_arm")),
        ] {
            assert_eq!(signal[name], expected, "{name}");
        }
        assert!(signal["start"].as_str().unwrap().starts_with("2026-03-15T10:00:00"), "{signal}");
        assert_eq!(signal["classification"]["by"], "Withings");
        assert_eq!(signal["classification"]["findings"], json!({ "afib": "inconclusive" }));
        assert_eq!((answer.get("samples"), &answer["truncated"]), (None, &json!(false)));
    }
}

#[test]
fn pages_of_samples_join_without_a_gap_and_missing_ones_are_null() {
    let mirror = recorded();
    let whole = asked(&mirror, &args("ecg", "48", Wanted::All)).unwrap();
    assert_eq!(whole["samples"], json!([3, -2, null, 7, 1000, -40]));
    assert_eq!((&whole["next_cursor"], &whole["first_sample"]), (&Value::Null, &json!(0)));
    for (limit, max_bytes, pages) in
        [(4, None, 2), (1, None, 6), (6, None, 1), (9, Some(10), 3), (9, Some(1), 6)]
    {
        let mut ask = args("ecg", "48", Wanted::AtMost(limit));
        ask.max_bytes = max_bytes;
        let (mut joined, mut turns) = (Vec::new(), 0);
        loop {
            let page = asked(&mirror, &ask).unwrap();
            assert_eq!(page["first_sample"], json!(joined.len()));
            joined.extend(page["samples"].as_array().unwrap().clone());
            turns += 1;
            assert_eq!(page["truncated"], json!(!page["next_cursor"].is_null()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            ask.cursor = Some(cursor.to_owned());
        }
        assert_eq!((Value::from(joined), turns), (whole["samples"].clone(), pages), "{limit} {max_bytes:?}");
    }
    let mut other = args("ecg", "50", Wanted::All);
    other.cursor = asked(&mirror, &args("ecg", "48", Wanted::AtMost(1))).unwrap()["next_cursor"]
        .as_str()
        .map(str::to_owned);
    assert_eq!(asked(&mirror, &other).unwrap_err().code, Code::ValidationError);
}

#[test]
fn what_is_not_there_is_told_apart() {
    let mirror = recorded();
    for (kind, id, code, message, hint) in [
        ("ecg", "1773655200/d1", Code::NotFound, "has no ECG signal", "withings.heart"),
        ("ecg", "50", Code::NotFound, "is not here yet", "vitals-mcp sync withings --resource signal"),
        ("ecg", "1773741600/d2", Code::NotFound, "is not here yet", "met its phone"),
        (
            "ecg",
            "999",
            Code::NotFound,
            "no ECG signal has the given id",
            "list_records {\"kind\": \"withings.heart\"",
        ),
        ("stetho", "48", Code::NotFound, "no Stethoscope signal", "withings.stetho"),
        ("eeg", "48", Code::ValidationError, "'eeg'", "ecg, stetho"),
    ] {
        let error = asked(&mirror, &args(kind, id, Wanted::None)).unwrap_err();
        assert_eq!(error.code, code, "{kind} {id}");
        assert!(error.message.contains(message) && error.hint.contains(hint), "{kind} {id}: {error:?}");
    }
    let nobody = Mirror::new();
    let error = args("ecg", "48", Wanted::None).ask(&nobody.signed_in_to(&[])).unwrap_err();
    assert!(error.hint.contains("vitals-mcp auth withings"), "{error:?}");
}

#[test]
fn only_what_is_not_here_is_fetched() {
    let mirror = recorded();
    let context = mirror.signed_in_to(&["withings"]);
    let need = |id: &str| {
        let need = args("ecg", id, Wanted::None).needed(&context).unwrap();
        need.resources.iter().map(|(_, resource)| resource.name).collect::<Vec<_>>()
    };
    assert_eq!(need("48"), Vec::<&str>::new());
    assert_eq!(need("999"), ["heart", "measure", "sleep", "workout", "signal"]);
}
