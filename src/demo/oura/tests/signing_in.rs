//! OAuth: the authorize page, codes, PKCE, clients, scopes.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use url::Url;
use url::form_urlencoded::Serializer;

pub(super) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";
pub(super) const OLD: &str = "/oauth/token";
pub(super) const NEW: &str = "/oauth/v2/ext/oauth-token";
pub(super) const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Fields of a query or a form.
pub(super) type Fields<'a> = &'a [(&'a str, &'a str)];

pub(super) fn form(fields: Fields) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What the authorize page does: the status and the fields it redirects with.
pub(super) fn authorize(lab: &mut Lab, changes: Fields) -> (u16, Vec<(String, String)>) {
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", REDIRECT),
        ("scope", "daily heartrate spo2"),
        ("state", "s t"),
    ];
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    fields.extend(changes.iter().filter(|(_, value)| *value != "-"));
    let answer = lab.http.get(&format!("/oauth/authorize?{}", form(&fields)), &[AGENT]).unwrap();
    let location = answer.header("Location").map(|text| Url::parse(text).unwrap());
    (answer.status, location.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default())
}

pub(super) fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value)
}

pub(super) fn code(lab: &mut Lab, changes: Fields) -> String {
    let (status, fields) = authorize(lab, changes);
    assert_eq!(status, 302);
    field(&fields, "code").to_owned()
}

pub(super) fn post_to(lab: &mut Lab, path: &str, fields: Fields) -> (u16, Value) {
    let mut all = vec![("client_id", "app"), ("client_secret", "s3cret")];
    all.retain(|(name, _)| !fields.iter().any(|(held, _)| held == name));
    all.extend(fields);
    let answer = lab.http.send("POST", path, &[AGENT, FORM], &form(&all)).unwrap();
    (answer.status, answer.json())
}

pub(super) fn exchange_at(lab: &mut Lab, path: &str, code: &str, more: Fields) -> (u16, Value) {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
    fields.retain(|(name, _)| !more.iter().any(|(held, _)| held == name));
    fields.extend(more);
    post_to(lab, path, &fields)
}

pub(super) fn exchange(lab: &mut Lab, code: &str, more: Fields) -> (u16, Value) {
    exchange_at(lab, OLD, code, more)
}

pub(super) fn refresh_at(lab: &mut Lab, path: &str, token: &str) -> (u16, Value) {
    post_to(lab, path, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

pub(super) fn refused(answer: &(u16, Value), status: u16, error: &str) {
    assert_eq!((answer.0, answer.1["error"].as_str().unwrap()), (status, error), "{answer:?}");
}

#[test]
fn the_authorize_page_checks_what_it_is_given() {
    let mut lab = lab();
    // Change of the request; status; error it redirects with (empty: a code).
    let cases: [(Fields, u16, &str); 14] = [
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
    ];
    for (changes, status, error) in cases {
        let (answered, fields) = authorize(&mut lab, changes);
        assert_eq!((answered, field(&fields, "error")), (status, error), "{changes:?}");
        let is_code = status == 302 && error.is_empty();
        assert_eq!(!field(&fields, "code").is_empty(), is_code, "{changes:?}");
        if is_code {
            assert!(["s t", ""].contains(&field(&fields, "state")));
            assert_eq!(field(&fields, "iss"), "http://localhost/oauth/v2/ext/oauth-anonymous");
        }
    }
    lab.oura.set_quirk(|quirks| quirks.oauth.consent = Consent::AccessDenied);
    let (_, fields) = authorize(&mut lab, &[]);
    assert_eq!((field(&fields, "error"), field(&fields, "state")), ("access_denied", "s t"));
    lab.oura.set_quirk(|quirks| {
        quirks.oauth.consent = Consent::Grant;
        quirks.oauth.issuer = Issuer::Text("https://elsewhere.example".to_owned());
    });
    assert_eq!(field(&authorize(&mut lab, &[]).1, "iss"), "https://elsewhere.example");
    lab.oura.set_quirk(|quirks| quirks.oauth.issuer = Issuer::Absent);
    assert!(authorize(&mut lab, &[]).1.iter().all(|(name, _)| name != "iss"));
}

#[test]
fn a_single_registered_address_may_be_left_out() {
    let mut lab = lab();
    lab.oura.register_client("one", "s", &[REDIRECT]);
    let code = code(&mut lab, &[("client_id", "one"), ("redirect_uri", "-")]);
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("client_id", "one"),
        ("client_secret", "s"),
    ];
    assert_eq!(post_to(&mut lab, OLD, &fields).0, 200);
}

#[test]
fn a_code_is_exchanged_once_by_its_own_client_in_time() {
    let mut lab = lab();
    lab.oura.register_client("other", "s", &[REDIRECT]);
    let first = code(&mut lab, &[]);
    refused(
        &exchange(&mut lab, &first, &[("redirect_uri", "https://example.com/back")]),
        400,
        "invalid_grant",
    );
    refused(
        &exchange(&mut lab, &first, &[("client_id", "other"), ("client_secret", "s")]),
        400,
        "invalid_grant",
    );
    refused(&exchange(&mut lab, &first, &[("client_secret", "wrong")]), 400, "invalid_client");
    let (status, tokens) = exchange(&mut lab, &first, &[]);
    assert_eq!(status, 200);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"bearer".into(), &86_400.into()));
    assert_eq!(tokens["scope"], "extapi:daily extapi:heartrate extapi:spo2");
    assert_eq!(tokens.get("id_token"), Some(&Value::Null));
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(lab.api_as(access, "sleep").status, 200);
    assert_eq!(lab.api_as(access, "workout").status, 401);
    refused(&exchange(&mut lab, &first, &[]), 400, "invalid_grant");

    let late = code(&mut lab, &[]);
    lab.pass(599);
    assert_eq!(exchange(&mut lab, &late, &[]).0, 200);
    let late = code(&mut lab, &[]);
    lab.pass(600);
    refused(&exchange(&mut lab, &late, &[]), 400, "invalid_grant");
    refused(&exchange(&mut lab, "made-up", &[]), 400, "invalid_grant");
}

#[test]
fn pkce_is_optional_but_binding_hashed_or_plain() {
    let mut lab = lab();
    let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let with = [("code_challenge", hashed.as_str()), ("code_challenge_method", "S256")];
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "plain")];
    let wrong = [("code_verifier", "another-verifier-of-forty-three-characters-000")];
    let cases: [(Fields, Fields, u16); 7] = [
        (&with, &[("code_verifier", VERIFIER)], 200),
        (&with, &wrong, 400),
        (&with, &[], 400),
        (&with, &[("code_verifier", &hashed)], 400),
        (&plain, &[("code_verifier", VERIFIER)], 200),
        (&plain, &wrong, 400),
        (&[], &[], 200),
    ];
    for (asked, presented, status) in cases {
        let code = code(&mut lab, asked);
        assert_eq!(exchange(&mut lab, &code, presented).0, status, "{asked:?} {presented:?}");
    }
}

#[test]
fn the_client_may_stand_in_the_form_or_in_the_header() {
    let mut lab = lab();
    let held = lab.refresh.clone();
    let body = form(&[("grant_type", "refresh_token"), ("refresh_token", &held)]);
    for (client, status) in [("app:wrong", 400), ("nobody:s3cret", 400), ("app:s3cret", 200)] {
        let basic = format!("Basic {}", STANDARD.encode(client));
        let headers = [AGENT, FORM, ("Authorization", basic.as_str())];
        assert_eq!(lab.http.send("POST", OLD, &headers, &body).unwrap().status, status, "{client}");
    }
    let json = [AGENT, ("Content-Type", "application/json")];
    assert_eq!(lab.http.send("POST", OLD, &json, "{}").unwrap().status, 400);
    let nobody = post_to(&mut lab, OLD, &[("client_id", "nobody"), ("grant_type", "refresh_token")]);
    refused(&nobody, 400, "invalid_client");
    assert_eq!(nobody.1["error_description"], "Invalid client_id.");
    let other = post_to(&mut lab, OLD, &[("grant_type", "client_credentials")]);
    refused(&other, 400, "unsupported_grant_type");
    assert_eq!(lab.http.get(OLD, &[AGENT]).unwrap().status, 404);
    assert_eq!(lab.http.send("POST", OLD, &[FORM], &body).unwrap().status, 403, "no user agent");
    assert_eq!(lab.oura.token_posts(), 7);
}

#[test]
fn scopes_are_named_in_three_ways() {
    let mut lab = lab();
    let mut scope = |change: fn(&mut OAuthQuirks), asked: &str| {
        lab.oura.set_quirk(|quirks| change(&mut quirks.oauth));
        let code = code(&mut lab, &[("scope", asked)]);
        exchange(&mut lab, &code, &[]).1.get("scope").cloned()
    };
    assert_eq!(scope(|_| (), "extapi:daily spo2Daily"), Some("extapi:daily extapi:spo2".into()));
    assert_eq!(scope(|quirks| quirks.old_spo2_name = true, "spo2"), Some("extapi:spo2Daily".into()));
    assert_eq!(
        scope(|quirks| quirks.scope_reply = ScopeReply::Bare, "daily spo2"),
        Some("daily spo2Daily".into())
    );
    assert_eq!(scope(|quirks| quirks.scope_reply = ScopeReply::Omitted, "daily"), None);
    let dropped = |quirks: &mut OAuthQuirks| {
        quirks.scope_reply = ScopeReply::Bare;
        quirks.dropped_when_bare = vec!["stress".to_owned()];
    };
    assert_eq!(scope(dropped, "daily stress"), Some("daily".into()));
    assert_eq!(scope(|_| (), "daily extapi:stress"), Some("daily stress".into()));
    let unticked = |quirks: &mut OAuthQuirks| quirks.granted_scopes = Some(vec!["tag".to_owned()]);
    assert_eq!(scope(unticked, "daily tag"), Some("tag".into()));
    assert_eq!(
        scope(|quirks| quirks.granted_scopes = None, "").map(|scopes| scopes
            .as_str()
            .unwrap()
            .split(' ')
            .count()),
        Some(11)
    );
}

#[test]
fn scopes_open_their_own_collections_only() {
    let mut lab = lab();
    lab.oura.set_quirk(|quirks| quirks.access.stress_scope = StressScope::Daily);
    let all = Collection::DOCUMENTS.into_iter().chain(Collection::SERIES);
    let table: Vec<(&str, &str)> = all.map(|one| (one.path(), one.describe().scope)).collect();
    for held in ALL_SCOPES {
        let (access, _) = lab.oura.issue_tokens("app", &[held], HOUR);
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
    let (access, _) = lab.oura.issue_tokens("app", &["stress"], HOUR);
    for (switch, status) in
        [(StressScope::Either, 200), (StressScope::Stress, 200), (StressScope::Daily, 401)]
    {
        lab.oura.set_quirk(|quirks| quirks.access.stress_scope = switch);
        assert_eq!(lab.api_as(&access, "daily_stress").status, status, "{switch:?}");
    }
    lab.oura.set_quirk(|quirks| quirks.access.missing_scope_status = 403);
    assert_eq!(lab.api_as(&access, "sleep").status, 403);
}

#[test]
fn the_client_side_flow_puts_the_token_in_the_fragment() {
    let mut lab = lab();
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
