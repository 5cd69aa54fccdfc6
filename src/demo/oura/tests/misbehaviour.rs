//! Refusals, limits, refreshes at one time, changes.

use super::*;

#[test]
fn refusals_come_in_their_order_and_shapes() {
    let mut lab = Lab::start();
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
    lab.sim.set_quirk(|quirks| quirks.access.user_agent_needed = false);
    assert_eq!(lab.http.get(path, &[("Authorization", &good)]).unwrap().status, 200);
    lab.sim.set_quirk(|quirks| quirks.access.refused.push(("daily_spo2".to_owned(), 426)));
    assert_eq!((lab.api("daily_spo2").status, lab.api("daily_sleep").status), (426, 200));
    lab.sim.set_quirk(|quirks| quirks.access.membership_lapsed = true);
    for path in ["sleep", "heartrate", "personal_info", "ring_configuration", "sleep/x"] {
        assert_eq!(lab.api(path).status, 403, "{path}");
    }
    lab.sim.set_quirk(|quirks| quirks.access.error_bodies = ErrorBodies::Empty);
    assert_eq!(lab.api("sleep").body, "");
}

#[test]
fn limits_speak_only_when_they_refuse() {
    let mut lab = Lab::start();
    let other = lab.sim.issue_tokens("app", &ALL_SCOPES, HOUR).0;
    assert!(lab.api("sleep").headers.iter().all(|(name, _)| !name.starts_with("X-RateLimit")));
    lab.sim.reset_limits();
    let window = |requests| Some(RateWindow { requests, seconds: 300 });
    lab.sim.set_quirk(|quirks| {
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
    lab.sim.without_limits();
    lab.sim.fail_next(1, Fault::TooManyRequests(RetryAfter::Absent), "/v2/usercollection/sleep");
    let refused = lab.api("sleep");
    for header in
        ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Window", "X-RateLimit-Reset", "X-RateLimit-Tier"]
    {
        assert!(refused.header(header).is_some(), "{header}");
    }
    assert_eq!(lab.api("sleep").status, 200);
    let logged = lab.sim.requests().pop().unwrap();
    assert_eq!(logged.user_agent.as_deref(), Some("vitals-test/1"));
}

#[test]
fn refreshes_at_the_same_time_are_counted() {
    let lab = Lab::start();
    lab.sim.set_quirk(|quirks| quirks.oauth.wait_before_effect = Duration::from_millis(300));
    let address = lab.sim.address();
    let form =
        format!("grant_type=refresh_token&client_id=app&client_secret=s3cret&refresh_token={}", lab.refresh);
    let refresh = || {
        let form = form.clone();
        let headers = [AGENT, lab::FORM];
        move || HttpClient::new(address).send("POST", "/oauth/token", &headers, &form).unwrap().status
    };
    let threads = [std::thread::spawn(refresh()), std::thread::spawn(refresh())];
    let mut statuses = threads.map(|thread| thread.join().unwrap());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "the token is worth something once");
    assert_eq!(lab.sim.most_refreshes_at_once(), 2);
    assert_eq!(lab.sim.spent_refresh_tokens_presented(), 1);
}

#[test]
fn records_change_disappear_and_arrive() {
    let mut lab = Lab::start();
    let sleep = lab.sim.records(Collection::DailySleep)[100].clone();
    let key = id(&sleep);
    assert!(lab.sim.rescore(Collection::DailySleep, &key, 17));
    let changed = lab.api(&format!("daily_sleep/{key}")).json();
    assert_eq!((&changed["score"], &changed["contributors"]), (&json!(17), &sleep["contributors"]));
    assert!(lab.sim.patch(Collection::DailySleep, &key, &json!({"contributors": {"timing": null}})));
    assert!(lab.sim.record(Collection::DailySleep, &key).unwrap()["contributors"]["timing"].is_null());
    assert!(lab.sim.delete(Collection::DailySleep, &key) && !lab.sim.delete(Collection::DailySleep, &key));
    assert!(!lab.sim.rescore(Collection::DailySleep, &key, 18));
    assert_eq!(lab.api(&format!("daily_sleep/{key}")).status, 404);
    let own = sleep["day"].as_str().unwrap();
    assert!(lab.days("daily_sleep", own, own).is_empty());
    assert!(lab.sim.insert(Collection::DailySleep, sleep.clone()));
    assert_eq!(lab.data(&format!("daily_sleep?start_date={own}&end_date={own}")), [sleep]);
    let edited = lab.sim.records(Collection::Sleep)[50].clone();
    let moved =
        json!({"bedtime_start": "2026-07-01T22:00:00+02:00", "sleep_analysis_reason": "bedtime_edit"});
    assert!(lab.sim.patch(Collection::Sleep, &id(&edited), &moved));
    let found = lab.data("sleep?start_date=2026-07-01T20:00:00Z&end_date=2026-07-01T20:00:00Z");
    assert_eq!(found.iter().map(id).collect::<Vec<_>>(), [id(&edited)], "it moves with its instant");
    assert!(!lab.sim.insert(Collection::Sleep, json!({"id": "x"})));
}

#[test]
fn time_passes_and_today_grows() {
    let mut lab = Lab::start();
    let today = lab.sim.records(Collection::DailyActivity).pop().unwrap();
    assert_eq!(today["day"], "2026-11-20");
    let gone = id(&lab.sim.records(Collection::Workout)[3]);
    let changed = id(&lab.sim.records(Collection::DailySleep)[3]);
    lab.sim.delete(Collection::Workout, &gone);
    lab.sim.rescore(Collection::DailySleep, &changed, 1);
    let rows = lab.sim.records(Collection::HeartRate).len();
    lab.sim.advance_to("2026-11-21T15:00:00Z".parse().unwrap());
    assert_eq!(lab.sim.now(), "2026-11-21T15:00:00Z".parse().unwrap());
    let grown = lab.sim.record(Collection::DailyActivity, &id(&today)).unwrap();
    assert!(grown["steps"].as_i64() > today["steps"].as_i64());
    assert_eq!(grown["met"]["items"].as_array().unwrap().len(), 1440);
    assert_eq!(lab.sim.records(Collection::DailyActivity).pop().unwrap()["day"], "2026-11-21");
    assert!(lab.sim.record(Collection::Workout, &gone).is_none());
    assert_eq!(lab.sim.record(Collection::DailySleep, &changed).unwrap()["score"], 1);
    assert!(lab.sim.records(Collection::HeartRate).len() > rows + 150);
    lab.renew();
    assert_eq!(lab.days("daily_sleep", "2026-11-21", "2026-11-21"), ["2026-11-21"]);
}
