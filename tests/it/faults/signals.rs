//! Told to end in the middle: Ctrl-C and SIGTERM during an export, a sync and a server that does both. The exit
//! code is the documented one, no file is half there, and the next run is whole.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use vitals_mcp::demo::whoop::Fault;

use crate::{
    harness::{Ran, keeps_secrets},
    mirror::assert_mirrors,
    store::Mirror,
    world::World,
};

const SIGNALS: [Signal; 2] = [Signal::INT, Signal::TERM];

/// What is in each file of a directory, by its name; nothing where it is not.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).into_iter().flatten().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn ended_by(child: Child, signal: Signal) -> Ran {
    kill_process(Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ran = Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) };
    keeps_secrets("stderr", &ran.stderr);
    ran
}

fn spawn(world: &World, arguments: &[&str]) -> Child {
    let mut command = world.home.command(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn an_export_that_is_told_to_end_leaves_all_or_nothing() {
    let world = World::connected_to(&["whoop"], 200);
    world.home.run(&["sync"]).expect(0);
    let out = world.home.path().join("out");
    let export = ["export", "all", "--to", "vitals/out", "--json"];
    world.home.run(&export).expect(0);
    let whole = files(&out);
    let mut stopped = 0;
    for round in 0..3 {
        for signal in SIGNALS {
            let what = format!("round {round}, {signal:?}");
            let _ = fs::remove_dir_all(&out);
            let child = spawn(&world, &export);
            while !out.exists() {
                thread::yield_now();
            }
            let ran = ended_by(child, signal);
            if ran.code == Some(0) {
                // It was quicker.
                assert!(files(&out) == whole, "{what}: it says that it is done");
            } else {
                assert_eq!(ran.code, Some(130), "{what}: {}", ran.stderr);
                assert_eq!(ran.error()["code"], "CANCELLED", "{what}");
                assert_eq!(files(&out).len(), 0, "{what}: {:?}", files(&out).keys());
                stopped += 1;
            }
            let _ = fs::remove_dir_all(&out);
            world.home.run(&export).expect(0);
            assert!(files(&out) == whole, "{what}: the next one is another");
        }
    }
    assert!(stopped > 0, "it was always quicker");
}

#[test]
fn a_sync_that_is_told_to_end_keeps_what_it_has() {
    for signal in SIGNALS {
        let world = World::connected_to(&["whoop"], 60);
        let whoop = &world.simulation.whoop;
        // The third page of sleeps never comes.
        whoop.fail_next(2, Fault::Late(Duration::ZERO), "/developer/v2/activity/sleep");
        whoop.fail_next(1, Fault::Hang, "/developer/v2/activity/sleep");
        let child = spawn(&world, &["sync", "--json"]);
        while whoop.api_request_count() < 3 {
            thread::yield_now();
        }
        let ran = ended_by(child, signal);
        assert_eq!(ran.code, Some(130), "{signal:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("CANCELLED"), "{signal:?}: {}", ran.stderr);
        assert_eq!(Mirror::of(&world.home).bodies("whoop.sleep").len(), 50, "{signal:?}: what came is kept");
        whoop.clear_faults();
        world.home.run(&["sync"]).expect(0);
        assert_mirrors(&world);
        let mirror = Mirror::of(&world.home);
        assert_eq!(mirror.integrity(), "ok");
        mirror.assert_feed_is_consistent("a sync that was told to end");
    }
}

#[test]
fn a_server_that_is_told_to_end_leaves_nothing_half_done() {
    let world = World::connected_to(&["whoop"], 60);
    world.home.run(&["sync"]).expect(0);
    world.home.run(&["export", "all", "--to", "vitals/whole"]).expect(0);
    let whole = files(&world.home.path().join("whole"));
    let out = world.home.path().join("exports/out");
    for signal in [Some(Signal::INT), Some(Signal::TERM), None] {
        let mut server = world.home.serve();
        server.initialize();
        world.simulation.whoop.fail_next(1, Fault::Hang, "/developer/v2/activity/sleep");
        for (id, tool, arguments) in
            [(900, "sync_data", json!({})), (901, "export_data", json!({ "kind": "all", "path": "out" }))]
        {
            server.send(&json!({
                "jsonrpc": "2.0", "id": id, "method": "tools/call",
                "params": { "name": tool, "arguments": arguments },
            }));
        }
        while !out.exists() {
            thread::yield_now();
        }
        let ran = match signal {
            Some(signal) => server.end_by(signal),
            None => server.close(),
        };
        assert_eq!(ran.code, Some(0), "{signal:?}: {}", ran.stderr);
        let lines = ran.stdout.lines().filter(|line| !line.is_empty());
        assert!(lines.into_iter().all(|line| line.starts_with("{\"jsonrpc\"")), "{signal:?}: {}", ran.stdout);
        for (name, bytes) in files(&out) {
            assert!(whole.get(&name) == Some(&bytes), "{signal:?}: {name} is not whole");
        }
        // One that was cancelled takes its directory with it.
        let _ = fs::remove_dir_all(&out);
        world.simulation.whoop.clear_faults();
        world.home.run(&["sync"]).expect(0);
        assert_mirrors(&world);
        assert_eq!(Mirror::of(&world.home).integrity(), "ok");
    }
}
