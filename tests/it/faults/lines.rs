//! Lines that no client should send, by random damage to good ones: every answer is JSON-RPC, the server stays,
//! and it says nothing on stderr. `VITALS_TEST_LINES` sets how many.

use serde_json::{Value, json};
use vitals_mcp::demo::random::Random;

use super::count;
use crate::harness::Home;

/// Damaged lines, unless `VITALS_TEST_LINES` says otherwise.
pub const LINES: u32 = 300;

fn lines() -> u32 {
    count("VITALS_TEST_LINES", LINES)
}

/// Good messages of every kind.
fn good() -> Vec<String> {
    let request = |method: &str, params: Value| {
        json!({ "jsonrpc": "2.0", "id": "junk", "method": method, "params": params }).to_string()
    };
    vec![
        request("tools/list", json!({})),
        request("tools/call", json!({ "name": "get_status", "arguments": {} })),
        request(
            "tools/call",
            json!({ "name": "list_records", "arguments": { "kind": "whoop.sleep", "limit": 5 } }),
        ),
        request("tools/call", json!({ "name": "get_daily_summary", "arguments": { "start": "last week" } })),
        request(
            "tools/call",
            json!({ "name": "get_events", "arguments": { "since": "seq:0", "kinds": [] } }),
        ),
        request("tools/call", json!({ "name": "describe_data", "arguments": { "metric": "steps" } })),
        request("ping", json!({})),
        request("resources/list", json!({ "cursor": "x" })),
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "junk" } })
            .to_string(),
    ]
}

/// A line made from a good one.
fn damaged(good: &[String], number: u32) -> Vec<u8> {
    let mut random = Random::new(31, "lines", i64::from(number));
    let mut place = |length: usize| (random.unit() * length as f64) as usize;
    let mut line = good[place(good.len())].clone().into_bytes();
    match place(7) {
        0 => line.truncate(place(line.len())),
        1 => {
            for _ in 0..=place(4) {
                let at = place(line.len());
                line[at] = place(256) as u8;
            }
        }
        2 => {
            let at = place(line.len());
            line.splice(at..at, b"[".repeat(1 + place(3000)));
        }
        3 => {
            let other = good[place(good.len())].as_bytes();
            let at = place(line.len());
            line.splice(at.., other[place(other.len())..].iter().copied());
        }
        4 => {
            let strange = [
                "null",
                "-1",
                "1e999",
                "true",
                "[]",
                "{}",
                "\"\\ud800\"",
                "\"\\u0000\"",
                "99999999999999999999",
            ];
            let text = String::from_utf8(line).unwrap();
            let wanted = ["\"junk\"", "\"2.0\"", "{}", "5", "\"steps\"", "\"last week\""][place(6)];
            line = text.replacen(wanted, strange[place(strange.len())], 1).into_bytes();
        }
        5 => {
            let at = place(line.len());
            line.splice(at..at, "x\u{202e}\u{0}".repeat(1 + place(2000)).bytes());
        }
        _ => line.extend(b"  \t{} "),
    }
    // One message is one line.
    line.retain(|byte| !matches!(byte, b'\n' | b'\r'));
    line
}

#[test]
fn no_line_ends_the_server_or_brings_out_anything_but_messages() {
    let home = Home::new();
    let mut server = home.serve();
    server.initialize();
    let good = good();
    for number in 0..lines() {
        server.send_bytes(&damaged(&good, number));
        if number % 25 == 0 {
            // It answers what it understands, whatever came before.
            let status = server.call("get_status", &json!({}));
            assert_eq!(status["structuredContent"]["verdict"], "unhealthy", "after line {number}");
        }
    }
    let ran = server.close().expect(0);
    for line in ran.stdout.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
    }
    assert!(!ran.stderr.contains("a fault of this program"), "{}", ran.stderr);
}

#[test]
fn a_line_without_end_is_dropped_and_the_next_one_answered() {
    let home = Home::new();
    let mut server = home.serve();
    server.initialize();
    let mut huge = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":""#.to_vec();
    huge.resize(24 << 20, b'x');
    server.send_bytes(&huge);
    let status = server.call("get_status", &json!({}));
    assert_eq!(status["structuredContent"]["verdict"], "unhealthy");
    server.close().expect(0);
}
