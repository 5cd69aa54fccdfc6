//! Limits, faults, withheld data, unknown keys.

use super::*;

#[test]
fn the_same_arguments_are_refused_for_ten_seconds() {
    let mut lab = strict_lab();
    let text = (601, "Same arguments in less than 10 seconds".to_owned());
    lab.body("/v2/user", "getgoals", &[]);
    lab.pass(9);
    assert_eq!(lab.refusal("/v2/user", "getgoals", &[]), text);
    lab.body("/v2/user", "getdevice", &[]);
    lab.body("/measure", "getmeas", &[("offset", "0")]);
    lab.body("/measure", "getmeas", &[("offset", "300")]);
    assert_eq!(lab.refusal("/measure", "getmeas", &[("offset", "300")]), text);
    lab.pass(1);
    lab.body("/v2/user", "getgoals", &[]);
    // A refused refresh tried again at once is refused for another reason.
    let fields = form(&[
        ("action", "requesttoken"),
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("client_secret", "s3cret"),
        ("refresh_token", "stale"),
    ]);
    let answers = [(); 2].map(|()| refusal_of(&lab.http.post("/v2/oauth2", &fields).unwrap().json()).0);
    assert_eq!(answers, [503, 601]);
    // One that was never authenticated does not count.
    lab.sim.expire_access_tokens();
    for _ in 0..2 {
        assert_eq!(lab.refusal("/v2/sleep", "getsummary", &[("lastupdate", "5")]).0, 401);
    }
}

#[test]
fn a_hundred_and_twenty_requests_a_minute_per_client() {
    let mut lab = strict_lab();
    lab.sim.register_client("other", "s", &[REDIRECT]);
    let (other, _) = lab.sim.issue_tokens("other", &ALL_SCOPES, HOUR);
    let ask = |lab: &mut Lab, access: &str, number: i64| {
        let since = (1_795_000_000 + number).to_string();
        number_of(&lab.call_as(access, "/measure", "getmeas", &[("lastupdate", &since)]))
    };
    let access = lab.access.clone();
    for number in 0..120 {
        assert_eq!(ask(&mut lab, &access, number), 0);
    }
    assert_eq!(ask(&mut lab, &access, 120), 601);
    assert_eq!(ask(&mut lab, &other, 120), 0);
    lab.pass(60);
    assert_eq!(ask(&mut lab, &access, 120), 0);
    lab.sim.reset_limits();
    assert_eq!(ask(&mut lab, &access, 120), 0);
}

fn number_of(answer: &Value) -> i64 {
    number(&answer["status"])
}

#[test]
fn calls_that_do_not_exist() {
    let mut lab = lab();
    assert_eq!(lab.refusal("/measure", "getactivity", &[]).0, 2554, "of another path");
    assert_eq!(lab.refusal("/v2/sleep", "list", &[]).0, 2554);
    assert_eq!(lab.refusal("/v2/user", "", &[]), invalid("Missing parameter action"));
    assert_eq!(lab.post_form("", "/v2/nothing", "get", &[]).status, 404);
}

#[test]
fn faults_strike_a_path_or_an_action() {
    let mut lab = lab();
    lab.sim.fail_next(1, Fault::Status(502), "/v2/sleep?action=getsummary");
    lab.sim.refuse_next(1, 522, "Timeout", "/measure");
    lab.sim.fail_next(1, Fault::Html, "/v2/user");
    lab.sim.fail_next(1, Fault::BrokenJson, "/v2/heart");
    assert_eq!(lab.call("/v2/sleep", "get", &[("startdate", "1"), ("enddate", "2")])["status"], 0);
    let since = [("lastupdate", "1795000000")];
    let access = lab.access.clone();
    assert_eq!(lab.post_form(&access, "/v2/sleep", "getsummary", &since).status, 502);
    assert_eq!(lab.post_form(&access, "/v2/sleep", "getsummary", &since).status, 200);
    assert_eq!(lab.refusal("/measure", "getmeas", &since), (522, "Timeout".to_owned()));
    let page = lab.post_form(&access, "/v2/user", "getgoals", &[]);
    assert_eq!((page.status, page.header("Content-Type")), (200, Some("text/html; charset=utf-8")));
    let cut = lab.post_form(&access, "/v2/heart", "list", &since);
    assert!(serde_json::from_str::<Value>(&cut.body).is_err());
    lab.sim.fail_next(1, Fault::TooManyRequests(RetryAfter::Absent), "/v2");
    assert_eq!(lab.refusal("/v2/user", "getgoals", &[]).0, 601);
    let seen = lab.sim.requests();
    assert_eq!((seen[1].field("action"), seen[1].status), (Some("getsummary"), Some(502)));
}

#[test]
fn the_free_plan_withholds_silently() {
    let mut lab = lab();
    let fields = [("lastupdate", "0"), ("data_fields", "sleep_score,hr_average,waso")];
    let before = lab.rows("/measure", "getmeas", "measuregrps", &[]).len();
    lab.sim.set_quirk(|quirks| quirks.access.free_plan = true);
    let night = lab.rows("/v2/sleep", "getsummary", "series", &fields)[0].clone();
    assert_eq!(night["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["waso"]);
    let groups = lab.rows("/measure", "getmeas", "measuregrps", &[]);
    assert!(groups.len() < before);
    assert!(groups.iter().all(|group| !group["measures"].as_array().unwrap().is_empty()));
    let first = lab.body("/measure", "getmeas", &[]);
    assert!(first["measuregrps"].as_array().unwrap().len() < 300, "rows vanish after the cut");
    assert_eq!(first["offset"], 300);
    assert_eq!(lab.body("/v2/stetho", "list", &[])["series"], json!([]));
    lab.sim.set_quirk(|quirks| quirks.access.membership_lapsed = true);
    assert_eq!(lab.body("/v2/sleep", "getsummary", &fields)["series"], json!([]));
}

#[test]
fn unknown_keys_appear_everywhere() {
    let mut lab = lab();
    lab.sim.set_quirk(|quirks| quirks.records.unknown_keys = true);
    let group = lab.body("/measure", "getmeas", &[])["measuregrps"][0].clone();
    assert!(group["unheard_of"].is_object() && group["measures"][0]["confidence"].is_f64());
    let since = [("lastupdate", "0")];
    for (path, action, key) in
        [("/v2/measure", "getactivity", "activities"), ("/v2/sleep", "getsummary", "series")]
    {
        let body = lab.body(path, action, &since);
        assert!(body["unheard_of"].is_object() && body[key][0]["unheard_of"].is_object());
    }
    assert!(lab.body("/v2/user", "getdevice", &[])["devices"][0]["unheard_of"].is_object());
}
