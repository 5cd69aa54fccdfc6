//! OAuth: the authorize page, codes, PKCE, rotation, reuse, revocation.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::Url;
use url::form_urlencoded::Serializer;

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";

fn form(fields: Fields) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Fields of a query or a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// What the authorize page does: the status and the fields it redirects with.
fn authorize(lab: &mut Lab, changes: Fields) -> (u16, Vec<(String, String)>) {
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", REDIRECT),
        ("scope", "offline read:sleep read:cycles"),
        ("state", "12345678"),
    ];
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    fields.extend(changes.iter().filter(|(_, value)| *value != "-"));
    let answer = lab.http.get(&format!("/oauth/oauth2/auth?{}", form(&fields)), &[]).unwrap();
    let location = answer.header("Location").map(|text| Url::parse(text).unwrap());
    (answer.status, location.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default())
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value)
}

fn code(lab: &mut Lab, changes: Fields) -> String {
    let (status, fields) = authorize(lab, changes);
    assert_eq!(status, 302);
    field(&fields, "code").to_owned()
}

fn post(lab: &mut Lab, fields: Fields) -> (u16, Value) {
    let mut all = vec![("client_id", "app"), ("client_secret", "s3cret")];
    all.retain(|(name, _)| !fields.iter().any(|(held, _)| held == name));
    all.extend(fields);
    let answer = lab.http.post("/oauth/oauth2/token", &form(&all)).unwrap();
    (answer.status, answer.json())
}

fn exchange(lab: &mut Lab, code: &str, more: Fields) -> (u16, Value) {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
    fields.retain(|(name, _)| !more.iter().any(|(held, _)| held == name));
    fields.extend(more);
    post(lab, &fields)
}

fn refresh(lab: &mut Lab, token: &str) -> (u16, Value) {
    post(lab, &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "offline")])
}

fn refused(answer: &(u16, Value), status: u16, error: &str) {
    assert_eq!((answer.0, answer.1["error"].as_str().unwrap()), (status, error), "{answer:?}");
}

#[test]
fn the_authorize_page_checks_what_it_is_given() {
    let mut lab = lab();
    // Change of the request; status; error it redirects with (empty: a code).
    let cases: [(Fields, u16, &str); 13] = [
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
    ];
    for (changes, status, error) in cases {
        let (answered, fields) = authorize(&mut lab, changes);
        assert_eq!((answered, field(&fields, "error")), (status, error), "{changes:?}");
        let is_code = status == 302 && error.is_empty();
        assert_eq!(!field(&fields, "code").is_empty(), is_code, "{changes:?}");
        if is_code {
            assert_eq!(field(&fields, "state"), "12345678");
        }
    }
    for (consent, error) in
        [(Consent::AccessDenied, "access_denied"), (Consent::RequestForbidden, "request_forbidden")]
    {
        lab.whoop.set_quirk(|quirks| quirks.oauth.consent = consent);
        let (_, fields) = authorize(&mut lab, &[]);
        assert_eq!((field(&fields, "error"), field(&fields, "state")), (error, "12345678"));
    }
}

#[test]
fn a_single_registered_address_may_be_left_out() {
    let mut lab = lab();
    lab.whoop.register_client("one", "s", &[REDIRECT]);
    let code = code(&mut lab, &[("client_id", "one"), ("redirect_uri", "-")]);
    let fields = [("grant_type", "authorization_code"), ("code", &*code), ("client_id", "one")];
    let answer = post(&mut lab, &[&fields[..], &[("client_secret", "s")]].concat());
    assert_eq!(answer.0, 200);
}

#[test]
fn a_code_is_exchanged_once_by_its_own_client_in_time() {
    let mut lab = lab();
    lab.whoop.register_client("other", "s", &[REDIRECT]);
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
    refused(&exchange(&mut lab, &first, &[("client_secret", "wrong")]), 401, "invalid_client");
    let (status, tokens) = exchange(&mut lab, &first, &[]);
    assert_eq!(status, 200);
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "offline read:sleep read:cycles");
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(lab.api_as(access, "/v2/cycle").status, 200);
    refused(&exchange(&mut lab, &first, &[]), 400, "invalid_grant");
    assert_eq!(lab.api_as(access, "/v2/cycle").status, 401, "a code used twice takes its tokens with it");

    let late = code(&mut lab, &[]);
    lab.pass(601);
    refused(&exchange(&mut lab, &late, &[]), 400, "invalid_grant");
    refused(&exchange(&mut lab, "made-up", &[]), 400, "invalid_grant");
}

#[test]
fn pkce_is_optional_but_binding() {
    let mut lab = lab();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let with = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let cases: [(Fields, Fields, u16); 5] = [
        (&with, &[("code_verifier", VERIFIER)], 200),
        (&with, &[("code_verifier", "another-verifier-of-forty-three-characters-000")], 400),
        (&with, &[], 400),
        (&[], &[], 200),
        (&[], &[("code_verifier", VERIFIER)], 400),
    ];
    for (asked, presented, status) in cases {
        let code = code(&mut lab, asked);
        assert_eq!(exchange(&mut lab, &code, presented).0, status, "{asked:?} {presented:?}");
    }
}

#[test]
fn the_token_endpoint_takes_forms_with_the_client_in_them() {
    let mut lab = lab();
    assert_eq!(lab.http.get("/oauth/oauth2/token", &[]).unwrap().status, 405);
    let body = form(&[("grant_type", "refresh_token"), ("refresh_token", "x")]);
    let json = lab.http.send("POST", "/oauth/oauth2/token", &[("Content-Type", "application/json")], &body);
    assert_eq!(json.unwrap().status, 400);
    let basic =
        [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Basic YXBwOnMzY3JldA==")];
    let answer = lab.http.send("POST", "/oauth/oauth2/token", &basic, &body).unwrap();
    assert_eq!((answer.status, answer.json()["error"].as_str()), (401, Some("invalid_client")));
    refused(&post(&mut lab, &[("grant_type", "password")]), 400, "unsupported_grant_type");
    refused(&post(&mut lab, &[]), 400, "invalid_request");
    assert_eq!(lab.whoop.token_posts(), 4);
}

#[test]
fn refresh_tokens_rotate_and_kill_the_pair_before() {
    let mut lab = lab();
    let (old_access, old_refresh) = (lab.access.clone(), lab.refresh.clone());
    let (status, tokens) = refresh(&mut lab, &old_refresh);
    assert_eq!(status, 200);
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let next = tokens["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(next, old_refresh);
    assert_eq!(lab.api_as(&old_access, "/v2/cycle").status, 401);
    assert_eq!(lab.api_as(&access, "/v2/cycle").status, 200);
    assert!(lab.whoop.live_refresh_token_is(&next) && !lab.whoop.live_refresh_token_is(&old_refresh));

    let reuse = refresh(&mut lab, &old_refresh);
    refused(&reuse, 400, "invalid_grant");
    assert!(reuse.1["error_description"].as_str().unwrap().starts_with("The provided authorization grant"));
    assert!(lab.whoop.live_refresh_token_is(&next), "by default the others live on");
    lab.whoop.set_quirk(|quirks| quirks.oauth.reuse_revokes_all = true);
    refused(&refresh(&mut lab, &old_refresh), 400, "invalid_grant");
    assert!(!lab.whoop.live_refresh_token_is(&next));
    assert_eq!(lab.api_as(&access, "/v2/cycle").status, 401);
}

#[test]
fn no_refresh_token_without_offline() {
    let mut lab = lab();
    let code = code(&mut lab, &[("scope", "read:sleep")]);
    let (_, tokens) = exchange(&mut lab, &code, &[]);
    assert!(tokens.get("refresh_token").is_none());
    assert_eq!(lab.whoop.issue_tokens("app", &["read:sleep"], HOUR).1, "");
    let held = lab.refresh.clone();
    let (status, tokens) = post(&mut lab, &[("grant_type", "refresh_token"), ("refresh_token", &held)]);
    assert_eq!(status, 200);
    assert!(tokens.get("refresh_token").is_none(), "a refresh must ask for offline again");
}

#[test]
fn tokens_expire_and_are_revoked() {
    let mut lab = lab();
    assert_eq!(lab.api("/v2/cycle").status, 200);
    assert_eq!(lab.api_as("looks-like-a-token", "/v2/cycle").status, 401);
    assert_eq!(lab.http.get("/developer/v2/cycle", &[]).unwrap().status, 401);
    lab.pass(3600);
    assert_eq!(lab.api("/v2/cycle").status, 401);
    let held = lab.refresh.clone();
    let (_, tokens) = refresh(&mut lab, &held);
    lab.access = tokens["access_token"].as_str().unwrap().to_owned();
    lab.whoop.expire_access_tokens();
    assert_eq!(lab.api("/v2/cycle").status, 401);
    let held = tokens["refresh_token"].as_str().unwrap().to_owned();
    let (_, tokens) = refresh(&mut lab, &held);
    let authorization = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let headers = [("Authorization", authorization.as_str())];
    let answer = lab.http.send("DELETE", "/developer/v2/user/access", &headers, "").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    refused(&refresh(&mut lab, tokens["refresh_token"].as_str().unwrap()), 400, "invalid_grant");
    assert_eq!(lab.http.get("/developer/v2/cycle", &headers).unwrap().status, 401);
}

#[test]
fn scopes_open_their_own_collections_only() {
    let mut lab = lab();
    let paths = LISTS.map(|(path, kind)| (path, kind.scope()));
    let singles =
        [("/v2/user/profile/basic", "read:profile"), ("/v2/user/measurement/body", "read:body_measurement")];
    for (_, held) in paths.iter().chain(&singles) {
        let (access, _) = lab.whoop.issue_tokens("app", &[held], HOUR);
        for (path, needed) in paths.iter().chain(&singles) {
            let expected = if held == needed { 200 } else { 401 };
            assert_eq!(lab.api_as(&access, path).status, expected, "{held} {path}");
        }
    }
    lab.whoop.set_quirk(|quirks| quirks.access.missing_scope_status = 403);
    let (access, _) = lab.whoop.issue_tokens("app", &["offline"], HOUR);
    assert_eq!(lab.api_as(&access, "/v2/cycle").status, 403);
    lab.whoop.set_quirk(|quirks| quirks.access.refused.push(("/v2/recovery".to_owned(), 403)));
    assert_eq!(lab.api("/v2/recovery").status, 403);
    lab.whoop.set_quirk(|quirks| quirks.oauth.granted_scopes = Some(vec!["read:sleep".to_owned()]));
    let code = code(&mut lab, &[]);
    assert_eq!(exchange(&mut lab, &code, &[]).1["scope"], "read:sleep");
}
