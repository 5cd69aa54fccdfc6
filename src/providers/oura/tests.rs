//! What the standard suite does not see: requests, times without an offset, what is moved and what is kept.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::PROVIDER;
use crate::{
    model::{Document, Session},
    providers::{
        catalogue::Resource,
        flatten, normalise,
        request::{Asked, Span, by_id_call, list_call},
    },
};

fn resource(name: &str) -> &'static Resource {
    PROVIDER.resources.iter().find(|resource| resource.name == name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn query(name: &str, asked: &Asked, token: Option<&str>) -> (String, Vec<String>) {
    let call = list_call(resource(name), asked, token);
    (call.path, call.query.iter().map(|(name, value)| format!("{name}={value}")).collect())
}

#[test]
fn a_window_of_days_is_asked_for_two_days_wider() {
    let span = Asked::Span(Span { from: at("2026-01-01T00:00:00Z"), to: Some(at("2026-01-25T23:00:00Z")) });
    assert_eq!(
        query("vo2_max", &span, Some("abc")),
        (
            "/v2/usercollection/vO2_max".to_owned(),
            ["start_date=2025-12-30", "end_date=2026-01-27", "next_token=abc"].map(str::to_owned).to_vec()
        )
    );
    assert_eq!(
        query("heartrate", &span, None).1,
        ["start_datetime=2026-01-01T00:00:00.000Z", "end_datetime=2026-01-25T23:00:00.000Z"]
    );
}

#[test]
fn what_has_no_window_is_asked_for_without_one() {
    assert_eq!(query("ring_configuration", &Asked::Now, Some("x")).1, ["next_token=x"]);
    assert_eq!(query("personal_info", &Asked::Now, None).1, Vec::<String>::new());
}

#[test]
fn every_document_can_be_asked_for_by_its_id_and_no_row() {
    let without: Vec<&str> = PROVIDER
        .resources
        .iter()
        .filter(|resource| by_id_call(resource, "x").is_none())
        .map(|resource| resource.name)
        .collect();
    assert_eq!(without, ["personal_info", "heartrate", "ring_battery_level"]);
}

#[test]
fn a_tag_without_an_offset_keeps_its_day() {
    let read = |start: &str, end: Value| {
        let tag = json!({ "id": "a", "start_day": "2026-11-19", "start_time": start, "end_time": end });
        normalise::document(resource("enhanced_tag"), tag, &jiff::tz::TimeZone::UTC)
    };
    let tag = read("2026-11-19T21:15:00", json!("2026-11-20T06:00:00")).unwrap();
    assert_eq!(tag.day.unwrap().to_string(), "2026-11-19");
    assert_eq!((tag.start, tag.end), (Some(at("2026-11-19T21:15:00Z")), Some(at("2026-11-20T06:00:00Z"))));
    assert_eq!(tag.offset, None);
    let tag = read("2026-11-19T21:15:00.000-06:00", Value::Null).unwrap();
    assert_eq!(tag.start, Some(at("2026-11-20T03:15:00Z")));
    assert_eq!(tag.offset.map(jiff::tz::Offset::seconds), Some(-21_600));
    assert_eq!(read("2026-11-19", Value::Null).unwrap_err().reason, "no instant at /start_time");
    assert_eq!(read("soon", Value::Null).unwrap_err().reason, "no instant at /start_time");
}

#[test]
fn the_present_ring_is_the_one_set_up_last() {
    let ring = |set_up_at: Value| {
        normalise::document(
            resource("ring_configuration"),
            json!({ "id": "a", "set_up_at": set_up_at }),
            &jiff::tz::TimeZone::UTC,
        )
        .unwrap()
    };
    assert!(ring(json!("2026-07-20T06:30:00.000Z")).start > ring(json!("2023-02-03T09:15:00.000Z")).start);
    assert_eq!((ring(Value::Null).start, ring(Value::Null).day), (None, None));
}

fn night(kind: &str) -> Document {
    let start = "2026-11-17T23:12:00-06:00";
    let night = json!({
        "id": "a", "day": "2026-11-18", "type": kind, "bedtime_start": start,
        "bedtime_end": "2026-11-18T07:57:00-06:00", "total_sleep_duration": 26_700, "sleep_phase_5_min": "42",
        "sleep_phase_30_sec": "4422", "heart_rate": { "interval": 300.0, "items": [54.0], "timestamp": start },
        "meta": { "version": 1 },
    });
    normalise::document(resource("sleep"), night, &jiff::tz::TimeZone::UTC).unwrap()
}

#[test]
fn series_leave_the_body_only_when_they_became_samples() {
    let sleep = resource("sleep");
    let stored = |kind| {
        let night = night(kind);
        let samples = normalise::facts(sleep, &night, &flatten::flat(sleep, &night)).samples.len();
        let body = normalise::stored_body(sleep, night.session, night.body);
        (night.session, samples, body.get("heart_rate").is_some(), body.get("sleep_phase_5_min").is_some())
    };
    assert_eq!(stored("long_sleep"), (Session::Main, 4, false, true));
    assert_eq!(stored("late_nap"), (Session::Nap, 4, false, true));
    assert_eq!(stored("deleted"), (Session::Rejected, 0, true, true));
}

#[test]
fn what_a_revision_of_the_api_adds_is_no_change_of_the_data() {
    let hash = |body: &Value| crate::model::document::content_hash(body, resource("sleep").volatile);
    let mut body = night("long_sleep").body;
    let before = hash(&body);
    body["meta"]["version"] = json!(2);
    assert_eq!(hash(&body), before);
    body["total_sleep_duration"] = json!(26_730);
    assert_ne!(hash(&body), before);
}

#[test]
fn a_night_that_goes_on_says_when_it_began() {
    let open = json!({
        "id": "a", "day": "2026-11-18", "type": "long_sleep", "bedtime_start": "2026-11-17T23:12:00-06:00",
        "bedtime_end": null, "time_in_bed": 0, "total_sleep_duration": 0,
    });
    let open = normalise::document(resource("sleep"), open, &jiff::tz::TimeZone::UTC).unwrap();
    let facts = normalise::facts(resource("sleep"), &open, &flatten::flat(resource("sleep"), &open)).values;
    assert_eq!(facts.iter().map(|fact| fact.metric).collect::<Vec<_>>(), ["sleep_start"]);
}
