//! OAuth: the authorize page, wordings, clients, what a refresh ends, scopes.

use super::*;
use crate::demo::kit::lab::{FORM, field, form};

fn refused(answer: &(u16, Value), status: u16, error: &str) {
    assert_eq!((answer.0, answer.1["error"].as_str().unwrap()), (status, error), "{answer:?}");
}

#[test]
fn the_authorize_page_checks_what_it_is_given() {
    let mut lab = Lab::start();
    lab.authorizes(&[
        (&[], 302, ""),
        (&[("redirect_uri", "https://example.com/back")], 302, ""),
        (&[("redirect_uri", "http://localhost:8765/callback/")], 400, ""),
        (&[("redirect_uri", "http://127.0.0.1:8765/callback")], 400, ""),
        (&[("redirect_uri", "-")], 400, ""),
        (&[("client_id", "nobody")], 400, ""),
        (&[("response_type", "token")], 302, "unsupported_response_type"),
        (&[("state", "1234567")], 302, "invalid_state"),
        (&[("state", "-")], 302, "invalid_state"),
        (&[("scope", "read:sleep read:everything")], 302, "invalid_scope"),
        (&[("code_challenge", "x"), ("code_challenge_method", "plain")], 302, "invalid_request"),
        (&[("code_challenge", "x")], 302, "invalid_request"),
        (&[("code_challenge", "x"), ("code_challenge_method", "S256")], 302, ""),
    ]);
    for (consent, error) in
        [(Consent::AccessDenied, "access_denied"), (Consent::RequestForbidden, "request_forbidden")]
    {
        lab.sim.set_quirk(|quirks| quirks.oauth.consent = consent);
        let (_, fields) = lab.authorize(&[]);
        assert_eq!((field(&fields, "error"), field(&fields, "state")), (error, "12345678"));
    }
}

#[test]
fn tokens_and_refusals_have_the_wording_of_the_service() {
    let mut lab = Lab::start();
    lab.sim.register_client("other", "s", &[REDIRECT]);
    let first = lab.code(&[]);
    refused(&lab.exchange(&first, &[("redirect_uri", "https://example.com/back")]), 400, "invalid_grant");
    refused(&lab.exchange(&first, &[("client_id", "other"), ("client_secret", "s")]), 400, "invalid_grant");
    refused(&lab.exchange(&first, &[("client_secret", "wrong")]), 401, "invalid_client");
    let (status, tokens) = lab.exchange(&first, &[]);
    assert_eq!(status, 200);
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "offline read:sleep read:cycles");
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(lab.api_as(access, "/v2/cycle").status, 200);
    refused(&lab.exchange(&first, &[]), 400, "invalid_grant");
    assert_eq!(lab.api_as(access, "/v2/cycle").status, 401, "a code used twice takes its tokens with it");
    let bound = lab.code(&[("code_challenge", "x"), ("code_challenge_method", "S256")]);
    refused(&lab.exchange(&bound, &[]), 400, "invalid_grant");
}

#[test]
fn the_token_endpoint_takes_forms_with_the_client_in_them() {
    let mut lab = Lab::start();
    assert_eq!(lab.http.get("/oauth/oauth2/token", &[]).unwrap().status, 405);
    let body = form(&[("grant_type", "refresh_token"), ("refresh_token", "x")]);
    let json = lab.http.send("POST", "/oauth/oauth2/token", &[("Content-Type", "application/json")], &body);
    assert_eq!(json.unwrap().status, 400);
    let basic = [FORM, ("Authorization", "Basic YXBwOnMzY3JldA==")];
    let answer = lab.http.send("POST", "/oauth/oauth2/token", &basic, &body).unwrap();
    assert_eq!((answer.status, answer.json()["error"].as_str()), (401, Some("invalid_client")));
    refused(&lab.post(&[("grant_type", "password")]), 400, "unsupported_grant_type");
    refused(&lab.post(&[]), 400, "invalid_request");
    assert_eq!(lab.sim.token_posts(), 4);
}

#[test]
fn a_refresh_kills_the_pair_before() {
    let mut lab = Lab::start();
    let (old_access, old_refresh) = (lab.access.clone(), lab.refresh.clone());
    assert_eq!(lab.refresh_with(&old_refresh, &[]).0, 200);
    assert_eq!(lab.api_as(&old_access, "/v2/cycle").status, 401);
    let reuse = lab.refresh_with(&old_refresh, &[]);
    refused(&reuse, 400, "invalid_grant");
    assert!(reuse.1["error_description"].as_str().unwrap().starts_with("The provided authorization grant"));
}

#[test]
fn no_refresh_token_without_offline() {
    let mut lab = Lab::start();
    let code = lab.code(&[("scope", "read:sleep")]);
    let (_, tokens) = lab.exchange(&code, &[]);
    assert!(tokens.get("refresh_token").is_none());
    assert_eq!(lab.sim.issue_tokens("app", &["read:sleep"], HOUR).1, "");
    let held = lab.refresh.clone();
    let (status, tokens) = lab.post(&[("grant_type", "refresh_token"), ("refresh_token", &held)]);
    assert_eq!(status, 200);
    assert!(tokens.get("refresh_token").is_none(), "a refresh must ask for offline again");
}

#[test]
fn an_app_ends_its_own_access() {
    let mut lab = Lab::start();
    let (access, refresh) = (lab.access.clone(), lab.refresh.clone());
    let answer = lab.send(&access, "DELETE", "/developer/v2/user/access", "").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    refused(&lab.refresh_with(&refresh, &[]), 400, "invalid_grant");
    assert_eq!(lab.api("/v2/cycle").status, 401);
}

#[test]
fn scopes_open_their_own_collections_only() {
    let mut lab = Lab::start();
    let paths = LISTS.map(|(path, kind)| (path, kind.scope()));
    let singles =
        [("/v2/user/profile/basic", "read:profile"), ("/v2/user/measurement/body", "read:body_measurement")];
    for (_, held) in paths.iter().chain(&singles) {
        let (access, _) = lab.sim.issue_tokens("app", &[held], HOUR);
        for (path, needed) in paths.iter().chain(&singles) {
            let expected = if held == needed { 200 } else { 401 };
            assert_eq!(lab.api_as(&access, path).status, expected, "{held} {path}");
        }
    }
    assert_eq!(lab.api_as("", "/v2/cycle").status, 401, "no token at all");
    lab.sim.set_quirk(|quirks| quirks.access.missing_scope_status = 403);
    let (access, _) = lab.sim.issue_tokens("app", &["offline"], HOUR);
    assert_eq!(lab.api_as(&access, "/v2/cycle").status, 403);
    lab.sim.set_quirk(|quirks| quirks.access.refused.push(("/v2/recovery".to_owned(), 403)));
    assert_eq!(lab.api("/v2/recovery").status, 403);
    lab.sim.set_quirk(|quirks| quirks.oauth.granted_scopes = Some(vec!["read:sleep".to_owned()]));
    let code = lab.code(&[]);
    assert_eq!(lab.exchange(&code, &[]).1["scope"], "read:sleep");
}
