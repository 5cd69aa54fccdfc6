//! Limits, late scores, single records, changes.

use super::*;

#[test]
fn limits_count_down_and_refuse() {
    let mut lab = Lab::start();
    let answer = lab.api("/v2/cycle");
    assert_eq!(answer.header("X-RateLimit-Limit"), Some("100, 100;window=60, 10000;window=86400"));
    assert_eq!(answer.header("X-RateLimit-Remaining"), Some("99"));
    lab.sim.set_quirk(|quirks| quirks.limits.windows = vec![RateWindow { requests: 2, seconds: 600 }]);
    lab.sim.reset_limits();
    assert_eq!([lab.api("/v2/cycle").status, lab.api("/v2/cycle").status], [200, 200]);
    for (hint, header) in
        [(RetryAfter::Absent, false), (RetryAfter::Seconds, true), (RetryAfter::HttpDate, true)]
    {
        lab.sim.set_quirk(|quirks| quirks.limits.retry_after = hint);
        let answer = lab.api("/v2/cycle");
        assert_eq!((answer.status, answer.header("Retry-After").is_some()), (429, header), "{hint:?}");
        assert_eq!(answer.header("X-RateLimit-Remaining"), Some("0"));
        assert!(answer.header("X-RateLimit-Reset").unwrap().parse::<u64>().unwrap() > 590);
    }
    assert!(lab.api("/v2/cycle").header("Retry-After").unwrap().starts_with("Fri, 20 Nov 2026 15:"));
    lab.sim.without_limits();
    let answer = lab.api("/v2/cycle");
    assert_eq!((answer.status, answer.header("X-RateLimit-Limit")), (200, None));
    lab.sim.fail_next(1, Fault::TooManyRequests(RetryAfter::Seconds), "/developer/v2/cycle");
    assert_eq!(lab.api("/v2/cycle").header("Retry-After"), Some("30"));
}

#[test]
fn a_slow_refresh_takes_effect_before_or_after_its_wait() {
    for (before, after) in [(400, 0), (0, 400)] {
        let lab = Lab::start();
        lab.sim.set_quirk(|quirks| {
            quirks.oauth.wait_before_effect = Duration::from_millis(before);
            quirks.oauth.wait_after_effect = Duration::from_millis(after);
        });
        let form = format!(
            "grant_type=refresh_token&scope=offline&client_id=app&client_secret=s3cret&refresh_token={}",
            lab.refresh
        );
        let mut http = lab.http;
        let began = std::time::Instant::now();
        let thread = std::thread::spawn(move || http.post("/oauth/oauth2/token", &form).unwrap().status);
        while lab.sim.token_posts() == 0 {
            std::thread::yield_now();
        }
        // On a stalled machine the wait may already be over; then this run says nothing about the order.
        let in_time = || began.elapsed() < Duration::from_millis(400);
        if before > 0 {
            let is_live = lab.sim.live_refresh_token_is(&lab.refresh);
            assert!(is_live || !in_time(), "nothing has happened yet");
        } else {
            while lab.sim.live_refresh_token_is(&lab.refresh) {
                std::thread::yield_now();
            }
            let is_waiting = !thread.is_finished();
            assert!(is_waiting || !in_time(), "the old token is spent before the new one arrives");
        }
        assert_eq!(thread.join().unwrap(), 200);
        assert!(!lab.sim.live_refresh_token_is(&lab.refresh));
    }
}

#[test]
fn scores_arrive_after_some_answers() {
    let mut lab = Lab::start();
    let id = lab.sim.records(Kind::Sleep)[0]["id"].as_str().unwrap().to_owned();
    let scored = lab.sim.record(Kind::Sleep, &id).unwrap();
    assert!(lab.sim.hold_score(Kind::Sleep, &id, 2));
    lab.pass(60);
    let states: Vec<Value> =
        (0..3).map(|_| lab.api("/v2/activity/sleep?limit=1").json()["records"][0].clone()).collect();
    assert_eq!(states[0]["score_state"], "PENDING_SCORE");
    assert!(states[1]["score"].is_null());
    assert_eq!(states[2]["score"], scored["score"]);
    assert_eq!(states[2]["updated_at"], "2026-11-20T15:01:00.000Z");
    assert!(!lab.sim.hold_score(Kind::Sleep, "none", 2));
}

#[test]
fn the_open_cycle_rises_on_request_or_with_every_listing() {
    let mut lab = Lab::start();
    let strain = |lab: &mut Lab| {
        let page = lab.api("/v2/cycle?limit=2").json();
        page["records"][0]["score"]["strain"].as_f64().unwrap()
    };
    let first = strain(&mut lab);
    assert!(lab.sim.raise_open_cycle_strain(0.5));
    assert!((strain(&mut lab) - first - 0.5).abs() < 1e-9);
    lab.sim.set_quirk(|quirks| quirks.records.strain_rise_per_request = 0.25);
    assert!((strain(&mut lab) - first - 0.5).abs() < 1e-9);
    assert!((strain(&mut lab) - first - 0.75).abs() < 1e-9);
}

#[test]
fn single_records_are_found_by_their_ids() {
    let mut lab = Lab::start();
    for (path, kind) in LISTS {
        let record = lab.sim.records(kind)[5].clone();
        let answer = lab.api(&format!("{path}/{}", kind.key_of(&record)));
        if kind == Kind::Recovery {
            assert_eq!(answer.status, 404, "a recovery has no address of its own");
        } else {
            assert_eq!(answer.json(), record);
        }
    }
    let sleep = lab.sim.records(Kind::Sleep)[0]["id"].as_str().unwrap().to_owned();
    let cases = [
        ("/v2/cycle/1".to_owned(), 404),
        ("/v2/cycle/abc".to_owned(), 400),
        ("/v2/cycle/1/recovery".to_owned(), 404),
        ("/v2/activity/sleep/abc".to_owned(), 400),
        (format!("/v2/activity/workout/{sleep}"), 404),
        (format!("/v2/activity/sleep/{sleep}/stream?types=hr"), 404),
        ("/v1/recovery".to_owned(), 404),
        ("/v1/activity/sleep".to_owned(), 404),
        ("/v1/cycle".to_owned(), 200),
        ("/v1/activity-mapping/5".to_owned(), 404),
        ("/v2/nothing".to_owned(), 404),
    ];
    for (path, status) in cases {
        assert_eq!(lab.api(&path).status, status, "{path}");
    }
    assert_eq!(lab.api("/v2/user/profile/basic").json()["email"], "demo.person@example.com");
    assert_eq!(lab.api("/v2/user/measurement/body").json()["max_heart_rate"], 187);
}

#[test]
fn the_signal_of_a_sleep_is_there_for_the_accounts_that_have_it() {
    let mut lab = Lab::start();
    let sleep = lab.sim.records(Kind::Sleep)[3].clone();
    let path = format!("/v2/activity/sleep/{}/stream", sleep["id"].as_str().unwrap());
    lab.sim.set_quirk(|quirks| quirks.stream = Stream::Deactivated);
    let refused = lab.api(&path);
    assert_eq!((refused.status, refused.json()["error"].as_str()), (403, Some("deactivated_user")));
    lab.sim.set_quirk(|quirks| quirks.stream = Stream::Offered);
    let points = lab.api(&format!("{path}?types=hr&types=sleep_classification")).json()["stream"].clone();
    let points = points.as_array().unwrap();
    let minutes = instant(&sleep["end"]).duration_since(instant(&sleep["start"])).as_secs() / 60;
    assert_eq!(points.len() as i64, minutes);
    assert!(points.iter().all(|point| point["hr"].is_i64() && point.get("skin_temp").is_none()));
    let asleep = points.iter().filter(|point| point["is_sleeping"] == true).count() as f64;
    assert!(asleep / points.len() as f64 > 0.7, "mostly asleep");
    assert!(lab.api(&format!("{path}?types=hr,skin_temp")).json()["stream"][0]["skin_temp"].is_f64());
    assert_eq!(lab.api(&format!("{path}?types=mood")).status, 400);
    lab.sim.set_quirk(|quirks| quirks.stream = Stream::Since(instant(&sleep["end"])));
    assert_eq!(lab.api(&path).status, 404, "older than the signal");
}

#[test]
fn records_change_disappear_and_arrive_late() {
    let mut lab = Lab::start();
    let sleep = lab
        .sim
        .records(Kind::Sleep)
        .into_iter()
        .find(|sleep| sleep["nap"] == false && sleep["score_state"] == "SCORED")
        .unwrap();
    let id = sleep["id"].as_str().unwrap();
    let cycle = sleep["cycle_id"].to_string();
    let recovery = lab.sim.record(Kind::Recovery, &cycle).unwrap();
    assert!(lab.sim.rescore_sleep(id, &json!({"score": {"respiratory_rate": 19.5}}), now()));
    let changed = lab.api(&format!("/v2/activity/sleep/{id}")).json();
    assert_eq!(changed["score"]["respiratory_rate"], 19.5);
    assert_eq!(changed["score"]["stage_summary"], sleep["score"]["stage_summary"]);
    assert_eq!(changed["updated_at"], "2026-11-20T15:00:00.000Z");
    let moved = lab.sim.record(Kind::Recovery, &cycle).unwrap();
    let points = |record: &Value| record["score"]["recovery_score"].as_f64().unwrap() as i64;
    assert_eq!(points(&moved) + 1, points(&recovery));

    assert!(lab.sim.delete(Kind::Sleep, id));
    assert!(!lab.sim.delete(Kind::Sleep, id));
    assert_eq!(lab.api(&format!("/v2/activity/sleep/{id}")).status, 404);
    assert_eq!(
        lab.api(&format!("/v2/cycle/{cycle}/recovery")).status,
        404,
        "a sleep takes its recovery along"
    );

    let start = "2026-09-01T10:00:00Z".parse().unwrap();
    let late = lab.sim.insert_workout_late(start, 1800, start + HOUR);
    let answer = lab.api("/v2/activity/workout?start=2026-09-01T10:10:00Z&end=2026-09-01T10:20:00Z").json();
    assert_eq!(answer["records"][0]["id"], late.as_str());
    assert_eq!(answer["records"][0]["updated_at"], "2026-09-01T11:00:00.000Z");
}
