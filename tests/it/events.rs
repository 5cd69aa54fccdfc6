//! The event feed through the real program: a reader that is started anew each time, and one that follows.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vitals_mcp::demo::{random::Random, whoop::Kind};

use crate::{
    harness::Server,
    world::{World, now},
};

/// One page, read by a process of its own.
fn page(world: &World, since: &str, limit: i64) -> (Vec<Value>, String, bool) {
    let limit = limit.to_string();
    let ran = world.home.run(&["events", "--since", since, "--limit", &limit, "--json"]).expect(0).json();
    let cursor = ran["next_cursor"].as_str().unwrap().to_owned();
    (ran["events"].as_array().unwrap().clone(), cursor, ran["has_more"].as_bool().unwrap())
}

/// Changes something upstream and says what the feed must tell of it.
fn change(world: &World, chance: &mut Random, told: &mut BTreeMap<&'static str, u64>) {
    let whoop = &world.simulation.whoop;
    let workouts = whoop.records(Kind::Workout);
    let id = workouts[chance.whole(0, workouts.len() as i64 - 1) as usize]["id"].as_str().unwrap();
    let op = match chance.whole(0, 3) {
        0 if whoop.delete(Kind::Workout, id) => "removed",
        1 => {
            // The simulation knows a late workout by the second it began in.
            let ago = jiff::SignedDuration::from_secs(chance.whole(100_000, 1_000_000));
            whoop.insert_workout_late(now() - ago, 1800, now());
            "new"
        }
        2 => {
            whoop.change_profile(&json!({ "first_name": format!("Ada {}", chance.bits()) }));
            "changed"
        }
        _ => {
            let strain = json!({ "score": { "strain": chance.between(1.0, 20.0) } });
            assert!(whoop.rescore(Kind::Workout, id, &strain, now()));
            "changed"
        }
    };
    *told.entry(op).or_default() += 1;
}

#[test]
fn a_reader_that_is_started_anew_sees_every_change_exactly_once() {
    let world = World::connected_to(&["whoop"], 25);
    let mut chance = Random::new(3, "events", 0);
    // Before anything is stored there is a cursor already.
    let (nothing, mut cursor, more) = page(&world, "seq:0", 5);
    assert_eq!((nothing.len(), cursor.as_str(), more), (0, "seq:0", false));
    world.home.run(&["sync"]).expect(0);
    let (first, after, _) = page(&world, "seq:0", 1000);
    assert!(first.len() > 50 && first.iter().all(|event| event["op"] == "new"), "{}", first.len());
    let mut seen: Vec<Value> = Vec::new();
    let mut told = BTreeMap::new();
    for _ in 0..8 {
        change(&world, &mut chance, &mut told);
        world.home.run(&["sync"]).expect(0);
        // It does not always read to the end, and what was read and not kept is read again.
        for _ in 0..chance.whole(1, 3) {
            let (events, next, _) = page(&world, &cursor, chance.whole(1, 60));
            if chance.chance(0.7) {
                seen.extend(events);
                cursor = next;
            }
        }
    }
    loop {
        let (events, next, more) = page(&world, &cursor, 50);
        seen.extend(events);
        cursor = next;
        if !more {
            break;
        }
    }
    let (all, _, _) = page(&world, "seq:0", 1000);
    let numbers =
        |events: &[Value]| events.iter().map(|event| event["seq"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(numbers(&seen), numbers(&all), "every event once, in order");
    // What was done upstream is what is told; days that a change moves may bring further changes with them.
    let (later, _, _) = page(&world, &after, 1000);
    for (op, times) in told {
        let events = later.iter().filter(|event| event["op"] == op).count() as u64;
        assert!(
            if op == "changed" { events >= times } else { events == times },
            "{op}: {times} in {later:?}"
        );
    }
    assert!(all.iter().all(|event| event["op"] != "removed" || event["record"].is_null()));
}

#[test]
fn a_model_that_comes_back_is_told_what_is_new_in_little() {
    let world = World::connected_to(&["whoop"], 120);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    let mut ask = |arguments: Value| {
        let answer = server.call("get_events", &arguments)["structuredContent"].clone();
        assert!(arguments["records"] == true || answer.to_string().len() < 4_000, "{arguments}: {answer}");
        answer
    };
    // The import of four months: counted, said to be one, and nothing of it listed.
    let first = ask(json!({}));
    let (total, cursor) = (first["total"].as_u64().unwrap(), first["next_cursor"].as_str().unwrap());
    assert!(total > 300 && first["first_import"] == true && first["events"].is_null(), "{first}");
    assert_eq!(first["counts"]["first_imports"], json!([{ "provider": "whoop", "events": total }]));
    let kinds = first["counts"]["by_kind"].as_array().unwrap();
    assert_eq!(kinds.iter().map(|kind| kind["new"].as_u64().unwrap()).sum::<u64>(), total);
    // As the answer says: the events themselves, page by page, each once.
    let (mut listed, mut place, mut more) = (0, first["since"].clone(), true);
    while more {
        let page = ask(json!({ "since": place, "records": true }));
        listed += page["events"].as_array().unwrap().len() as u64;
        more = page["truncated"].as_bool().unwrap();
        place = page["next_cursor"].clone();
    }
    assert_eq!((listed, place.as_str()), (total, Some(cursor)));
    // One thing happens, and that is what is told to whoever goes on from the first answer.
    let workouts = world.simulation.whoop.records(Kind::Workout);
    let newest = workouts.iter().max_by_key(|one| one["start"].as_str().unwrap().to_owned()).unwrap();
    let id = newest["id"].as_str().unwrap();
    assert!(world.simulation.whoop.delete(Kind::Workout, id));
    world.home.run(&["sync"]).expect(0);
    let news = ask(json!({ "since": cursor, "ops": ["removed"] }));
    assert_eq!((&news["total"], &news["first_import"]), (&json!(1), &json!(false)), "{news}");
    let told = &news["events"][0];
    assert_eq!((&told["op"], &told["id"], &told["record"]), (&json!("removed"), &json!(id), &Value::Null));
    let all = ask(json!({ "since": cursor }));
    let nothing = ask(json!({ "cursor": all["next_cursor"] }));
    assert_eq!((&nothing["total"], &nothing["events"]), (&json!(0), &json!([])));
    server.close().expect(0);
}

#[test]
fn following_waits_for_a_mirror_and_ends_with_the_code_of_an_interrupt() {
    let world = World::connected_to(&["whoop"], 6);
    let mut command = world.home.command(&["events", "--follow", "--since", "seq:0", "--json"]);
    command.env("VITALS_LOG", "error");
    let mut follower = Server::start(command);
    world.home.run(&["sync"]).expect(0);
    let (all, cursor, _) = page(&world, "seq:0", 1000);
    for expected in &all {
        let event: Value = serde_json::from_str(&follower.line()).expect("one JSON document to a line");
        assert_eq!(event["seq"], expected["seq"]);
    }
    // What another process stores later comes as well.
    world.simulation.whoop.change_profile(&json!({ "first_name": "Grace" }));
    world.home.run(&["sync"]).expect(0);
    let event: Value = serde_json::from_str(&follower.line()).unwrap();
    assert_eq!((&event["kind"], &event["op"]), (&json!("whoop.profile"), &json!("changed")), "{event}");
    let last = event["seq"].as_i64().unwrap();
    assert!(format!("seq:{}", last - 1) == cursor, "{event} after {cursor}");
    #[cfg(unix)]
    {
        let ran = follower.end_by(rustix::process::Signal::INT).expect(130);
        assert_eq!(ran.stdout, "");
        let error = &ran.error();
        assert_eq!(error["code"], "CANCELLED");
        assert!(error["hint"].as_str().unwrap().contains(&format!("--since seq:{last}")), "{error}");
    }
}
