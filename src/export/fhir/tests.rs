//! Records as Observations: codes, panels, parts and signals, and ids and states that follow the record.

use serde_json::{Value, json};

use crate::{
    export::{Ask, Destination, Format, export},
    query::{
        TablesArgs,
        testkit::{Mirror, context, cycle, night, recovery, sleep, workout},
    },
};

/// The Observations of a kind, as lines.
fn lines(mirror: &Mirror, kind: &str, since: Option<i64>) -> Vec<Value> {
    text(mirror, kind, since, false).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(mirror: &Mirror, kind: &str, since: Option<i64>, bundle: bool) -> String {
    let context = context(&["whoop", "withings"], Some(&mirror.store), "2026-03-18T09:05:00Z");
    let what = TablesArgs {
        kind: kind.to_owned(),
        since: since.map(|seq| format!("seq:{seq}")),
        ..TablesArgs::default()
    };
    let ask = Ask { what, format: Format::Fhir, overwrite: true, partitioned: false, bundle };
    let path = mirror.home.path().join("out");
    export(&context, &ask, &Destination::Anywhere(path.clone()), &mut |_, _| Ok(())).unwrap();
    std::fs::read_to_string(path).unwrap()
}

fn of<'a>(all: &'a [Value], metric: &str) -> &'a Value {
    let is = |one: &&Value| {
        one["code"]["coding"].as_array().unwrap().iter().any(|coding| coding["code"] == metric)
    };
    all.iter().find(is).unwrap_or_else(|| panic!("no {metric}"))
}

fn loinc(one: &Value) -> Vec<&str> {
    let all = one["code"]["coding"].as_array().unwrap().iter();
    all.filter(|coding| coding["system"] == "http://loinc.org")
        .map(|coding| coding["code"].as_str().unwrap())
        .collect()
}

#[test]
fn a_night_and_what_follows_from_it() {
    let mirror = Mirror::new();
    night(&mirror, 17);
    let sleep = lines(&mirror, "whoop.sleep", None);
    let asleep = of(&sleep, "total_sleep_time");
    assert_eq!(loinc(asleep), ["93832-4"]);
    assert_eq!(asleep["valueQuantity"]["value"], 450);
    assert_eq!(asleep["valueQuantity"]["code"], "min");
    assert_eq!(
        asleep["effectivePeriod"],
        json!({ "start": "2026-03-16T22:30:00+01:00", "end": "2026-03-17T06:30:00+01:00" })
    );
    assert_eq!(asleep["category"][0]["coding"][0]["code"], "activity");
    let breaths = of(&sleep, "respiratory_rate");
    assert_eq!((loinc(breaths), &breaths["valueQuantity"]["code"]), (vec!["9279-1"], &json!("/min")));
    assert_eq!(breaths["category"][0]["coding"][0]["code"], "vital-signs");
    assert!(!sleep.iter().any(|one| one["valueQuantity"]["code"] == "instant"));
    let recovery = lines(&mirror, "whoop.recovery", None);
    assert!(loinc(of(&recovery, "heart_rate_variability_rmssd")).is_empty());
    assert_eq!(loinc(of(&recovery, "resting_heart_rate")), ["40443-4"]);
    assert_eq!(loinc(of(&recovery, "oxygen_saturation")), ["59408-5", "2708-6"]);
    // A cycle is no calendar day, and the code for 24 hours is not its code.
    let cycle = lines(&mirror, "whoop.cycle", None);
    let energy = of(&cycle, "total_energy");
    assert_eq!((loinc(energy), &energy["valueQuantity"]["code"]), (vec![], &json!("kcal")));
}

#[test]
fn ids_and_states_follow_the_record() {
    let mirror = Mirror::new();
    night(&mirror, 16);
    mirror.put("whoop.cycle", &[cycle(17, "2026-03-17T21:30:00.000Z", None)]);
    let before = lines(&mirror, "whoop.recovery", None);
    let seq = mirror.store.last_seq().unwrap();
    let open = lines(&mirror, "whoop.cycle", None);
    let states: Vec<&str> = open.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["final", "final", "preliminary", "preliminary"]);
    let mut again = recovery(16, "s16");
    again["score"]["resting_heart_rate"] = json!(51);
    mirror.put_at("whoop.recovery", &[again], "2026-03-18T09:01:00Z", None);
    mirror.store.remove("whoop", "sleep", &["s16".to_owned()], 1_773_900_000_000).unwrap();
    let after = lines(&mirror, "whoop.recovery", None);
    let (old, new) = (of(&before, "resting_heart_rate"), of(&after, "resting_heart_rate"));
    assert_eq!(old["id"], new["id"]);
    assert_eq!((&old["status"], &new["status"]), (&json!("final"), &json!("amended")));
    assert_eq!(new["valueQuantity"]["value"], 51);
    // What is gone is said to be, where changes are asked for, and not given otherwise.
    assert!(lines(&mirror, "whoop.sleep", None).is_empty());
    let gone = lines(&mirror, "whoop.sleep", Some(seq));
    assert!(!gone.is_empty() && gone.iter().all(|one| one["status"] == "entered-in-error"));
    for one in before.iter().chain(&gone) {
        let id = one["id"].as_str().unwrap();
        assert!(id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
    }
}

fn measured(group: i64, kind: i64, value: i64, at: i64) -> Value {
    json!({
        "grpid": group, "attrib": 0, "date": at, "created": at, "modified": at, "category": 1,
        "deviceid": "d", "model": "BPM Connect", "modelid": 45, "timezone": "Europe/Berlin",
        "measure": { "value": value, "type": kind, "unit": 0 },
    })
}

#[test]
fn a_blood_pressure_is_one_panel() {
    let mirror = Mirror::new();
    let at = 1_773_800_000;
    mirror.put(
        "withings.measure",
        &[
            measured(1, 9, 81, at),
            measured(1, 10, 127, at),
            measured(1, 11, 62, at),
            measured(2, 10, 131, at + 60),
            json!({
                "grpid": 3, "attrib": 0, "date": at, "created": at, "modified": at, "category": 1,
                "timezone": "Europe/Berlin", "measure": { "value": 181, "type": 4, "unit": -2 },
            }),
        ],
    );
    let all = lines(&mirror, "withings.measure", None);
    assert_eq!(all.len(), 4, "{all:?}");
    let panels: Vec<&Value> = all.iter().filter(|one| loinc(one) == ["85354-9"]).collect();
    let sides = |panel: &Value| {
        let part = |at: usize| {
            let part = &panel["component"][at];
            (part["code"]["coding"][0]["code"].clone(), part["valueQuantity"]["value"].clone())
        };
        (part(0), part(1))
    };
    assert_eq!(sides(panels[0]), ((json!("8480-6"), json!(127)), (json!("8462-4"), json!(81))));
    assert_eq!(sides(panels[1]), ((json!("8480-6"), json!(131)), (json!("8462-4"), Value::Null)));
    assert_eq!(panels[1]["component"][1]["dataAbsentReason"]["coding"][0]["code"], "unknown");
    assert!(panels.iter().all(|panel| panel.get("valueQuantity").is_none()));
    let height = of(&all, "height");
    assert_eq!(height["valueQuantity"]["value"], 181);
    assert_eq!(height["valueQuantity"]["code"], "cm");
    assert_eq!(of(&all, "heart_rate")["device"]["display"], "Withings BPM Connect");
}

#[test]
fn a_workout_has_its_parts() {
    let mirror = Mirror::new();
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", "running")],
    );
    let all = lines(&mirror, "whoop.workout", None);
    assert_eq!((all.len(), loinc(&all[0])), (1, vec!["73985-4"]));
    assert_eq!(all[0]["valueCodeableConcept"]["text"], "running");
    let parts: Vec<(&Value, &Value)> = all[0]["component"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (&part["code"]["coding"][0]["code"], &part["valueQuantity"]["value"]))
        .collect();
    assert_eq!(
        parts,
        [
            (&json!("55411-3"), &json!(48)),
            (&json!("55424-6"), &json!(511)),
            (&json!("55425-3"), &json!(142)),
            (&json!("55426-1"), &json!(176))
        ]
    );
}

#[test]
fn an_ecg_is_sampled_data() {
    let mirror = Mirror::new();
    mirror.put(
        "withings.heart",
        &[json!({
            "deviceid": "d", "model": 93, "timestamp": 1_773_800_000, "modified": 1_773_800_100,
            "ecg": { "signalid": 7, "afib": 0 }, "heart_rate": 61,
        })],
    );
    mirror.put(
        "withings.signal",
        &[json!({
            "signalid": 7, "recording_id": "1773800000/d", "sampling_frequency": 300, "wearposition": 1,
            "model": 93, "signal": [-12, 0, 250],
        })],
    );
    let all = lines(&mirror, "withings.signal", None);
    assert_eq!(all.len(), 1);
    let data = &all[0]["valueSampledData"];
    assert_eq!((&data["data"], &data["origin"]["code"]), (&json!("-12 0 250"), &json!("uV")));
    assert!((data["period"].as_f64().unwrap() - 3.333).abs() < 0.001);
    assert_eq!(all[0]["code"]["coding"][0]["code"], "131328");
    assert!(all[0]["effectiveDateTime"].is_string(), "{}", all[0]);
    let finding = lines(&mirror, "withings.heart", None);
    assert_eq!(finding[0]["valueCodeableConcept"]["coding"][0]["code"], "negative");
    assert!(loinc(&finding[0]).is_empty(), "a finding of a device is no diagnosis");
}

#[test]
fn a_bundle_is_one_document_also_when_it_is_empty() {
    let mirror = Mirror::new();
    let bundle = |kind| -> Value { serde_json::from_str(&text(&mirror, kind, None, true)).unwrap() };
    let empty = bundle("whoop.sleep");
    assert_eq!((&empty["type"], empty.get("entry")), (&json!("collection"), None));
    mirror.put("whoop.sleep", &[sleep("a", 1, "2026-03-16T21:30:00.000Z", "2026-03-17T05:30:00.000Z")]);
    let full = bundle("whoop.sleep");
    let entries = full["entry"].as_array().unwrap();
    assert!(entries.len() > 5);
    for entry in entries {
        let id = entry["resource"]["id"].as_str().unwrap();
        assert_eq!(entry["fullUrl"], format!("urn:uuid:{id}"));
    }
}
