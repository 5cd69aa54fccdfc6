//! What reaches the cloud late, or in a form that nobody expects: rows of days ago, one resource alone on a fresh
//! mirror, records with a part that cannot be read, nights over a clock change, and keys with nothing in them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use vitals_mcp::demo::{oura::Collection, whoop, withings};

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

/// A column of the first row of an answer in table form.
#[track_caller]
fn column(answer: &Value, name: &str) -> Value {
    let at = answer["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
    answer["rows"][0][at].clone()
}

/// The newest night at WHOOP that began at least so many days ago.
fn night(world: &World, days: i64) -> Value {
    let before = now() - SignedDuration::from_hours(24 * days);
    let mut nights = world.simulation.whoop.records(whoop::Kind::Sleep);
    let start = |one: &Value| one["start"].as_str().unwrap().parse::<Timestamp>().unwrap();
    nights.retain(|one| one["nap"] == false && start(one) < before);
    nights.sort_by_key(start);
    nights.pop().unwrap()
}

#[test]
fn a_night_without_its_offset_is_kept_and_says_so() {
    let world = World::connected_to(&["whoop"], 30);
    let night = night(&world, 3);
    let id = night["id"].as_str().unwrap();
    world.home.run(&["sync"]).expect(0);
    let list = || world.home.run(&["records", "whoop.sleep", "--id", id, "--json"]).expect(0).json();
    let before = list();
    assert_eq!(before["clocks"], Value::Null);
    for odd in [json!(null), json!("somewhere"), json!(60), json!({ "hours": 1 })] {
        let patch = json!({ "timezone_offset": odd });
        assert!(world.simulation.whoop.rescore_sleep(id, &patch, now()));
        let ran = world.home.run(&["sync", "--json"]).expect(0);
        assert_eq!(resource(&ran, "sleep")["status"], "ok", "{odd}");
        let after = list();
        assert_eq!(after["clocks"][id]["offset_inferred"], true, "{odd}: {after}");
        assert_eq!(column(&after, "day"), column(&before, "day"), "{odd}");
        let sql = format!("SELECT start_local, end_local FROM v_sleep WHERE id = '{id}'");
        let local = world.home.run(&["query", &sql, "--json"]).expect(0).json();
        assert!(local["rows"][0][0].is_string() && local["rows"][0][1].is_string(), "{local}");
    }
    assert_eq!(Mirror::of(&world.home).quarantined(), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_is_a_reason_of_its_day_and_forgotten_when_it_is_mended() {
    let world = World::connected_to(&["whoop"], 30);
    let night = night(&world, 3);
    let id = night["id"].as_str().unwrap();
    let start = night["start"].clone();
    assert!(world.simulation.whoop.rescore_sleep(id, &json!({ "score": null }), now()));
    let mut broken = night.clone();
    broken["start"] = json!("soon");
    world.simulation.whoop.insert(whoop::Kind::Sleep, broken);
    let ran = world.home.run(&["sync", "--json"]).expect(11);
    assert_eq!(resource(&ran, "sleep")["status"], "partial");
    world.home.run(&["sync"]).expect(0);
    let end: Timestamp = night["end"].as_str().unwrap().parse().unwrap();
    let day = end.to_zoned(TimeZone::get("Europe/Berlin").unwrap()).date().to_string();
    let explained =
        world.home.run(&["explain", &day, "--metric", "total_sleep_time", "--json"]).expect(0).json();
    let spans = explained["spans"].as_array().unwrap();
    let whoop = spans.iter().find(|span| span["provider"] == "whoop").unwrap();
    assert_eq!(whoop["reason"], "unreadable", "{explained}");
    let mut mended = night.clone();
    mended["start"] = start;
    world.simulation.whoop.insert(whoop::Kind::Sleep, mended);
    world.home.run(&["sync"]).expect(0);
    assert_eq!(Mirror::of(&world.home).quarantined(), Vec::<String>::new());
    let doctor = world.home.run(&["doctor", "--json"]);
    assert!(!doctor.stdout.contains("set aside"), "{}", doctor.stdout);
}

#[test]
fn a_night_over_a_clock_change_ends_on_the_wearers_clock() {
    let world = World::new(40);
    let mut sleep = night_like(&world);
    for (id, start, end, offset) in [
        (
            "00000000-0000-4000-8000-0000000000b1",
            "2026-11-01T03:55:00.000Z",
            "2026-11-01T10:56:00.000Z",
            "-04:00",
        ),
        (
            "00000000-0000-4000-8000-0000000000f1",
            "2026-03-08T04:30:00.000Z",
            "2026-03-08T11:00:00.000Z",
            "-05:00",
        ),
    ] {
        (sleep["id"], sleep["start"], sleep["end"]) = (json!(id), json!(start), json!(end));
        sleep["timezone_offset"] = json!(offset);
        world.simulation.whoop.insert(whoop::Kind::Sleep, sleep.clone());
    }
    let world = World { home: world.home.with("VITALS_TZ", "America/New_York"), ..world };
    let world = world.signed_in_to(&["whoop"]);
    world.home.run(&["sync"]).expect(0);
    for (id, day, ended) in [
        ("00000000-0000-4000-8000-0000000000b1", "2026-11-01", "2026-11-01T05:56:00-05:00"),
        ("00000000-0000-4000-8000-0000000000f1", "2026-03-08", "2026-03-08T07:00:00-04:00"),
    ] {
        let sql = format!("SELECT end_local, day FROM v_sleep WHERE id = '{id}'");
        let local = world.home.run(&["query", &sql, "--json"]).expect(0).json();
        assert!(local["rows"][0][0].as_str().unwrap().starts_with(&ended[..19]), "{local}");
        assert_eq!(local["rows"][0][1], day, "{local}");
        let listed = world.home.run(&["records", "whoop.sleep", "--id", id, "--json"]).expect(0).json();
        assert_eq!(listed["clocks"][id]["end_timezone_offset"], ended[19..], "{listed}");
        let told = world.home.run(&["day", day, "--json"]).expect(0);
        assert!(told.stdout.contains(ended), "{day}: {}", told.stdout);
    }
}

/// A night to write others after.
fn night_like(world: &World) -> Value {
    let mut night = night(world, 3);
    night["cycle_id"] = json!(987_654);
    night
}

#[test]
fn two_watches_of_one_model_without_an_id_are_two_rows() {
    let world = World::connected_to(&["withings"], 20);
    let day = (now() - SignedDuration::from_hours(72)).to_zoned(TimeZone::UTC).date().to_string();
    let all = world.simulation.withings.records(withings::Kind::Activity);
    let mut row = all.iter().find(|row| row["date"] == day.as_str()).unwrap().clone();
    (row["deviceid"], row["modelid"]) = (Value::Null, json!(93));
    for (hash, steps) in [("bb11", 5000), ("cc22", 3000)] {
        (row["hash_deviceid"], row["steps"]) = (json!(hash), json!(steps));
        world.simulation.withings.insert(withings::Kind::Activity, row.clone());
    }
    world.home.run(&["sync"]).expect(0);
    let feed = Mirror::of(&world.home).feed();
    let bodies = Mirror::of(&world.home).bodies("withings.activity");
    let steps: BTreeSet<i64> = bodies
        .values()
        .filter(|body| ["bb11", "cc22"].iter().any(|hash| body["hash_deviceid"] == *hash))
        .map(|body| body["steps"].as_i64().unwrap())
        .collect();
    assert_eq!(steps, BTreeSet::from([3000, 5000]), "{:?}", bodies.keys());
    world.home.run(&["sync"]).expect(0);
    assert_eq!(Mirror::of(&world.home).feed(), feed, "nothing flips");
}
