//! `GET /oauth/authorize`: the page a browser is sent to. The person's decision is a switch, made at once.
//!
//! What cannot be told to the app (unknown client, unregistered redirect URI) is told to the person on an error
//! page; the rest is redirected. PKCE is optional, and binding once a challenge was sent.

use super::grants::Code;
use super::paths::{ALL_SCOPES, ISSUER_PATH, NEW_TOKEN_PATH, SCOPE_PREFIX};
use super::quirks::{Consent, Issuer};
use super::state::State;
use crate::demo::kit::http::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;

/// Lifetime of a token of the client-side flow.
const FRAGMENT_TOKEN_LIFETIME: Duration = Duration::from_secs(2_592_000);

/// The answer to the authorize request.
pub fn authorize(state: &mut State, request: &Request, now: Timestamp) -> Response {
    let client_id = request.parameter("client_id").unwrap_or_default();
    let Some(client) = state.grants.clients.get(&client_id) else {
        return error_page("Invalid Client ID");
    };
    let asked_uri = request.parameter("redirect_uri");
    let registered = &client.redirect_uris;
    let chosen = match (&asked_uri, registered.as_slice()) {
        (_, []) => return error_page("No Valid Redirect URIs"),
        (Some(uri), _) if registered.contains(uri) => uri.clone(),
        (Some(_), _) => return error_page("Redirect URI Not Found"),
        (None, [only]) => only.clone(),
        (None, _) => return error_page("Missing Redirect URI Parameter"),
    };
    let Ok(target) = Url::parse(&chosen) else { return error_page("No Valid Redirect URIs") };
    let sent_state = request.parameter("state").unwrap_or_default();
    let is_implicit = request.parameter("response_type").as_deref() == Some("token");
    let enabled = client.scopes.clone();
    let outcome = checked(request, &enabled, &state.quirks.oauth.dropped_when_bare).and_then(|asked| {
        match state.quirks.oauth.consent {
            Consent::Grant => Ok(asked),
            Consent::AccessDenied => Err("access_denied"),
        }
    });
    let issuer = match &state.quirks.oauth.issuer {
        Issuer::Own => origin_of(request) + ISSUER_PATH,
        Issuer::Text(text) => text.clone(),
        Issuer::Absent => String::new(),
    };
    let mut scopes = match outcome {
        Ok(scopes) => scopes,
        Err(error) => return redirect(target, &[("error", error), ("state", &sent_state), ("iss", &issuer)]),
    };
    if let Some(ticked) = &state.quirks.oauth.granted_scopes {
        scopes.retain(|scope| ticked.contains(scope));
    }
    if is_implicit {
        return redirect_with_token(state, target, &client_id, scopes, &sent_state, now);
    }
    let code = state.grants.mint();
    let held = Code {
        client_id,
        redirect_uri: asked_uri,
        scopes,
        challenge: challenge_of(request),
        expires: now.saturating_add(state.quirks.oauth.code_lifetime).unwrap_or(now),
        grant: None,
    };
    state.grants.codes.insert(code.clone(), held);
    redirect(target, &[("code", &code), ("state", &sent_state), ("iss", &issuer)])
}

/// The scopes asked for (bare names), or what is wrong with the request. No scope asks for all.
fn checked(
    request: &Request,
    enabled: &[String],
    dropped_when_bare: &[String],
) -> Result<Vec<String>, &'static str> {
    if !matches!(request.parameter("response_type").as_deref(), Some("code" | "token")) {
        return Err("unsupported_response_type");
    }
    let method = request.parameter("code_challenge_method");
    if !matches!(method.as_deref(), None | Some("S256" | "plain")) {
        return Err("invalid_request");
    }
    let asked = request.parameter("scope").unwrap_or_default();
    if asked.trim().is_empty() {
        return Ok(enabled.to_vec());
    }
    let mut scopes = Vec::new();
    for name in asked.split_whitespace() {
        let bare = bare_scope(name);
        if !ALL_SCOPES.contains(&bare) {
            return Err("invalid_scope");
        }
        let is_dropped = name == bare && dropped_when_bare.iter().any(|dropped| dropped == bare);
        if !is_dropped && enabled.iter().any(|held| held == bare) && !scopes.iter().any(|held| held == bare) {
            scopes.push(bare.to_owned());
        }
    }
    Ok(scopes)
}

/// A scope without the prefix, by its present name.
fn bare_scope(name: &str) -> &str {
    match name.strip_prefix(SCOPE_PREFIX).unwrap_or(name) {
        "spo2Daily" => "spo2",
        bare => bare,
    }
}

/// The S256 challenge: a plain one is hashed here, so that the exchange has one comparison.
fn challenge_of(request: &Request) -> Option<String> {
    let challenge = request.parameter("code_challenge")?;
    let is_hashed = request.parameter("code_challenge_method").as_deref() == Some("S256");
    Some(if is_hashed { challenge } else { URL_SAFE_NO_PAD.encode(Sha256::digest(challenge)) })
}

/// The end of the client-side flow: the token in the fragment, without a refresh token.
fn redirect_with_token(
    state: &mut State,
    mut target: Url,
    client_id: &str,
    scopes: Vec<String>,
    sent_state: &str,
    now: Timestamp,
) -> Response {
    let scope = scopes.join(" ");
    let grant = state.grants.agree(client_id, scopes);
    let tokens = state.grants.next_tokens(grant, FRAGMENT_TOKEN_LIFETIME, false, now);
    let lifetime = FRAGMENT_TOKEN_LIFETIME.as_secs().to_string();
    let fields = [
        ("token_type", "bearer"),
        ("access_token", tokens.access.as_str()),
        ("expires_in", lifetime.as_str()),
        ("scope", scope.as_str()),
        ("state", sent_state),
    ];
    target.set_fragment(Some(&Serializer::new(String::new()).extend_pairs(fields).finish()));
    Response::new(302, "text/html; charset=utf-8", "").with_header("Location", target.to_string())
}

fn redirect(mut target: Url, fields: &[(&str, &str)]) -> Response {
    target.query_pairs_mut().extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    Response::new(302, "text/html; charset=utf-8", "")
        .with_header("Location", target.to_string())
        .with_header("Cache-Control", "no-store")
}

fn error_page(title: &str) -> Response {
    let page = format!("<!doctype html><title>Oura</title><h1>Something went wrong</h1><p>{title}</p>");
    Response::new(400, "text/html; charset=utf-8", page)
}

/// The origin the request was sent to.
fn origin_of(request: &Request) -> String {
    format!("http://{}", request.header("Host").unwrap_or("localhost"))
}

/// The discovery document of the new authorization server.
pub fn discovery(request: &Request) -> Response {
    let origin = origin_of(request);
    let body = json!({
        "issuer": format!("{origin}{ISSUER_PATH}"),
        "authorization_endpoint": format!("{origin}/oauth/v2/ext/oauth-authorize"),
        "token_endpoint": format!("{origin}{NEW_TOKEN_PATH}"),
        "revocation_endpoint": format!("{origin}/oauth/v2/ext/oauth-revoke"),
        "code_challenge_methods_supported": ["S256", "plain"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code", "token"],
    });
    Response::json(200, body.to_string())
}
