//! OAuth: the two token endpoints, what a refresh ends and says, revocation.

use super::signing_in::{NEW, OLD, exchange_at, refresh_at, refused};
use super::*;
use crate::demo::kit::lab::{FORM, form};

fn posts(lab: &Lab, path: &str) -> usize {
    lab.sim.requests().iter().filter(|request| request.path == path).count()
}

#[test]
fn each_generation_is_served_by_its_own_endpoint() {
    for (generation, right, wrong) in [(Generation::Legacy, OLD, NEW), (Generation::NewPortal, NEW, OLD)] {
        let mut lab = Lab::start();
        lab.sim.set_quirk(|quirks| quirks.sign_in.generation = generation);
        let code = lab.code(&[]);
        refused(&exchange_at(&mut lab, wrong, &code), 401, "invalid_client");
        let (status, tokens) = exchange_at(&mut lab, right, &code);
        assert_eq!(status, 200, "a code survives the wrong endpoint");
        let held = tokens["refresh_token"].as_str().unwrap().to_owned();
        let answer = refresh_at(&mut lab, wrong, &held);
        if wrong == OLD {
            refused(&answer, 400, "invalid_request");
            assert_eq!(answer.1["error_description"], "Invalid request");
        } else {
            refused(&answer, 401, "invalid_client");
        }
        assert_eq!(refresh_at(&mut lab, right, &held).0, 200);
        assert_eq!((posts(&lab, right), posts(&lab, wrong)), (2, 2));
    }
}

#[test]
fn the_wrong_endpoint_may_burn_what_it_is_shown() {
    let mut lab = Lab::start();
    lab.sim.set_quirk(|quirks| {
        quirks.sign_in.generation = Generation::NewPortal;
        quirks.sign_in.wrong_endpoint_burns = true;
    });
    let held = lab.refresh.clone();
    refused(&refresh_at(&mut lab, OLD, &held), 400, "invalid_request");
    refused(&refresh_at(&mut lab, NEW, &held), 400, "invalid_grant");
    let code = lab.code(&[]);
    refused(&exchange_at(&mut lab, OLD, &code), 401, "invalid_client");
    refused(&exchange_at(&mut lab, NEW, &code), 400, "invalid_grant");
}

#[test]
fn the_access_token_before_lives_on_unless_switched_off() {
    let mut lab = Lab::start();
    let (old_access, old_refresh) = (lab.access.clone(), lab.refresh.clone());
    let (_, tokens) = refresh_at(&mut lab, OLD, &old_refresh);
    assert_eq!(lab.api_as(&old_access, "sleep").status, 200, "lives on to its own end");
    let reuse = refresh_at(&mut lab, OLD, &old_refresh);
    refused(&reuse, 400, "invalid_grant");
    assert_eq!(reuse.1["error_description"], "Token already used or revoked");
    lab.sim.set_quirk(|quirks| quirks.oauth.refresh_ends_access = true);
    refresh_at(&mut lab, OLD, tokens["refresh_token"].as_str().unwrap());
    assert_eq!(lab.api_as(tokens["access_token"].as_str().unwrap(), "sleep").status, 401);
}

#[test]
fn a_refresh_may_keep_silent_about_the_next_token() {
    for (switch, reply) in [(RefreshReply::Omitted, None), (RefreshReply::Blank, Some(Value::from("")))] {
        let mut lab = Lab::start();
        lab.sim.set_quirk(|quirks| quirks.oauth.refresh_reply = switch);
        let held = lab.refresh.clone();
        for _ in 0..2 {
            let (status, tokens) = refresh_at(&mut lab, OLD, &held);
            assert_eq!((status, tokens.get("refresh_token")), (200, reply.as_ref()));
            assert_eq!(lab.api_as(tokens["access_token"].as_str().unwrap(), "sleep").status, 200);
        }
    }
}

#[test]
fn tokens_expire_and_are_revoked_in_every_way() {
    let mut lab = Lab::start();
    let personal = lab.sim.issue_personal_token();
    lab.pass(86_400);
    assert_eq!(lab.api("sleep").status, 401);
    let held = lab.refresh.clone();
    let (_, tokens) = refresh_at(&mut lab, OLD, &held);
    let (access, next) =
        (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    lab.sim.expire_access_tokens();
    assert!(!lab.sim.live_access_token_is(access) && lab.sim.live_refresh_token_is(next));
    assert_eq!(lab.api_as(&personal, "sleep").status, 200, "a personal token does not expire");

    // The documented endpoint, by refresh token as bearer; then again.
    let bearer = format!("Bearer {next}");
    let headers = [AGENT, ("Authorization", bearer.as_str())];
    assert_eq!(lab.http.send("POST", "/oauth/revoke", &headers, "").unwrap().status, 200);
    assert!(!lab.sim.live_refresh_token_is(next));
    assert_eq!(lab.http.send("POST", "/oauth/revoke", &headers, "").unwrap().status, 401);
    // By access token in the query.
    let (access, refresh) = lab.sim.issue_tokens("app", &["daily"], HOUR);
    let target = format!("/oauth/revoke?access_token={access}");
    assert_eq!(lab.http.get(&target, &[AGENT]).unwrap().status, 200);
    assert!(!lab.sim.live_access_token_is(&access) && !lab.sim.live_refresh_token_is(&refresh));
    // The new one.
    let (access, refresh) = lab.sim.issue_tokens("app", &["daily"], HOUR);
    for (secret, status) in [("wrong", 401), ("s3cret", 200), ("s3cret", 200)] {
        let body = form(&[("token", &refresh), ("client_id", "app"), ("client_secret", secret)]);
        let answer = lab.http.send("POST", "/oauth/v2/ext/oauth-revoke", &[AGENT, FORM], &body).unwrap();
        assert_eq!(answer.status, status);
    }
    assert!(!lab.sim.live_access_token_is(&access));
    lab.sim.revoke_all();
    assert_eq!(lab.api_as(&personal, "sleep").status, 401);
}
