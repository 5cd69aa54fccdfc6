//! The two token endpoints and the two revocation endpoints. Codes and refresh tokens are worth something once.
//!
//! Each app is served by the endpoint of the place where it was registered ([`Generation`]); the other one does
//! not know it, and says so in its own way.

use super::grants::{RefreshState, Tokens, verifier_matches};
use super::paths::SCOPE_PREFIX;
use super::problem::oauth_error;
use super::quirks::{Generation, RefreshReply, ScopeReply};
use super::state::State;
use crate::demo::kit::http::{Request, Response, form_value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Which of the two endpoints was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/oauth/token`, `/oauth/revoke`.
    Documented,
    /// `/oauth/v2/ext/oauth-token`, `/oauth/v2/ext/oauth-revoke`.
    New,
}

/// A refusal: status, error code, description.
type Refusal = (u16, &'static str, &'static str);

/// What is said of a code or refresh token that is worth nothing, as quoted from the live service.
const SPENT: Refusal = (400, "invalid_grant", "Token already used or revoked");

/// The answer to a token request.
pub fn token(state: &mut State, endpoint: Endpoint, request: &Request, now: Timestamp) -> Response {
    let quirks = &state.quirks.oauth;
    if let Some(target) = &quirks.token_redirect {
        return Response::json(307, "").with_header("Location", target.clone());
    }
    if let Some(body) = &quirks.token_body {
        return Response::json(200, body.clone());
    }
    let serves = match quirks.generation {
        Generation::Legacy => Endpoint::Documented,
        Generation::NewPortal => Endpoint::New,
    };
    let grant_type = form_value(&request.body, "grant_type").unwrap_or_default();
    let outcome = if endpoint == serves {
        client_of(state, endpoint, request)
            .and_then(|client_id| granted(state, &client_id, &grant_type, request, now))
    } else {
        if quirks.wrong_endpoint_burns {
            // The right endpoint would have spent it; so does this one, and keeps what it got.
            let _ = client_of(state, endpoint, request)
                .and_then(|client_id| granted(state, &client_id, &grant_type, request, now));
        }
        Err(unserved(endpoint, &grant_type))
    };
    let response = match outcome {
        Ok((tokens, refresh)) => Response::json(200, reply(state, &tokens, refresh).to_string()),
        Err((status, error, description)) => oauth_error(status, error, description),
    };
    response.with_header("Cache-Control", "no-store").with_header("Pragma", "no-cache")
}

/// How an endpoint refuses an app it does not serve.
fn unserved(endpoint: Endpoint, grant_type: &str) -> Refusal {
    match (endpoint, grant_type) {
        (Endpoint::New, _) => (401, "invalid_client", "Client authentication failed"),
        (Endpoint::Documented, "refresh_token") => (400, "invalid_request", "Invalid request"),
        (Endpoint::Documented, _) => (401, "invalid_client", "Unauthorized"),
    }
}

/// Tokens, and what to say of the refresh token: nothing at all, or this text.
type Granted = (Tokens, Option<String>);

fn granted(
    state: &mut State,
    client_id: &str,
    grant_type: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Granted, Refusal> {
    match grant_type {
        "authorization_code" => exchange(state, client_id, request, now),
        "refresh_token" => refresh(state, client_id, request, now),
        "" => Err((400, "invalid_request", "Invalid Grant Type")),
        _ => Err((400, "unsupported_grant_type", "grant_type must be authorization_code or refresh_token")),
    }
}

fn reply(state: &State, tokens: &Tokens, refresh: Option<String>) -> Value {
    let quirks = &state.quirks.oauth;
    let mut body = json!({
        "token_type": "bearer",
        "access_token": tokens.access,
        "expires_in": quirks.access_lifetime.as_secs(),
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh);
    }
    let prefix = match quirks.scope_reply {
        ScopeReply::Prefixed => Some(SCOPE_PREFIX),
        ScopeReply::Bare => Some(""),
        ScopeReply::Omitted => None,
    };
    if let Some(prefix) = prefix {
        let named = |scope: &String| match scope.as_str() {
            "spo2" if quirks.old_spo2_name => format!("{prefix}spo2Daily"),
            name => format!("{prefix}{name}"),
        };
        body["scope"] = json!(tokens.scopes.iter().map(named).collect::<Vec<_>>().join(" "));
    }
    body["id_token"] = Value::Null;
    body
}

/// The authenticated client: id and secret in the form, or HTTP Basic.
fn client_of(state: &State, endpoint: Endpoint, request: &Request) -> Result<String, Refusal> {
    let content_type = request.header("Content-Type").unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Err((400, "invalid_request", "Invalid request"));
    }
    let (id, secret) = basic(request).unwrap_or_else(|| {
        let field = |name| form_value(&request.body, name).unwrap_or_default();
        (field("client_id"), field("client_secret"))
    });
    match (state.grants.clients.get(&id), endpoint) {
        (Some(client), _) if client.secret == secret => Ok(id),
        (_, Endpoint::New) => Err((401, "invalid_client", "Client authentication failed")),
        (Some(_), Endpoint::Documented) => Err((400, "invalid_client", "Invalid client credentials.")),
        (None, Endpoint::Documented) => Err((400, "invalid_client", "Invalid client_id.")),
    }
}

/// Id and secret of an `Authorization: Basic` header, each form-encoded (RFC 6749 §2.3.1).
fn basic(request: &Request) -> Option<(String, String)> {
    let (scheme, text) = request.header("Authorization")?.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let decode = |text: &str| form_value(&format!("x={text}"), "x").unwrap_or_default();
    Some((decode(id), decode(secret)))
}

fn exchange(
    state: &mut State,
    client_id: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Granted, Refusal> {
    let code = form_value(&request.body, "code").unwrap_or_default();
    let Some(held) = state.grants.codes.get(&code).filter(|held| held.client_id == client_id) else {
        return Err(SPENT);
    };
    if held.grant.is_some() {
        return Err(SPENT);
    }
    let same_uri =
        held.redirect_uri.is_none() || held.redirect_uri == form_value(&request.body, "redirect_uri");
    let verifier = form_value(&request.body, "code_verifier");
    let proven = match (&held.challenge, &verifier) {
        (Some(challenge), Some(verifier)) => verifier_matches(verifier, challenge),
        (None, _) => true,
        (Some(_), None) => false,
    };
    if held.expires <= now || !same_uri || !proven {
        return Err(SPENT);
    }
    let grant = state.grants.agree(client_id, held.scopes.clone());
    if let Some(held) = state.grants.codes.get_mut(&code) {
        held.grant = Some(grant);
    }
    let tokens = state.grants.next_tokens(grant, state.quirks.oauth.access_lifetime, true, now);
    let refresh = tokens.refresh.clone();
    Ok((tokens, refresh))
}

fn refresh(
    state: &mut State,
    client_id: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Granted, Refusal> {
    let presented = form_value(&request.body, "refresh_token").unwrap_or_default();
    let quirks = state.quirks.oauth.clone();
    match state.grants.refresh_state(client_id, &presented) {
        RefreshState::Live(grant) => {
            if !quirks.refresh_ends_access {
                state.grants.keep_access(grant);
            }
            let lifetime = quirks.access_lifetime;
            Ok(match quirks.refresh_reply {
                RefreshReply::Rotated => {
                    let tokens = state.grants.next_tokens(grant, lifetime, true, now);
                    let refresh = tokens.refresh.clone();
                    (tokens, refresh)
                }
                RefreshReply::Omitted => (state.grants.next_access(grant, lifetime, now), None),
                RefreshReply::Blank => (state.grants.next_access(grant, lifetime, now), Some(String::new())),
            })
        }
        RefreshState::Spent(grant) => {
            state.refreshes.spent_presented += 1;
            if quirks.reuse_revokes_all {
                state.grants.revoke(grant);
            }
            Err(SPENT)
        }
        RefreshState::Unknown => Err(SPENT),
    }
}

/// The answer to a revocation: the documented endpoint takes the token as `access_token` in the query or the form,
/// or as a bearer, and answers 401 to one that is dead already; the new one is that of RFC 7009.
pub fn revoke(state: &mut State, endpoint: Endpoint, request: &Request, now: Timestamp) -> Response {
    let in_form = |name| form_value(&request.body, name);
    let presented = match endpoint {
        Endpoint::Documented => request
            .parameter("access_token")
            .or_else(|| in_form("access_token"))
            .or_else(|| request.header("Authorization")?.strip_prefix("Bearer ").map(str::to_owned)),
        Endpoint::New => {
            if let Err((status, error, description)) = client_of(state, endpoint, request) {
                return oauth_error(status, error, description);
            }
            in_form("token")
        }
    };
    let Some(presented) = presented else { return oauth_error(400, "invalid_request", "Invalid Token") };
    let was_personal = state.personal_tokens.remove(&presented).is_some();
    let holder = state.grants.holder_of(&presented, now);
    if let Some(grant) = holder {
        state.grants.revoke(grant);
    }
    if holder.is_none() && !was_personal && endpoint == Endpoint::Documented {
        return oauth_error(401, "invalid_token", "Token Already Used Or Revoked");
    }
    Response::json(200, "")
}
