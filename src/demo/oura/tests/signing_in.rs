//! OAuth: the authorize page, wordings, plain challenges, clients, scopes.

use super::*;
use crate::demo::kit::lab::{FORM, field, form};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";
pub(super) const OLD: &str = "/oauth/token";
pub(super) const NEW: &str = "/oauth/v2/ext/oauth-token";

/// An exchange of a code at this endpoint.
pub(super) fn exchange_at(lab: &mut Lab, path: &str, code: &str) -> (u16, Value) {
    let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
    lab.post_to(path, &fields)
}

/// A refresh at this endpoint.
pub(super) fn refresh_at(lab: &mut Lab, path: &str, token: &str) -> (u16, Value) {
    lab.post_to(path, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

pub(super) fn refused(answer: &(u16, Value), status: u16, error: &str) {
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
        (&[("response_type", "-")], 302, "unsupported_response_type"),
        (&[("state", "-")], 302, ""),
        (&[("scope", "-")], 302, ""),
        (&[("scope", "daily everything")], 302, "invalid_scope"),
        (&[("scope", "extapi:daily spo2Daily")], 302, ""),
        (&[("code_challenge", "x"), ("code_challenge_method", "S512")], 302, "invalid_request"),
        (&[("code_challenge", "x")], 302, ""),
        (&[("code_challenge", "x"), ("code_challenge_method", "S256")], 302, ""),
    ]);
    assert_eq!(field(&lab.authorize(&[]).1, "iss"), "http://localhost/oauth/v2/ext/oauth-anonymous");
    lab.sim.set_quirk(|quirks| quirks.oauth.consent = Consent::AccessDenied);
    let (_, fields) = lab.authorize(&[]);
    assert_eq!((field(&fields, "error"), field(&fields, "state")), ("access_denied", "12345678"));
    lab.sim.set_quirk(|quirks| {
        quirks.oauth.consent = Consent::Grant;
        quirks.sign_in.issuer = Issuer::Text("https://elsewhere.example".to_owned());
    });
    assert_eq!(field(&lab.authorize(&[]).1, "iss"), "https://elsewhere.example");
    lab.sim.set_quirk(|quirks| quirks.sign_in.issuer = Issuer::Absent);
    assert!(lab.authorize(&[]).1.iter().all(|(name, _)| name != "iss"));
}

#[test]
fn tokens_and_refusals_have_the_wording_of_the_service() {
    let mut lab = Lab::start();
    lab.sim.register_client("other", "s", &[REDIRECT]);
    let first = lab.code(&[]);
    refused(&lab.exchange(&first, &[("redirect_uri", "https://example.com/back")]), 400, "invalid_grant");
    refused(&lab.exchange(&first, &[("client_id", "other"), ("client_secret", "s")]), 400, "invalid_grant");
    refused(&lab.exchange(&first, &[("client_secret", "wrong")]), 400, "invalid_client");
    let (status, tokens) = lab.exchange(&first, &[]);
    assert_eq!(status, 200);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"bearer".into(), &86_400.into()));
    assert_eq!(tokens["scope"], "extapi:daily extapi:heartrate extapi:spo2");
    assert_eq!(tokens.get("id_token"), Some(&Value::Null));
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(lab.api_as(access, "sleep").status, 200);
    assert_eq!(lab.api_as(access, "workout").status, 401);
    refused(&lab.exchange(&first, &[]), 400, "invalid_grant");
}

#[test]
fn a_plain_challenge_binds_like_a_hashed_one() {
    let mut lab = Lab::start();
    for (verifier, status) in [(VERIFIER, 200), ("another-verifier-of-forty-three-characters-000", 400)] {
        let code = lab.code(&[("code_challenge", VERIFIER), ("code_challenge_method", "plain")]);
        assert_eq!(lab.exchange(&code, &[("code_verifier", verifier)]).0, status, "{verifier}");
    }
}

#[test]
fn the_client_may_stand_in_the_form_or_in_the_header() {
    let mut lab = Lab::start();
    let held = lab.refresh.clone();
    let body = form(&[("grant_type", "refresh_token"), ("refresh_token", &held)]);
    for (client, status) in [("app:wrong", 400), ("nobody:s3cret", 400), ("app:s3cret", 200)] {
        let basic = format!("Basic {}", STANDARD.encode(client));
        let headers = [AGENT, FORM, ("Authorization", basic.as_str())];
        assert_eq!(lab.http.send("POST", OLD, &headers, &body).unwrap().status, status, "{client}");
    }
    let json = [AGENT, ("Content-Type", "application/json")];
    assert_eq!(lab.http.send("POST", OLD, &json, "{}").unwrap().status, 400);
    let nobody = lab.post_to(OLD, &[("client_id", "nobody"), ("grant_type", "refresh_token")]);
    refused(&nobody, 400, "invalid_client");
    assert_eq!(nobody.1["error_description"], "Invalid client_id.");
    let other = lab.post_to(OLD, &[("grant_type", "client_credentials")]);
    refused(&other, 400, "unsupported_grant_type");
    assert_eq!(lab.http.get(OLD, &[AGENT]).unwrap().status, 404);
    assert_eq!(lab.http.send("POST", OLD, &[FORM], &body).unwrap().status, 403, "no user agent");
    assert_eq!(lab.sim.token_posts(), 7);
}

#[test]
fn scopes_are_named_in_three_ways() {
    let mut lab = Lab::start();
    let mut scope = |change: fn(&mut Quirks), asked: &str| {
        lab.sim.set_quirk(change);
        let code = lab.code(&[("scope", asked)]);
        lab.exchange(&code, &[]).1.get("scope").cloned()
    };
    assert_eq!(scope(|_| (), "extapi:daily spo2Daily"), Some("extapi:daily extapi:spo2".into()));
    assert_eq!(scope(|quirks| quirks.sign_in.old_spo2_name = true, "spo2"), Some("extapi:spo2Daily".into()));
    assert_eq!(
        scope(|quirks| quirks.sign_in.scope_reply = ScopeReply::Bare, "daily spo2"),
        Some("daily spo2Daily".into())
    );
    assert_eq!(scope(|quirks| quirks.sign_in.scope_reply = ScopeReply::Omitted, "daily"), None);
    let dropped = |quirks: &mut Quirks| {
        quirks.sign_in.scope_reply = ScopeReply::Bare;
        quirks.sign_in.dropped_when_bare = vec!["stress".to_owned()];
    };
    assert_eq!(scope(dropped, "daily stress"), Some("daily".into()));
    assert_eq!(scope(|_| (), "daily extapi:stress"), Some("daily stress".into()));
    let unticked = |quirks: &mut Quirks| quirks.oauth.granted_scopes = Some(vec!["tag".to_owned()]);
    assert_eq!(scope(unticked, "daily tag"), Some("tag".into()));
    assert_eq!(
        scope(|quirks| quirks.oauth.granted_scopes = None, "").map(|scopes| scopes
            .as_str()
            .unwrap()
            .split(' ')
            .count()),
        Some(11)
    );
}

#[test]
fn scopes_open_their_own_collections_only() {
    let mut lab = Lab::start();
    lab.sim.set_quirk(|quirks| quirks.access.stress_scope = StressScope::Daily);
    let all = Collection::DOCUMENTS.into_iter().chain(Collection::SERIES);
    let table: Vec<(&str, &str)> = all.map(|one| (one.path(), one.describe().scope)).collect();
    for held in ALL_SCOPES {
        let (access, _) = lab.sim.issue_tokens("app", &[held], HOUR);
        for (path, needed) in &table {
            let answer = lab.api_as(&access, path);
            assert_eq!(answer.status, if held == *needed { 200 } else { 401 }, "{held} {path}");
            if held != *needed {
                assert!(answer.json()["detail"].as_str().unwrap().contains(needed), "{path}");
            }
        }
        let info = lab.api_as(&access, "personal_info").json();
        assert!(info["id"].is_string(), "its id is for every token");
        assert_eq!((!info["age"].is_null(), !info["email"].is_null()), (held == "personal", held == "email"));
    }
    let (access, _) = lab.sim.issue_tokens("app", &["stress"], HOUR);
    for (switch, status) in
        [(StressScope::Either, 200), (StressScope::Stress, 200), (StressScope::Daily, 401)]
    {
        lab.sim.set_quirk(|quirks| quirks.access.stress_scope = switch);
        assert_eq!(lab.api_as(&access, "daily_stress").status, status, "{switch:?}");
    }
    lab.sim.set_quirk(|quirks| quirks.access.missing_scope_status = 403);
    assert_eq!(lab.api_as(&access, "sleep").status, 403);
}

#[test]
fn the_client_side_flow_puts_the_token_in_the_fragment() {
    let mut lab = Lab::start();
    let query = form(&[
        ("response_type", "token"),
        ("client_id", "app"),
        ("redirect_uri", REDIRECT),
        ("scope", "daily"),
    ]);
    let answer = lab.http.get(&format!("/oauth/authorize?{query}"), &[AGENT]).unwrap();
    let location = Url::parse(answer.header("Location").unwrap()).unwrap();
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(location.fragment().unwrap().as_bytes()).into_owned().collect();
    assert_eq!(field(&fields, "expires_in"), "2592000");
    assert_eq!(lab.api_as(field(&fields, "access_token"), "sleep").status, 200);
    let target = "/oauth/v2/ext/oauth-anonymous/.well-known/openid-configuration";
    let document = lab.http.get(target, &[AGENT, ("Host", "localhost")]).unwrap().json();
    assert!(document["token_endpoint"].as_str().unwrap().ends_with(NEW));
}
