//! `serve` as a client starts it: what it answers, that it says nothing else, and how it ends.

use serde_json::json;

use crate::{harness::Home, world::World};

#[test]
fn it_introduces_itself_with_nothing_connected_and_ends_with_its_client() {
    let home = Home::new();
    for arguments in [&["serve"][..], &[]] {
        let mut server = crate::harness::Server::start(home.command(arguments));
        let answer = server.initialize();
        assert_eq!(answer["result"]["serverInfo"]["name"], "vitals-mcp", "{answer}");
        let listed = server.request("tools/list", &json!({}));
        let named = home.run(&["__docs"]).expect(0).json();
        assert_eq!(listed["result"]["tools"], named["tools"], "the documentation describes other tools");
        let ran = server.close().expect(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{arguments:?}");
    }
    assert!(!home.path().exists(), "introducing itself made files");
}

#[test]
fn a_client_that_leaves_at_once_is_no_error() {
    let ran = Home::new().run(&["serve"]).expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn the_tools_answer_what_the_commands_answer() {
    let world = World::connected(20);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    for (tool, arguments, command) in [
        ("describe_data", json!({ "kind": "whoop.sleep" }), &["describe", "whoop.sleep"][..]),
        ("get_daily_summary", json!({ "date": "yesterday" }), &["day", "yesterday"]),
        (
            "list_records",
            json!({ "kind": "whoop.workout", "limit": 3 }),
            &["records", "whoop.workout", "--limit", "3"],
        ),
        (
            "get_events",
            json!({ "since": "seq:0", "limit": 5 }),
            &["events", "--since", "seq:0", "--limit", "5"],
        ),
        ("get_profile", json!({}), &["profile"]),
    ] {
        let answer = server.call(tool, &arguments);
        assert_ne!(answer["isError"], true, "{tool}: {answer}");
        let printed = world.home.run(&[command, &["--json"][..]].concat()).expect(0).json();
        assert_eq!(answer["structuredContent"], printed, "{tool} and {command:?} differ");
    }
    server.close().expect(0);
}

#[test]
fn errors_are_results_in_the_envelope_the_commands_print() {
    let home = Home::new();
    let mut server = home.serve();
    server.initialize();
    let answer = server.call("list_records", &json!({ "kind": "whoop.nothing" }));
    assert_eq!(answer["isError"], true, "{answer}");
    let printed = home.run(&["records", "whoop.nothing", "--json"]).expect(2).error();
    let error = &answer["structuredContent"]["error"];
    assert_eq!((&error["code"], &error["message"]), (&printed["code"], &printed["message"]));
    assert!(error["hint"].as_str().unwrap().contains("whoop.sleep"), "{error}");
}
