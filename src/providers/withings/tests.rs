//! What the standard suite cannot ask: values that must be exact, and rows that must not feed anything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::PROVIDER;
use crate::{
    model::{Document, Session},
    providers::{
        catalogue::Resource,
        flatten, intervals, normalise,
        page::{self, Page, read_page},
        request::{self, Asked},
    },
};

fn resource(name: &str) -> &'static Resource {
    PROVIDER.resource(name).unwrap()
}

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/withings/{path}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn documents(name: &str, body: &[u8]) -> Vec<Document> {
    let page = read_page(resource(name), body).unwrap();
    page.records
        .into_iter()
        .map(|record| normalise::document(resource(name), record, &jiff::tz::TimeZone::UTC).unwrap())
        .collect()
}

fn column(name: &str, document: &Document, field: &str) -> Value {
    let resource = resource(name);
    let at = resource.fields.iter().position(|one| one.name == field).unwrap();
    flatten::flat(resource, document).swap_remove(at)
}

fn facts(name: &str, document: &Document) -> Vec<(&'static str, f64)> {
    let flat = flatten::flat(resource(name), document);
    normalise::facts(resource(name), document, &flat)
        .values
        .iter()
        .map(|fact| (fact.metric, fact.value))
        .collect()
}

fn measure(value: &Value) -> Document {
    let record = json!({ "grpid": 1, "date": 1_775_000_000, "timezone": "Europe/Paris", "measure": value });
    normalise::document(resource("measure"), record, &jiff::tz::TimeZone::UTC).unwrap()
}

#[test]
fn values_are_placed_and_not_multiplied() {
    for (value, unit, shown) in [
        (72_450, -3, "72.45"),
        (72_450, -2, "724.5"),
        (7_012_345, -5, "70.12345"),
        (1, 3, "1000.0"),
        (80, 0, "80.0"),
        (-15, -1, "-1.5"),
        (3, -1, "0.3"),
        (29, -2, "0.29"),
    ] {
        let document = measure(&json!({ "value": value, "unit": unit, "type": 1 }));
        assert_eq!(column("measure", &document, "value").to_string(), shown);
        assert_eq!(facts("measure", &document)[0].1.to_string(), shown.trim_end_matches(".0"));
    }
    for bad in [
        json!({ "value": 1, "type": 1 }),
        json!({ "value": "1", "unit": 0, "type": 1 }),
        json!({ "value": 1, "unit": 99, "type": 1 }),
    ] {
        let document = measure(&bad);
        assert_eq!(column("measure", &document, "value"), Value::Null, "{bad}");
        assert!(facts("measure", &document).is_empty());
    }
}

#[test]
fn a_body_scan_is_one_row_for_each_type_and_position() {
    let rows = documents("measure", &fixture("measure/body_scan"));
    let of = |kind: &str| rows.iter().filter(|row| column("measure", row, "measure") == kind).count();
    assert_eq!((of("fat_free_mass"), of("fat_mass")), (1, 1), "listed twice, stored once");
    assert_eq!((of("fat_free_mass_of_segment"), of("muscle_mass_of_segment")), (5, 5));
    let segments = rows.iter().filter(|row| column("measure", row, "measure") == "fat_mass_of_segment");
    let positions: Vec<Value> = segments.map(|row| column("measure", row, "position")).collect();
    assert_eq!(positions, ["torso", "left_leg", "right_leg", "left_arm", "right_arm"]);
    let fed: Vec<_> = rows.iter().flat_map(|row| facts("measure", row)).map(|(metric, _)| metric).collect();
    assert_eq!(fed.iter().filter(|metric| **metric == "fat_free_mass").count(), 1, "{fed:?}");
    assert!(fed.contains(&"visceral_fat_index") && fed.contains(&"basal_metabolic_rate"));
}

#[test]
fn groups_of_one_moment_stay_apart_and_share_a_weigh_in() {
    let rows = documents("measure", &fixture("measure/weigh_in_and_more"));
    assert_eq!(rows.len(), 12);
    let first = column("measure", &rows[0], "weigh_in");
    assert_eq!(first, format!("1772926200/{}", "a1b2c3d4".repeat(5)));
    assert!(rows.iter().all(|row| column("measure", row, "weigh_in") == first));
    let waves: Vec<f64> = rows
        .iter()
        .flat_map(|row| facts("measure", row))
        .filter(|(metric, _)| *metric == "pulse_wave_velocity")
        .map(|(_, value)| value)
        .collect();
    assert_eq!(waves, [6.411], "not the feet's");
}

#[test]
fn guests_and_goals_are_kept_and_feed_nothing() {
    let rows = documents("measure", &fixture("measure/guest_and_goal"));
    assert_eq!(rows.len(), 3);
    for row in &rows {
        assert_eq!((row.session, facts("measure", row)), (Session::Rejected, Vec::new()));
        assert_eq!(column("measure", row, "left_out"), true);
    }
    assert_eq!(column("measure", &rows[0], "attribution"), "device_ambiguous");
    assert_eq!(column("measure", &rows[2], "category"), "goal");
}

#[test]
fn only_a_thermometer_takes_a_bodys_temperature() {
    for (model, fed) in [(70, true), (71, true), (4, false), (22, false)] {
        let mut document = measure(&json!({ "value": 215, "unit": -1, "type": 12 }));
        document.body["modelid"] = json!(model);
        assert_eq!(!facts("measure", &document).is_empty(), fed, "{model}");
    }
    assert!(facts("measure", &measure(&json!({ "value": 215, "unit": -1, "type": 12 }))).is_empty());
    assert_eq!(
        facts("measure", &measure(&json!({ "value": 367, "unit": -1, "type": 71 }))),
        [("body_temperature", 36.7)]
    );
}

#[test]
fn a_group_without_a_zone_has_the_accounts() {
    let rows = documents("measure", &fixture("measure/absent_and_null"));
    let days: Vec<String> = rows.iter().map(|row| row.day.unwrap().to_string()).collect();
    // 04:03 to 04:36 in London: still the evening before in New York, the afternoon in Adelaide.
    assert_eq!(days, ["2020-01-24", "2020-01-24", "2020-01-24", "2020-01-24", "2020-01-25"]);
}

#[test]
fn the_accounts_zone_is_no_change_of_a_measurement() {
    let hash = |zone: &str| {
        let mut reply: Value = serde_json::from_slice(&fixture("measure/absent_and_null")).unwrap();
        reply["body"]["timezone"] = json!(zone);
        let rows = documents("measure", reply.to_string().as_bytes());
        crate::model::document::content_hash(&rows[0].body, resource("measure").volatile)
    };
    assert_eq!(hash("America/New_York"), hash("Asia/Tokyo"));
}

#[test]
fn a_relay_is_marked_and_ranked_last() {
    let rows = documents("activity", &fixture("activity/watch_and_relays_and_more"));
    let sessions: Vec<Session> = rows.iter().map(|row| row.session).collect();
    assert_eq!(sessions, [Session::Main, Session::Relayed, Session::Relayed]);
    assert_eq!(column("activity", &rows[1], "relayed"), true);
    let steps = |row: &Document| facts("activity", row).iter().find(|(m, _)| *m == "steps").unwrap().1;
    let readings: Vec<_> = rows
        .iter()
        .map(|row| crate::model::metric::Reading { value: steps(row), length: 0, session: row.session })
        .collect();
    let per_day = crate::model::metric::find("steps").unwrap().per_day;
    assert_eq!(per_day.of(&readings), Some(8124.0));
    assert_eq!(per_day.of(&readings[1..]), Some(1209.0), "on a day without the watch");
}

#[test]
fn night_events_are_counted_from_each_other() {
    let rows = documents("sleep", &fixture("sleep/night_and_nap_and_more"));
    assert_eq!(
        column("sleep", &rows[0], "night_events"),
        json!({
            "in_bed": ["2026-03-07T22:55:00Z", "2026-03-08T06:00:00Z"],
            "asleep": ["2026-03-07T23:15:00Z", "2026-03-08T06:05:00Z"],
            "awake": ["2026-03-08T05:50:00Z", "2026-03-08T06:50:00Z"],
            "out_of_bed": ["2026-03-08T05:55:00Z", "2026-03-08T06:55:00Z"],
        })
    );
    for (events, shown) in [
        (json!({ "1": [60] }), json!({ "in_bed": ["2026-03-07T22:56:00Z"] })),
        (json!(null), Value::Null),
        (json!([]), Value::Null),
        (json!("[]"), Value::Null),
        (json!("{"), Value::Null),
        (json!({ "1": ["x"] }), Value::Null),
        (json!({ "1": [i64::MAX] }), Value::Null),
        (json!({ "8": [0] }), json!({ "event_8": ["2026-03-07T22:55:00Z"] })),
    ] {
        let mut night = rows[0].clone();
        night.body["data"]["night_events"] = events.clone();
        assert_eq!(column("sleep", &night, "night_events"), shown, "{events}");
    }
}

#[test]
fn a_short_sleep_by_day_is_a_nap() {
    let session = |zone: &str, start: &str, minutes: i64| {
        let start: jiff::Timestamp = start.parse().unwrap();
        let record = json!({
            "id": 1, "timezone": zone, "date": "2026-03-08",
            "startdate": start.as_second(), "enddate": start.as_second() + 60 * minutes,
        });
        normalise::document(resource("sleep"), record, &jiff::tz::TimeZone::UTC).unwrap().session
    };
    for (start, minutes, expected) in [
        ("2026-03-08T13:00:00Z", 60, Session::Nap),
        ("2026-03-08T13:00:00Z", 180, Session::Main),
        ("2026-03-08T07:59:00Z", 60, Session::Main),
        ("2026-03-08T08:00:00Z", 60, Session::Nap),
        ("2026-03-08T18:59:00Z", 60, Session::Nap),
        // Over by midnight: no part of the night that ended that morning.
        ("2026-03-08T19:00:00Z", 60, Session::Nap),
        ("2026-03-08T21:59:00Z", 60, Session::Nap),
        ("2026-03-08T22:01:00Z", 60, Session::Main),
        ("2026-03-08T19:00:00Z", 180, Session::Main),
        ("2026-03-08T02:00:00Z", 60, Session::Main),
    ] {
        assert_eq!(session("Europe/Paris", start, minutes), expected, "{start} {minutes}");
    }
    assert_eq!(session("Asia/Tokyo", "2026-03-08T02:00:00Z", 60), Session::Nap);
}

fn night() -> Page {
    read_page(resource("sleep_detail"), &fixture("sleep_detail/night")).unwrap()
}

fn stages(records: &[Value]) -> Vec<(i64, f64)> {
    let crate::providers::catalogue::Keep::Stretch(stretch) = &resource("sleep_detail").keep else {
        panic!()
    };
    let (samples, _) = intervals::samples(stretch, records.iter());
    let stages = samples.into_iter().filter(|sample| sample.metric == "sleep_stage");
    stages.map(|sample| (sample.at_ms / 1000 - 1_772_924_100, sample.value)).collect()
}

#[test]
fn slices_of_one_state_are_one_stage_and_gaps_are_out_of_bed() {
    let runs = [(0, 0.0), (120, 1.0), (360, 2.0), (480, 5.0), (900, 3.0), (1020, 5.0)];
    let mut records = night().records;
    assert_eq!(stages(&records), runs);
    records.reverse();
    assert_eq!(stages(&records), runs, "whatever their order");
}

#[test]
fn the_detail_of_another_device_is_left_to_its_own_night() {
    let summary = json!({ "model_id": 63, "hash_deviceid": "e5f6a7b8".repeat(5) });
    let detail = resource("sleep_detail");
    let about = request::about(detail, "1", &summary, Some(0), Some(1000)).unwrap();
    assert_eq!(
        about.parameters,
        [("startdate".to_owned(), "0".to_owned()), ("enddate".to_owned(), "1".to_owned())]
    );
    let mut records = night().records;
    let count = records.len();
    let mut watch = records[0].clone();
    watch["model_id"] = json!(93);
    let mut unnamed = records[0].clone();
    unnamed["model_id"] = json!(null);
    records.extend([watch, unnamed]);
    assert_eq!(page::belonging(detail, &Asked::Record(about), records).len(), count + 1);
}

#[test]
fn more_and_offset_in_all_their_forms() {
    for (body, next) in [
        (json!({ "more": 1, "offset": 300 }), Ok(Some("300"))),
        (json!({ "more": true, "offset": 300 }), Ok(Some("300"))),
        (json!({ "more": true, "offset": "300" }), Ok(Some("300"))),
        (json!({ "more": 0, "offset": 0 }), Ok(None)),
        (json!({ "more": false, "offset": 0 }), Ok(None)),
        (json!({ "more": false, "offset": 200 }), Ok(None)),
        (json!({ "offset": 200 }), Ok(None)),
        (json!({}), Ok(None)),
        (json!({ "more": null, "offset": null }), Ok(None)),
        (json!({ "more": true }), Err("there is another page, and no offset to ask for it")),
        (json!({ "more": "yes", "offset": 1 }), Err("it is not clear whether there is another page")),
    ] {
        let mut reply = json!({ "status": 0, "body": body });
        reply["body"]["measuregrps"] = json!([]);
        let page = read_page(resource("measure"), reply.to_string().as_bytes());
        assert_eq!(page.map(|page| page.next), next.map(|next| next.map(str::to_owned)), "{reply}");
    }
}

#[test]
fn an_empty_object_comes_as_a_list() {
    for (name, body) in [("intraday", json!({ "series": [] })), ("goal", json!({ "goals": [] }))] {
        let reply = json!({ "status": 0, "body": body });
        assert_eq!(
            read_page(resource(name), reply.to_string().as_bytes()).unwrap().records,
            Vec::<Value>::new()
        );
    }
}

#[test]
fn a_group_without_values_is_kept() {
    let group = json!({ "grpid": 1, "date": 1_775_000_000, "timezone": "Europe/Paris", "measures": [] });
    let page = |group: &Value| {
        let reply = json!({ "status": 0, "body": { "measuregrps": [group] } });
        documents("measure", reply.to_string().as_bytes())
    };
    assert!(page(&group).is_empty(), "no value, no row");
    let mut without = group;
    without.as_object_mut().unwrap().remove("measures");
    assert_eq!(page(&without)[0].id, "1//");
}

#[test]
fn a_page_repeats_its_parameters() {
    let call = request::list_call(resource("sleep"), &Asked::ModifiedSince(7), Some("300"));
    assert_eq!(call.path, "/v2/sleep");
    let form = call.form.unwrap();
    let value = |name: &str| form.iter().find(|(known, _)| known == name).unwrap().1.as_str();
    assert_eq!((value("action"), value("lastupdate"), value("offset")), ("getsummary", "7", "300"));
    assert!(call.query.is_empty());
}

/// As many as the specification lists for each.
#[test]
fn every_field_there_is_is_asked_for() {
    for (name, count) in
        [("activity", 16), ("intraday", 15), ("workout", 25), ("sleep", 46), ("sleep_detail", 10)]
    {
        let call = request::list_call(resource(name), &Asked::Now, None);
        let form = call.form.unwrap();
        let fields: BTreeSet<&str> =
            form.iter().find(|(known, _)| known == "data_fields").unwrap().1.split(',').collect();
        assert_eq!(fields.len(), count, "{name}");
        let plain =
            |field: &&str| field.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        assert!(fields.iter().all(plain), "{name}: {fields:?}");
    }
}

#[test]
fn a_signal_that_is_not_there_yet() {
    for (body, premature) in [
        (json!({ "signal": [] }), true),
        (json!({ "signal": null }), true),
        (json!({}), true),
        (json!([]), true),
        (json!({ "signal": [1, 2] }), false),
    ] {
        let reply = json!({ "status": 0, "body": body }).to_string();
        assert_eq!(page::is_premature(resource("signal"), reply.as_bytes()), premature, "{reply}");
    }
    let cuff = json!({ "timestamp": 1, "bloodpressure": { "systole": 121 }, "ecg": {} });
    assert!(request::about(resource("signal"), "1/", &cuff, Some(1), None).is_none(), "no ECG, no signal");
}

#[test]
fn every_workout_category_has_a_name() {
    use super::workout_categories::CATEGORIES;
    assert_eq!(CATEGORIES.names.len(), 130);
    assert_eq!(CATEGORIES.of(307).unwrap(), "indoor_running");
    assert_eq!(CATEGORIES.of(569).unwrap(), "category_569");
}
