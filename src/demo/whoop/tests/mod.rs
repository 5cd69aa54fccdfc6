//! The simulated WHOOP seen from outside, over HTTP, with a clock that only moves when told to.

mod lists;
mod misbehaviour;
mod records;
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

const HOUR: Duration = Duration::from_secs(3600);
const REDIRECT: &str = "http://localhost:8765/callback";

/// A running simulation, a signed-in caller and the clock.
struct Lab {
    whoop: SimulatedWhoop,
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
    let whoop = SimulatedWhoop::start(Arc::new(person), now(), tell).unwrap();
    whoop.register_client("app", "s3cret", &[REDIRECT, "https://example.com/back"]);
    let (access, refresh) = whoop.issue_tokens("app", &ALL_SCOPES, HOUR);
    let http = HttpClient::new(whoop.url().trim_start_matches("http://").parse().unwrap());
    Lab { whoop, http, access, refresh, clock }
}

impl Lab {
    /// GET below `/developer` with the caller's access token.
    fn api(&mut self, target: &str) -> Answer {
        let token = self.access.clone();
        self.api_as(&token, target)
    }

    fn api_as(&mut self, access: &str, target: &str) -> Answer {
        let authorization = format!("Bearer {access}");
        self.http.get(&format!("/developer{target}"), &[("Authorization", &authorization)]).unwrap()
    }

    /// All ids of a listing, following its tokens.
    fn ids(&mut self, kind: Kind, path: &str, query: &str) -> Vec<String> {
        let mut ids = Vec::new();
        let mut token = String::new();
        for _ in 0..1000 {
            let page = self.api(&format!("{path}?limit=25{query}{token}")).json();
            ids.extend(page["records"].as_array().unwrap().iter().map(|record| kind.id_of(record)));
            match page["next_token"].as_str() {
                Some(next) => token = format!("&nextToken={}", next.replace('=', "%3D")),
                None => return ids,
            }
        }
        panic!("the listing does not end");
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// Path, kind, scope of the four listings.
const LISTS: [(&str, Kind); 4] = [
    ("/v2/cycle", Kind::Cycle),
    ("/v2/recovery", Kind::Recovery),
    ("/v2/activity/sleep", Kind::Sleep),
    ("/v2/activity/workout", Kind::Workout),
];

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}
