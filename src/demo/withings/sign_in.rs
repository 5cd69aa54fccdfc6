//! How Withings words its sign-in; signed revocation; demo access.
//!
//! What is wrong with a request to authorize is shown as JSON and not redirected: the wording of a wrong redirect
//! URI is recorded, the others follow it. HTTP 400 is a choice; the status was never written down.

use super::data::{State, Withings};
use super::envelope::{self, enveloped};
use super::form::Form;
use super::ids::{DEMO_USER_ID, USER_ID};
use super::quirks::{Quirks, Redirects, UserId};
use super::signature::signed_by;
use crate::demo::kit::grants::{Client, Tokens};
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::oauth::{Agreed, Dialect, Granted, Refusal, code, redirect, with_secret};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

/// Every scope there is.
const KNOWN_SCOPES: [&str; 4] = ["user.info", "user.metrics", "user.activity", "user.sleepevents"];

impl From<envelope::Refusal> for Refusal {
    fn from(refusal: envelope::Refusal) -> Self {
        Self::Own(refusal.status, refusal.error)
    }
}

impl Dialect for Withings {
    const AUTHORIZE_PATH: &'static str = "/oauth2_user/authorize2";
    const TOKEN_PATH: &'static str = "/v2/oauth2";
    const REDIRECT_MAY_BE_LEFT_OUT: bool = false;
    const PKCE: bool = false;
    const NEEDED_WITH_CODE: &'static [&'static str] = &["code", "redirect_uri"];
    const NEEDED_TO_REFRESH: &'static [&'static str] = &["refresh_token"];

    fn is_redirect(quirks: &Quirks, asked: &str, registered: &str) -> bool {
        match quirks.sign_in.redirects {
            Redirects::Below => lies_below(asked, registered),
            Redirects::Exact => asked == registered,
        }
    }

    fn asked(_: &State, request: &Request, _: &Client) -> Result<Vec<String>, Refusal> {
        let required = |name: &'static str| {
            request.parameter(name).filter(|value| !value.is_empty()).ok_or(Refusal::Missing(name))
        };
        if required("response_type")? != "code" {
            return Err(Refusal::ResponseType);
        }
        let scopes: Vec<String> = required("scope")?.split(',').map(str::to_owned).collect();
        // Scopes joined by blanks are one unknown scope here: Withings separates by commas.
        if let Some(unknown) = scopes.iter().find(|scope| !KNOWN_SCOPES.contains(&scope.as_str())) {
            return Err(Refusal::Scope(unknown.clone()));
        }
        required("state")?;
        Ok(scopes)
    }

    fn denied(_: &Quirks, refusal: &Refusal, target: Option<Url>, request: &Request) -> Response {
        let message = match (refusal, target) {
            (Refusal::Denied | Refusal::Forbidden, Some(target)) => {
                let state = request.parameter("state").unwrap_or_default();
                return redirect(target, &[("error", "access_denied"), ("state", &state)]);
            }
            (Refusal::Missing(name), _) => format!("invalid_request: The {name} parameter is missing"),
            (Refusal::UnknownClient, _) => "invalid_client: The client id supplied is invalid".to_owned(),
            (Refusal::ResponseType, _) => {
                "unsupported_response_type: The response type must be code".to_owned()
            }
            (Refusal::Scope(unknown), _) => format!("invalid_scope: The scope {unknown} does not exist"),
            _ => "redirect_uri_mismatch: The redirect URI provided is missing or does not match partner callback \
                  url"
            .to_owned(),
        };
        Response::json(400, json!({"errors": [{"message": message}]}).to_string())
    }

    fn agreed(state: &mut State, agreed: Agreed, request: &Request, now: Timestamp) -> Response {
        let code = code(state, &agreed, request, now);
        let sent = request.parameter("state").unwrap_or_default();
        redirect(agreed.target, &[("code", &code), ("state", &sent)])
    }

    fn user(request: &Request) -> Option<i64> {
        request.parameter("mode").filter(|mode| mode == "demo").map(|_| DEMO_USER_ID)
    }

    fn field(quirks: &Quirks, request: &Request, name: &str) -> Option<String> {
        Form::read(request, quirks.requests.forms_only).get(name).map(str::to_owned)
    }

    /// The app, by its secret, or by a nonce and a signature.
    fn client(state: &mut State, request: &Request, now: Timestamp) -> Result<String, Refusal> {
        let form = Form::read(request, state.quirks.requests.forms_only);
        if form.get("grant_type").is_none() {
            return Err(Refusal::GrantType(None));
        }
        if form.get("signature").is_some() {
            return Ok(signed_by(state, &form, now)?);
        }
        with_secret(state, form.required("client_id")?, form.required("client_secret")?)
    }

    fn granted(state: &mut State, granted: Granted) -> Response {
        let mut body = token_body(state, &granted.tokens);
        let quirks = &state.quirks.sign_in;
        let grant = state.grants.grant(granted.grant);
        let user_id = grant.user.or(quirks.signs_in_as).unwrap_or(USER_ID);
        let is_text = granted.by_code && quirks.user_id == UserId::TextThenNumber;
        body["userid"] = if is_text { json!(user_id.to_string()) } else { json!(user_id) };
        body["scope"] = json!(grant.scopes.join(","));
        body["csrf_token"] = json!(state.grants.mint());
        body["token_type"] = json!("Bearer");
        enveloped(Ok(body.to_string()))
    }

    fn refused(refusal: Refusal, _: &Request) -> Response {
        enveloped(Err(match refusal {
            Refusal::Own(status, text) => envelope::Refusal::new(status, text),
            // A JSON body has no fields at all, which the real service complains of in these words.
            Refusal::GrantType(_) => {
                envelope::Refusal::new(envelope::INVALID_PARAMS, "Invalid_params: invalid grant_type")
            }
            Refusal::Missing(name) => envelope::Refusal::invalid(&format!("Missing parameter {name}")),
            Refusal::UnknownClient => envelope::Refusal::invalid("invalid client_id"),
            Refusal::WrongSecret => envelope::Refusal::invalid("invalid client_secret"),
            Refusal::OtherRedirect => envelope::Refusal::invalid("invalid redirect_uri"),
            Refusal::RefreshToken => envelope::Refusal::invalid("invalid refresh_token"),
            _ => envelope::Refusal::invalid("invalid code"),
        }))
    }
}

fn token_body(state: &State, tokens: &Tokens) -> Value {
    json!({
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_in": state.quirks.oauth.access_lifetime.as_secs(),
    })
}

/// The answer to `revoke`.
pub fn revoke(state: &mut State, form: &Form, now: Timestamp) -> Result<String, envelope::Refusal> {
    let missing = || envelope::Refusal::invalid("Missing parameter userid");
    let user_id = form.number("userid")?.ok_or_else(missing)?;
    let client_id = signed_by(state, form, now)?;
    if ![USER_ID, DEMO_USER_ID].contains(&user_id) {
        return Err(envelope::Refusal::new(247, "The userid provided is absent, or incorrect"));
    }
    state.grants.revoke_all(Some(&client_id));
    Ok("{}".to_owned())
}

/// The answer to `getdemoaccess`.
pub fn getdemoaccess(state: &mut State, form: &Form, now: Timestamp) -> Result<String, envelope::Refusal> {
    form.required("scope_oauth2")?;
    let scopes = form.list("scope_oauth2").unwrap_or_default();
    if scopes.iter().any(|scope| !KNOWN_SCOPES.contains(&scope.as_str())) {
        return Err(envelope::Refusal::invalid("invalid scope_oauth2"));
    }
    let client_id = signed_by(state, form, now)?;
    let grant = state.grants.agree(&client_id, scopes, Some(DEMO_USER_ID));
    let tokens = state.grants.next_tokens(grant, true, &state.quirks.oauth, now);
    Ok(token_body(state, &tokens).to_string())
}

/// True when `asked` is `registered` or lies below it: same origin, and a path or query that goes on from there.
fn lies_below(asked: &str, registered: &str) -> bool {
    let (Ok(asked), Ok(registered)) = (Url::parse(asked), Url::parse(registered)) else { return false };
    let folder = registered.path().trim_end_matches('/');
    let rest = asked.path().strip_prefix(folder);
    asked.origin() == registered.origin() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
