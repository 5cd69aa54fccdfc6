//! Several processes on one profile: eight servers that start, sync, refresh and export at once, two versions of the
//! program on one file, and a login that is withdrawn while a sync is under way.

use std::{collections::BTreeMap, ffi::OsString, fs, path::Path, process::Stdio, thread, time::Duration};

use rusqlite::Connection;
use serde_json::{Value, json};
use vitals_mcp::demo::whoop::Fault;

use super::upstream::UPSTREAMS;
use crate::{
    harness::{Server, finish},
    mirror::assert_mirrors,
    store::Mirror,
    world::World,
};

pub const SERVERS: usize = 8;

/// What is in each file of a directory.
fn files(dir: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
}

/// The answer of `sync_data`, waited for to its end.
fn synced(server: &mut Server) -> Value {
    loop {
        let result = server.call("sync_data", &json!({}));
        let content = result["structuredContent"].clone();
        if content["status"] != "running" {
            return content;
        }
    }
}

#[test]
fn eight_servers_that_wake_together_share_one_import_and_one_refresh() {
    let world = World::connected_to(&["whoop"], 120);
    for round in ["nothing here yet", "everything here, the token expired"] {
        world.simulation.whoop.expire_access_tokens();
        let (posts, requests) =
            (world.simulation.whoop.token_posts(), world.simulation.whoop.request_count());
        let answers: Vec<Value> = thread::scope(|scope| {
            let clients: Vec<_> = (0..SERVERS)
                .map(|number| {
                    let world = &world;
                    scope.spawn(move || {
                        let mut server = world.home.serve();
                        server.initialize();
                        let answer = synced(&mut server);
                        let status = server.call("get_status", &json!({}));
                        assert_eq!(status["isError"], false, "{status}");
                        let rows = server.call("list_records", &json!({ "kind": "whoop.sleep" }));
                        assert!(rows["structuredContent"]["count"].as_u64() > Some(0), "{rows}");
                        let path = format!("{number} {round}");
                        let exported = server.call("export_data", &json!({ "kind": "all", "path": path }));
                        assert_eq!(exported["isError"], false, "{exported}");
                        server.close().expect(0);
                        answer
                    })
                })
                .collect();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        let exports: Vec<_> = (0..SERVERS)
            .map(|number| files(&world.home.path().join(format!("exports/{number} {round}"))))
            .collect();
        assert!(exports[0].len() > 5, "{round}: {:?}", exports[0].keys());
        for (number, export) in exports.iter().enumerate() {
            assert!(*export == exports[0], "{round}: server {number} exported something else");
        }
        for answer in &answers {
            let resources = answer["providers"][0]["resources"].as_array().unwrap();
            let done = |resource: &Value| resource["status"] == "ok" || resource["status"] == "idle";
            assert!(resources.iter().all(done), "{round}: {answer}");
        }
        assert_eq!(world.simulation.whoop.token_posts() - posts, 1, "{round}");
        let requests = world.simulation.whoop.request_count() - requests;
        assert!(requests < 60, "{round}: {requests} requests of {SERVERS} servers");
        assert_mirrors(&world);
        let mirror = Mirror::of(&world.home);
        assert_eq!(mirror.integrity(), "ok", "{round}");
        mirror.assert_feed_is_consistent(round);
    }
}

/// Says that the file has another version than it has.
fn pretend_version(world: &World, by: i64) -> i64 {
    let db = Connection::open(world.home.path().join("vitals.db")).unwrap();
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    db.pragma_update(None, "user_version", version + by).unwrap();
    version
}

#[test]
fn a_server_whose_file_a_newer_version_has_migrated_stops_writing() {
    let world = World::connected_to(&["whoop"], 20);
    world.home.run(&["sync"]).expect(0);
    let mut old = world.home.serve();
    old.initialize();
    assert_eq!(synced(&mut old)["providers"][0]["resources"][0]["status"], "ok");
    let feed = Mirror::of(&world.home).feed();
    pretend_version(&world, 1);
    UPSTREAMS[0].change(&world, 0);
    let answer = old.call("sync_data", &json!({}));
    assert!(answer.to_string().contains("vitals-mcp"), "{answer}");
    assert!(!answer.to_string().contains("\"ok\""), "it wrote into a newer file: {answer}");
    assert_eq!(Mirror::of(&world.home).feed(), feed, "it wrote into a newer file");
    old.close().expect(0);
    // Newly started, the old version refuses, names both versions, and touches nothing.
    let path = world.home.path().join("vitals.db");
    let before = fs::read(&path).unwrap();
    for arguments in [&["sync"][..], &["records", "whoop.sleep"], &["rebuild"]] {
        let ran = world.home.run(arguments).expect(7);
        assert!(
            ran.stderr.contains("vitals.db has schema") && ran.stderr.contains("Update vitals-mcp"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    pretend_version(&world, -1);
    world.home.run(&["sync"]).expect(0);
    assert_mirrors(&world);
}

#[test]
fn a_login_withdrawn_during_a_sync_does_not_come_back() {
    for upstream in &UPSTREAMS {
        let world = upstream.world();
        upstream.fail_next(&world, 1, Fault::Late(Duration::from_secs(1)), upstream.listing);
        let before = upstream.requests(&world);
        thread::scope(|scope| {
            let mut syncing = world.home.command(&["sync", upstream.id, "--json"]);
            let syncing = scope.spawn(move || finish(syncing.stdin(Stdio::null())));
            while upstream.requests(&world) == before {
                thread::yield_now();
            }
            world.home.run(&["disconnect", upstream.id]).expect(0);
            let ran = syncing.join().unwrap();
            // What it had the time to fetch is right; what it had not is said to be missing.
            if ran.code == Some(0) {
                upstream.assert_same(&world, "a sync that was quicker");
            }
        });
        let status = world.home.run(&["status", "--json"]).expect(0).json();
        let row = status["providers"].as_array().unwrap().iter().find(|row| row["provider"] == upstream.id);
        assert_eq!(row.unwrap()["state"], "not_connected", "{}: {status}", upstream.id);
        let tokens = fs::read_dir(world.home.path().join("tokens")).unwrap();
        let names: Vec<_> = tokens.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert!(!names.iter().any(|name| name.ends_with(".tokens")), "{}: {names:?}", upstream.id);
        assert_eq!(upstream.sync(&world).code, Some(3), "{}", upstream.id);
        world.sign_in(upstream.id).expect(0);
        upstream.sync(&world).expect(0);
        upstream.assert_same(&world, "a login withdrawn during a sync");
    }
}
