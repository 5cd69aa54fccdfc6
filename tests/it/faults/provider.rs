//! A provider that misbehaves: never a success with a gap, and whole again with the next sync.

use serde_json::Value;
use vitals_mcp::demo::whoop::{Fault, Kind, PageTokens};

use crate::{harness::Ran, mirror::assert_mirrors, store::Mirror, world::World};

const WORKOUTS: &str = "/developer/v2/activity/workout";

/// The report of one resource.
fn resource(ran: &Ran, name: &str) -> Value {
    let report = ran.json();
    let resources = report["providers"][0]["resources"].as_array().unwrap().clone();
    resources.into_iter().find(|resource| resource["resource"] == name).unwrap()
}

#[test]
fn passing_faults_are_sat_out() {
    for fault in [Fault::Status(500), Fault::Status(503), Fault::CutOff, Fault::NoAnswer, Fault::Refused] {
        let world = World::connected_to(&["whoop"], 60);
        let name = format!("{fault:?}");
        world.simulation.whoop.fail_next(2, fault, WORKOUTS);
        let ran = world.home.run(&["sync", "--json"]).expect(0);
        assert_eq!(resource(&ran, "workout")["status"], "ok", "{name}");
        assert_mirrors(&world);
    }
}

#[test]
fn a_page_that_cannot_be_read_is_no_success_and_the_next_sync_is_whole() {
    for fault in [Fault::Html, Fault::BrokenJson] {
        let world = World::connected_to(&["whoop"], 200);
        let name = format!("{fault:?}");
        world.simulation.whoop.fail_next(1, fault, WORKOUTS);
        let ran = world.home.run(&["sync", "--json"]);
        let workout = resource(&ran, "workout");
        assert_ne!(ran.code, Some(0), "{name}");
        assert_ne!(workout["status"], "ok", "{name}: {workout}");
        assert!(workout["error"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{name}: {workout}");
        assert_eq!(resource(&ran, "sleep")["status"], "ok", "{name}: the others went on");
        world.home.run(&["sync"]).expect(0);
        assert_mirrors(&world);
    }
}

#[test]
fn pages_in_a_circle_end_as_partial_and_cover_nothing_they_did_not_show() {
    let world = World::connected_to(&["whoop"], 300);
    world.simulation.whoop.set_quirk(|quirks| quirks.lists.tokens = PageTokens::Repeating);
    let ran = world.home.run(&["sync", "--json"]).expect(11);
    let sleep = resource(&ran, "sleep");
    assert_eq!(sleep["status"], "partial", "{sleep}");
    let listed =
        world.home.run(&["records", "whoop.sleep", "--start", "2012-01-01", "--json"]).expect(0).json();
    assert_eq!(listed["coverage"]["complete"], false, "{}", listed["coverage"]);
    world.simulation.whoop.set_quirk(|quirks| quirks.lists.tokens = PageTokens::Forward);
    world.home.run(&["sync"]).expect(0);
    assert_mirrors(&world);
}

#[test]
fn a_scope_that_was_not_granted_stops_nothing_else() {
    let world = World::new(40);
    world.simulation.whoop.set_quirk(|quirks| {
        let scopes = ["offline", "read:sleep", "read:cycles", "read:profile", "read:recovery"];
        quirks.oauth.granted_scopes = Some(scopes.map(str::to_owned).to_vec());
    });
    world.sign_in("whoop").expect(0);
    let ran = world.home.run(&["sync", "--json"]).expect(0);
    assert_eq!(resource(&ran, "workout")["status"], "not_granted");
    assert_eq!(resource(&ran, "sleep")["status"], "ok");
    assert!(world.simulation.whoop.requests().iter().all(|request| !request.path.starts_with(WORKOUTS)));
}

#[test]
fn a_collection_that_is_refused_stops_nothing_else() {
    let world = World::connected_to(&["whoop"], 40);
    world.simulation.whoop.set_quirk(|quirks| {
        quirks.access.refused = vec![("/v2/activity/workout".to_owned(), 401)];
    });
    let ran = world.home.run(&["sync", "--json"]).expect(11);
    // It was granted: that it is refused all the same is an error, and not the person's choice.
    assert_eq!(resource(&ran, "workout")["status"], "error", "{}", ran.stdout);
    assert_eq!(resource(&ran, "body_measurement")["status"], "ok", "{}", ran.stdout);
    // One refresh to be sure, and no login lost over it.
    assert_eq!(resource(&world.home.run(&["sync", "--json"]).expect(11), "sleep")["status"], "ok");
}

#[test]
fn one_unreadable_record_is_kept_aside_and_told_of() {
    let world = World::connected_to(&["whoop"], 40);
    let mut broken = world.simulation.whoop.records(Kind::Workout)[3].clone();
    broken["id"] = "0000aaaa-0000-4000-8000-000000000000".into();
    broken["start"] = "sometime".into();
    world.simulation.whoop.insert(Kind::Workout, broken);
    let ran = world.home.run(&["sync", "--json"]).expect(11);
    let workout = resource(&ran, "workout");
    assert_eq!(workout["status"], "partial", "a record less is no success: {workout}");
    assert!(workout["error"]["message"].as_str().unwrap().contains("set aside"), "{workout}");
    let mirror = Mirror::of(&world.home);
    assert_eq!(
        mirror.bodies("whoop.workout").len() + 1,
        world.simulation.whoop.records(Kind::Workout).len(),
        "{ran:?}"
    );
    assert_eq!(mirror.quarantined(), ["no instant at /start"]);
    // Met again it is no failure any more, and gone upstream it is nothing.
    let ran = world.home.run(&["sync", "--json"]).expect(0);
    let workout = resource(&ran, "workout");
    assert_eq!(workout["status"], "ok", "{workout}");
    assert!(workout["unreadable"].as_u64() >= Some(1), "{workout}");
    world.simulation.whoop.delete(Kind::Workout, "0000aaaa-0000-4000-8000-000000000000");
    world.home.run(&["sync"]).expect(0);
    assert_eq!(Mirror::of(&world.home).quarantined(), Vec::<String>::new());
}

#[test]
fn a_pending_score_is_null_with_its_reason_and_arrives() {
    let world = World::connected_to(&["whoop"], 20);
    let night =
        world.simulation.whoop.records(Kind::Sleep).into_iter().find(|sleep| sleep["nap"] == false).unwrap();
    let id = night["id"].as_str().unwrap().to_owned();
    world.simulation.whoop.hold_score(Kind::Sleep, &id, 1);
    world.home.run(&["sync"]).expect(0);
    let row = || world.home.run(&["records", "whoop.sleep", "--id", &id, "--json"]).expect(0).json();
    let column = |answer: &Value, name: &str| {
        let at = answer["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
        answer["rows"][0][at].clone()
    };
    let pending = row();
    assert_eq!(column(&pending, "score_state"), "PENDING_SCORE");
    assert_eq!(column(&pending, "deep_sleep_seconds"), Value::Null);
    world.home.run(&["sync"]).expect(0);
    let scored = row();
    assert_eq!(column(&scored, "score_state"), "SCORED");
    assert!(column(&scored, "deep_sleep_seconds").is_number());
}
