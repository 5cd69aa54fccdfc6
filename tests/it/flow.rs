//! From the sign-in to the answers, with the real program against the simulated provider.

use std::{process::Stdio, thread, time::Duration};

use serde_json::Value;
use vitals_mcp::demo::whoop::Fault;

use crate::{
    harness::{Home, Ran},
    world::{CLIENT_SECRET, World},
};

/// The resources of a sync report, by name.
fn resource<'a>(report: &'a Value, name: &str) -> &'a Value {
    let resources = report["providers"][0]["resources"].as_array().unwrap();
    resources
        .iter()
        .find(|resource| resource["resource"] == name)
        .unwrap_or_else(|| panic!("no {name} in {report}"))
}

fn report(ran: &Ran) -> Value {
    let report = ran.json();
    assert_eq!(report["providers"][0]["provider"], "whoop", "{report}");
    report
}

#[test]
fn a_sync_fetches_everything_and_a_second_one_nothing_new() {
    let world = World::connected_to(&["whoop"], 40);
    let first = report(&world.home.run(&["sync", "--json"]).expect(0));
    for name in ["sleep", "cycle", "recovery", "workout", "profile", "body_measurement"] {
        let resource = resource(&first, name);
        assert_eq!((&resource["status"], &resource["error"]), (&"ok".into(), &Value::Null), "{first}");
        assert_eq!(resource["fetched"], resource["new"], "{name}: {first}");
        assert!(resource["new"].as_u64().unwrap() > 0, "{name}: {first}");
    }
    let second = report(&world.home.run(&["sync", "--json"]).expect(0));
    for resource in second["providers"][0]["resources"].as_array().unwrap() {
        assert_eq!((&resource["new"], &resource["removed"]), (&0.into(), &0.into()), "{second}");
    }
}

#[test]
fn only_what_was_asked_for_is_synced() {
    let world = World::connected_to(&["whoop"], 20);
    let ran = world.home.run(&["sync", "whoop", "--resource", "workout", "--json"]).expect(0);
    let report = report(&ran);
    assert_eq!(report["providers"][0]["resources"].as_array().map(Vec::len), Some(1), "{report}");
    assert!(world.simulation.whoop.requests().iter().all(|request| !request.path.contains("/cycle")));
}

#[test]
fn a_login_that_has_ended_is_3_and_the_data_stays_readable() {
    let world = World::connected_to(&["whoop"], 20);
    world.home.run(&["sync"]).expect(0);
    world.simulation.whoop.revoke_all();
    let ran = world.home.run(&["sync", "--json"]).expect(3);
    assert!(ran.error()["hint"].as_str().unwrap().contains("vitals-mcp auth whoop"), "{ran:?}");
    let status = world.home.run(&["status", "--json"]).expect(0).json();
    assert_eq!(status["providers"][0]["state"], "needs_login", "{status}");
    let records = world.home.run(&["records", "whoop.sleep", "--json"]).expect(0).json();
    assert!(records["count"].as_u64().unwrap() > 0, "{records}");
}

#[test]
fn tables_and_json_tell_the_same_and_pages_go_on() {
    let world = World::connected_to(&["whoop"], 30);
    world.home.run(&["sync"]).expect(0);
    let page = |cursor: Option<&str>| {
        let mut arguments = vec!["records", "whoop.sleep", "--start", "last 30 days", "--limit", "7"];
        arguments.extend(cursor.iter().flat_map(|cursor| ["--cursor", cursor]));
        let text = world.home.run(&arguments).expect(0).stdout;
        arguments.push("--json");
        (text, world.home.run(&arguments).expect(0).json())
    };
    let (text, first) = page(None);
    let id = |page: &Value, row: usize| page["rows"][row][0].as_str().unwrap().to_owned();
    assert!(text.contains(&id(&first, 0)), "{text}");
    assert_eq!(first["truncated"], true, "{first}");
    let (_, second) = page(first["next_cursor"].as_str());
    assert_ne!(id(&first, 0), id(&second, 0));
}

#[test]
fn events_go_on_from_their_cursor() {
    let world = World::connected_to(&["whoop"], 10);
    world.home.run(&["sync"]).expect(0);
    let events = world.home.run(&["events", "--since", "seq:0", "--limit", "3", "--json"]).expect(0).json();
    assert_eq!(
        (events["events"].as_array().unwrap().len(), &events["has_more"]),
        (3, &true.into()),
        "{events}"
    );
    let cursor = events["next_cursor"].as_str().unwrap();
    let next = world.home.run(&["events", "--since", cursor, "--limit", "1", "--json"]).expect(0).json();
    let seq = |events: &Value, at: usize| events["events"][at]["seq"].as_i64().unwrap();
    assert_eq!(seq(&next, 0), seq(&events, 2) + 1);
}

#[test]
fn forgetting_leaves_nothing_and_ends_the_grant() {
    let world = World::connected_to(&["whoop"], 10);
    world.home.run(&["sync"]).expect(0);
    let gone = world.home.run(&["forget", "whoop", "--yes", "--json"]).expect(0).json();
    assert!(gone["records"].as_u64().unwrap() > 10, "{gone}");
    let status = world.home.run(&["status", "--json"]).expect(0).json();
    assert_eq!(status["providers"][0]["state"], "not_connected", "{status}");
    assert_eq!(status["providers"][0]["records"], 0, "{status}");
    assert!(world.simulation.whoop.requests().iter().any(|request| request.method == "DELETE"));
}

#[test]
fn no_secret_is_in_any_file_or_any_output() {
    let world = World::new(5);
    let said = world.sign_in("whoop").expect(0);
    let synced = world.home.run(&["sync", "-vv"]).expect(0);
    let text = [said.stdout, said.stderr, synced.stdout, synced.stderr].join("\n");
    // What every token and every request with one would bring along.
    for secret in [CLIENT_SECRET, "access_token", "refresh_token", "Bearer "] {
        assert!(!text.contains(secret), "'{secret}' was printed");
        assert_eq!(holds(&world.home, secret), Vec::<String>::new(), "'{secret}' lies open");
    }
}

/// The files of the home that hold a text.
fn holds(home: &Home, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![home.path()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_sync_and_the_next_one_goes_on() {
    use rustix::process::{Pid, Signal, kill_process};
    let world = World::connected_to(&["whoop"], 60);
    let whoop = &world.simulation.whoop;
    // The third page of sleeps never comes.
    whoop.fail_next(2, Fault::Late(Duration::ZERO), "/developer/v2/activity/sleep");
    whoop.fail_next(1, Fault::Hang, "/developer/v2/activity/sleep");
    let mut command = world.home.command(&["sync", "--json"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while whoop.api_request_count() < 3 {
        thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("CANCELLED"), "{output:?}");
    let stored = world.home.run(&["describe", "whoop.sleep", "--json"]).expect(0).json();
    assert_eq!(stored["kinds"][0]["count"], 50, "what was fetched is kept: {stored}");
    let resumed = report(&world.home.run(&["sync", "--json"]).expect(0));
    assert!(resource(&resumed, "sleep")["new"].as_u64().unwrap() > 0, "{resumed}");
}

#[test]
fn a_sync_that_lacks_something_has_its_own_exit_code_and_names_the_resource() {
    let world = World::connected_to(&["whoop"], 10);
    world.simulation.whoop.fail_next(100, Fault::Html, "/developer/v2/cycle");
    let ran = world.home.run(&["sync", "--json"]).expect(11);
    let report = report(&ran);
    assert_eq!(resource(&report, "sleep")["status"], "ok", "{report}");
    let cycle = resource(&report, "cycle");
    assert_ne!(cycle["status"], "ok", "{report}");
    assert!(!cycle["error"]["hint"].as_str().unwrap().is_empty(), "{report}");
    assert_eq!(ran.error()["code"], "SYNC_ERROR");
}
