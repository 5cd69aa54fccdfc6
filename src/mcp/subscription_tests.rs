//! Subscriptions of both eras: who is told of what, and of nothing else. Changes are stored beside the server,
//! as another process would; a call of a tool makes the server look at once.

use serde_json::{Value, json};

use super::testkit::{Client, full, start};
use crate::query::testkit::{Mirror, sleep, workout};

const FEED: &str = "vitals://events/seq:0";
const DAY: &str = "vitals://summary/2026-03-10";
const TODAY: &str = "vitals://summary/today";

/// Another version of that day's night.
fn rescore(mirror: &Mirror, day: i8, version: i64) {
    let date = jiff::civil::date(2026, 3, day);
    let before = date.yesterday().unwrap();
    let mut night = sleep(
        &format!("s{day}"),
        i64::from(day),
        &format!("{before}T21:30:00.000Z"),
        &format!("{date}T05:30:00.000Z"),
    );
    night["score"]["respiratory_rate"] = json!(10 + version);
    mirror.put("whoop.sleep", &[night]);
}

/// Makes the server look now.
async fn look(client: &mut Client) {
    client.call("get_status", json!({})).await;
}

/// The URIs of the next updates, in the order they come.
async fn updates(client: &mut Client, count: usize) -> Vec<String> {
    let mut uris = Vec::new();
    for _ in 0..count {
        uris.push(client.update().await["uri"].as_str().unwrap().to_owned());
    }
    uris
}

#[tokio::test]
async fn a_session_is_told_of_its_days_and_of_no_others() {
    let mirror = full();
    let mut client = start(&mirror);
    client.begin(false).await;
    for uri in [FEED, DAY, TODAY] {
        let reply = client.ask("resources/subscribe", json!({ "uri": uri })).await;
        assert_eq!(reply["result"], json!({}), "{reply}");
    }
    // A day that nobody watches: only the feed tells of it.
    rescore(&mirror, 5, 1);
    look(&mut client).await;
    assert_eq!(updates(&mut client, 1).await, [FEED]);
    rescore(&mirror, 10, 1);
    look(&mut client).await;
    assert_eq!(updates(&mut client, 2).await, [FEED, DAY]);
    // Today by the wearer's zone.
    mirror.put(
        "whoop.workout",
        &[workout("t", "2026-03-17T23:30:00.000Z", "2026-03-18T00:10:00.000Z", "running")],
    );
    look(&mut client).await;
    assert_eq!(updates(&mut client, 2).await, [FEED, TODAY]);
    // Nothing stored, nothing told: what comes next is about the next change.
    look(&mut client).await;
    mirror.store.remove("whoop", "workout", &["t".to_owned()], 1_773_830_000_000).unwrap();
    look(&mut client).await;
    assert_eq!(updates(&mut client, 2).await, [FEED, TODAY]);

    client.ask("resources/unsubscribe", json!({ "uri": DAY })).await;
    rescore(&mirror, 10, 2);
    look(&mut client).await;
    assert_eq!(updates(&mut client, 1).await, [FEED]);
    client.ask("resources/unsubscribe", json!({ "uri": FEED })).await;
    client.ask("resources/unsubscribe", json!({ "uri": TODAY })).await;
    rescore(&mirror, 10, 3);
    look(&mut client).await;
    look(&mut client).await;
    // Subscribed again, it is told of what comes from now on.
    client.ask("resources/subscribe", json!({ "uri": DAY })).await;
    rescore(&mirror, 10, 4);
    look(&mut client).await;
    assert_eq!(updates(&mut client, 1).await, [DAY]);
    assert!(client.updates.is_empty(), "{:?}", client.updates);
}

#[tokio::test]
async fn a_record_that_moves_away_changes_the_day_it_left() {
    let mirror = full();
    let mut client = start(&mirror);
    client.begin(false).await;
    for day in 8..=12 {
        let uri = format!("vitals://summary/2026-03-{day:02}");
        client.ask("resources/subscribe", json!({ "uri": uri })).await;
    }
    let run = |day: u8| {
        workout(
            "m",
            &format!("2026-03-{day:02}T17:00:00.000Z"),
            &format!("2026-03-{day:02}T17:40:00.000Z"),
            "running",
        )
    };
    mirror.put("whoop.workout", &[run(9)]);
    look(&mut client).await;
    assert_eq!(updates(&mut client, 1).await, ["vitals://summary/2026-03-09"]);
    mirror.put("whoop.workout", &[run(11)]);
    look(&mut client).await;
    assert_eq!(updates(&mut client, 2).await, ["vitals://summary/2026-03-09", "vitals://summary/2026-03-11"]);
    mirror.store.forget("whoop").unwrap();
    look(&mut client).await;
    assert_eq!(updates(&mut client, 5).await.len(), 5, "all of it is gone");
    assert!(client.updates.is_empty(), "{:?}", client.updates);
}

#[tokio::test]
async fn what_other_processes_store_is_found_by_itself() {
    let mirror = full();
    let mut client = start(&mirror);
    client.begin(false).await;
    client.ask("resources/subscribe", json!({ "uri": DAY })).await;
    rescore(&mirror, 10, 1);
    // Nobody asks anything.
    assert_eq!(updates(&mut client, 1).await, [DAY]);
}

#[tokio::test]
async fn what_does_not_change_or_does_not_exist_is_refused() {
    let mirror = full();
    let mut client = start(&mirror);
    client.begin(false).await;
    for (uri, mend) in [
        ("vitals://nonsense", "vitals://summary/{date}"),
        ("vitals://profile", "vitals://events/{since}"),
        ("vitals://summary/soonish", "yesterday"),
        ("vitals://summary/last%20week", "one day"),
        ("vitals://events/seq:x", "seq:0"),
        ("vitals://events/seq:0/soonish", "yesterday"),
    ] {
        let reply = client.ask("resources/subscribe", json!({ "uri": uri })).await;
        assert_eq!(reply["error"]["code"], -32002, "{uri}: {reply}");
        let hint = reply["error"]["data"]["error"]["hint"].as_str().unwrap();
        assert!(hint.contains(mend), "{uri}: {hint}");
    }
}

/// Begins to listen, and answers with what was acknowledged.
async fn listen(client: &mut Client, id: &str, uris: &[&str]) -> Value {
    let params = json!({
        "notifications": { "resourceSubscriptions": uris },
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    });
    client
        .send(&json!({ "jsonrpc": "2.0", "id": id, "method": "subscriptions/listen", "params": params }))
        .await;
    let note = client.line().await;
    assert_eq!(note["method"], "notifications/subscriptions/acknowledged", "{note}");
    assert_eq!(note["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id, "{note}");
    note["params"]["notifications"]["resourceSubscriptions"].clone()
}

#[tokio::test]
async fn a_listener_is_told_under_its_number_until_it_has_had_enough() {
    let mirror = full();
    let mut client = start(&mirror);
    client.begin(true).await;
    // What cannot be watched is left out of what is acknowledged.
    let accepted =
        listen(&mut client, "one", &[DAY, "vitals://profile", "vitals://nonsense", FEED, DAY]).await;
    assert_eq!(accepted, json!([DAY, FEED, DAY]), "as it was asked, repetitions included");
    // Stored right after the acknowledgement, before anybody looks.
    rescore(&mirror, 10, 1);
    for expected in [FEED, DAY] {
        let update = client.update().await;
        assert_eq!(update["uri"], expected);
        assert_eq!(update["_meta"]["io.modelcontextprotocol/subscriptionId"], "one", "{update}");
    }
    assert_eq!(listen(&mut client, "two", &[TODAY]).await, json!([TODAY]));
    mirror.put(
        "whoop.workout",
        &[workout("t", "2026-03-18T08:00:00.000Z", "2026-03-18T08:30:00.000Z", "running")],
    );
    look(&mut client).await;
    let mut told: Vec<(Value, Value)> = Vec::new();
    for _ in 0..2 {
        let update = client.update().await;
        told.push((update["uri"].clone(), update["_meta"]["io.modelcontextprotocol/subscriptionId"].clone()));
    }
    told.sort_by_key(|(uri, _)| uri.to_string());
    assert_eq!(told, [(json!(FEED), json!("one")), (json!(TODAY), json!("two"))]);
    // Cancelled: no more for the first, and no answer to it.
    client
        .send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "one" } }))
        .await;
    look(&mut client).await;
    rescore(&mirror, 10, 2);
    look(&mut client).await;
    mirror.store.remove("whoop", "workout", &["t".to_owned()], 1_773_830_000_000).unwrap();
    look(&mut client).await;
    assert_eq!(updates(&mut client, 1).await, [TODAY]);
    assert!(client.updates.is_empty(), "{:?}", client.updates);
}

#[tokio::test]
async fn each_era_has_its_own_way_only() {
    let mirror = full();
    let mut modern = start(&mirror);
    modern.begin(true).await;
    assert_eq!(modern.ask("resources/subscribe", json!({ "uri": DAY })).await["error"]["code"], -32601);
    let mut legacy = start(&mirror);
    legacy.begin(false).await;
    let params = json!({ "notifications": { "resourceSubscriptions": [DAY] } });
    assert_eq!(legacy.ask("subscriptions/listen", params).await["error"]["code"], -32601);
}
