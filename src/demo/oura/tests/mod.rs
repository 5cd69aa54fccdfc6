//! The simulated Oura seen from outside, over HTTP, with a clock that only moves when told to.

mod days;
mod lists;
mod misbehaviour;
mod nights;
mod records;
mod series;
mod signing_in;
mod timing;
mod tokens;

use super::*;
use crate::demo::Clock;
use crate::demo::kit::client::{Answer, Client as HttpClient};
use crate::demo::person::Person;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const REDIRECT: &str = "http://localhost:8765/callback";
const AGENT: (&str, &str) = ("User-Agent", "vitals-test/1");

/// A running simulation, a signed-in caller and the clock.
struct Lab {
    oura: SimulatedOura,
    http: HttpClient,
    access: String,
    refresh: String,
    clock: Arc<AtomicI64>,
}

/// Half a year of data that end at this instant.
fn now() -> Timestamp {
    "2026-11-20T15:00:00Z".parse().unwrap()
}

fn lab() -> Lab {
    lab_of(Person::new(1, date(2026, 6, 1), date(2026, 11, 25)).unwrap())
}

fn lab_of(person: Person) -> Lab {
    let clock = Arc::new(AtomicI64::new(1_000_000));
    let told = Arc::clone(&clock);
    let tell: Clock = Arc::new(move || Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap());
    let oura = SimulatedOura::start(Arc::new(person), now(), tell).unwrap();
    oura.register_client("app", "s3cret", &[REDIRECT, "https://example.com/back"]);
    let (access, refresh) = oura.issue_tokens("app", &ALL_SCOPES, HOUR);
    let http = HttpClient::new(oura.url().trim_start_matches("http://").parse().unwrap());
    Lab { oura, http, access, refresh, clock }
}

impl Lab {
    /// GET below `/v2/usercollection/` with the caller's access token.
    fn api(&mut self, target: &str) -> Answer {
        let token = self.access.clone();
        self.api_as(&token, target)
    }

    fn api_as(&mut self, access: &str, target: &str) -> Answer {
        let authorization = format!("Bearer {access}");
        let headers = [AGENT, ("Authorization", authorization.as_str())];
        self.http.get(&format!("/v2/usercollection/{target}"), &headers).unwrap()
    }

    /// The rows of one page.
    fn data(&mut self, target: &str) -> Vec<Value> {
        let answer = self.api(target);
        assert_eq!(answer.status, 200, "{target} {}", answer.body);
        answer.json()["data"].as_array().unwrap().clone()
    }

    /// All rows of a listing; its tokens are followed alone or along with the range.
    fn all(&mut self, path: &str, range: &str, with_range: bool) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut query = range.to_owned();
        for _ in 0..1000 {
            let page = self.api(&format!("{path}?{query}")).json();
            pages.push(page["data"].as_array().unwrap().clone());
            let Some(next) = page.get("next_token").and_then(Value::as_str) else { return pages };
            query =
                if with_range { format!("{range}&next_token={next}") } else { format!("next_token={next}") };
        }
        panic!("the listing does not end");
    }

    /// The days (or ids) of a range of dates.
    fn days(&mut self, path: &str, start: &str, end: &str) -> Vec<String> {
        let rows = self.data(&format!("{path}?start_date={start}&end_date={end}"));
        rows.iter().map(|row| row["day"].as_str().unwrap().to_owned()).collect()
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

fn day(value: &Value) -> Date {
    value.as_str().unwrap().parse().unwrap()
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}
