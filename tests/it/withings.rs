//! The real program against the simulated Withings.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Stdio,
    thread,
    time::Duration,
};

use jiff::{ToSpan as _, Unit, tz::TimeZone};
use serde_json::{Map, Value, json};
use vitals_mcp::demo::withings::{Kind, LimitQuirks};

use crate::{
    harness::finish,
    store::Mirror,
    world::{World, now},
};

/// What is listed row by row, and the parts of its key.
const LISTED: [(Kind, &str, &[&str]); 7] = [
    (Kind::Activity, "activity", &["date", "brand", "deviceid", "modelid"]),
    (Kind::Workout, "workout", &["id"]),
    (Kind::Sleep, "sleep", &["id"]),
    (Kind::Heart, "heart", &["timestamp", "deviceid"]),
    (Kind::Stetho, "stetho", &["signalid"]),
    (Kind::Device, "device", &["deviceid"]),
    (Kind::Goal, "goal", &[]),
];

/// The watch's context in series.
const WATCH: &str = "93";

fn connected(days: i64) -> World {
    World::connected_to(&["withings"], days)
}

fn sync(world: &World) {
    world.home.run(&["sync"]).expect(0);
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Every row of every group, once: a Body Scan says some things twice.
pub fn measures(world: &World) -> BTreeMap<String, Value> {
    let mut rows = BTreeMap::new();
    for mut group in world.simulation.withings.records(Kind::Measure) {
        let measures = group.as_object_mut().unwrap().remove("measures").unwrap();
        for measure in measures.as_array().unwrap() {
            let parts = [&group["grpid"], &measure["type"], &measure["position"]];
            let mut row = group.clone();
            row["measure"] = measure.clone();
            rows.insert(parts.map(text).join("/"), row);
        }
    }
    rows
}

/// Insists that every record upstream is here, as it is there, and no other.
#[track_caller]
pub fn assert_mirrors(world: &World) {
    let mirror = Mirror::of(&world.home);
    let compare = |resource: &str, there: BTreeMap<String, Value>| {
        let here = mirror.bodies(&format!("withings.{resource}"));
        let ids = |records: &BTreeMap<String, Value>| records.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(ids(&here), ids(&there), "{resource}");
        for (id, record) in &there {
            let mut body = here[id].clone();
            // Lent by the reply around it.
            body.as_object_mut().unwrap().remove("account_timezone");
            assert_eq!(&body, record, "{resource} {id}");
        }
        assert!(!here.is_empty(), "{resource}");
    };
    compare("measure", measures(world));
    for (kind, resource, key) in LISTED {
        let id = |record: &Value| {
            let parts: Vec<String> = key.iter().map(|part| text(&record[*part])).collect();
            if parts.is_empty() { resource.to_owned() } else { parts.join("/") }
        };
        let records = world.simulation.withings.records(kind).into_iter();
        compare(resource, records.map(|record| (id(&record), record)).collect());
    }
}

/// The only row of a kind with this id.
fn row(world: &World, kind: &str, id: &str) -> Map<String, Value> {
    let answer = world.home.run(&["records", kind, "--id", id, "--json"]).expect(0).json();
    let columns = answer["columns"].as_array().unwrap().iter();
    let values = answer["rows"][0].as_array().unwrap_or_else(|| panic!("no {id}: {answer}"));
    columns.zip(values).map(|(name, value)| (name.as_str().unwrap().to_owned(), value.clone())).collect()
}

/// Events since an earlier length of the feed: operation, resource, id.
fn events_since(world: &World, before: usize) -> BTreeSet<(String, String, String)> {
    Mirror::of(&world.home).feed().split_off(before).into_iter().collect()
}

fn events(op: &str, resource: &str, ids: impl Iterator<Item = String>) -> BTreeSet<(String, String, String)> {
    ids.map(|id| (op.to_owned(), resource.to_owned(), id)).collect()
}

/// Ids of the rows of a group.
fn rows_of(world: &World, grpid: i64) -> Vec<String> {
    let start = format!("{grpid}/");
    measures(world).into_keys().filter(|id| id.starts_with(&start)).collect()
}

/// A group that came from a scale so many days ago, or a little earlier.
fn group_of(world: &World, days: i64) -> i64 {
    let before = (now() - (24 * days).hours()).as_second();
    let groups = world.simulation.withings.records(Kind::Measure).into_iter();
    let older = groups.filter(|group| {
        group["attrib"] == 0 && group["modelid"].is_i64() && group["date"].as_i64() < Some(before)
    });
    older.max_by_key(|group| group["date"].as_i64()).unwrap()["grpid"].as_i64().unwrap()
}

#[test]
fn everything_arrives_row_by_row() {
    let world = connected(100);
    let started = now();
    sync(&world);
    assert_mirrors(&world);
    let mirror = Mirror::of(&world.home);
    assert_eq!(mirror.quarantined(), Vec::<String>::new());
    assert_eq!(mirror.integrity(), "ok");

    let positions: BTreeSet<String> = measures(&world)
        .into_values()
        .filter(|row| row["modelid"] == 10 && row["measure"]["type"] == 173)
        .map(|row| text(&row["measure"]["position"]))
        .collect();
    assert_eq!(positions.len(), 5, "a Body Scan tells torso and limbs apart");

    // What a watch counted is a sample each, up to the moment of the sync.
    let person = world.simulation.truth();
    let pieces: Vec<_> = person.days().iter().flat_map(|day| person.movement_on(day.date)).collect();
    let until = |at| pieces.iter().filter(|piece| piece.start < at).count() as u64;
    let steps = mirror.samples("withings", "steps", WATCH);
    assert!((until(started)..=until(now())).contains(&steps) && steps > 1000, "{steps}");
    assert!(mirror.samples("withings", "sleep_stage", "sleep 63") > 500, "the stages of the mat's nights");
    for resource in ["signal", "stetho_signal"] {
        let signals = mirror.bodies(&format!("withings.{resource}"));
        assert!(!signals.is_empty(), "{resource}");
        assert!(signals.values().all(|body| body["signal"].as_array().is_some_and(|list| list.len() > 1000)));
    }
}

#[test]
fn a_weight_is_exact_and_a_guest_changes_nobodys_day() {
    let world = connected(10);
    let yesterday = now().to_zoned(TimeZone::get("Europe/Berlin").unwrap()).round(Unit::Day).unwrap();
    let evening = (yesterday.start_of_day().unwrap() - 28.hours()).timestamp();
    let day = evening.to_zoned(TimeZone::get("Europe/Berlin").unwrap()).date().to_string();
    let withings = &world.simulation.withings;
    let own = withings.insert_weight(evening, 72.45, evening);
    let mut guest = withings.record(Kind::Measure, &own.to_string()).unwrap();
    assert_eq!((&guest["measures"][0]["value"], &guest["measures"][0]["unit"]), (&json!(72450), &json!(-3)));
    let other = own + 1;
    for (name, value) in [
        ("grpid", json!(other)),
        ("attrib", json!(1)),
        ("date", json!(evening.as_second() + 420)),
        ("measures", json!([{ "value": 91_300, "type": 1, "unit": -3, "algo": 0, "fm": 131 }])),
    ] {
        guest[name] = value;
    }
    withings.insert(Kind::Measure, guest);
    sync(&world);

    let weight = row(&world, "withings.measure", &format!("{own}/1/"));
    assert_eq!((weight["value"].to_string().as_str(), &weight["unit"]), ("72.45", &json!("kg")));
    let listed = row(&world, "withings.measure", &format!("{other}/1/"));
    assert_eq!(
        (&listed["value"], &listed["attribution"], &listed["left_out"]),
        (&json!(91.3), &json!("device_ambiguous"), &json!(true))
    );
    let answer = world.home.run(&["day", &day, "--metric", "weight", "--json"]).expect(0).json();
    let shown = answer.to_string();
    assert!(shown.contains("72.45") && !shown.contains("91.3"), "{answer}");
}

#[test]
fn what_is_entered_or_edited_far_back_is_found_by_its_change() {
    let world = connected(120);
    sync(&world);
    let before = Mirror::of(&world.home).feed().len();
    let withings = &world.simulation.withings;
    let late = withings.insert_weight(now() - (24 * 70).hours(), 71.8, now());
    let edited = group_of(&world, 90);
    assert!(withings.edit(Kind::Measure, &edited.to_string(), &json!({ "comment": "after a run" }), now()));
    withings.clear_requests();
    sync(&world);
    assert_mirrors(&world);
    let mut expected = events("new", "measure", rows_of(&world, late).into_iter());
    expected.extend(events("changed", "measure", rows_of(&world, edited).into_iter()));
    assert_eq!(events_since(&world, before), expected);
    let asked = withings.requests();
    assert!(
        asked.iter().any(|one| one.path == "/measure" && one.field("lastupdate").is_some_and(|at| at != "0"))
    );
}

#[test]
fn a_day_that_a_record_left_is_exported_again() {
    let world = connected(60);
    let day = |days: i64| (now() - (24 * days).hours()).in_tz("UTC").unwrap().date();
    // A weighing in years of which nothing else is known, filed a day too late at first.
    let weighing = world.simulation.withings.insert_weight(now() - (24 * 50).hours(), 71.8, now());
    sync(&world);
    let export = |since: &str| {
        let to = world.home.path().join("days.jsonl").display().to_string();
        let arguments =
            ["export", "daily", "--format", "jsonl", "--to", &to, "--overwrite", "--since", since];
        let done = world.home.run(&[&arguments[..], &["--json"]].concat()).expect(0).json();
        let text = std::fs::read_to_string(&to).unwrap();
        let days: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (done["cursor"].as_str().unwrap().to_owned(), days)
    };
    let (cursor, _) = export("seq:0");
    let earlier = (now() - (24 * 52).hours()).as_second();
    let edited = world.simulation.withings.edit(
        Kind::Measure,
        &weighing.to_string(),
        &json!({ "date": earlier }),
        now(),
    );
    assert!(edited);
    sync(&world);
    let dates: Vec<Value> = export(&cursor).1.into_iter().map(|day| day["date"].clone()).collect();
    for date in [day(52), day(50)] {
        assert!(dates.contains(&json!(date.to_string())), "{date}: {dates:?}");
    }
}

#[test]
fn what_is_deleted_upstream_is_removed_row_by_row() {
    let world = connected(60);
    sync(&world);
    let before = Mirror::of(&world.home).feed().len();
    let gone = group_of(&world, 4);
    let rows = rows_of(&world, gone);
    assert!(world.simulation.withings.delete(Kind::Measure, &gone.to_string()));
    sync(&world);
    assert_mirrors(&world);
    assert_eq!(events_since(&world, before), events("removed", "measure", rows.into_iter()));
}

#[test]
fn refused_twice_for_repeating_itself_it_waits_and_goes_on() {
    let world = connected(5);
    let action = "getactivity";
    let prefix = format!("/v2/measure?action={action}");
    world.simulation.withings.refuse_next(2, 601, "Same arguments in less than 10 seconds", &prefix);
    let ran = world.home.run(&["sync", "--resource", "activity", "--json"]).expect(0).json();
    assert_eq!(ran["providers"][0]["resources"][0]["status"], "ok", "{ran}");
    let mut asked: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for request in world.simulation.withings.requests() {
        if request.field("action") == Some(action) {
            asked.entry(format!("{:?}", request.form)).or_default().push(request.arrived);
        }
    }
    let repeated = asked.values().flat_map(|times| times.windows(2));
    let gaps: Vec<Duration> = repeated.map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap >= Duration::from_secs(10)), "{gaps:?}");
}

#[test]
fn a_second_sync_of_unchanged_data_writes_no_event_and_is_cheap() {
    let world = connected(90);
    sync(&world);
    let before = Mirror::of(&world.home).feed();
    world.simulation.withings.clear_requests();
    sync(&world);
    let requests = world.simulation.withings.request_count();
    assert!(requests <= 60, "{requests} requests");
    assert_eq!(Mirror::of(&world.home).feed(), before);
}

/// Takes a minute: the only way to see that a minute is respected.
#[test]
fn two_processes_together_keep_to_the_quota_of_a_minute() {
    let world = connected(50);
    world.simulation.withings.set_quirk(|quirks| quirks.limits = LimitQuirks::default());
    world.simulation.withings.reset_limits();
    let commands: [&[&str]; 2] =
        [&["sync"], &["sync", "--full", "--resource", "sleep_detail", "--resource", "signal"]];
    thread::scope(|scope| {
        for arguments in commands {
            let mut command = world.home.command(arguments);
            // At the published pace, whatever the home says.
            command.env_remove("VITALS_PACE").stdin(Stdio::null());
            scope.spawn(move || finish(&mut command).expect(0));
        }
    });
    let mut arrived: Vec<_> = world.simulation.withings.requests().iter().map(|one| one.arrived).collect();
    arrived.sort_unstable();
    let quota = 120;
    assert!(arrived.len() > quota, "{} requests try no quota", arrived.len());
    let shortest = arrived.windows(quota + 1).map(|window| window[quota] - window[0]).min().unwrap();
    assert!(shortest >= Duration::from_secs(60), "{} requests within {shortest:?}", quota + 1);
    assert_mirrors(&world);
}

#[test]
fn disconnecting_ends_the_grant_with_a_signature_and_no_token() {
    let world = connected(5);
    let withings = &world.simulation.withings;
    let (access, _) = withings.issue_tokens("another-app", &["user.info"], Duration::from_secs(600));
    withings.clear_requests();
    world.home.run(&["disconnect", "withings"]).expect(0);
    let actions: Vec<_> =
        withings.requests().iter().map(|one| one.field("action").map(str::to_owned)).collect();
    assert_eq!(actions, [Some("getnonce".to_owned()), Some("revoke".to_owned())]);
    assert!(withings.live_access_token_is(&access), "nobody else's");
}
