//! The protocol with the real process and a slow provider: progress, cancelling, leaving, and being told to go.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vitals_mcp::demo::whoop::Fault;

use crate::{
    harness::{Home, Server},
    world::World,
};

/// Asks for a sync without waiting for it.
fn begin_sync(server: &mut Server, id: &str) {
    let params = json!({ "name": "sync_data", "arguments": {}, "_meta": { "progressToken": "p" } });
    server.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
}

/// Waits until the sync that was begun has fetched something.
fn until_under_way(server: &mut Server) {
    loop {
        let note = server.receive();
        assert_eq!(note["method"], "notifications/progress", "{note}");
        if note["params"]["progress"].as_f64().unwrap() > 0.0 {
            return;
        }
    }
}

/// A provider that answers once and then never again.
fn stuck(world: &World) {
    world.simulation.whoop.fail_next(1, Fault::Late(Duration::from_millis(1)), "/developer");
    world.simulation.whoop.fail_next(1000, Fault::Hang, "/developer");
}

#[test]
fn progress_only_ever_grows_and_is_followed_by_the_answer() {
    let world = World::connected_to(&["whoop"], 200);
    world.simulation.whoop.fail_next(20, Fault::Late(Duration::from_millis(60)), "/developer");
    let mut server = world.home.serve();
    server.initialize();
    begin_sync(&mut server, "sync");
    let mut values = Vec::new();
    let answer = loop {
        let message = server.receive();
        if message["id"] == "sync" {
            break message;
        }
        assert_eq!(message["params"]["progressToken"], "p", "{message}");
        values.push(message["params"]["progress"].as_f64().unwrap());
    };
    assert!(values.len() > 2 && values.is_sorted_by(|one, next| one < next), "{values:?}");
    let found = &answer["result"]["structuredContent"];
    assert_eq!(found["status"], "ok", "{answer}");
    assert!(found["fetched"].as_f64().unwrap() >= *values.last().unwrap());
    server.close().expect(0);
}

#[test]
fn a_cancelled_sync_is_not_answered_and_the_next_one_works() {
    let world = World::connected_to(&["whoop"], 30);
    stuck(&world);
    let mut server = world.home.serve();
    server.initialize();
    begin_sync(&mut server, "sync");
    until_under_way(&mut server);
    server.notify("notifications/cancelled", &json!({ "requestId": "sync" }));
    world.simulation.whoop.clear_faults();
    let next = server.call("sync_data", &json!({ "resources": ["workout"] }));
    assert_eq!(next["structuredContent"]["status"], "ok", "{next}");
    let rest = server.close().expect(0).stdout;
    assert!(!rest.contains("\"id\":\"sync\""), "a late answer: {rest}");
}

#[test]
fn a_client_that_leaves_during_a_sync_is_not_kept() {
    let world = World::connected_to(&["whoop"], 30);
    stuck(&world);
    let mut server = world.home.serve();
    server.initialize();
    begin_sync(&mut server, "sync");
    until_under_way(&mut server);
    let left = Instant::now();
    let ran = server.close().expect(0);
    // One second is promised; the provider would have kept it for a minute.
    assert!(left.elapsed() < Duration::from_secs(10), "{:?}", left.elapsed());
    let last: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["result"]["structuredContent"]["status"], "running", "{last}");
    // What was fetched is kept, and the next sync goes on from there.
    world.simulation.whoop.clear_faults();
    world.home.run(&["sync"]).expect(0);
}

#[test]
fn nothing_but_messages_comes_back_whatever_is_sent() {
    let home = Home::new();
    let mut server = home.serve();
    for line in ["", "hello", "{", "[]", "null", "{\"jsonrpc\":\"2.0\"}", "{\"id\":1}", "\u{0}\u{1}"] {
        server.send_text(line);
    }
    server.initialize();
    for line in [
        "garbage",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard_of\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":99}}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}",
    ] {
        server.send_text(line);
    }
    let unknown = server.request("tools/unheard_of", &json!({}));
    assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
    let wrong = server.request("tools/call", &json!({ "name": 7 }));
    assert!(wrong["error"]["code"].is_i64(), "{wrong}");
    assert_eq!(server.call("get_status", &json!({}))["structuredContent"]["verdict"], "unhealthy");
    let ran = server.close().expect(0);
    for line in ran.stdout.lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
    }
    assert_eq!(ran.stderr, "");
}

#[test]
fn it_syncs_by_itself_once_somebody_is_signed_in() {
    let world = World::connected_to(&["whoop"], 10);
    let mut command = world.home.command(&["serve"]);
    command.env("VITALS_SYNC_INTERVAL", "2h");
    let mut server = Server::start(command);
    server.initialize();
    let begun = Instant::now();
    loop {
        let status = server.call("get_status", &json!({}));
        if status["structuredContent"]["providers"][0]["last_sync"].is_string() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{status}");
        std::thread::sleep(Duration::from_millis(100));
    }
    server.close().expect(0);
}

#[cfg(unix)]
#[test]
fn it_goes_when_it_is_told_to() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::new();
        let mut server = home.serve();
        server.initialize();
        let ran = server.end_by(signal).expect(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    }
}
