//! `GET /oauth/oauth2/auth`: the page a browser is sent to. The person's decision is a switch, made at once.
//!
//! Wordings are those of Ory Fosite, which the real service's errors betray. What cannot be told to the app
//! (unknown client, unregistered redirect URI) is told to the person on an error page; the rest is redirected.

use super::quirks::Consent;
use super::state::State;
use crate::demo::kit::grants::Code;
use crate::demo::kit::http::{Request, Response};
use jiff::Timestamp;
use url::Url;

/// `state` must have at least this many characters.
const MIN_STATE_CHARACTERS: usize = 8;

const MALFORMED: &str = "The request is missing a required parameter, includes an invalid parameter value, \
    includes a parameter more than once, or is otherwise malformed.";

/// An error for the app: code and description.
type Refusal = (&'static str, String);

/// The answer to the authorize request.
pub fn authorize(state: &mut State, request: &Request, now: Timestamp) -> Response {
    let client_id = request.parameter("client_id").unwrap_or_default();
    let Some(client) = state.grants.clients.get(&client_id) else {
        return error_page("invalid_client", "The requested OAuth 2.0 Client does not exist.");
    };
    let asked_uri = request.parameter("redirect_uri");
    let registered = &client.redirect_uris;
    let chosen = match (&asked_uri, registered.as_slice()) {
        (Some(uri), _) if registered.contains(uri) => Some(uri.clone()),
        (None, [only]) => Some(only.clone()),
        _ => None,
    };
    let Some(target) = chosen.as_deref().and_then(|uri| Url::parse(uri).ok()) else {
        let hint = "The 'redirect_uri' parameter does not match any of the OAuth 2.0 Client's pre-registered \
            redirect urls.";
        return error_page("invalid_request", &format!("{MALFORMED} {hint}"));
    };
    let sent_state = request.parameter("state").unwrap_or_default();
    let outcome = checked(request, &sent_state, &client.scopes).and_then(|scopes| {
        consented(state.quirks.oauth.consent)?;
        Ok(scopes)
    });
    let scopes = match outcome {
        Ok(scopes) => scopes,
        Err((error, description)) => {
            let fields =
                [("error", error), ("error_description", description.as_str()), ("state", &sent_state)];
            return redirect(target, &fields);
        }
    };
    let granted: Vec<String> = match &state.quirks.oauth.granted_scopes {
        Some(allowed) => scopes.into_iter().filter(|scope| allowed.contains(scope)).collect(),
        None => scopes,
    };
    let lifetime = state.quirks.oauth.code_lifetime;
    let code = state.grants.mint();
    let scope = granted.join(" ");
    let held = Code {
        client_id,
        redirect_uri: asked_uri,
        scopes: granted,
        challenge: request.parameter("code_challenge"),
        expires: now.saturating_add(lifetime).unwrap_or(now),
        grant: None,
    };
    state.grants.codes.insert(code.clone(), held);
    redirect(target, &[("code", &code), ("scope", &scope), ("state", &sent_state)])
}

/// The scopes asked for, or what is wrong with the request.
fn checked(request: &Request, sent_state: &str, enabled: &[String]) -> Result<Vec<String>, Refusal> {
    if request.parameter("response_type").as_deref() != Some("code") {
        let text = "The authorization server does not support obtaining a token using this method.";
        return Err(("unsupported_response_type", text.to_owned()));
    }
    if sent_state.chars().count() < MIN_STATE_CHARACTERS {
        let text = "The state is missing or does not have enough characters and is therefore considered too \
            weak. Request parameter 'state' must be at least be 8 characters long to ensure sufficient entropy.";
        return Err(("invalid_state", text.to_owned()));
    }
    let scopes: Vec<String> =
        request.parameter("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !enabled.contains(scope)) {
        let text = format!(
            "The requested scope is invalid, unknown, or malformed. The OAuth 2.0 Client is not allowed to \
             request scope '{unknown}'."
        );
        return Err(("invalid_scope", text));
    }
    let method = request.parameter("code_challenge_method");
    if request.parameter("code_challenge").is_some() && method.as_deref() != Some("S256") {
        let hint = "Clients must use code_challenge_method=S256, plain is not allowed.";
        return Err(("invalid_request", format!("{MALFORMED} {hint}")));
    }
    Ok(scopes)
}

fn consented(consent: Consent) -> Result<(), Refusal> {
    match consent {
        Consent::Grant => Ok(()),
        Consent::AccessDenied => Err((
            "access_denied",
            "The resource owner or authorization server denied the request.".to_owned(),
        )),
        Consent::RequestForbidden => Err((
            "request_forbidden",
            "The request is not allowed. You are not allowed to perform this action.".to_owned(),
        )),
    }
}

fn redirect(mut target: Url, fields: &[(&str, &str)]) -> Response {
    target.query_pairs_mut().extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    Response::new(302, "text/html; charset=utf-8", "")
        .with_header("Location", target.to_string())
        .with_header("Cache-Control", "no-store")
}

fn error_page(error: &str, description: &str) -> Response {
    let page = format!(
        "<!doctype html><title>Error</title><h1>An OAuth 2.0 error occurred</h1><p>{error}</p><p>{description}</p>"
    );
    Response::new(400, "text/html; charset=utf-8", page)
}
