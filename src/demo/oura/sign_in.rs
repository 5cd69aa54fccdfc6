//! How Oura words its sign-in: two authorization servers, old and new.
//!
//! Each app is served by the token endpoint of the place where it was registered ([`Generation`]); the other one does
//! not know it, and says so in its own way. What cannot be told to the app (unknown client, unregistered redirect URI)
//! is told to the person on an error page; the rest is redirected.

use super::data::Oura;
use super::paths::{
    ALL_SCOPES, AUTHORIZE_PATH, ISSUER_PATH, NEW_AUTHORIZE_PATH, NEW_REVOKE_PATH, NEW_TOKEN_PATH,
    SCOPE_PREFIX, TOKEN_PATH,
};
use super::problem::oauth_error;
use super::quirks::{Generation, Issuer, Quirks, ScopeReply};
use crate::demo::kit::grants::Client;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::oauth::{
    self, Agreed, Dialect, Granted, Refusal, client_with_secret, error_page, redirect, unstored,
};
use crate::demo::kit::quirks::OAuthQuirks;
use crate::demo::kit::service::State;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;

/// Lifetime of a token of the client-side flow.
const FRAGMENT_TOKEN_LIFETIME: Duration = Duration::from_secs(2_592_000);

impl Dialect for Oura {
    const AUTHORIZE_PATH: &'static str = AUTHORIZE_PATH;
    const TOKEN_PATH: &'static str = TOKEN_PATH;
    const BASIC: bool = true;

    /// The scopes asked for, bare names. No scope asks for all.
    fn asked(state: &State<Self>, request: &Request, client: &Client) -> Result<Vec<String>, Refusal> {
        if !matches!(request.parameter("response_type").as_deref(), Some("code" | "token")) {
            return Err(Refusal::ResponseType);
        }
        let method = request.parameter("code_challenge_method");
        if !matches!(method.as_deref(), None | Some("S256" | "plain")) {
            return Err(Refusal::ChallengeMethod);
        }
        let asked = request.parameter("scope").unwrap_or_default();
        if asked.trim().is_empty() {
            return Ok(client.scopes.clone());
        }
        let dropped = &state.quirks.sign_in.dropped_when_bare;
        let holds = |scopes: &[String], bare: &str| scopes.iter().any(|held| held == bare);
        let mut scopes = Vec::new();
        for name in asked.split_whitespace() {
            let bare = bare_scope(name);
            if !ALL_SCOPES.contains(&bare) {
                return Err(Refusal::Scope(name.to_owned()));
            }
            let is_dropped = name == bare && holds(dropped, bare);
            if !is_dropped && holds(&client.scopes, bare) && !holds(&scopes, bare) {
                scopes.push(bare.to_owned());
            }
        }
        Ok(scopes)
    }

    fn denied(quirks: &Quirks, refusal: &Refusal, target: Option<Url>, request: &Request) -> Response {
        if let Some(target) = target {
            let error = match refusal {
                Refusal::ResponseType => "unsupported_response_type",
                Refusal::Scope(_) => "invalid_scope",
                Refusal::Denied | Refusal::Forbidden => "access_denied",
                _ => "invalid_request",
            };
            return back(quirks, target, ("error", error), request);
        }
        let text = match refusal {
            Refusal::UnknownRedirect => "Redirect URI Not Found",
            Refusal::NoRedirect => "No Valid Redirect URIs",
            Refusal::WhichRedirect => "Missing Redirect URI Parameter",
            _ => "Invalid Client ID",
        };
        error_page("<title>Oura</title><h1>Something went wrong</h1>", &[text])
    }

    fn agreed(state: &mut State<Self>, agreed: Agreed, request: &Request, now: Timestamp) -> Response {
        if request.parameter("response_type").as_deref() == Some("token") {
            return with_token(state, agreed, request, now);
        }
        let code = oauth::code(state, &agreed, request, now);
        back(&state.quirks, agreed.target, ("code", &code), request)
    }

    /// An app that asks at the endpoint which does not serve it is refused, in the words that this endpoint has for
    /// other reasons. The right endpoint would have spent what it is shown; so may this one, and keep what it got.
    fn client(state: &mut State<Self>, request: &Request, now: Timestamp) -> Result<String, Refusal> {
        let serves_new = state.quirks.sign_in.generation == Generation::NewPortal;
        if is_new(request) == serves_new {
            return client_with_secret(state, request);
        }
        if state.quirks.sign_in.wrong_endpoint_burns {
            let _ = client_with_secret(state, request)
                .and_then(|client_id| oauth::grant(state, &client_id, request, now));
        }
        Err(match request.field("grant_type").as_deref() {
            _ if is_new(request) => Refusal::WrongSecret,
            Some("refresh_token") => Refusal::NoForm,
            _ => Refusal::Own(401, "Unauthorized".to_owned()),
        })
    }

    fn granted(state: &mut State<Self>, granted: Granted) -> Response {
        let mut body = json!({
            "token_type": "bearer",
            "access_token": granted.tokens.access,
            "expires_in": state.quirks.oauth.access_lifetime.as_secs(),
        });
        if let Some(refresh) = granted.tokens.refresh {
            body["refresh_token"] = json!(refresh);
        }
        let quirks = &state.quirks.sign_in;
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
            let scopes = &state.grants.grant(granted.grant).scopes;
            body["scope"] = json!(scopes.iter().map(named).collect::<Vec<_>>().join(" "));
        }
        body["id_token"] = Value::Null;
        unstored(Response::json(200, body.to_string()))
    }

    fn refused(refusal: Refusal, request: &Request) -> Response {
        unstored(worded(&refusal, request))
    }
}

/// How a token or revocation endpoint words a refusal; that of a grant is quoted from the live service.
fn worded(refusal: &Refusal, request: &Request) -> Response {
    let (status, error, description) = match refusal {
        Refusal::NoForm => (400, "invalid_request", "Invalid request"),
        Refusal::UnknownClient | Refusal::WrongSecret if is_new(request) => {
            (401, "invalid_client", "Client authentication failed")
        }
        Refusal::UnknownClient => (400, "invalid_client", "Invalid client_id."),
        Refusal::WrongSecret => (400, "invalid_client", "Invalid client credentials."),
        Refusal::Own(_, text) => (401, "invalid_client", text.as_str()),
        Refusal::GrantType(name) if name.as_deref().unwrap_or_default().is_empty() => {
            (400, "invalid_request", "Invalid Grant Type")
        }
        Refusal::GrantType(_) => {
            (400, "unsupported_grant_type", "grant_type must be authorization_code or refresh_token")
        }
        _ => (400, "invalid_grant", "Token already used or revoked"),
    };
    oauth_error(status, error, description)
}

/// True for the endpoints of the new authorization server.
fn is_new(request: &Request) -> bool {
    [NEW_TOKEN_PATH, NEW_REVOKE_PATH].contains(&request.path.as_str())
}

/// A scope without the prefix, by its present name.
fn bare_scope(name: &str) -> &str {
    match name.strip_prefix(SCOPE_PREFIX).unwrap_or(name) {
        "spo2Daily" => "spo2",
        bare => bare,
    }
}

/// Sends the browser back to the app with a code or an error.
fn back(quirks: &Quirks, target: Url, first: (&str, &str), request: &Request) -> Response {
    let issuer = match &quirks.sign_in.issuer {
        Issuer::Own => origin_of(request) + ISSUER_PATH,
        Issuer::Text(text) => text.clone(),
        Issuer::Absent => String::new(),
    };
    let state = request.parameter("state").unwrap_or_default();
    redirect(target, &[first, ("state", &state), ("iss", &issuer)]).with_header("Cache-Control", "no-store")
}

/// The end of the client-side flow: the token in the fragment, without a refresh token.
fn with_token(state: &mut State<Oura>, agreed: Agreed, request: &Request, now: Timestamp) -> Response {
    let Agreed { client_id, scopes, mut target, .. } = agreed;
    let scope = scopes.join(" ");
    let grant = state.grants.agree(&client_id, scopes, None);
    let quirks = OAuthQuirks { access_lifetime: FRAGMENT_TOKEN_LIFETIME, ..state.quirks.oauth.clone() };
    let tokens = state.grants.next_tokens(grant, false, &quirks, now);
    let lifetime = FRAGMENT_TOKEN_LIFETIME.as_secs().to_string();
    let sent_state = request.parameter("state").unwrap_or_default();
    let fields = [
        ("token_type", "bearer"),
        ("access_token", tokens.access.as_str()),
        ("expires_in", lifetime.as_str()),
        ("scope", scope.as_str()),
        ("state", sent_state.as_str()),
    ];
    target.set_fragment(Some(&Serializer::new(String::new()).extend_pairs(fields).finish()));
    Response::new(302, "text/html; charset=utf-8", "").with_header("Location", target.to_string())
}

/// The answer to a revocation: the documented endpoint takes the token as `access_token` in the query or the form,
/// or as a bearer, and answers 401 to one that is dead already; the new one is that of RFC 7009.
pub fn revoke(state: &mut State<Oura>, request: &Request, now: Timestamp) -> Response {
    let presented = if is_new(request) {
        if let Err(refusal) = client_with_secret(state, request) {
            return worded(&refusal, request);
        }
        request.field("token")
    } else {
        let named = request.parameter("access_token").or_else(|| request.field("access_token"));
        named.or_else(|| request.header("Authorization")?.strip_prefix("Bearer ").map(str::to_owned))
    };
    let Some(presented) = presented else { return oauth_error(400, "invalid_request", "Invalid Token") };
    let was_personal = state.grants.keys.remove(&presented).is_some();
    let holder = state.grants.holder_of(&presented, now);
    if let Some(grant) = holder {
        state.grants.revoke(grant);
    }
    if holder.is_none() && !was_personal && !is_new(request) {
        return oauth_error(401, "invalid_token", "Token Already Used Or Revoked");
    }
    Response::json(200, "")
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
        "authorization_endpoint": format!("{origin}{NEW_AUTHORIZE_PATH}"),
        "token_endpoint": format!("{origin}{NEW_TOKEN_PATH}"),
        "revocation_endpoint": format!("{origin}{NEW_REVOKE_PATH}"),
        "code_challenge_methods_supported": ["S256", "plain"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code", "token"],
    });
    Response::json(200, body.to_string())
}
