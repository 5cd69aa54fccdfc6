//! OAuth: the authorize page, codes, soft rotation, refusals in the envelope, scopes.

use super::*;

pub(super) fn oauth(lab: &mut Lab, action: &str, fields: Fields) -> Value {
    let answer = lab.http.post("/v2/oauth2", &form(&[&[("action", action)], fields].concat())).unwrap();
    assert_eq!(answer.status, 200);
    answer.json()
}

pub(super) fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer["body"][name].as_str().unwrap_or_else(|| panic!("no {name} in {answer}"))
}

pub(super) fn opens(lab: &mut Lab, access: &str) -> bool {
    lab.call_as(access, "/v2/user", "getgoals", &[])["status"] == 0
}

#[test]
fn the_authorize_page_checks_what_it_is_given() {
    let mut lab = lab();
    let mismatch = "redirect_uri_mismatch: The redirect URI provided is missing or does not match partner \
        callback url";
    // Change of the request; beginning of the error (empty: a code).
    let cases: [(Fields, &str); 12] = [
        (&[], ""),
        (&[("redirect_uri", "https://example.com/back?user=7")], ""),
        (&[("redirect_uri", "http://127.0.0.1:8765/callback")], mismatch),
        (&[("redirect_uri", "http://localhost:8766/callback")], mismatch),
        (&[("redirect_uri", "-")], mismatch),
        (&[("client_id", "nobody")], "invalid_client"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "-")], "invalid_request"),
        (&[("state", "-")], "invalid_request"),
        (&[("scope", "-")], "invalid_request"),
        (&[("scope", "user.info user.metrics")], "invalid_scope"),
        (&[("scope", "user.info, user.metrics")], "invalid_scope"),
    ];
    for (changes, error) in cases {
        let (answer, fields) = lab.authorize(changes);
        let (status, body) = (answer.status, answer.body);
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        if error.is_empty() {
            assert_eq!(status, 302, "{changes:?}");
            assert_eq!(names[names.len() - 2..], ["code", "state"]);
            assert_eq!(fields.last().unwrap().1, "12345678");
        } else {
            assert_eq!((status, names.len()), (400, 0), "{changes:?}");
            let shown: Value = serde_json::from_str(&body).unwrap();
            assert!(shown["errors"][0]["message"].as_str().unwrap().starts_with(error), "{body}");
        }
    }
    lab.sim.set_quirk(|quirks| quirks.sign_in.redirects = Redirects::Exact);
    assert_eq!(lab.authorize(&[("redirect_uri", "https://example.com/back?user=7")]).0.status, 400);
    lab.sim.set_quirk(|quirks| quirks.oauth.consent = Consent::AccessDenied);
    let (answer, fields) = lab.authorize(&[]);
    let denied = [("error", "access_denied"), ("state", "12345678")];
    assert_eq!(answer.status, 302);
    assert_eq!(fields, denied.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_code_is_exchanged_once() {
    let mut lab = lab();
    lab.sim.register_client("other", "s", &[REDIRECT]);
    let first = lab.code(&[]);
    let wrong_uri = lab.exchange(&first, &[("redirect_uri", "https://example.com/back")]).1;
    assert_eq!(refusal_of(&wrong_uri), invalid("invalid redirect_uri"));
    let stolen = lab.exchange(&first, &[("client_id", "other"), ("client_secret", "s")]).1;
    assert_eq!(refusal_of(&stolen), invalid("invalid code"));
    let wrong_secret = lab.exchange(&first, &[("client_secret", "x")]).1;
    assert_eq!(refusal_of(&wrong_secret), invalid("invalid client_secret"));

    let tokens = lab.exchange(&first, &[]).1;
    assert_eq!(tokens["body"]["userid"], USER_ID.to_string(), "text after a code");
    assert_eq!((text(&tokens, "scope"), text(&tokens, "token_type")), (Withings::SCOPE, "Bearer"));
    assert_eq!(tokens["body"]["expires_in"], 10_800);
    assert!(!text(&tokens, "csrf_token").is_empty());
    for name in ["access_token", "refresh_token"] {
        let token = text(&tokens, name);
        assert!(token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    }
    assert!(opens(&mut lab, text(&tokens, "access_token")));
    assert_eq!(refusal_of(&lab.exchange(&first, &[]).1), invalid("invalid code"));
    assert!(opens(&mut lab, text(&tokens, "access_token")));
}

#[test]
fn the_token_service_takes_forms() {
    let mut lab = lab();
    let json = r#"{"action":"requesttoken","grant_type":"refresh_token"}"#;
    let headers = [("Content-Type", "application/json")];
    let answer = lab.http.send("POST", "/v2/oauth2", &headers, json).unwrap().json();
    assert_eq!(refusal_of(&answer), invalid("Missing parameter action"));
    let cases: [(Fields, (i64, String)); 5] = [
        (&[], (503, "Invalid_params: invalid grant_type".to_owned())),
        (&[("grant_type", "password")], (503, "Invalid_params: invalid grant_type".to_owned())),
        (&[("grant_type", "refresh_token")], invalid("Missing parameter refresh_token")),
        (&[("grant_type", "refresh_token"), ("client_id", "nobody")], invalid("invalid client_id")),
        (
            &[("grant_type", "refresh_token"), ("client_secret", "-")],
            invalid("Missing parameter client_secret"),
        ),
    ];
    for (fields, expected) in cases {
        assert_eq!(refusal_of(&lab.post(fields).1), expected, "{fields:?}");
    }
    assert_eq!(refusal_of(&oauth(&mut lab, "listusers", &[])).0, 2554);
    assert_eq!(lab.sim.token_posts(), 5);
    let last = lab.sim.requests().pop().unwrap();
    assert_eq!(last.field("action"), Some("listusers"));
}

#[test]
fn a_refresh_token_survives_until_the_new_access_token_is_used() {
    let mut lab = lab();
    let (first, old) = (lab.access.clone(), lab.refresh.clone());
    let tokens = lab.refresh_with(&old, &[]).1;
    assert_eq!(tokens["body"]["userid"], USER_ID, "a number after a refresh");
    assert!(opens(&mut lab, &first) && lab.sim.live_refresh_token_is(&old), "the old one kills nothing");
    let again = lab.refresh_with(&old, &[]).1;
    assert_eq!(again["status"], 0, "the answer may have been lost");
    let (access, next) = (text(&again, "access_token"), text(&again, "refresh_token"));
    assert_ne!(next, old);
    assert!(lab.sim.live_refresh_token_is(&old) && lab.sim.live_access_token_is(access));
    assert!(opens(&mut lab, access) && opens(&mut lab, &first), "the old one lives until it expires");
    for dead in [old.as_str(), text(&tokens, "refresh_token")] {
        assert_eq!(refusal_of(&lab.refresh_with(dead, &[]).1), invalid("invalid refresh_token"));
        assert!(!lab.sim.live_refresh_token_is(dead));
    }
    let old = next.to_owned();
    assert_eq!(lab.refresh_with(&old, &[]).1["status"], 0);
    lab.pass(8 * 3600 - 1);
    assert!(!opens(&mut lab, &first));
    let newest = lab.refresh_with(&old, &[]).1;
    lab.pass(8 * 3600);
    assert_eq!(refusal_of(&lab.refresh_with(&old, &[]).1), invalid("invalid refresh_token"));
    lab.pass(364 * 86_400);
    assert!(lab.sim.live_refresh_token_is(text(&newest, "refresh_token")));
    lab.pass(86_400);
    assert!(!lab.sim.live_refresh_token_is(text(&newest, "refresh_token")), "a year has passed");
}

#[test]
fn access_tokens_expire_and_say_so_in_the_envelope() {
    let mut lab = lab();
    let expected =
        (401, "XRequestID: Not provided invalid_token: The access token provided is invalid".to_owned());
    let access = lab.access.clone();
    assert!(opens(&mut lab, &access));
    lab.pass(3 * 3600);
    assert_eq!(lab.refusal("/measure", "getmeas", &[]), expected);
    let held = lab.refresh.clone();
    let tokens = lab.refresh_with(&held, &[]).1;
    lab.access = text(&tokens, "access_token").to_owned();
    let access = lab.access.clone();
    assert!(opens(&mut lab, &access));
    lab.sim.expire_access_tokens();
    assert_eq!(lab.refusal("/measure", "getmeas", &[]), expected);
    lab.sim.revoke_all();
    let held = text(&tokens, "refresh_token");
    assert_eq!(refusal_of(&lab.refresh_with(held, &[]).1), invalid("invalid refresh_token"));
    let nobody = lab.http.post("/measure", "action=getmeas").unwrap();
    assert_eq!(refusal_of(&nobody.json()), expected);
}

#[test]
fn a_token_may_stand_in_the_form() {
    let mut lab = lab();
    let fields = form(&[("action", "getgoals"), ("access_token", &lab.access)]);
    assert_eq!(lab.http.post("/v2/user", &fields).unwrap().json()["status"], 0);
    assert_eq!(lab.http.get(&format!("/v2/user?{fields}"), &[]).unwrap().json()["status"], 0);
    lab.sim.set_quirk(|quirks| quirks.requests.forms_only = true);
    let refused = lab.http.get(&format!("/v2/user?{fields}"), &[]).unwrap().json();
    assert_eq!(refusal_of(&refused), invalid("Missing parameter action"));
}

#[test]
fn scopes_open_their_own_services_only() {
    let mut lab = lab();
    let services = [
        ("/measure", "getmeas", "user.metrics"),
        ("/v2/heart", "list", "user.metrics"),
        ("/v2/stetho", "list", "user.metrics"),
        ("/v2/measure", "getactivity", "user.activity"),
        ("/v2/measure", "getworkouts", "user.activity"),
        ("/v2/measure", "getintradayactivity", "user.activity"),
        ("/v2/sleep", "getsummary", "user.activity"),
        ("/v2/user", "getdevice", "user.info"),
    ];
    for held in ALL_SCOPES {
        let (access, _) = lab.sim.issue_tokens("app", &[held], HOUR);
        for (path, action, needed) in services {
            let expected = if held == needed { 0 } else { 277 };
            let answer = lab.call_as(&access, path, action, &[("lastupdate", "1795000000")]);
            assert_eq!(answer["status"], expected, "{held} {path} {action}");
        }
        assert_eq!(opens(&mut lab, &access), held != "user.activity", "goals go with either of two");
    }
    lab.sim.set_quirk(|quirks| quirks.oauth.granted_scopes = Some(vec!["user.metrics".to_owned()]));
    let code = lab.code(&[]);
    assert_eq!(text(&lab.exchange(&code, &[]).1, "scope"), "user.metrics");
    lab.sim.set_quirk(|quirks| quirks.access.refused.push(("getmeas".to_owned(), 2555)));
    assert_eq!(lab.refusal("/measure", "getmeas", &[]).0, 2555);
}
