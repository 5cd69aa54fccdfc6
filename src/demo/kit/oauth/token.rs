//! The token endpoint: an app that proves who it is gets tokens for a code or a refresh token.

use super::{Dialect, Granted, Refusal};
use crate::demo::kit::grants::{RefreshState, Tokens, challenge_of};
use crate::demo::kit::http::{Request, Response, form_value};
use crate::demo::kit::quirks::RefreshReply;
use crate::demo::kit::service::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// An answer with tokens that no cache may keep (RFC 6749 §5.1).
pub fn unstored(response: Response) -> Response {
    response.with_header("Cache-Control", "no-store").with_header("Pragma", "no-cache")
}

/// The answer to a request for tokens.
pub fn token<S: Dialect>(state: &mut State<S>, request: &Request, now: Timestamp) -> Response {
    let oauth = S::oauth(&mut state.quirks);
    if let Some(target) = &oauth.token_redirect {
        return Response::json(307, "").with_header("Location", target.clone());
    }
    if let Some(body) = &oauth.token_body {
        return Response::json(200, body.clone());
    }
    let granted = S::client(state, request, now).and_then(|client| grant(state, &client, request, now));
    match granted {
        Ok(granted) => S::granted(state, granted),
        Err(refusal) => S::refused(refusal, request),
    }
}

/// The app that names itself with its secret.
pub fn client_with_secret<S: Dialect>(state: &State<S>, request: &Request) -> Result<String, Refusal> {
    let content_type = request.header("Content-Type").unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Err(Refusal::NoForm);
    }
    let (id, secret) = basic(request).filter(|_| S::BASIC).unwrap_or_else(|| {
        let field = |name| request.field(name).unwrap_or_default();
        (field("client_id"), field("client_secret"))
    });
    with_secret(state, &id, &secret)
}

/// The app with this id, if this is its secret.
pub fn with_secret<S: Dialect>(state: &State<S>, id: &str, secret: &str) -> Result<String, Refusal> {
    match state.grants.clients.get(id) {
        None => Err(Refusal::UnknownClient),
        Some(client) if client.secret == secret => Ok(id.to_owned()),
        Some(_) => Err(Refusal::WrongSecret),
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

/// The tokens that an authenticated app gets for what it presents.
pub fn grant<S: Dialect>(
    state: &mut State<S>,
    client_id: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Granted, Refusal> {
    let grant_type = S::field(&state.quirks, request, "grant_type");
    let (needed, is_refresh) = match grant_type.as_deref() {
        Some("authorization_code") => (S::NEEDED_WITH_CODE, false),
        Some("refresh_token") => (S::NEEDED_TO_REFRESH, true),
        _ => return Err(Refusal::GrantType(grant_type)),
    };
    for name in needed {
        S::field(&state.quirks, request, name).ok_or(Refusal::Missing(name))?;
    }
    if is_refresh {
        refresh(state, client_id, request, now)
    } else {
        exchange(state, client_id, request, now)
    }
}

fn exchange<S: Dialect>(
    state: &mut State<S>,
    client_id: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Granted, Refusal> {
    let field = |name| S::field(&state.quirks, request, name);
    let (code, redirect_uri) = (field("code").unwrap_or_default(), field("redirect_uri"));
    let verifier = field("code_verifier");
    let oauth = S::oauth(&mut state.quirks).clone();
    let held = state.grants.codes.get(&code).filter(|held| held.client_id == client_id);
    let held = held.ok_or(Refusal::Code)?.clone();
    if let Some(grant) = held.grant {
        if oauth.code_reuse_revokes {
            state.grants.revoke(grant);
        }
        return Err(Refusal::Code);
    }
    if held.expires <= now {
        return Err(Refusal::Code);
    }
    if held.redirect_uri.is_some() && held.redirect_uri != redirect_uri {
        return Err(Refusal::OtherRedirect);
    }
    let is_proven = match (held.challenge, verifier) {
        (Some(challenge), Some(verifier)) => challenge_of(&verifier) == challenge,
        (Some(_), None) => false,
        (None, Some(_)) => !S::STRAY_VERIFIER_IS_REFUSED,
        (None, None) => true,
    };
    if !is_proven {
        return Err(Refusal::Verifier);
    }
    let with_refresh = S::with_refresh(&state.quirks, &held.scopes, request, true);
    let grant = state.grants.agree(client_id, held.scopes, held.user);
    if let Some(held) = state.grants.codes.get_mut(&code) {
        held.grant = Some(grant);
    }
    let tokens = state.grants.next_tokens(grant, with_refresh, &oauth, now);
    Ok(Granted { grant, tokens, by_code: true })
}

fn refresh<S: Dialect>(
    state: &mut State<S>,
    client_id: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Granted, Refusal> {
    let presented = S::field(&state.quirks, request, "refresh_token").unwrap_or_default();
    let oauth = S::oauth(&mut state.quirks).clone();
    match state.grants.refresh_state(client_id, &presented, now) {
        RefreshState::Live(grant) => {
            let scopes = &state.grants.grant(grant).scopes;
            let with_refresh = S::with_refresh(&state.quirks, scopes, request, false);
            let tokens = match oauth.refresh_reply {
                RefreshReply::Rotated => state.grants.next_tokens(grant, with_refresh, &oauth, now),
                RefreshReply::Omitted => state.grants.next_access(grant, &oauth, now),
                RefreshReply::Blank => {
                    let tokens = state.grants.next_access(grant, &oauth, now);
                    Tokens { refresh: Some(String::new()), ..tokens }
                }
            };
            Ok(Granted { grant, tokens, by_code: false })
        }
        RefreshState::Spent(grant) => {
            state.refreshes.spent_presented += 1;
            if oauth.reuse_revokes_all {
                state.grants.revoke(grant);
            }
            Err(Refusal::RefreshToken)
        }
        RefreshState::Unknown => Err(Refusal::RefreshToken),
    }
}
