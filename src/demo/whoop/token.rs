//! `POST /oauth/oauth2/token`: codes and refresh tokens become pairs of tokens, each exactly once.

use super::state::State;
use crate::demo::kit::grants::{RefreshState, Tokens, verifier_matches};
use crate::demo::kit::http::{Request, Response, form_value};
use jiff::Timestamp;
use serde_json::json;

/// The wording of a refused grant, as quoted from the live service.
pub const INVALID_GRANT: &str = "The provided authorization grant (e.g., authorization code, resource owner \
    credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the \
    authorization request, or was issued to another client";

const INVALID_CLIENT: &str = "Client authentication failed (e.g., unknown client, no client authentication \
    included, or unsupported authentication method)";

/// A refusal: status, error code, description.
type Refusal = (u16, &'static str, String);

/// The answer to a token request.
pub fn token(state: &mut State, request: &Request, now: Timestamp) -> Response {
    let outcome = client_of(state, request).and_then(|client_id| {
        let field = |name| form_value(&request.body, name);
        match field("grant_type").as_deref() {
            Some("authorization_code") => exchange(state, &client_id, request, now),
            Some("refresh_token") => refresh(state, &client_id, request, now),
            Some(_) => Err((
                400,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server".to_owned(),
            )),
            None => Err(malformed("Request parameter 'grant_type' is missing.")),
        }
    });
    let response = match outcome {
        Ok(tokens) => {
            let mut body = json!({
                "access_token": tokens.access,
                "expires_in": state.quirks.oauth.access_lifetime.as_secs(),
            });
            if let Some(refresh) = tokens.refresh {
                body["refresh_token"] = json!(refresh);
            }
            body["scope"] = json!(tokens.scopes.join(" "));
            body["token_type"] = json!("bearer");
            Response::json(200, body.to_string())
        }
        Err((status, error, description)) => {
            let body = json!({"error": error, "error_description": description});
            Response::json(status, body.to_string())
        }
    };
    response.with_header("Cache-Control", "no-store").with_header("Pragma", "no-cache")
}

/// The authenticated client: id and secret, both in the form.
fn client_of(state: &State, request: &Request) -> Result<String, Refusal> {
    let content_type = request.header("Content-Type").unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Err(malformed("The content type must be 'application/x-www-form-urlencoded'."));
    }
    let id = form_value(&request.body, "client_id").unwrap_or_default();
    let secret = form_value(&request.body, "client_secret").unwrap_or_default();
    match state.grants.clients.get(&id) {
        Some(client) if client.secret == secret => Ok(id),
        _ => Err((401, "invalid_client", INVALID_CLIENT.to_owned())),
    }
}

fn exchange(
    state: &mut State,
    client_id: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Tokens, Refusal> {
    let code = form_value(&request.body, "code").unwrap_or_default();
    let Some(held) = state.grants.codes.get(&code).filter(|held| held.client_id == client_id) else {
        return Err(refused());
    };
    if let Some(grant) = held.grant {
        // A code used twice was stolen by one of the two: neither keeps anything (RFC 6749 §4.1.2).
        state.grants.revoke(grant);
        return Err(refused());
    }
    let same_uri =
        held.redirect_uri.is_none() || held.redirect_uri == form_value(&request.body, "redirect_uri");
    let verifier = form_value(&request.body, "code_verifier");
    let proven = match (&held.challenge, &verifier) {
        (Some(challenge), Some(verifier)) => verifier_matches(verifier, challenge),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if held.expires <= now || !same_uri || !proven {
        return Err(refused());
    }
    let grant = state.grants.agree(client_id, held.scopes.clone());
    if let Some(held) = state.grants.codes.get_mut(&code) {
        held.grant = Some(grant);
    }
    let offline = has_offline(state, grant);
    Ok(state.grants.next_tokens(grant, state.quirks.oauth.access_lifetime, offline, now))
}

fn refresh(state: &mut State, client_id: &str, request: &Request, now: Timestamp) -> Result<Tokens, Refusal> {
    let Some(presented) = form_value(&request.body, "refresh_token") else {
        return Err(malformed("Request parameter 'refresh_token' is missing."));
    };
    match state.grants.refresh_state(client_id, &presented) {
        RefreshState::Live(grant) => {
            let asked = form_value(&request.body, "scope").unwrap_or_default();
            let asked_offline = asked.split_whitespace().any(|scope| scope == "offline");
            let offline = has_offline(state, grant)
                && (asked_offline || !state.quirks.oauth.refresh_needs_offline_scope);
            Ok(state.grants.next_tokens(grant, state.quirks.oauth.access_lifetime, offline, now))
        }
        RefreshState::Spent(grant) => {
            if state.quirks.oauth.reuse_revokes_all {
                state.grants.revoke(grant);
            }
            Err(refused())
        }
        RefreshState::Unknown => Err(refused()),
    }
}

fn has_offline(state: &State, grant: usize) -> bool {
    state.grants.grant(grant).scopes.iter().any(|scope| scope == "offline")
}

fn refused() -> Refusal {
    (400, "invalid_grant", INVALID_GRANT.to_owned())
}

fn malformed(hint: &str) -> Refusal {
    let text = "The request is missing a required parameter, includes an invalid parameter value, includes a \
        parameter more than once, or is otherwise malformed.";
    (400, "invalid_request", format!("{text} {hint}"))
}
