//! `GET /oauth2_user/authorize2`: the page a browser is sent to. The person's decision is a switch, made at once.
//!
//! What is wrong with the request itself is shown as JSON and not redirected: the wording of a wrong redirect
//! URI is recorded, the others follow it. HTTP 400 is a choice; the status was never written down.

use super::grants::Code;
use super::quirks::{Consent, Redirects};
use super::state::State;
use crate::demo::kit::http::{Request, Response};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

/// Every scope there is.
pub const KNOWN_SCOPES: [&str; 4] = ["user.info", "user.metrics", "user.activity", "user.sleepevents"];

/// The answer to the authorize request.
pub fn authorize(state: &mut State, request: &Request, now: Timestamp) -> Response {
    let asked = match Asked::read(state, request) {
        Ok(asked) => asked,
        Err(message) => {
            let body = json!({"errors": [{"message": message}]});
            return Response::json(400, body.to_string());
        }
    };
    if state.quirks.oauth.consent == Consent::Denied {
        return redirect(asked.target, &[("error", "access_denied"), ("state", &asked.state)]);
    }
    let granted: Vec<String> = match &state.quirks.oauth.granted_scopes {
        Some(allowed) => asked.scopes.into_iter().filter(|scope| allowed.contains(scope)).collect(),
        None => asked.scopes,
    };
    let code = state.grants.mint();
    let held = Code {
        client_id: asked.client_id,
        redirect_uri: asked.redirect_uri,
        scopes: granted,
        demo: asked.demo,
        expires: now.saturating_add(state.quirks.oauth.code_lifetime).unwrap_or(now),
    };
    state.grants.codes.insert(code.clone(), held);
    redirect(asked.target, &[("code", &code), ("state", &asked.state)])
}

/// The authorize request, read.
struct Asked {
    client_id: String,
    redirect_uri: String,
    target: Url,
    scopes: Vec<String>,
    state: String,
    demo: bool,
}

impl Asked {
    fn read(state: &State, request: &Request) -> Result<Self, String> {
        let required = |name: &str| {
            let value = request.parameter(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| format!("invalid_request: The {name} parameter is missing"))
        };
        let client_id = required("client_id")?;
        let Some(client) = state.grants.clients.get(&client_id) else {
            return Err("invalid_client: The client id supplied is invalid".to_owned());
        };
        let mismatch = "redirect_uri_mismatch: The redirect URI provided is missing or does not match partner \
            callback url";
        let redirect_uri = request.parameter("redirect_uri").unwrap_or_default();
        let registered = client.redirect_uris.iter().any(|held| match state.quirks.oauth.redirects {
            Redirects::Below => lies_below(&redirect_uri, held),
            Redirects::Exact => redirect_uri == *held,
        });
        let target = Url::parse(&redirect_uri).ok().filter(|_| registered).ok_or(mismatch)?;
        if required("response_type")? != "code" {
            return Err("unsupported_response_type: The response type must be code".to_owned());
        }
        let scopes: Vec<String> = required("scope")?.split(',').map(str::to_owned).collect();
        // Scopes joined by blanks are one unknown scope here: Withings separates by commas.
        if let Some(unknown) = scopes.iter().find(|scope| !KNOWN_SCOPES.contains(&scope.as_str())) {
            return Err(format!("invalid_scope: The scope {unknown} does not exist"));
        }
        let demo = request.parameter("mode").is_some_and(|mode| mode == "demo");
        Ok(Self { client_id, redirect_uri, target, scopes, state: required("state")?, demo })
    }
}

/// True when `asked` is `registered` or lies below it: same origin, and a path or query that goes on from there.
fn lies_below(asked: &str, registered: &str) -> bool {
    let (Ok(asked), Ok(registered)) = (Url::parse(asked), Url::parse(registered)) else { return false };
    let folder = registered.path().trim_end_matches('/');
    let rest = asked.path().strip_prefix(folder);
    asked.origin() == registered.origin() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn redirect(mut target: Url, fields: &[(&str, &str)]) -> Response {
    target.query_pairs_mut().extend_pairs(fields);
    Response::new(302, "text/html; charset=utf-8", "").with_header("Location", target.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_below_a_registered_one_match() {
        let cases = [
            ("https://mydomain.com/relative_path?args=value", "https://mydomain.com/", true),
            ("http://localhost:8765/callback", "http://localhost:8765/callback", true),
            ("http://localhost:8765/callback/more", "http://localhost:8765/callback", true),
            ("http://localhost:8765/callbacks", "http://localhost:8765/callback", false),
            ("http://localhost:8766/callback", "http://localhost:8765/callback", false),
            ("http://127.0.0.1:8765/callback", "http://localhost:8765/callback", false),
            ("https://localhost:8765/callback", "http://localhost:8765/callback", false),
            ("http://localhost:8765/", "http://localhost:8765/callback", false),
            ("", "http://localhost:8765/callback", false),
        ];
        for (asked, registered, expected) in cases {
            assert_eq!(lies_below(asked, registered), expected, "{asked} below {registered}");
        }
    }
}
