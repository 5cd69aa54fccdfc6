//! WHOOP's signal of a sleep by the minute: mirrored where the account has it, and no fault where it has not.

use rusqlite::Connection;
use serde_json::{Value, json};
use vitals_mcp::demo::whoop::{Kind, Stream};

use crate::{store::Mirror, world::World};

fn whoop(days: i64, stream: Stream) -> World {
    let world = World::connected_to(&["whoop"], days);
    world.simulation.whoop.set_quirk(|quirks| quirks.stream = stream);
    world
}

/// Syncs, and answers what the signal came to and how often it was asked for.
fn sync(world: &World, arguments: &[&str]) -> (Value, usize) {
    world.simulation.whoop.clear_requests();
    let report = world.home.run(&[&["sync", "--json"], arguments].concat()).expect(0).json();
    let rows = report["providers"][0]["resources"].as_array().unwrap();
    let row = rows.iter().find(|row| row["resource"] == "sleep_stream").unwrap().clone();
    let asked = world.simulation.whoop.requests().iter().filter(|one| one.path.ends_with("/stream")).count();
    (row, asked)
}

fn samples(world: &World, metric: &str) -> u64 {
    Mirror::of(&world.home).samples("whoop", metric, "sleep")
}

/// Puts what the mirror noted of the account so many days back.
fn age_the_mark(world: &World, days: i64) {
    let database = Connection::open(world.home.path().join("vitals.db")).unwrap();
    let sql = "UPDATE state SET value = value - ?1 WHERE resource = 'sleep_stream' AND name = 'declined'";
    assert_eq!(database.execute(sql, [days * 86_400_000]).unwrap(), 1);
}

#[test]
fn an_account_without_it_is_told_of_no_fault_and_asked_once_a_week() {
    for (stream, tries) in [(Stream::NotOffered, 3), (Stream::Deactivated, 1)] {
        let world = whoop(20, stream);
        let (row, asked) = sync(&world, &[]);
        assert_eq!((&row["error"], asked), (&Value::Null, tries), "{stream:?}: {row}");
        assert_eq!(sync(&world, &[]).1, 0, "{stream:?}: not before a week has passed");
        let status = world.home.run(&["status", "--json"]).expect(0).json();
        assert_eq!(status["verdict"], "healthy", "{stream:?}");
        let night =
            world.home.run(&["series", "heart_rate", "--start", "last 7 days", "--json"]).expect(0).json();
        assert_eq!(night["coverage"]["complete"], true, "{stream:?}: nothing is outstanding");
        // A week later the account has it.
        age_the_mark(&world, 8);
        world.simulation.whoop.set_quirk(|quirks| quirks.stream = Stream::Offered);
        let (row, asked) = sync(&world, &[]);
        assert_eq!(row["status"], "ok", "{stream:?}: {row}");
        assert!(asked >= world.simulation.whoop.records(Kind::Sleep).len(), "{stream:?}: {asked}");
        assert!(samples(&world, "heart_rate") > 20 * 300, "{stream:?}");
    }
}

#[test]
fn every_minute_of_every_sleep_is_here_and_read_with_the_sleep() {
    let world = whoop(10, Stream::Offered);
    let (row, _) = sync(&world, &[]);
    assert_eq!(row["status"], "ok");
    assert_eq!(sync(&world, &[]).1, 0, "a quiet sync asks for nothing again");
    let sleeps = world.simulation.whoop.records(Kind::Sleep);
    let minutes = |sleep: &Value| {
        let at = |name: &str| sleep[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        at("end").duration_since(at("start")).as_secs() / 60
    };
    let all: i64 = sleeps.iter().map(minutes).sum();
    for metric in ["heart_rate", "skin_temperature", "whoop_sleeping", "whoop_charging"] {
        assert_eq!(samples(&world, metric) as i64, all, "{metric}");
    }
    let id = sleeps[0]["id"].as_str().unwrap();
    let mut server = world.home.serve();
    server.initialize();
    let arguments =
        json!({ "kind": "whoop.sleep", "ids": [id], "series": ["heart_rate"], "format": "objects" });
    let answer = server.call("list_records", &arguments);
    let values = &answer["structuredContent"]["records"][0]["series"]["heart_rate"]["values"];
    assert_eq!(values.as_array().unwrap().len() as i64, minutes(&sleeps[0]), "{answer}");
    server.close().expect(0);
}

#[test]
fn older_sleeps_may_have_none_and_a_corrected_one_is_read_again() {
    let world = whoop(10, Stream::NotOffered);
    let sleeps = world.simulation.whoop.records(Kind::Sleep);
    let fourth: jiff::Timestamp = sleeps[3]["start"].as_str().unwrap().parse().unwrap();
    world.simulation.whoop.set_quirk(|quirks| quirks.stream = Stream::Since(fourth));
    let (row, _) = sync(&world, &[]);
    assert_eq!((&row["status"], &row["error"]), (&json!("ok"), &Value::Null));
    assert_eq!(sync(&world, &[]).1, 0, "what has none is not asked for again");
    let id = sleeps[0]["id"].as_str().unwrap();
    let change = json!({ "score": { "respiratory_rate": 19.5 } });
    assert!(world.simulation.whoop.rescore_sleep(id, &change, crate::world::now()));
    assert_eq!(sync(&world, &[]).1, 1);
}
