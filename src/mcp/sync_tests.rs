//! A sync that takes long, as a client sees it: progress, an answer in time, cancelling, leaving.
//!
//! What makes it long is the lock that another process would hold while it syncs.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, time::timeout};

use super::testkit::{Client, start_signed_in};
use crate::{error::Code, lock::Lock, query::testkit::Mirror, service::SyncArgs};

const LONG: Duration = Duration::from_secs(60);

/// As if another process were syncing, until the lock is dropped.
async fn somebody_syncs(mirror: &Mirror) -> Vec<Lock> {
    let locks = mirror.home.path().join("data").join("locks");
    crate::files::private_dir(&locks).unwrap();
    let mut held = Vec::new();
    for provider in crate::providers::ALL {
        let path = locks.join(format!("sync-{}.lock", provider.id));
        held.push(Lock::acquire(&path, Duration::ZERO).await.unwrap().unwrap());
    }
    held
}

/// Calls `sync_data` without waiting for the answer.
async fn call(client: &mut Client, id: &str, meta: &Value) {
    let params = json!({ "name": "sync_data", "arguments": {}, "_meta": meta });
    client.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })).await;
}

#[tokio::test]
async fn an_answer_comes_in_time_and_the_work_goes_on() {
    let mirror = Mirror::new();
    let held = somebody_syncs(&mirror).await;
    let mut client = start_signed_in(&mirror, Duration::from_millis(100));
    client.initialize("2025-11-25").await;
    let answer = client.call("sync_data", json!({})).await;
    let found = &answer["structuredContent"];
    assert_eq!((&answer["isError"], &found["status"]), (&json!(false), &json!("running")), "{answer}");
    assert!(found["note"].as_str().unwrap().contains("waiting for its turn"), "{found}");
    // The very same work: whoever asks again joins it.
    let mut job = client.service.start_sync(&SyncArgs::default()).unwrap();
    assert!(job.progress().outcome.is_none());
    drop(held);
    assert!(timeout(LONG, job.finish()).await.is_ok(), "it goes on when it is its turn");
}

#[tokio::test]
async fn progress_is_told_only_to_whoever_asks_for_it() {
    let mirror = Mirror::new();
    let _held = somebody_syncs(&mirror).await;
    let mut client = start_signed_in(&mirror, Duration::from_millis(300));
    client.initialize("2025-11-25").await;
    call(&mut client, "quiet", &json!({})).await;
    assert_eq!(client.line().await["id"], "quiet");
    call(&mut client, "told", &json!({ "progressToken": "p-1" })).await;
    let note = client.line().await;
    assert_eq!(
        (&note["method"], &note["params"]["progressToken"]),
        (&json!("notifications/progress"), &json!("p-1"))
    );
    assert_eq!((&note["params"]["progress"], &note["params"]["message"]), (&json!(0.0), &json!("starting")));
    assert_eq!(client.line().await["id"], "told");
}

#[tokio::test]
async fn a_cancelled_call_stops_its_sync_and_is_not_answered() {
    let mirror = Mirror::new();
    let _held = somebody_syncs(&mirror).await;
    let mut client = start_signed_in(&mirror, LONG);
    client.initialize("2025-11-25").await;
    call(&mut client, "long", &json!({ "progressToken": 1 })).await;
    assert_eq!(client.line().await["method"], "notifications/progress", "it is under way");
    let mut same = client.service.start_sync(&SyncArgs::default()).unwrap();
    let over = json!({ "requestId": "long", "reason": "the user pressed stop" });
    client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": over })).await;
    let outcome = timeout(LONG, same.finish()).await.expect("it stops");
    assert_eq!(outcome.unwrap_err().code, Code::Cancelled);
    // `ask` insists that the next line is its own answer.
    client.ask("tools/list", json!({})).await;
    client.call("get_status", json!({})).await;
}

#[tokio::test]
async fn a_client_that_leaves_during_a_sync_is_answered_and_let_go() {
    let mirror = Mirror::new();
    let _held = somebody_syncs(&mirror).await;
    let mut client = start_signed_in(&mirror, LONG);
    client.initialize("2025-11-25").await;
    call(&mut client, "last", &json!({ "progressToken": 1 })).await;
    assert_eq!(client.line().await["method"], "notifications/progress", "it is under way");
    client.write.shutdown().await.unwrap();
    let served = timeout(Duration::from_millis(900), &mut client.served).await;
    assert!(served.expect("in time").unwrap().is_ok());
    let answer = client.line().await;
    assert_eq!(
        (&answer["id"], &answer["result"]["structuredContent"]["status"]),
        (&json!("last"), &json!("running"))
    );
}
