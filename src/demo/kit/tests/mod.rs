//! The kit carries a provider that none of the shipped ones is like.

mod garmin;

use super::client::{Answer, Failure};
use super::grants::PersonalKey;
use super::lab::{self, HOUR, Spoken, now};
use super::rate_limits::RateWindow;
use super::suite::{Listed, suite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use garmin::{Garmin, Kind, Quirks, SLEEP_PATH, STEPS_PATH, TOKEN_PATH};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

type Lab = lab::Lab<Garmin>;

impl Spoken for Garmin {}

/// Walked day by day, from some days before the first night.
impl Listed for Garmin {
    const KIND: Kind = Kind::Sleep;
    const TARGET: &'static str = SLEEP_PATH;
    const UNKNOWN: &'static str = "/training-service/readiness";
    const FIELD: &'static str = "userNote";

    fn allow(quirks: &mut Quirks, requests: u32) {
        quirks.windows = vec![RateWindow { requests, seconds: 60 }];
    }

    fn page(lab: &mut Lab, access: &str, next: Option<&str>) -> Result<Answer, Failure> {
        lab.send(access, "GET", &format!("{SLEEP_PATH}?date={}", next.unwrap_or("2026-05-25")), "")
    }

    fn rows(page: &Value) -> (Vec<Value>, Option<String>) {
        let day: Date = page["calendarDate"].as_str().unwrap().parse().unwrap();
        let last = now().to_zoned(TimeZone::UTC).date().saturating_add(jiff::Span::new().days(4));
        let rows = if page["id"].is_null() { Vec::new() } else { vec![page.clone()] };
        (rows, (day < last).then(|| day.tomorrow().unwrap().to_string()))
    }

    fn identity() -> (&'static str, Value) {
        ("calendarDate", json!("2026-05-26"))
    }
}

suite! { Garmin }

fn exchange(lab: &mut Lab, key: &str) -> (u16, String) {
    let answer = lab.http.send("POST", TOKEN_PATH, &[("Authorization", key)], "").unwrap();
    (answer.status, answer.body)
}

#[test]
fn a_key_is_exchanged_for_a_token_that_says_when_it_is_over() {
    let mut lab = Lab::start();
    for (key, hours) in [("GCDC_short", 30), ("GCDC_long", 60)] {
        let held = PersonalKey { scopes: Vec::new(), expires: now() + hours * HOUR };
        lab.sim.state().grants.keys.insert(key.to_owned(), held);
    }
    assert_eq!(exchange(&mut lab, "ApiKey ").0, 400);
    assert_eq!(exchange(&mut lab, "ApiKey GCDC_wrong").0, 401);
    let get = |lab: &mut Lab, token: &str| {
        lab.send(token, "GET", &format!("{SLEEP_PATH}?date=2026-11-18"), "").unwrap()
    };
    let mut short = String::new();
    for (hours, lifetime) in [(0, 24), (10, 20)] {
        lab.pass(hours * 3600);
        let (status, token) = exchange(&mut lab, "ApiKey GCDC_short");
        assert_eq!(status, 200);
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let seconds = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert_eq!(seconds, lifetime * 3600, "never longer than the key");
        assert_eq!(get(&mut lab, &token).json()["calendarDate"], "2026-11-18");
        short = token;
    }
    let (_, long) = exchange(&mut lab, "ApiKey GCDC_long");
    // Deleted by the person.
    lab.sim.state().grants.keys.remove("GCDC_long");
    lab.sim.state().grants.revoke_all(Some("GCDC_long"));
    assert_eq!((get(&mut lab, &long).status, exchange(&mut lab, "ApiKey GCDC_long").0), (401, 401));
    lab.pass(20 * 3600 - 1);
    assert_eq!(get(&mut lab, &short).status, 200);
    lab.pass(1);
    assert_eq!((get(&mut lab, &short).status, exchange(&mut lab, "ApiKey GCDC_short").0), (401, 401));
}

#[test]
fn ranges_have_an_end_and_a_day_without_records_is_no_error() {
    let mut lab = Lab::start();
    let access = lab.access.clone();
    let mut get = |target: &str| lab.send(&access, "GET", target, "").unwrap();
    let steps = get(&format!("{STEPS_PATH}2026-11-01/2026-11-14")).json();
    assert_eq!(steps.as_array().unwrap().len(), 14);
    for (range, status) in [("2026-10-01/2026-10-28", 200), ("2026-10-01/2026-10-29", 400), ("x/y", 400)] {
        assert_eq!(get(&format!("{STEPS_PATH}{range}")).status, status, "{range}");
    }
    assert_eq!(get("/hrv-service/hrv/2000-01-01").status, 204);
    assert!(get("/hrv-service/hrv/2026-11-18").json()["hrvSummary"]["lastNightAvg"].is_f64());
    let empty = get(&format!("{SLEEP_PATH}?date=2000-01-01")).json();
    assert!(empty["sleepTimeSeconds"].is_null());
    let day = date(2026, 11, 18);
    let night = lab.sim.truth().night_on(day).unwrap();
    let listed = lab.sim.record(Kind::Sleep, &day.to_string()).unwrap();
    assert_eq!(listed["sleepEndTimestampGMT"], night.end().as_millisecond());
}
