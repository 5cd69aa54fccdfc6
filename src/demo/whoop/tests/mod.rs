//! The simulated WHOOP seen from outside, over HTTP, with a clock that only moves when told to.

mod lists;
mod misbehaviour;
mod records;
mod signing_in;

use super::*;
use crate::demo::kit::client::{Answer, Failure};
use crate::demo::kit::lab::{self, Fields, HOUR, REDIRECT, SignedIn, Spoken, now};
use crate::demo::kit::records::Kind as _;
use crate::demo::kit::suite::{Listed, oauth_suite};
use crate::demo::person::Person;
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};
use std::time::Duration;

type Lab = lab::Lab<Whoop>;

impl Spoken for Whoop {}

impl SignedIn for Whoop {
    const SCOPE: &'static str = "offline read:sleep read:cycles";
    const REFRESH_FIELDS: Fields<'static> = &[("scope", "offline")];
}

impl Listed for Whoop {
    const KIND: Kind = Kind::Sleep;
    const TARGET: &'static str = "/developer/v2/activity/sleep";
    const UNKNOWN: &'static str = "/developer/v2/nothing";
    const FIELD: &'static str = "timezone_offset";

    fn allow(quirks: &mut Quirks, requests: u32) {
        quirks.limits.windows = vec![RateWindow { requests, seconds: 600 }];
    }

    fn page(lab: &mut Lab, access: &str, next: Option<&str>) -> Result<Answer, Failure> {
        let token = next.map(|token| format!("&nextToken={}", token.replace('=', "%3D")));
        lab.send(access, "GET", &format!("{}?limit=25{}", Self::TARGET, token.unwrap_or_default()), "")
    }

    fn rows(page: &Value) -> (Vec<Value>, Option<String>) {
        (page["records"].as_array().unwrap().clone(), page["next_token"].as_str().map(str::to_owned))
    }
}

oauth_suite! { Whoop }

impl Lab {
    /// GET below `/developer` with the caller's access token.
    fn api(&mut self, target: &str) -> Answer {
        let token = self.access.clone();
        self.api_as(&token, target)
    }

    fn api_as(&mut self, access: &str, target: &str) -> Answer {
        self.send(access, "GET", &format!("/developer{target}"), "").unwrap()
    }

    /// All ids of a listing, following its tokens.
    fn ids(&mut self, kind: Kind, path: &str, query: &str) -> Vec<String> {
        let mut ids = Vec::new();
        let mut token = String::new();
        for _ in 0..1000 {
            let page = self.api(&format!("{path}?limit=25{query}{token}")).json();
            ids.extend(page["records"].as_array().unwrap().iter().map(|record| kind.key_of(record)));
            match page["next_token"].as_str() {
                Some(next) => token = format!("&nextToken={}", next.replace('=', "%3D")),
                None => return ids,
            }
        }
        panic!("the listing does not end");
    }
}

/// Path and kind of the four listings.
const LISTS: [(&str, Kind); 4] = [
    ("/v2/cycle", Kind::Cycle),
    ("/v2/recovery", Kind::Recovery),
    ("/v2/activity/sleep", Kind::Sleep),
    ("/v2/activity/workout", Kind::Workout),
];

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}
