//! The simulated Withings seen from outside, over HTTP, with a clock that only moves when told to.

mod days;
mod measures;
mod misbehaviour;
mod nights;
mod recordings;
mod signatures;
mod signing_in;

use super::*;
use crate::demo::kit::client::{Answer, Client as HttpClient};
use crate::demo::kit::clock::Clock;
use crate::demo::person::Person;
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use url::form_urlencoded::Serializer;

const HOUR: Duration = Duration::from_secs(3600);
const REDIRECT: &str = "http://localhost:8765/callback";

/// Fields of a query or a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// A running simulation, a signed-in caller and the clock.
struct Lab {
    withings: SimulatedWithings,
    http: HttpClient,
    access: String,
    refresh: String,
    clock: Arc<AtomicI64>,
}

/// Nearly a year of data that end at this instant.
fn now() -> Timestamp {
    "2026-11-20T15:00:00Z".parse().unwrap()
}

/// A lab without request limits.
fn lab() -> Lab {
    let lab = strict_lab();
    lab.withings.without_limits();
    lab
}

fn strict_lab() -> Lab {
    let person = Person::new(1, date(2026, 1, 1), date(2026, 11, 25)).unwrap();
    let clock = Arc::new(AtomicI64::new(1_000_000));
    let told = Arc::clone(&clock);
    let tell: Clock = Arc::new(move || Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap());
    let withings = SimulatedWithings::start(Arc::new(person), now(), tell).unwrap();
    withings.register_client("app", "s3cret", &[REDIRECT, "https://example.com/back"]);
    let (access, refresh) = withings.issue_tokens("app", &ALL_SCOPES, 3 * HOUR);
    let http = HttpClient::new(withings.url().trim_start_matches("http://").parse().unwrap());
    Lab { withings, http, access, refresh, clock }
}

impl Lab {
    /// POST of a form with the caller's access token; the HTTP status is always 200.
    fn call(&mut self, path: &str, action: &str, fields: Fields) -> Value {
        let token = self.access.clone();
        self.call_as(&token, path, action, fields)
    }

    fn call_as(&mut self, access: &str, path: &str, action: &str, fields: Fields) -> Value {
        let answer = self.post(&format!("Bearer {access}"), path, action, fields);
        assert_eq!((answer.status, answer.header("Content-Type")), (200, Some("application/json")));
        answer.json()
    }

    fn post(&mut self, authorization: &str, path: &str, action: &str, fields: Fields) -> Answer {
        let headers =
            [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", authorization)];
        let body = form(&[&[("action", action)], fields].concat());
        self.http.send("POST", path, &headers, &body).unwrap()
    }

    /// The body of a call that succeeds.
    fn body(&mut self, path: &str, action: &str, fields: Fields) -> Value {
        let answer = self.call(path, action, fields);
        assert_eq!(answer["status"], 0, "{answer}");
        answer["body"].clone()
    }

    /// The status and the text of a call that is refused.
    fn refusal(&mut self, path: &str, action: &str, fields: Fields) -> (i64, String) {
        refusal_of(&self.call(path, action, fields))
    }

    /// All rows of a listing, following `offset` while `more` is true, 1 or anything like it.
    fn rows(&mut self, path: &str, action: &str, key: &str, fields: Fields) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut offset = "0".to_owned();
        for _ in 0..100 {
            let body = self.body(path, action, &[fields, &[("offset", &offset)]].concat());
            rows.extend(body[key].as_array().unwrap().iter().cloned());
            if body["more"] != true && body["more"] != 1 {
                return rows;
            }
            offset = body["offset"].to_string();
        }
        panic!("the listing does not end");
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn form(fields: Fields) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn refusal_of(answer: &Value) -> (i64, String) {
    assert_eq!(answer["body"], serde_json::json!({}), "{answer}");
    (answer["status"].as_i64().unwrap(), answer["error"].as_str().unwrap().to_owned())
}

fn invalid(text: &str) -> (i64, String) {
    (503, format!("Invalid Params: {text}"))
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is not a whole number"))
}
