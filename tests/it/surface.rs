//! Resources, subscriptions and prompts through the real program, in raw lines of both eras, with simulated
//! providers behind it.

use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use vitals_mcp::demo::whoop::Kind;

use crate::{
    harness::{Home, Server},
    world::{World, now},
};

const UPDATED: &str = "notifications/resources/updated";

/// A request of a client of 2026-07-28, which says with each what it is.
fn modern(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}

/// The URIs of the updates that come until one of them is this; a sync in several steps is several updates of
/// the feed.
fn updates_until(server: &mut Server, uri: &str) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let message = server.receive();
        if message["method"] != UPDATED {
            assert!(message.get("result").is_some(), "{message}");
            continue;
        }
        told.push(message["params"].clone());
        if message["params"]["uri"] == uri {
            return told;
        }
    }
}

/// The URIs of the updates that have been sent by now.
fn updates_so_far(server: &mut Server) -> Vec<Value> {
    server.send(&json!({ "jsonrpc": "2.0", "id": "now", "method": "tools/list", "params": {} }));
    let mut told = Vec::new();
    loop {
        let message = server.receive();
        if message["id"] == "now" {
            return told;
        }
        told.push(message["params"]["uri"].clone());
    }
}

/// Scores the night of some days ago anew upstream, and says which day it belongs to.
fn rescore(world: &World, days_ago: i64, respiratory_rate: f64) -> String {
    let before = now() - (24 * days_ago).hours();
    let end = |record: &Value| record["end"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let records = world.simulation.whoop.records(Kind::Sleep);
    let night = records
        .iter()
        .find(|record| end(record) < before && record["nap"] == false && record["score_state"] == "SCORED")
        .unwrap();
    let patch = json!({ "score": { "respiratory_rate": respiratory_rate } });
    assert!(world.simulation.whoop.rescore(Kind::Sleep, night["id"].as_str().unwrap(), &patch, now()));
    // This person never leaves the zone.
    end(night).to_zoned(TimeZone::get("Europe/Berlin").unwrap()).date().to_string()
}

#[test]
fn a_session_is_told_what_a_sync_of_any_process_changes() {
    let world = World::connected_to(&["whoop"], 12);
    world.home.run(&["sync"]).expect(0);
    let day = rescore(&world, 3, 15.5);
    let other = rescore(&world, 7, 14.5);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    let introduced = server.initialize();
    let offered = &introduced["result"]["capabilities"];
    assert_eq!(offered["resources"]["subscribe"], true, "{offered}");
    assert!(offered["prompts"].is_object() && offered["completions"].is_object(), "{offered}");
    let (watched, feed) = (format!("vitals://summary/{day}"), "vitals://events/seq:0");
    for uri in [watched.as_str(), feed] {
        assert_eq!(server.request("resources/subscribe", &json!({ "uri": uri }))["result"], json!({}));
    }
    // Another day, by another process: the feed alone.
    assert_eq!(rescore(&world, 7, 13.5), other);
    world.home.run(&["sync"]).expect(0);
    updates_until(&mut server, feed);
    assert!(updates_so_far(&mut server).iter().all(|uri| uri == feed), "{other} is not {day}");
    // The watched day, by another process.
    assert_eq!(rescore(&world, 3, 16.5), day);
    world.home.run(&["sync"]).expect(0);
    assert_eq!(updates_until(&mut server, &watched)[0]["uri"], feed);
    // The watched day, by our own sync.
    assert_eq!(rescore(&world, 3, 17.5), day);
    let call = json!({ "name": "sync_data", "arguments": {} });
    server.send(&json!({ "jsonrpc": "2.0", "id": "sync", "method": "tools/call", "params": call }));
    updates_until(&mut server, &watched);
    let read = server.request("resources/read", &json!({ "uri": watched }))["result"].clone();
    let text = read["contents"][0]["text"].as_str().unwrap();
    assert!(text.contains("17.5"), "{text}");
    server.close().expect(0);
}

#[test]
fn a_listener_is_told_under_its_number() {
    let world = World::connected_to(&["whoop"], 12);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    let found = server.request("server/discover", &modern(json!({})));
    assert!(found["result"]["capabilities"]["resources"].is_object(), "{found}");
    let day = rescore(&world, 3, 15.5);
    let watched = format!("vitals://summary/{day}");
    let wanted = json!({ "notifications": { "resourceSubscriptions": [watched, "vitals://profile"] } });
    server.send(
        &json!({ "jsonrpc": "2.0", "id": "ear", "method": "subscriptions/listen", "params": modern(wanted) }),
    );
    let note = server.receive();
    assert_eq!(note["method"], "notifications/subscriptions/acknowledged", "{note}");
    assert_eq!(note["params"]["notifications"]["resourceSubscriptions"], json!([watched]), "{note}");
    world.home.run(&["sync"]).expect(0);
    let told = updates_until(&mut server, &watched).remove(0);
    assert_eq!(
        (&told["uri"], &told["_meta"]["io.modelcontextprotocol/subscriptionId"]),
        (&json!(watched), &json!("ear"))
    );
    // The end of input ends the listening with an answer to it.
    let rest = server.close().expect(0).stdout;
    let last: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!((&last["id"], last.get("error")), (&json!("ear"), None), "{rest}");
}

#[test]
fn everything_offered_can_be_read_with_nothing_connected() {
    let home = Home::new();
    let mut server = home.serve();
    server.initialize();
    let resources = server.request("resources/list", &json!({}))["result"]["resources"].clone();
    for resource in resources.as_array().unwrap() {
        let read = server.request("resources/read", &json!({ "uri": resource["uri"] }));
        let text = read["result"]["contents"][0]["text"].as_str().unwrap_or_else(|| panic!("{read}"));
        // What a resource is listed as is what it is: JSON, or the one page that is shown.
        if resource["mimeType"].as_str().is_some_and(|kind| kind.starts_with("text/html")) {
            assert!(text.starts_with("<!doctype html>") || text.starts_with("<!DOCTYPE html>"), "{resource}");
        } else {
            assert!(serde_json::from_str::<Value>(text).unwrap().is_object(), "{resource}");
        }
    }
    let error =
        server.request("resources/read", &json!({ "uri": "vitals://records/nope/today/today" }))["error"]
            .clone();
    assert_eq!(
        (&error["code"], &error["data"]["error"]["code"]),
        (&json!(-32002), &json!("VALIDATION_ERROR")),
        "{error}"
    );
    let named = home.run(&["__docs"]).expect(0).json();
    let prompts = server.request("prompts/list", &json!({}))["result"]["prompts"].clone();
    assert_eq!(
        (&named["resources"], &named["prompts"]),
        (&resources, &prompts),
        "the documentation lists others"
    );
    let request = json!({ "name": "weekly_report", "arguments": { "week": "2026-W10" } });
    let message = server.request("prompts/get", &request)["result"]["messages"][0].clone();
    assert!(message["content"]["text"].as_str().unwrap().contains("2026-03-02 to 2026-03-08"), "{message}");
    let ran = server.close().expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert!(!home.path().exists(), "reading made files");
}

#[test]
fn every_call_that_a_prompt_names_is_answered() {
    let world = World::connected(130);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    let tools = server.request("tools/list", &json!({}))["result"]["tools"].clone();
    let date = (now() - (24 * 30).hours()).to_zoned(TimeZone::UTC).date().to_string();
    for (prompt, arguments) in [
        ("before_and_after", json!({ "date": date, "metric": "resting_heart_rate" })),
        ("doctor_visit", json!({})),
        ("sleep_review", json!({})),
        ("training_load", json!({})),
        ("weekly_report", json!({})),
    ] {
        let request = json!({ "name": prompt, "arguments": arguments });
        let message = server.request("prompts/get", &request)["result"]["messages"][0].clone();
        let text = message["content"]["text"].as_str().unwrap();
        let steps: Vec<&str> =
            text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).collect();
        assert!(steps.len() > 4, "{text}");
        for step in steps {
            let (_, call) = step.split_once(". ").unwrap();
            let (tool, rest) = call.split_once(' ').unwrap();
            let arguments: Value =
                serde_json::Deserializer::from_str(rest).into_iter().next().unwrap().unwrap();
            // What a review names before its tool is there is on a list of its own.
            if tools.as_array().unwrap().iter().any(|known| known["name"] == tool) {
                let answer = server.call(tool, &arguments);
                assert_ne!(answer["isError"], true, "{prompt}: {step}: {answer}");
            }
        }
    }
    server.close().expect(0);
}
