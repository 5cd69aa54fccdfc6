//! The mirror and the provider hold the same records, whatever happens to them upstream.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use serde_json::{Value, json};
use vitals_mcp::demo::whoop::{Change, Kind, RateWindow};

use crate::{
    harness::Home,
    store::Mirror,
    world::{World, now},
};

const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Sleep, "whoop.sleep", "/id"),
    (Kind::Cycle, "whoop.cycle", "/id"),
    (Kind::Recovery, "whoop.recovery", "/cycle_id"),
    (Kind::Workout, "whoop.workout", "/id"),
];

/// Insists that every record of the provider is here, as it is there, and no other.
#[track_caller]
pub fn assert_mirrors(world: &World) {
    let mirror = Mirror::of(&world.home);
    for (kind, resource, key) in KINDS {
        let there: BTreeMap<String, Value> = world
            .simulation
            .whoop
            .records(kind)
            .into_iter()
            .map(|record| (id(&record, key), record))
            .collect();
        let here = mirror.bodies(resource);
        let missing: Vec<_> = there.keys().filter(|id| !here.contains_key(*id)).collect();
        let extra: Vec<_> = here.keys().filter(|id| !there.contains_key(*id)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{resource}: missing {missing:?}, extra {extra:?}");
        for (id, record) in &there {
            assert_eq!(without_nulls(&here[id]), without_nulls(record), "{resource} {id}");
        }
    }
}

fn id(record: &Value, key: &str) -> String {
    match record.pointer(key) {
        Some(Value::String(text)) => text.clone(),
        Some(number) => number.to_string(),
        None => panic!("no {key} in {record}"),
    }
}

/// The simulation draws anew whether a missing value is sent as null or left out.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect(),
        other => other.clone(),
    }
}

fn sync(home: &Home) {
    home.run(&["sync"]).expect(0);
}

/// A record of the kind that began so many days ago.
fn days_ago(world: &World, kind: Kind, days: i64) -> Value {
    let at = (now() - (24 * days).hours()).to_string();
    let records = world.simulation.whoop.records(kind);
    records.into_iter().find(|record| record["start"].as_str().is_some_and(|start| *start < *at)).unwrap()
}

#[test]
fn everything_arrives_page_by_page() {
    let world = World::connected_to(&["whoop"], 400);
    sync(&world.home);
    assert_mirrors(&world);
    assert_eq!(Mirror::of(&world.home).integrity(), "ok");
}

#[test]
fn a_sleep_scored_again_ten_days_back_changes_with_one_sync() {
    let world = World::connected_to(&["whoop"], 60);
    sync(&world.home);
    let sleep = days_ago(&world, Kind::Sleep, 10);
    let id = sleep["id"].as_str().unwrap();
    let patch = json!({ "score": { "respiratory_rate": 21.5 } });
    // Stamped in the past: a cursor over `updated_at` would never see it.
    assert!(world.simulation.whoop.rescore_sleep(id, &patch, now() - 200.hours()));
    sync(&world.home);
    assert_mirrors(&world);
    let body = &Mirror::of(&world.home).bodies("whoop.sleep")[id];
    assert_eq!(body["score"]["respiratory_rate"], 21.5);
}

#[test]
fn what_arrives_late_and_what_goes_are_in_the_feed() {
    let world = World::connected_to(&["whoop"], 60);
    sync(&world.home);
    let cursor = cursor(&world.home);
    let late = world.simulation.whoop.insert_workout_late(now() - 120.hours(), 1800, now() - 110.hours());
    let gone = days_ago(&world, Kind::Workout, 8)["id"].as_str().unwrap().to_owned();
    assert!(world.simulation.whoop.delete(Kind::Workout, &gone));
    sync(&world.home);
    assert_mirrors(&world);
    let events = world.home.run(&["events", "--since", &cursor, "--json"]).expect(0).json();
    let find = |id: &str| {
        let events = events["events"].as_array().unwrap();
        events
            .iter()
            .find(|event| event["id"] == id)
            .unwrap_or_else(|| panic!("no {id} in {events:?}"))
            .clone()
    };
    let (new, removed) = (find(&late), find(&gone));
    assert_eq!((&new["op"], &new["kind"]), (&json!("new"), &json!("whoop.workout")));
    assert_eq!(new["record"]["id"], json!(late));
    assert_eq!((&removed["op"], &removed["record"]), (&json!("removed"), &Value::Null));
}

#[test]
fn a_second_sync_of_unchanged_data_writes_no_event() {
    let world = World::connected_to(&["whoop"], 90);
    sync(&world.home);
    let before = Mirror::of(&world.home).feed();
    sync(&world.home);
    sync(&world.home);
    assert_eq!(Mirror::of(&world.home).feed(), before);
}

#[test]
fn reading_one_record_first_leaves_nothing_out() {
    let world = World::connected_to(&["whoop"], 120);
    let one = world.home.run(&["records", "whoop.sleep", "--limit", "1", "--json"]).expect(0).json();
    assert_eq!(one["count"], 1, "the asked window is fetched before it is answered: {one}");
    sync(&world.home);
    assert_mirrors(&world);
}

#[test]
fn an_old_record_that_changes_is_found_within_one_rotation() {
    let world = World::connected_to(&["whoop"], 200);
    sync(&world.home);
    let sleep = days_ago(&world, Kind::Sleep, 150);
    let id = sleep["id"].as_str().unwrap();
    world.simulation.whoop.rescore_sleep(id, &json!({ "score": { "respiratory_rate": 22.5 } }), now());
    let mut syncs = 0;
    while Mirror::of(&world.home).bodies("whoop.sleep")[id]["score"]["respiratory_rate"] != 22.5 {
        sync(&world.home);
        syncs += 1;
        assert!(syncs <= 10, "200 days are nine slices");
    }
}

#[test]
fn a_record_deleted_between_two_pages_hides_no_other() {
    let world = World::connected_to(&["whoop"], 200);
    let gone = days_ago(&world, Kind::Workout, 3)["id"].as_str().unwrap().to_owned();
    world.simulation.whoop.change_after(
        2,
        "/developer/v2/activity/workout",
        Change::Delete(Kind::Workout, gone),
    );
    sync(&world.home);
    sync(&world.home);
    assert_mirrors(&world);
}

#[test]
fn that_holds_too_when_the_recent_days_fill_more_than_a_page() {
    let world = World::connected_to(&["whoop"], 200);
    for hour in 0..40 {
        world.simulation.whoop.insert_workout_late(now() - (24 + 5 * hour).hours(), 1800, now());
    }
    let gone = days_ago(&world, Kind::Workout, 2)["id"].as_str().unwrap().to_owned();
    let change = Change::Delete(Kind::Workout, gone);
    world.simulation.whoop.change_after(4, "/developer/v2/activity/workout", change);
    sync(&world.home);
    sync(&world.home);
    assert_mirrors(&world);
}

#[test]
fn an_empty_listing_is_not_a_mass_deletion() {
    let world = World::connected_to(&["whoop"], 100);
    sync(&world.home);
    let before = Mirror::of(&world.home).bodies("whoop.workout").len();
    for workout in world.simulation.whoop.records(Kind::Workout) {
        world.simulation.whoop.delete(Kind::Workout, workout["id"].as_str().unwrap());
    }
    let report = world.home.run(&["sync", "--full", "--json"]);
    let workouts = report.json()["providers"][0]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .find(|resource| resource["resource"] == "workout")
        .unwrap()
        .clone();
    let cap = 20.max(before as u64 / 10);
    assert!(workouts["removed"].as_u64().unwrap() <= cap, "{workouts} of {before}");
    assert_ne!(workouts["status"], "ok", "{workouts}");
    assert!(Mirror::of(&world.home).bodies("whoop.workout").len() >= before - cap as usize);
}

#[test]
fn a_limit_without_a_hint_loses_and_repeats_no_page() {
    let world = World::connected_to(&["whoop"], 1100);
    // The published pace of the provider, at a tenth of its length.
    world.simulation.whoop.set_quirk(|quirks| {
        quirks.limits.windows = vec![RateWindow { requests: 100, seconds: 6 }];
    });
    world.simulation.whoop.reset_limits();
    world.simulation.whoop.clear_requests();
    sync(&world.home);
    assert_mirrors(&world);
    let mut pages = BTreeMap::new();
    for request in world.simulation.whoop.requests() {
        if request.status == Some(200) {
            *pages.entry((request.path, request.query)).or_insert(0) += 1;
        }
    }
    let repeated: Vec<_> = pages.iter().filter(|(_, count)| **count > 1).collect();
    assert!(repeated.is_empty(), "{repeated:?}");
}

/// Where the feed stands.
fn cursor(home: &Home) -> String {
    let mut since = "seq:0".to_owned();
    loop {
        let page = home.run(&["events", "--since", &since, "--limit", "500", "--json"]).expect(0).json();
        page["next_cursor"].as_str().unwrap().clone_into(&mut since);
        if page["has_more"] == false {
            return since;
        }
    }
}
