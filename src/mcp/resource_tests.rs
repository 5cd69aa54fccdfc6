//! Resources, completion and prompts, as clients of both eras see them.

use serde_json::{Value, json};

use super::{
    budget,
    testkit::{Client, full, start, start_in},
};
use crate::query::testkit::{Mirror, workout};

async fn read(client: &mut Client, uri: &str) -> Value {
    let reply = client.ask("resources/read", json!({ "uri": uri })).await;
    let contents = &reply["result"]["contents"][0];
    assert_eq!(
        (&contents["uri"], &contents["mimeType"]),
        (&json!(uri), &json!("application/json")),
        "{reply}"
    );
    serde_json::from_str(contents["text"].as_str().unwrap()).unwrap()
}

/// Every template filled in.
const FILLED: [&str; 9] = [
    "vitals://summary/2026-03-10",
    "vitals://summary/last%20night",
    "vitals://records/whoop.sleep/2026-03-01/2026-03-10",
    "vitals://records/whoop.workout/last%20week/today",
    "vitals://events/seq:0",
    "vitals://events/2026-03-18T08%3A00%3A00Z",
    "vitals://events/seq%3A0/2026-03-18T12:00:00+01:00",
    "vitals://sync_runs/5",
    "vitals://schema/whoop.sleep",
];

#[tokio::test]
async fn everything_listed_can_be_read_in_both_eras_and_on_an_empty_machine() {
    let (mirror, empty) = (full(), tempfile::tempdir().unwrap());
    for (home, modern) in [(mirror.home.path(), false), (mirror.home.path(), true), (empty.path(), true)] {
        let mut client = start_in(home);
        client.begin(modern).await;
        let listed = client.ask("resources/list", json!({})).await["result"].clone();
        let templates = client.ask("resources/templates/list", json!({})).await["result"].clone();
        let prompts = client.ask("prompts/list", json!({})).await["result"].clone();
        let fixed = listed["resources"].as_array().unwrap();
        assert_eq!((fixed.len(), templates["resourceTemplates"].as_array().unwrap().len()), (9, 6));
        // The dashboard is a page for people, not JSON.
        let uris =
            fixed.iter().map(|row| row["uri"].as_str().unwrap()).filter(|uri| uri.starts_with("vitals:"));
        for uri in uris.chain(FILLED) {
            let found = read(&mut client, uri).await;
            let size = found.to_string().len();
            assert!(found.is_object() && size < budget::DEFAULT_ROWS + 2000, "{uri}: {size} bytes");
        }
        let answer = client.ask("resources/read", json!({ "uri": "vitals://summary/today" })).await;
        for result in [&listed, &templates, &prompts, &answer["result"]] {
            if modern {
                assert_eq!(
                    (&result["cacheScope"], &result["resultType"]),
                    (&json!("private"), &json!("complete"))
                );
                assert!(result["ttlMs"].as_u64().unwrap() > 0, "{result}");
            }
        }
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "reading made files");
}

#[tokio::test]
async fn a_resource_says_what_the_tool_says() {
    let mirror = full();
    let mut client = start(&mirror);
    client.begin(true).await;
    for (uri, tool, arguments) in [
        ("vitals://summary/yesterday", "get_daily_summary", json!({ "date": "yesterday" })),
        ("vitals://summary/2026-03-10/", "get_daily_summary", json!({ "date": "2026-03-10" })),
        ("vitals://recent/sleep", "get_daily_summary", json!({ "sections": ["sleep"], "detail": "compact" })),
        (
            "vitals://recent/body",
            "get_daily_summary",
            json!({ "sections": ["body"], "start": "last 30 days" }),
        ),
        ("vitals://profile", "get_profile", json!({})),
        (
            "vitals://records/whoop.sleep/2026-03-01/2026-03-10",
            "list_records",
            json!({ "kind": "whoop.sleep", "start": "2026-03-01", "end": "2026-03-10" }),
        ),
        ("vitals://events/seq:80", "get_events", json!({ "since": "seq:80", "records": true })),
        (
            "vitals://events/seq:80/2026-03-18T08:00:00Z",
            "get_events",
            json!({ "since": "seq:80", "until": "2026-03-18T08:00:00Z", "records": true }),
        ),
        ("vitals://schema/whoop.sleep", "describe_data", json!({ "kind": "whoop.sleep" })),
    ] {
        let told = client.call(tool, arguments).await["structuredContent"].clone();
        assert_eq!(read(&mut client, uri).await, told, "{uri}");
    }
    let workouts = read(&mut client, "vitals://recent/workouts").await;
    let days = workouts["days"].as_array().unwrap();
    assert_eq!(
        (days.len(), &days[0]["date"]),
        (1, &json!("2026-03-17")),
        "only days with workouts: {workouts}"
    );
    assert!(days[0].get("activity").is_none() && days[0]["workouts"][0].is_object(), "{workouts}");
    let runs = read(&mut client, "vitals://sync_runs/2").await;
    assert_eq!((&runs["count"], &runs["runs"][0]["status"]), (&json!(2), &json!("ok")), "{runs}");
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_with_the_envelope_in_it() {
    let mirror = full();
    for (modern, code) in [(false, -32002), (true, -32602)] {
        let mut client = start(&mirror);
        client.begin(modern).await;
        for (uri, expected, mend) in [
            ("vitals://nonsense", "NOT_FOUND", "vitals://summary/{date}"),
            ("file:///etc/passwd", "NOT_FOUND", "vitals://summary/{date}"),
            ("vitals://recent/naps", "NOT_FOUND", "vitals://recent/sleep"),
            ("vitals://profile?x=1", "VALIDATION_ERROR", "slashes"),
            ("vitals://summary/soonish", "VALIDATION_ERROR", "yesterday"),
            ("vitals://summary/last%20week", "VALIDATION_ERROR", "get_daily_summary"),
            ("vitals://records/whoop.naps/today/today", "VALIDATION_ERROR", "whoop.sleep"),
            ("vitals://records/whoop.sleep/today/yesterday", "VALIDATION_ERROR", "inclusive"),
            ("vitals://events/seq:x", "VALIDATION_ERROR", "seq:0"),
            ("vitals://sync_runs/many", "VALIDATION_ERROR", "vitals://sync_runs/20"),
            ("vitals://sync_runs/0", "VALIDATION_ERROR", "20"),
            ("vitals://schema/sleep", "VALIDATION_ERROR", "whoop.sleep"),
        ] {
            let error = client.ask("resources/read", json!({ "uri": uri })).await["error"].clone();
            assert_eq!(
                (&error["code"], &error["data"]["error"]["code"]),
                (&json!(code), &json!(expected)),
                "{uri}: {error}"
            );
            let message = error["message"].as_str().unwrap();
            let hint = error["data"]["error"]["hint"].as_str().unwrap();
            assert!(
                message.contains(expected) && message.contains(hint) && hint.contains(mend),
                "{uri}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_longer_than_a_page_says_how_to_go_on() {
    let mirror = Mirror::new();
    let bodies: Vec<Value> = (0..300)
        .map(|i| {
            let day = jiff::civil::date(2025, 4, 1).saturating_add(jiff::ToSpan::days(i));
            workout(
                &format!("w{i}"),
                &format!("{day}T17:00:00.000Z"),
                &format!("{day}T17:48:00.000Z"),
                "running",
            )
        })
        .collect();
    mirror.put("whoop.workout", &bodies);
    let mut client = start(&mirror);
    client.begin(true).await;
    let uri = "vitals://records/whoop.workout/2025-01-01/today";
    let mut page = read(&mut client, uri).await;
    assert!(page.to_string().len() < 16_000 && page["truncated"] == true, "{page}");
    let note = page["note"].as_str().unwrap();
    let (words, arguments) = note.split_once('{').unwrap();
    assert!(words.contains("of 300 records") && words.contains("list_records"), "{note}");
    let mut arguments: Value = serde_json::from_str(&format!("{{{arguments}")).unwrap();
    let mut rows = page["rows"].as_array().unwrap().len();
    while page["truncated"] == true {
        page = client.call("list_records", arguments.clone()).await["structuredContent"].clone();
        rows += page["rows"].as_array().unwrap().len();
        arguments["cursor"] = page["next_cursor"].clone();
    }
    assert_eq!(rows, 300);
    let events = read(&mut client, "vitals://events/seq:0").await;
    let next = events["next_cursor"].as_str().unwrap();
    assert!(events["note"].as_str().unwrap().contains(next), "{}", events["note"]);
    let further = read(&mut client, &format!("vitals://events/{next}")).await;
    assert_eq!(further["events"][0]["seq"], events["count"].as_i64().unwrap() + 1);
}

#[tokio::test]
async fn arguments_are_completed() {
    let mirror = Mirror::new();
    for modern in [false, true] {
        let mut client = start(&mirror);
        client.begin(modern).await;
        for (reference, name, typed, expected) in [
            (
                json!({ "type": "ref/resource", "uri": "vitals://schema/{kind}" }),
                "kind",
                "whoop.w",
                "whoop.workout",
            ),
            (
                json!({ "type": "ref/resource", "uri": "vitals://records/{kind}/{start}/{end}" }),
                "start",
                "2026-03-0",
                "2026-03-09",
            ),
            (json!({ "type": "ref/resource", "uri": "vitals://summary/{date}" }), "date", "", "today"),
            (json!({ "type": "ref/resource", "uri": "vitals://events/{since}" }), "since", "s", "seq:0"),
            (
                json!({ "type": "ref/prompt", "name": "before_and_after" }),
                "metric",
                "rmssd",
                "heart_rate_variability_rmssd",
            ),
            (json!({ "type": "ref/prompt", "name": "sleep_review" }), "provider", "", "whoop"),
            (json!({ "type": "ref/prompt", "name": "weekly_report" }), "week", "2026-W1", "2026-W12"),
        ] {
            let request = json!({ "ref": reference, "argument": { "name": name, "value": typed } });
            let found = client.ask("completion/complete", request).await["result"]["completion"].clone();
            assert_eq!(found["values"][0], expected, "{reference} {name}: {found}");
            let count = found["values"].as_array().unwrap().len();
            assert!(
                count <= 100 && found["hasMore"] == (found["total"].as_u64().unwrap() > count as u64),
                "{found}"
            );
        }
        let nothing = json!({ "ref": { "type": "ref/prompt", "name": "sleep_review" }, "argument": { "name": "x", "value": "" } });
        assert_eq!(
            client.ask("completion/complete", nothing).await["result"]["completion"]["values"],
            json!([])
        );
        let unknown = json!({ "ref": { "type": "ref/resource", "uri": "vitals://x" }, "argument": { "name": "x", "value": "" } });
        let error = client.ask("completion/complete", unknown).await["error"].clone();
        assert_eq!(
            (&error["code"], &error["data"]["error"]["code"]),
            (&json!(-32602), &json!("NOT_FOUND")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn prompts_are_one_message_and_refuse_with_the_envelope() {
    let mirror = full();
    for modern in [false, true] {
        let mut client = start(&mirror);
        client.begin(modern).await;
        let listed = client.ask("prompts/list", json!({})).await["result"]["prompts"].clone();
        let names: Vec<&str> =
            listed.as_array().unwrap().iter().map(|prompt| prompt["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            ["before_and_after", "doctor_visit", "sleep_review", "training_load", "weekly_report"]
        );
        for prompt in listed.as_array().unwrap() {
            let mut arguments = json!({});
            for argument in prompt["arguments"].as_array().unwrap() {
                assert!(argument["description"].is_string(), "{prompt}");
                if argument["required"] == true {
                    let name = argument["name"].as_str().unwrap();
                    arguments[name] = json!(if name == "date" { "2026-03-01" } else { "resting_heart_rate" });
                }
            }
            let request = json!({ "name": prompt["name"], "arguments": arguments });
            let result = client.ask("prompts/get", request).await["result"].clone();
            let messages = result["messages"].as_array().unwrap();
            assert_eq!((messages.len(), &messages[0]["role"]), (1, &json!("user")), "{result}");
            assert!(
                messages[0]["content"]["text"].as_str().unwrap().contains("1. get_status {}"),
                "{result}"
            );
        }
        for (name, arguments, code) in [
            ("morning_report", json!({}), "NOT_FOUND"),
            ("before_and_after", json!({}), "VALIDATION_ERROR"),
            ("weekly_report", json!({ "week": "last year" }), "VALIDATION_ERROR"),
        ] {
            let error =
                client.ask("prompts/get", json!({ "name": name, "arguments": arguments })).await["error"]
                    .clone();
            assert_eq!(
                (&error["code"], &error["data"]["error"]["code"]),
                (&json!(-32602), &json!(code)),
                "{error}"
            );
        }
    }
}
