//! What every API does: pages in order, changes, tokens, limits, faults, a log.

use super::{Listed, lab, status};
use crate::demo::kit::client::{Answer, Failure};
use crate::demo::kit::faults::{Fault, RetryAfter};
use crate::demo::kit::lab::{Lab, now};
use crate::demo::kit::records::{Change, Kind as _};
use serde_json::{Value, json};
use std::time::Duration;

fn good<S: Listed>(lab: &mut Lab<S>) -> bool {
    let access = lab.access.clone();
    status(lab, &access) == 200
}

/// All rows of the listing.
fn all<S: Listed>(lab: &mut Lab<S>) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), None);
    let access = lab.access.clone();
    for _ in 0..1000 {
        let page = S::page(lab, &access, next.as_deref()).unwrap();
        assert_eq!(S::status(&page), 200, "{}", page.body);
        let (rows, after) = S::rows(&page.json());
        all.extend(rows);
        next = after;
        if next.is_none() {
            return all;
        }
    }
    panic!("the listing does not end");
}

fn keys<S: Listed>(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| S::KIND.key_of(row)).collect()
}

pub fn pages_hold_every_record_once_and_in_order<S: Listed>() {
    let mut lab = lab::<S>();
    let listed = keys::<S>(&all(&mut lab));
    assert_eq!(listed, keys::<S>(&lab.sim.records(S::KIND)));
    assert!(lab.sim.api_request_count() > 2, "more than two pages");
}

pub fn records_come_go_and_change_while_they_are_listed<S: Listed>() {
    let mut lab = lab::<S>();
    let before = all(&mut lab);
    let known = keys::<S>(&before);
    let mut another = before[0].clone();
    let (id, new) = S::identity();
    another[id] = new;
    let added = S::KIND.key_of(&another);
    let (gone, changed) = (known[known.len() - 1].clone(), known[known.len() - 2].clone());
    let patch = json!({S::FIELD: "changed"});
    lab.sim.change_after(1, S::TARGET, Change::Insert(S::KIND, another));
    lab.sim.change_after(1, S::TARGET, Change::Delete(S::KIND, gone.clone()));
    lab.sim.change_after(1, S::TARGET, Change::Patch(S::KIND, changed.clone(), patch));
    let during = keys::<S>(&all(&mut lab));
    assert!(!during.contains(&gone), "it went before its page came");
    assert!(during.iter().all(|key| known.contains(key) || *key == added));
    let after = all(&mut lab);
    assert_eq!(keys::<S>(&after), keys::<S>(&lab.sim.records(S::KIND)));
    let find = |key: &str| after.iter().find(|row| S::KIND.key_of(row) == key);
    assert!(find(&added).is_some() && find(&gone).is_none() && after.len() == before.len());
    assert_eq!(find(&changed).unwrap()[S::FIELD], "changed");
    assert!(!lab.sim.delete(S::KIND, &gone) && !lab.sim.patch(S::KIND, &gone, &json!({})));
}

pub fn time_brings_records<S: Listed>() {
    let mut lab = lab::<S>();
    let before = keys::<S>(&lab.sim.records(S::KIND));
    let gone = &before[before.len() / 2];
    lab.sim.delete(S::KIND, gone);
    lab.sim.advance_to(now() + Duration::from_secs(3 * 86_400));
    assert_eq!(lab.sim.now(), now() + Duration::from_secs(3 * 86_400));
    lab.renew();
    let after = keys::<S>(&all(&mut lab));
    assert!(after.len() >= before.len() && !after.contains(gone), "{} {}", before.len(), after.len());
    assert!(after.iter().any(|key| !before.contains(key)));
}

pub fn access_tokens_open_until_they_are_over<S: Listed>() {
    let mut lab = lab::<S>();
    assert_ne!(status(&mut lab, ""), 200);
    assert_eq!(status(&mut lab, "looks-like-a-token"), 401);
    assert!(good(&mut lab));
    lab.pass(Lab::<S>::lifetime().as_secs() as i64 - 1);
    assert!(good(&mut lab) && lab.sim.live_access_token_is(&lab.access));
    lab.pass(1);
    let access = lab.access.clone();
    assert_eq!(status(&mut lab, &access), 401);
    for end in [|lab: &Lab<S>| lab.sim.expire_access_tokens(), |lab: &Lab<S>| lab.sim.revoke_all()] {
        lab.renew();
        assert!(good(&mut lab));
        end(&lab);
        let access = lab.access.clone();
        assert!(!lab.sim.live_access_token_is(&access));
        assert_eq!(status(&mut lab, &access), 401);
    }
}

pub fn an_unknown_path_is_refused<S: Listed>() {
    let mut lab = lab::<S>();
    let access = lab.access.clone();
    for (target, access) in [(S::UNKNOWN, access.as_str()), ("/nothing", "")] {
        assert_ne!(S::status(&lab.send(access, "GET", target, "").unwrap()), 200, "{target}");
    }
}

pub fn limits_refuse_and_can_be_switched_off<S: Listed>() {
    let mut lab = lab::<S>();
    lab.sim.set_quirk(|quirks| S::allow(quirks, 2));
    let access = lab.access.clone();
    let mut ask = || [(); 3].map(|()| status(&mut lab, &access));
    assert_eq!(ask(), [200, 200, 429]);
    lab.sim.reset_limits();
    assert!(good(&mut lab));
    lab.sim.without_limits();
    let mut ask = || [(); 3].map(|()| status(&mut lab, &access));
    assert_eq!(ask(), [200; 3]);
}

fn is_whole<S: Listed>(answer: Result<Answer, Failure>) -> bool {
    let answer = answer.unwrap();
    S::status(&answer) == 200 && answer.json().is_object()
}

pub fn faults_strike_the_next_matching_requests<S: Listed>() {
    type IsSeen = fn(Result<Answer, Failure>) -> bool;
    let mut lab = lab::<S>();
    let faults: [(u32, Fault, IsSeen); 9] = [
        (2, Fault::Status(503), |answer| answer.unwrap().status == 503),
        (1, Fault::TooManyRequests(RetryAfter::Seconds), |answer| S::status(&answer.unwrap()) == 429),
        (1, Fault::Html, |answer| answer.unwrap().body.starts_with("<!doctype html>")),
        (1, Fault::BrokenJson, |answer| serde_json::from_str::<Value>(&answer.unwrap().body).is_err()),
        (1, Fault::CutOff, |answer| answer.unwrap_err() == Failure::CutOff),
        (1, Fault::NoAnswer, |answer| answer.unwrap_err() == Failure::NoAnswer),
        (1, Fault::Refused, |answer| answer.unwrap_err() == Failure::NoAnswer),
        (1, Fault::SlowBody(Duration::from_millis(16)), is_whole::<S>),
        (1, Fault::Late(Duration::from_millis(1)), is_whole::<S>),
    ];
    for (count, fault, _) in &faults {
        lab.sim.fail_next(*count, fault.clone(), S::TARGET);
    }
    let access = lab.access.clone();
    lab.send(&access, "GET", S::UNKNOWN, "").unwrap();
    for (count, fault, is_seen) in faults {
        for _ in 0..count {
            assert!(is_seen(S::page(&mut lab, &access, None)), "{fault:?}");
        }
    }
    lab.sim.fail_next(9, Fault::Html, S::TARGET);
    lab.sim.clear_faults();
    assert!(good(&mut lab));
}

pub fn requests_are_logged_with_their_outcome<S: Listed>() {
    let mut lab = lab::<S>();
    assert!(good(&mut lab));
    lab.sim.fail_next(1, Fault::NoAnswer, S::TARGET);
    let access = lab.access.clone();
    S::page(&mut lab, &access, None).unwrap_err();
    let refused = lab.send(&access, "GET", &format!("{}?a=b", S::UNKNOWN), "").unwrap();
    let log = lab.sim.requests();
    let counts = (lab.sim.request_count(), lab.sim.api_request_count(), lab.sim.token_posts());
    assert_eq!((log.len(), counts), (3, (3, 3, 0)));
    assert_eq!(log[0].path, S::TARGET.split('?').next().unwrap());
    assert_eq!((log[2].path.as_str(), log[2].query.as_str()), (S::UNKNOWN, "a=b"));
    assert!(log.is_sorted_by_key(|request| request.arrived));
    assert_eq!([log[0].status, log[1].status, log[2].status], [Some(200), None, Some(refused.status)]);
    assert!(log.iter().all(|request| request.took.is_some()));
    lab.sim.clear_requests();
    assert_eq!(lab.sim.request_count(), 0);
}
