//! How WHOOP words its sign-in. The wordings are those of Ory Fosite, which the real service's errors betray.
//!
//! What cannot be told to the app (unknown client, unregistered redirect URI) is told to the person on an error
//! page; the rest is redirected.

use super::data::Whoop;
use super::quirks::Quirks;
use crate::demo::kit::grants::Client;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::oauth::{Agreed, Dialect, Granted, Refusal, code, error_page, redirect, unstored};
use crate::demo::kit::service::{Service as _, State};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

/// `state` must have at least this many characters.
const MIN_STATE_CHARACTERS: usize = 8;

const MALFORMED: &str = "The request is missing a required parameter, includes an invalid parameter value, \
    includes a parameter more than once, or is otherwise malformed.";

impl Dialect for Whoop {
    const AUTHORIZE_PATH: &'static str = "/oauth/oauth2/auth";
    const TOKEN_PATH: &'static str = "/oauth/oauth2/token";
    const STRAY_VERIFIER_IS_REFUSED: bool = true;
    const NEEDED_TO_REFRESH: &'static [&'static str] = &["refresh_token"];

    fn asked(_: &State<Self>, request: &Request, client: &Client) -> Result<Vec<String>, Refusal> {
        if request.parameter("response_type").as_deref() != Some("code") {
            return Err(Refusal::ResponseType);
        }
        if request.parameter("state").unwrap_or_default().chars().count() < MIN_STATE_CHARACTERS {
            return Err(Refusal::WeakState);
        }
        let scopes = request.parameter("scope").unwrap_or_default();
        let scopes: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
        if let Some(unknown) = scopes.iter().find(|scope| !client.scopes.contains(scope)) {
            return Err(Refusal::Scope(unknown.clone()));
        }
        let method = request.parameter("code_challenge_method");
        if request.parameter("code_challenge").is_some() && method.as_deref() != Some("S256") {
            return Err(Refusal::ChallengeMethod);
        }
        Ok(scopes)
    }

    fn denied(_: &Quirks, refusal: &Refusal, target: Option<Url>, request: &Request) -> Response {
        let (error, mut description) = worded(refusal);
        let Some(target) = target else {
            if error == "invalid_client" {
                "The requested OAuth 2.0 Client does not exist.".clone_into(&mut description);
            }
            let title = "<title>Error</title><h1>An OAuth 2.0 error occurred</h1>";
            return error_page(title, &[error, &description]);
        };
        let state = request.parameter("state").unwrap_or_default();
        redirect(target, &[("error", error), ("error_description", &description), ("state", &state)])
            .with_header("Cache-Control", "no-store")
    }

    fn agreed(state: &mut State<Self>, agreed: Agreed, request: &Request, now: Timestamp) -> Response {
        let code = code(state, &agreed, request, now);
        let scope = agreed.scopes.join(" ");
        let sent = request.parameter("state").unwrap_or_default();
        redirect(agreed.target, &[("code", &code), ("scope", &scope), ("state", &sent)])
            .with_header("Cache-Control", "no-store")
    }

    fn with_refresh(quirks: &Quirks, scopes: &[String], request: &Request, by_code: bool) -> bool {
        let asked = request.field("scope").unwrap_or_default();
        let asks = asked.split_whitespace().any(|scope| scope == "offline");
        Self::gives_refresh(scopes) && (by_code || asks || !quirks.sign_in.refresh_needs_offline_scope)
    }

    fn granted(state: &mut State<Self>, granted: Granted) -> Response {
        let mut body = json!({
            "access_token": granted.tokens.access,
            "expires_in": state.quirks.oauth.access_lifetime.as_secs(),
        });
        if let Some(refresh) = granted.tokens.refresh {
            body["refresh_token"] = json!(refresh);
        }
        body["scope"] = json!(state.grants.grant(granted.grant).scopes.join(" "));
        body["token_type"] = json!("bearer");
        unstored(Response::json(200, body.to_string()))
    }

    fn refused(refusal: Refusal, _: &Request) -> Response {
        let (error, description) = worded(&refusal);
        let status = if error == "invalid_client" { 401 } else { 400 };
        let body = json!({"error": error, "error_description": description});
        unstored(Response::json(status, body.to_string()))
    }
}

/// Code and description of a refusal; that of a grant is quoted from the live service.
fn worded(refusal: &Refusal) -> (&'static str, String) {
    let malformed = |hint: &str| ("invalid_request", format!("{MALFORMED} {hint}"));
    let (error, text) = match refusal {
        Refusal::Missing("client_id") | Refusal::UnknownClient | Refusal::WrongSecret => (
            "invalid_client",
            "Client authentication failed (e.g., unknown client, no client authentication included, or \
             unsupported authentication method)",
        ),
        Refusal::UnknownRedirect | Refusal::NoRedirect | Refusal::WhichRedirect => {
            return malformed(
                "The 'redirect_uri' parameter does not match any of the OAuth 2.0 Client's pre-registered \
                 redirect urls.",
            );
        }
        Refusal::ResponseType => (
            "unsupported_response_type",
            "The authorization server does not support obtaining a token using this method.",
        ),
        Refusal::WeakState => (
            "invalid_state",
            "The state is missing or does not have enough characters and is therefore considered too weak. \
             Request parameter 'state' must be at least be 8 characters long to ensure sufficient entropy.",
        ),
        Refusal::Scope(unknown) => {
            let text = "The requested scope is invalid, unknown, or malformed. The OAuth 2.0 Client is not \
                allowed to request scope";
            return ("invalid_scope", format!("{text} '{unknown}'."));
        }
        Refusal::ChallengeMethod => {
            return malformed("Clients must use code_challenge_method=S256, plain is not allowed.");
        }
        Refusal::Denied => {
            ("access_denied", "The resource owner or authorization server denied the request.")
        }
        Refusal::Forbidden => {
            ("request_forbidden", "The request is not allowed. You are not allowed to perform this action.")
        }
        Refusal::NoForm => {
            return malformed("The content type must be 'application/x-www-form-urlencoded'.");
        }
        Refusal::GrantType(None) => return malformed("Request parameter 'grant_type' is missing."),
        Refusal::GrantType(Some(_)) => (
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server",
        ),
        Refusal::Missing(name) => return malformed(&format!("Request parameter '{name}' is missing.")),
        Refusal::Code
        | Refusal::OtherRedirect
        | Refusal::Verifier
        | Refusal::RefreshToken
        | Refusal::Own(..) => (
            "invalid_grant",
            "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh \
             token is invalid, expired, revoked, does not match the redirection URI used in the authorization \
             request, or was issued to another client",
        ),
    };
    (error, text.to_owned())
}
