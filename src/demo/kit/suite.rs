//! What every simulation must do, whatever its provider: `suite!` runs it for one that has an API, `oauth_suite!` for
//! one at which an app signs in.

use super::client::{Answer, Failure};
use super::faults::{Fault, RetryAfter};
use super::lab::{Fields, Lab, SignedIn, Spoken, form, now, text};
use super::quirks::Consent;
use super::records::{Change, Kind as _};
use serde_json::{Value, json};
use std::time::Duration;

/// One listing of a provider, for the tests that look at pages.
pub trait Listed: Spoken {
    /// What is listed.
    const KIND: Self::Kind;
    /// The beginning of its target, for faults and scheduled changes.
    const TARGET: &'static str;
    /// A target below the API that does not exist.
    const UNKNOWN: &'static str;

    /// Makes pages small, and switches off what makes them uneven.
    fn small_pages(quirks: &mut Self::Quirks);

    /// Allows so many requests.
    fn allow(quirks: &mut Self::Quirks, requests: u32);

    /// One page, from the beginning or from where the page before led to.
    fn page(lab: &mut Lab<Self>, access: &str, next: Option<&str>) -> Result<Answer, Failure>;

    /// The rows of a page, and what leads to the next.
    fn rows(page: &Value) -> (Vec<Value>, Option<String>);

    /// The status that an answer means; the one of HTTP, unless there is another inside.
    fn status(answer: &Answer) -> u16 {
        answer.status
    }

    /// A record like this one, that is new.
    fn another(record: &Value) -> Value;

    /// The field in which the tests change a record.
    const FIELD: &'static str;
}

fn lab<S: Listed>() -> Lab<S> {
    let lab = Lab::<S>::start();
    lab.sim.without_limits();
    lab.sim.set_quirk(S::small_pages);
    lab
}

fn status<S: Listed>(lab: &mut Lab<S>, access: &str) -> u16 {
    S::status(&S::page(lab, access, None).unwrap())
}

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
    let another = S::another(&before[0]);
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
    lab.access = lab.sim.issue_tokens("app", S::SCOPES, Duration::from_secs(3600)).0;
    let after = keys::<S>(&all(&mut lab));
    assert!(after.len() >= before.len() && !after.contains(gone), "{} {}", before.len(), after.len());
    assert!(after.iter().any(|key| !before.contains(key)));
}

pub fn access_tokens_open_until_they_are_over<S: Listed>() {
    let mut lab = lab::<S>();
    for stranger in ["", "looks-like-a-token"] {
        assert_ne!(status(&mut lab, stranger), 200);
    }
    assert!(good(&mut lab));
    lab.pass(S::LIFETIME.as_secs() as i64 - 1);
    assert!(good(&mut lab) && lab.sim.live_access_token_is(&lab.access));
    lab.pass(1);
    let access = lab.access.clone();
    assert_eq!(status(&mut lab, &access), 401);
    for end in [|lab: &Lab<S>| lab.sim.expire_access_tokens(), |lab: &Lab<S>| lab.sim.revoke_all()] {
        lab.access = lab.sim.issue_tokens("app", S::SCOPES, S::LIFETIME).0;
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
        (1, Fault::SlowBody(Duration::from_millis(16)), |answer| S::status(&answer.unwrap()) == 200),
        (1, Fault::Late(Duration::from_millis(1)), |answer| S::status(&answer.unwrap()) == 200),
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
    let log = lab.sim.requests();
    let counts = (lab.sim.request_count(), lab.sim.api_request_count(), lab.sim.token_posts());
    assert_eq!((log.len(), counts), (2, (2, 2, 0)));
    assert!(S::TARGET.starts_with(&log[0].path) && log[0].arrived <= log[1].arrived);
    assert_eq!((log[0].status, log[1].status), (Some(200), None));
    assert!(log.iter().all(|request| request.took.is_some()));
    lab.sim.clear_requests();
    assert_eq!(lab.sim.request_count(), 0);
}

// Signing in.

/// The tokens of an answer: (access, refresh).
fn tokens<S: SignedIn>((status, answer): &(u16, Value)) -> (String, String) {
    assert_eq!(*status, 200, "{answer}");
    let token = |name| text(answer, &format!("{}/{name}", S::TOKENS)).to_owned();
    (token("access_token"), token("refresh_token"))
}

fn is_refused<S: SignedIn>((_, answer): &(u16, Value)) -> bool {
    answer.pointer(&format!("{}/access_token", S::TOKENS)).is_none()
}

pub fn a_code_is_exchanged_once_by_its_own_client_in_time<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    lab.sim.register_client("other", "s", &["http://localhost:8765/callback"]);
    let code = lab.code(&[]);
    let wrong: [Fields; 3] = [
        &[("redirect_uri", "https://example.com/back")],
        &[("client_id", "other"), ("client_secret", "s")],
        &[("client_secret", "wrong")],
    ];
    for changes in wrong {
        let answer = lab.exchange(&code, changes);
        assert!(is_refused::<S>(&answer), "{changes:?} {answer:?}");
    }
    let answer = lab.exchange(&code, &[]);
    let (access, _) = tokens::<S>(&answer);
    assert_eq!(status(&mut lab, &access), 200);
    for code in [code.as_str(), "made-up"] {
        assert!(is_refused::<S>(&lab.exchange(code, &[])));
    }
    let lifetime = S::oauth(&mut S::Quirks::default()).code_lifetime.as_secs() as i64;
    for (waited, is_late) in [(lifetime - 1, false), (lifetime, true)] {
        let code = lab.code(&[]);
        lab.pass(waited);
        assert_eq!(is_refused::<S>(&lab.exchange(&code, &[])), is_late, "after {waited} s");
    }
    lab.sim.set_quirk(|quirks| S::oauth(quirks).consent = Consent::AccessDenied);
    let (_, fields) = lab.authorize(&[]);
    assert!(fields.contains(&("error".to_owned(), "access_denied".to_owned())));
    assert!(fields.contains(&("state".to_owned(), "12345678".to_owned())));
}

pub fn refresh_tokens_rotate<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    let old = lab.refresh.clone();
    assert!(is_refused::<S>(&lab.refresh_with(&old, &[("client_secret", "wrong")])));
    assert!(is_refused::<S>(&lab.refresh_with("made-up", &[])));
    assert!(lab.sim.live_refresh_token_is(&old), "nothing has happened yet");
    let answer = lab.refresh_with(&old, &[]);
    let (access, next) = tokens::<S>(&answer);
    assert_ne!(next, old);
    assert_eq!(status(&mut lab, &access), 200);
    assert!(lab.sim.live_refresh_token_is(&next) && !lab.sim.live_refresh_token_is(&old));
    assert!(is_refused::<S>(&lab.refresh_with(&old, &[])), "a replay");
    assert_eq!(lab.sim.spent_refresh_tokens_presented(), 1);
    assert!(lab.sim.live_refresh_token_is(&next), "by default the others live on");
    assert_eq!(status(&mut lab, &access), 200);
    lab.sim.set_quirk(|quirks| S::oauth(quirks).reuse_revokes_all = true);
    lab.refresh_with(&old, &[]);
    assert!(!lab.sim.live_refresh_token_is(&next));
    assert_eq!(status(&mut lab, &access), 401);
    assert_eq!(lab.sim.token_posts(), 5);
}

pub fn a_fault_says_whether_the_refresh_happened<S: SignedIn + Listed>() {
    for (fault, happens) in [(Fault::NoAnswer, true), (Fault::CutOff, true), (Fault::Refused, false)] {
        let mut lab = lab::<S>();
        lab.sim.set_quirk(|quirks| S::oauth(quirks).old_refresh_lifetime = Duration::ZERO);
        lab.sim.fail_next(1, fault.clone(), S::TOKEN_PATH);
        let app = [("client_id", "app"), ("client_secret", "s3cret"), ("grant_type", "refresh_token")];
        let held = lab.refresh.clone();
        let fields = [S::TOKEN_FIELDS, &app, &[("refresh_token", held.as_str())]].concat();
        assert!(lab.send("", "POST", S::TOKEN_PATH, &form(&fields)).is_err());
        assert_eq!(lab.sim.live_refresh_token_is(&held), !happens, "{fault:?}");
        assert_eq!(lab.sim.requests()[0].field("grant_type"), Some("refresh_token"));
    }
}

pub fn hostile_token_answers_have_no_effect<S: SignedIn + Listed>() {
    let mut lab = lab::<S>();
    let held = lab.refresh.clone();
    lab.sim.set_quirk(|quirks| S::oauth(quirks).token_body = Some("{\"access_token\":7}".to_owned()));
    assert_eq!(lab.refresh_with(&held, &[]).1["access_token"], 7);
    lab.sim.set_quirk(|quirks| S::oauth(quirks).token_body = Some("{}".to_owned()));
    assert!(is_refused::<S>(&lab.refresh_with(&held, &[])));
    lab.sim.set_quirk(|quirks| {
        S::oauth(quirks).token_body = None;
        S::oauth(quirks).token_redirect = Some("http://127.0.0.1:9/".to_owned());
    });
    let answer = lab.send("", "POST", S::TOKEN_PATH, &form(S::TOKEN_FIELDS)).unwrap();
    assert_eq!((answer.status, answer.header("Location")), (307, Some("http://127.0.0.1:9/")));
    assert!(lab.sim.live_refresh_token_is(&held));
}

/// Runs the standard suite for a provider.
macro_rules! suite {
    ($service:ty: $($test:ident)*) => {
        $(
            #[test]
            fn $test() {
                crate::demo::kit::suite::$test::<$service>();
            }
        )*
    };
    ($service:ty) => {
        crate::demo::kit::suite::suite! { $service:
            pages_hold_every_record_once_and_in_order
            records_come_go_and_change_while_they_are_listed
            time_brings_records
            access_tokens_open_until_they_are_over
            an_unknown_path_is_refused
            limits_refuse_and_can_be_switched_off
            faults_strike_the_next_matching_requests
            requests_are_logged_with_their_outcome
        }
    };
}

/// Runs the standard suite for a provider with OAuth.
macro_rules! oauth_suite {
    ($service:ty) => {
        crate::demo::kit::suite::suite! { $service }
        crate::demo::kit::suite::suite! { $service:
            a_code_is_exchanged_once_by_its_own_client_in_time
            refresh_tokens_rotate
            a_fault_says_whether_the_refresh_happened
            hostile_token_answers_have_no_effect
        }
    };
}

pub(crate) use {oauth_suite, suite};
