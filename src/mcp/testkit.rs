//! For tests: the server over a pair of pipes in memory, spoken to in raw lines of JSON-RPC.

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf, split,
    },
    task::JoinHandle,
    time::timeout,
};

use super::*;
use crate::{
    config::Config,
    query::{
        Connection,
        testkit::{Mirror, night, workout},
    },
    service::Connections,
};

/// One running server, and its client's end of the pipes.
pub(super) struct Client {
    pub(super) write: WriteHalf<DuplexStream>,
    read: Lines<BufReader<ReadHalf<DuplexStream>>>,
    pub(super) served: JoinHandle<Result<()>>,
    next: u64,
    pub(super) modern: bool,
    /// The desk that the server asks.
    pub(super) service: Service,
    /// Notes of changed resources that came while something else was waited for.
    pub(super) updates: Vec<Value>,
}

const UPDATED: &str = "notifications/resources/updated";

fn noon() -> Timestamp {
    "2026-03-18T11:00:00Z".parse().unwrap()
}

/// A server where nobody is signed in.
pub(super) fn start(mirror: &Mirror) -> Client {
    start_in(mirror.home.path())
}

/// The same in a home where there may be nothing at all.
pub(super) fn start_in(home: &Path) -> Client {
    start_with(home, |_, _| Connection::NotConnected, LONGEST_WAIT)
}

/// A server where everybody seems to be signed in, and that waits for a sync so long.
pub(super) fn start_signed_in(mirror: &Mirror, patience: Duration) -> Client {
    start_with(
        mirror.home.path(),
        |_, _| Connection::Connected { scopes: Vec::new(), expires_at: None },
        patience,
    )
}

/// The desk alone, where nobody is signed in.
pub(super) fn service_in(home: &Path) -> Service {
    let app = Arc::new(App::new(Config::for_tests(home)).unwrap());
    Service::for_tests(app, |_, _| Connection::NotConnected, noon)
}

fn start_with(home: &Path, connections: Connections, patience: Duration) -> Client {
    let app = Arc::new(App::new(Config::for_tests(home)).unwrap());
    let service = Service::for_tests(app, connections, noon);
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let (reader, writer) = split(theirs);
    let served = tokio::spawn(serve_on(service.clone(), patience, reader, writer));
    let (read, write) = split(ours);
    Client {
        write,
        read: BufReader::new(read).lines(),
        served,
        next: 1,
        modern: false,
        service,
        updates: Vec::new(),
    }
}

impl Client {
    pub(super) async fn send(&mut self, message: &Value) {
        self.write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    pub(super) async fn line(&mut self) -> Value {
        let line = timeout(Duration::from_secs(10), self.read.next_line()).await.unwrap().unwrap().unwrap();
        let message: Value = serde_json::from_str(&line).expect("nothing but JSON-RPC");
        assert_eq!(message["jsonrpc"], "2.0");
        message
    }

    pub(super) async fn ask(&mut self, method: &str, mut params: Value) -> Value {
        if self.modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let id = self.next;
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        loop {
            let reply = self.line().await;
            if reply["method"] == UPDATED {
                // It may come at any time; whoever waits for it finds it.
                self.updates.push(reply);
                continue;
            }
            assert_eq!(reply["id"], id);
            return reply;
        }
    }

    /// The URI of the next resource that is said to have changed, whichever request it belongs to.
    pub(super) async fn update(&mut self) -> Value {
        if self.updates.is_empty() {
            let note = self.line().await;
            assert_eq!(note["method"], UPDATED, "{note}");
            return note["params"].clone();
        }
        self.updates.remove(0)["params"].clone()
    }

    pub(super) async fn initialize(&mut self, version: &str) -> Value {
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        let reply = self.ask("initialize", params).await;
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        reply["result"].clone()
    }

    /// Introduces itself as a client of today or of the era before.
    pub(super) async fn begin(&mut self, modern: bool) {
        self.modern = modern;
        if modern {
            self.ask("server/discover", json!({})).await;
        } else {
            self.initialize("2025-11-25").await;
        }
    }

    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({ "name": tool, "arguments": arguments })).await["result"].clone()
    }
}

/// A mirror with half a month of a life.
pub(super) fn full() -> Mirror {
    let mirror = Mirror::new();
    (1..=17).for_each(|day| night(&mirror, day));
    mirror.put(
        "whoop.workout",
        &[workout("w", "2026-03-17T17:00:00.000Z", "2026-03-17T17:48:00.000Z", "running")],
    );
    mirror.put(
        "whoop.profile",
        &[json!({ "email": "ada@example.com", "first_name": "Ada", "last_name": "L" })],
    );
    mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T10:58:00Z");
    mirror
}
