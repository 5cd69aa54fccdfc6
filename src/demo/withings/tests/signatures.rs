//! Signed calls: nonces, revocation, demo access.

use super::signing_in::{oauth, opens, text};
use super::*;
use crate::demo::withings::signature::sign;

/// A nonce, as `getnonce` hands it out.
fn nonce(lab: &mut Lab) -> String {
    let signature = sign("s3cret", "getnonce,app,1795000000");
    let fields = [
        ("action", "getnonce"),
        ("client_id", "app"),
        ("timestamp", "1795000000"),
        ("signature", &signature),
    ];
    let answer = lab.http.post("/v2/signature", &form(&fields)).unwrap().json();
    text(&answer, "nonce").to_owned()
}

#[test]
fn signed_calls_need_a_fresh_nonce_and_the_secret() {
    let mut lab = lab();
    let wrong = sign("wrong", "getnonce,app,1795000000");
    let fields =
        [("action", "getnonce"), ("client_id", "app"), ("timestamp", "1795000000"), ("signature", &wrong)];
    assert_eq!(refusal_of(&lab.http.post("/v2/signature", &form(&fields)).unwrap().json()).0, 342);

    let person = USER_ID.to_string();
    let revoke = |lab: &mut Lab, nonce: &str, signature: &str| {
        oauth(
            lab,
            "revoke",
            &[("client_id", "app"), ("nonce", nonce), ("signature", signature), ("userid", &person)],
        )
    };
    let used = nonce(&mut lab);
    assert_eq!(refusal_of(&revoke(&mut lab, &used, "0")).0, 342);
    let made_up = sign("s3cret", "revoke,app,made-up");
    assert_eq!(refusal_of(&revoke(&mut lab, "made-up", &made_up)), invalid("invalid nonce"));
    let late = nonce(&mut lab);
    lab.pass(30 * 60);
    let signature = sign("s3cret", &format!("revoke,app,{late}"));
    assert_eq!(refusal_of(&revoke(&mut lab, &late, &signature)), invalid("invalid nonce"));

    let fresh = nonce(&mut lab);
    let signature = sign("s3cret", &format!("revoke,app,{fresh}"));
    assert_eq!(revoke(&mut lab, &fresh, &signature), json!({"status": 0, "body": {}}));
    assert_eq!(refusal_of(&revoke(&mut lab, &fresh, &signature)), invalid("invalid nonce"));
    let (access, held) = (lab.access.clone(), lab.refresh.clone());
    assert!(!opens(&mut lab, &access));
    assert_eq!(refusal_of(&lab.refresh_with(&held, &[]).1), invalid("invalid refresh_token"));
}

#[test]
fn a_signature_may_stand_for_the_secret() {
    let mut lab = lab();
    let (held, fresh) = (lab.refresh.clone(), nonce(&mut lab));
    let signature = sign("s3cret", &format!("requesttoken,app,{fresh}"));
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", held.as_str()),
        ("client_secret", "-"),
        ("nonce", fresh.as_str()),
        ("signature", signature.as_str()),
    ];
    assert_eq!(lab.post(&fields).1["status"], 0);
    assert_eq!(refusal_of(&lab.post(&fields).1), invalid("invalid nonce"));
}

#[test]
fn the_demo_user_comes_by_mode_or_by_signature() {
    let mut lab = lab();
    let code = lab.code(&[("mode", "demo")]);
    let tokens = lab.exchange(&code, &[]).1;
    assert_eq!(text(&tokens, "userid"), DEMO_USER_ID.to_string());
    let fresh = nonce(&mut lab);
    let signature = sign("s3cret", &format!("getdemoaccess,app,{fresh}"));
    let fields = [
        ("client_id", "app"),
        ("nonce", fresh.as_str()),
        ("signature", signature.as_str()),
        ("scope_oauth2", "user.activity"),
    ];
    let demo = oauth(&mut lab, "getdemoaccess", &fields);
    for access in [text(&tokens, "access_token"), text(&demo, "access_token")] {
        let fields = [("lastupdate", "0"), ("data_fields", "night_events")];
        let nights = lab.call_as(access, "/v2/sleep", "getsummary", &fields);
        assert!(nights["body"]["series"][0]["data"]["night_events"].is_null());
    }
}
