//! The simulated Withings seen from outside, over HTTP, with a clock that only moves when told to.

mod days;
mod measures;
mod misbehaviour;
mod nights;
mod recordings;
mod signatures;
mod signing_in;

use super::*;
use crate::demo::kit::client::{Answer, Failure};
use crate::demo::kit::lab::{self, Fields, HOUR, REDIRECT, SignedIn, Spoken, form, now};
use crate::demo::kit::suite::{Listed, oauth_suite};
use crate::demo::person::Person;
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};
use std::time::Duration;

type Lab = lab::Lab<Withings>;

impl Spoken for Withings {}

impl SignedIn for Withings {
    const SCOPE: &'static str = "user.info,user.metrics,user.activity";
    const TOKEN_FIELDS: Fields<'static> = &[("action", "requesttoken")];
    const TOKENS: &'static str = "/body";
}

impl Listed for Withings {
    const KIND: Kind = Kind::Sleep;
    const TARGET: &'static str = "/v2/sleep?action=getsummary";
    const UNKNOWN: &'static str = "/v2/nothing";
    const FIELD: &'static str = "timezone";

    fn small_pages(quirks: &mut Quirks) {
        quirks.lists.page_places = Some(25);
        quirks.lists.filtered_place = None;
    }

    fn allow(quirks: &mut Quirks, requests: u32) {
        quirks.limits.per_minute = Some(requests as usize);
    }

    fn page(lab: &mut Lab, access: &str, next: Option<&str>) -> Result<Answer, Failure> {
        let fields = [("action", "getsummary"), ("lastupdate", "0"), ("offset", next.unwrap_or_default())];
        lab.send(access, "POST", "/v2/sleep", &form(&fields))
    }

    fn rows(page: &Value) -> (Vec<Value>, Option<String>) {
        let body = &page["body"];
        let next = (body["more"] == true).then(|| body["offset"].to_string());
        (body["series"].as_array().unwrap().clone(), next)
    }

    fn status(answer: &Answer) -> u16 {
        let inside = if answer.status == 200 { answer.json()["status"].as_i64() } else { None };
        match inside {
            None => answer.status,
            Some(0) => 200,
            Some(601) => 429,
            Some(other) => other as u16,
        }
    }

    fn identity() -> (&'static str, Value) {
        ("id", json!(1))
    }
}

oauth_suite! { Withings }

/// A lab without request limits.
fn lab() -> Lab {
    let lab = strict_lab();
    lab.sim.without_limits();
    lab
}

/// Nearly a year of data.
fn strict_lab() -> Lab {
    Lab::of(Person::new(1, date(2026, 1, 1), date(2026, 11, 25)).unwrap())
}

impl Lab {
    /// POST of a form with the caller's access token; the HTTP status is always 200.
    fn call(&mut self, path: &str, action: &str, fields: Fields) -> Value {
        let token = self.access.clone();
        self.call_as(&token, path, action, fields)
    }

    fn call_as(&mut self, access: &str, path: &str, action: &str, fields: Fields) -> Value {
        let answer = self.post_form(access, path, action, fields);
        assert_eq!((answer.status, answer.header("Content-Type")), (200, Some("application/json")));
        answer.json()
    }

    fn post_form(&mut self, access: &str, path: &str, action: &str, fields: Fields) -> Answer {
        self.send(access, "POST", path, &form(&[&[("action", action)], fields].concat())).unwrap()
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
}

fn refusal_of(answer: &Value) -> (i64, String) {
    assert_eq!(answer["body"], json!({}), "{answer}");
    (answer["status"].as_i64().unwrap(), answer["error"].as_str().unwrap().to_owned())
}

fn invalid(text: &str) -> (i64, String) {
    (503, format!("Invalid Params: {text}"))
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is not a whole number"))
}
