//! Refusals, limits, faults, changes, and the handle.

use super::*;
use crate::demo::kit::client::Failure;
use serde_json::json;

#[test]
fn refusals_come_in_their_order_and_shapes() {
    let mut lab = lab();
    let path = "/v2/usercollection/sleep";
    let good = format!("Bearer {}", lab.access);
    let bare = lab.http.get(path, &[("Authorization", &good)]).unwrap();
    assert_eq!((bare.status, bare.json()["detail"].as_str()), (403, Some("Forbidden")), "no user agent");
    let missing = lab.http.get(path, &[AGENT]).unwrap();
    assert_eq!(missing.status, 400, "no token");
    assert!(missing.json()["title"].is_string() && missing.json()["detail"].is_string());
    assert_eq!(lab.http.get("/v2/usercollection/bogus", &[AGENT]).unwrap().status, 404, "route before token");
    for authorization in ["Bearer nonsense", "Basic x", "nonsense"] {
        let answer = lab.http.get(path, &[AGENT, ("Authorization", authorization)]).unwrap();
        assert_eq!((answer.status, answer.json()["status"].as_i64()), (401, Some(401)), "{authorization}");
    }
    lab.oura.set_quirk(|quirks| quirks.access.user_agent_needed = false);
    assert_eq!(lab.http.get(path, &[("Authorization", &good)]).unwrap().status, 200);
    lab.oura.set_quirk(|quirks| quirks.access.refused.push(("daily_spo2".to_owned(), 426)));
    assert_eq!((lab.api("daily_spo2").status, lab.api("daily_sleep").status), (426, 200));
    lab.oura.set_quirk(|quirks| quirks.access.membership_lapsed = true);
    for path in ["sleep", "heartrate", "personal_info", "ring_configuration", "sleep/x"] {
        assert_eq!(lab.api(path).status, 403, "{path}");
    }
    lab.oura.set_quirk(|quirks| quirks.access.error_bodies = ErrorBodies::Empty);
    assert_eq!(lab.api("sleep").body, "");
}

#[test]
fn limits_speak_only_when_they_refuse() {
    let mut lab = lab();
    let other = lab.oura.issue_tokens("app", &ALL_SCOPES, HOUR).0;
    assert!(lab.api("sleep").headers.iter().all(|(name, _)| !name.starts_with("X-RateLimit")));
    lab.oura.reset_limits();
    let window = |requests| Some(RateWindow { requests, seconds: 300 });
    lab.oura.set_quirk(|quirks| {
        (quirks.limits.per_token, quirks.limits.per_application) = (window(2), window(3));
    });
    assert_eq!([lab.api("sleep").status, lab.api("sleep").status], [200, 200]);
    let refused = lab.api("sleep");
    assert_eq!((refused.status, refused.header("X-RateLimit-Tier")), (429, Some("access_token")));
    assert_eq!(refused.header("X-RateLimit-Limit"), Some("2"));
    assert_eq!(refused.header("X-RateLimit-Window"), Some("300"));
    let wait: i64 = refused.header("Retry-After").unwrap().parse().unwrap();
    let reset: i64 = refused.header("X-RateLimit-Reset").unwrap().parse().unwrap();
    assert!((290..=300).contains(&wait));
    assert_eq!(reset, now().as_second() + wait, "an epoch, not a span");
    assert_eq!(lab.api_as(&other, "sleep").status, 200);
    assert_eq!(lab.api_as(&other, "sleep").header("X-RateLimit-Tier"), Some("application"));
    lab.oura.without_limits();
    assert_eq!(lab.api("sleep").status, 200);
}

#[test]
fn faults_happen_to_the_next_matching_requests() {
    let mut lab = lab();
    let prefix = "/v2/usercollection/workout";
    let target = "workout?start_date=2026-11-01";
    lab.oura.fail_next(1, Fault::Status(500), prefix);
    lab.oura.fail_next(1, Fault::Html, prefix);
    lab.oura.fail_next(1, Fault::BrokenJson, prefix);
    lab.oura.fail_next(1, Fault::TooManyRequests(RetryAfter::Absent), prefix);
    lab.oura.fail_next(1, Fault::SlowBody(Duration::from_millis(16)), prefix);
    assert_eq!((lab.api("sleep").status, lab.api(target).status), (200, 500));
    assert!(lab.api(target).body.starts_with("<!doctype html>"));
    assert!(serde_json::from_str::<Value>(&lab.api(target).body).is_err());
    let refused = lab.api(target);
    for header in
        ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Window", "X-RateLimit-Reset", "X-RateLimit-Tier"]
    {
        assert!(refused.header(header).is_some(), "{header}");
    }
    assert!(!lab.data(target).is_empty());
    for (fault, failure) in [(Fault::CutOff, Failure::CutOff), (Fault::Refused, Failure::NoAnswer)] {
        lab.oura.fail_next(1, fault, prefix);
        let authorization = format!("Bearer {}", lab.access);
        let headers = [AGENT, ("Authorization", authorization.as_str())];
        assert_eq!(lab.http.get(prefix, &headers).unwrap_err(), failure);
    }
    lab.oura.fail_next(9, Fault::Html, prefix);
    lab.oura.clear_faults();
    assert_eq!(lab.api(target).status, 200);
}

#[test]
fn refreshes_at_the_same_time_are_counted() {
    let lab = lab();
    lab.oura.set_quirk(|quirks| quirks.oauth.wait_before_effect = Duration::from_millis(300));
    let address = lab.oura.url().trim_start_matches("http://").parse().unwrap();
    let form =
        format!("grant_type=refresh_token&client_id=app&client_secret=s3cret&refresh_token={}", lab.refresh);
    let refresh = || {
        let form = form.clone();
        let headers = [AGENT, ("Content-Type", "application/x-www-form-urlencoded")];
        move || HttpClient::new(address).send("POST", "/oauth/token", &headers, &form).unwrap().status
    };
    let threads = [std::thread::spawn(refresh()), std::thread::spawn(refresh())];
    let mut statuses = threads.map(|thread| thread.join().unwrap());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "the token is worth something once");
    assert_eq!(lab.oura.most_refreshes_at_once(), 2);
    assert_eq!(lab.oura.spent_refresh_tokens_presented(), 1);
}

#[test]
fn records_change_disappear_and_arrive() {
    let mut lab = lab();
    let sleep = lab.oura.records(Collection::DailySleep)[100].clone();
    let key = id(&sleep);
    assert!(lab.oura.rescore(Collection::DailySleep, &key, 17));
    let changed = lab.api(&format!("daily_sleep/{key}")).json();
    assert_eq!((&changed["score"], &changed["contributors"]), (&json!(17), &sleep["contributors"]));
    assert!(lab.oura.patch(Collection::DailySleep, &key, &json!({"contributors": {"timing": null}})));
    assert!(lab.oura.record(Collection::DailySleep, &key).unwrap()["contributors"]["timing"].is_null());
    assert!(lab.oura.delete(Collection::DailySleep, &key) && !lab.oura.delete(Collection::DailySleep, &key));
    assert!(!lab.oura.rescore(Collection::DailySleep, &key, 18));
    assert_eq!(lab.api(&format!("daily_sleep/{key}")).status, 404);
    let own = sleep["day"].as_str().unwrap();
    assert!(lab.days("daily_sleep", own, own).is_empty());
    assert!(lab.oura.insert(Collection::DailySleep, sleep.clone()));
    assert_eq!(lab.data(&format!("daily_sleep?start_date={own}&end_date={own}")), [sleep]);
    let edited = lab.oura.records(Collection::Sleep)[50].clone();
    let moved =
        json!({"bedtime_start": "2026-07-01T22:00:00+02:00", "sleep_analysis_reason": "bedtime_edit"});
    assert!(lab.oura.patch(Collection::Sleep, &id(&edited), &moved));
    let found = lab.data("sleep?start_date=2026-07-01T20:00:00Z&end_date=2026-07-01T20:00:00Z");
    assert_eq!(found.iter().map(id).collect::<Vec<_>>(), [id(&edited)], "it moves with its instant");
    assert!(!lab.oura.insert(Collection::Sleep, json!({"id": "x"})));
}

#[test]
fn time_passes_and_today_grows() {
    let mut lab = lab();
    let today = lab.oura.records(Collection::DailyActivity).pop().unwrap();
    assert_eq!(today["day"], "2026-11-20");
    let gone = id(&lab.oura.records(Collection::Workout)[3]);
    let changed = id(&lab.oura.records(Collection::DailySleep)[3]);
    lab.oura.delete(Collection::Workout, &gone);
    lab.oura.rescore(Collection::DailySleep, &changed, 1);
    let rows = lab.oura.records(Collection::HeartRate).len();
    lab.oura.advance_to("2026-11-21T15:00:00Z".parse().unwrap());
    assert_eq!(lab.oura.now(), "2026-11-21T15:00:00Z".parse().unwrap());
    let grown = lab.oura.record(Collection::DailyActivity, &id(&today)).unwrap();
    assert!(grown["steps"].as_i64() > today["steps"].as_i64());
    assert_eq!(grown["met"]["items"].as_array().unwrap().len(), 1440);
    assert_eq!(lab.oura.records(Collection::DailyActivity).pop().unwrap()["day"], "2026-11-21");
    assert!(lab.oura.record(Collection::Workout, &gone).is_none());
    assert_eq!(lab.oura.record(Collection::DailySleep, &changed).unwrap()["score"], 1);
    assert!(lab.oura.records(Collection::HeartRate).len() > rows + 150);
    let (access, _) = lab.oura.issue_tokens("app", &ALL_SCOPES, HOUR);
    lab.access = access;
    assert_eq!(lab.days("daily_sleep", "2026-11-21", "2026-11-21"), ["2026-11-21"]);
}

#[test]
fn requests_are_logged_with_their_outcome() {
    let mut lab = lab();
    lab.api("sleep?start_date=2026-11-01");
    lab.api("nothing");
    let log = lab.oura.requests();
    assert_eq!((lab.oura.request_count(), lab.oura.api_request_count(), lab.oura.token_posts()), (2, 2, 0));
    assert_eq!(
        (log[0].path.as_str(), log[0].query.as_str()),
        ("/v2/usercollection/sleep", "start_date=2026-11-01")
    );
    assert_eq!((log[0].status, log[1].status), (Some(200), Some(404)));
    assert_eq!(log[0].user_agent.as_deref(), Some("vitals-test/1"));
    lab.oura.clear_requests();
    assert_eq!(lab.oura.request_count(), 0);
}
