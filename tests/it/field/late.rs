//! What reaches the cloud late, or in a form that nobody expects: rows of days ago, one resource alone on a fresh
//! mirror, records with a part that cannot be read, nights over a clock change, and keys with nothing in them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use vitals_mcp::demo::oura::Collection;

use crate::{
    harness::Ran,
    store::Mirror,
    world::{World, now},
};

/// The report of one resource.
#[track_caller]
fn resource(ran: &Ran, name: &str) -> Value {
    let report = ran.json();
    let all =
        report["providers"].as_array().unwrap().iter().flat_map(|one| one["resources"].as_array().unwrap());
    all.into_iter()
        .find(|one| one["resource"] == name)
        .unwrap_or_else(|| panic!("no {name} in {report}"))
        .clone()
}

fn moments(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["timestamp"].as_str().unwrap().to_owned()).collect()
}

/// How many rows of a series are upstream, and how many of its contexts are here.
fn upstream_and_here(
    world: &World,
    collection: Collection,
    metric: &str,
    contexts: &[&str],
) -> (usize, usize) {
    let mirror = Mirror::of(&world.home);
    let here: u64 = contexts.iter().map(|context| mirror.samples("oura", metric, context)).sum();
    (world.simulation.oura.records(collection).len(), here as usize)
}

const SOURCES: [&str; 6] = ["awake", "rest", "sleep", "session", "live", "workout"];

#[test]
fn rows_that_reach_the_cloud_days_late_arrive_with_the_next_sync() {
    let world = World::connected_to(&["oura"], 40);
    let oura = &world.simulation.oura;
    let ago = |days: f64| now() - SignedDuration::from_secs((days * 86_400.0) as i64);
    let all = oura.records(Collection::HeartRate);
    let between = |from: Timestamp, to: Timestamp| -> Vec<Value> {
        let at = |row: &Value| row["timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
        all.iter().filter(|row| (from..to).contains(&at(row))).cloned().collect()
    };
    for (name, from, to) in [
        ("all that is newer", 6.4, 0.0),
        ("days behind what has come", 12.6, 9.1),
        ("hours behind what has come", 4.3, 4.1),
    ] {
        let held = between(ago(from), ago(to));
        assert!(held.len() > 20, "{name}: {}", held.len());
        for moment in moments(&held) {
            assert!(oura.delete(Collection::HeartRate, &moment));
        }
        // Nothing of them is here, as if the ring had never met the phone.
        world.home.run(&["forget", "oura", "--yes"]).expect(0);
        world.sign_in("oura").expect(0);
        world.home.run(&["sync"]).expect(0);
        world.home.run(&["sync"]).expect(0);
        for row in &held {
            oura.insert(Collection::HeartRate, row.clone());
        }
        world.home.run(&["sync"]).expect(0);
        let (there, here) = upstream_and_here(&world, Collection::HeartRate, "heart_rate", &SOURCES);
        assert_eq!(here, there, "{name}");
    }
}

#[test]
fn a_row_older_than_any_device_keeps_arrives_within_one_rotation() {
    let world = World::connected_to(&["oura"], 30);
    world.home.run(&["sync"]).expect(0);
    let late = now() - SignedDuration::from_hours(25 * 24);
    let row = serde_json::json!({ "timestamp": format!("{late:.3}"), "bpm": 171, "source": "awake" });
    world.simulation.oura.insert(Collection::HeartRate, row);
    let complete = || {
        let (there, here) = upstream_and_here(&world, Collection::HeartRate, "heart_rate", &SOURCES);
        here == there
    };
    // Sixteen days before the last two weeks, two a run, and the first of the next round.
    let runs = (0..10).take_while(|_| {
        world.home.run(&["sync"]).expect(0);
        !complete()
    });
    assert!(runs.count() < 10, "it never came");
}

#[test]
fn one_resource_alone_on_a_fresh_mirror_is_whole_or_says_what_is_missing() {
    for arguments in [&[][..], &["--full"], &["--since", "2020-01-01"]] {
        let world = World::connected_to(&["oura"], 60);
        let command = [&["sync", "--json", "--resource", "heartrate"], arguments].concat();
        let ran = world.home.run(&command).expect(0);
        assert_eq!(resource(&ran, "heartrate")["status"], "ok", "{arguments:?}");
        let (there, here) = upstream_and_here(&world, Collection::HeartRate, "heart_rate", &SOURCES);
        assert_eq!(here, there, "{arguments:?}");
    }
    let world = World::connected_to(&["withings"], 40);
    world.home.run(&["sync", "--json", "--resource", "intraday"]).expect(0);
    let alone = Mirror::of(&world.home).samples("withings", "heart_rate", "93");
    world.home.run(&["sync"]).expect(0);
    assert_eq!(alone, Mirror::of(&world.home).samples("withings", "heart_rate", "93"));
    // What tells where it begins cannot be read.
    let world = World::connected_to(&["oura"], 60);
    world
        .simulation
        .oura
        .set_quirk(|quirks| quirks.access.refused = vec![("daily_activity".to_owned(), 400)]);
    let ran = world.home.run(&["sync", "--json", "--resource", "heartrate"]).expect(11);
    let row = resource(&ran, "heartrate");
    assert_eq!(row["status"], "partial", "{row}");
    assert!(row["error"]["message"].as_str().unwrap().contains("daily_activity"), "{row}");
}
