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
use crate::demo::kit::client::{Answer, Client as HttpClient, Failure};
use crate::demo::kit::lab::{self, Fields, HOUR, REDIRECT, SignedIn, Spoken, now};
use crate::demo::kit::suite::{Listed, oauth_suite};
use crate::demo::person::Person;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use std::time::Duration;

const AGENT: (&str, &str) = ("User-Agent", "vitals-test/1");

type Lab = lab::Lab<Oura>;

impl Spoken for Oura {
    const HEADERS: Fields<'static> = &[AGENT];
}

impl SignedIn for Oura {
    const SCOPE: &'static str = "daily heartrate spo2";
}

impl Listed for Oura {
    const KIND: Collection = Collection::DailySleep;
    const TARGET: &'static str = "/v2/usercollection/daily_sleep";
    const UNKNOWN: &'static str = "/v2/usercollection/nothing";
    const FIELD: &'static str = "score";

    fn small_pages(quirks: &mut Quirks) {
        quirks.lists.documents_per_page = 25;
    }

    fn allow(quirks: &mut Quirks, requests: u32) {
        quirks.limits.per_token = Some(RateWindow { requests, seconds: 300 });
    }

    fn page(lab: &mut Lab, access: &str, next: Option<&str>) -> Result<Answer, Failure> {
        let token = next.map(|token| format!("&next_token={token}")).unwrap_or_default();
        let target = format!("{}?start_date=2026-05-01&end_date=2026-12-01{token}", Self::TARGET);
        lab.send(access, "GET", &target, "")
    }

    fn rows(page: &Value) -> (Vec<Value>, Option<String>) {
        (page["data"].as_array().unwrap().clone(), page["next_token"].as_str().map(str::to_owned))
    }
}

oauth_suite! { Oura }

impl Lab {
    /// GET below `/v2/usercollection/` with the caller's access token.
    fn api(&mut self, target: &str) -> Answer {
        let token = self.access.clone();
        self.api_as(&token, target)
    }

    fn api_as(&mut self, access: &str, target: &str) -> Answer {
        self.send(access, "GET", &format!("/v2/usercollection/{target}"), "").unwrap()
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
