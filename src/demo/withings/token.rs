//! `POST /v2/oauth2`: codes and refresh tokens become pairs of tokens; signed revocation; demo access.

use super::authorize::KNOWN_SCOPES;
use super::envelope::{NOT_IMPLEMENTED, Refusal};
use super::form::Form;
use super::grants::Tokens;
use super::ids::{DEMO_USER_ID, USER_ID};
use super::quirks::UserId;
use super::signature::signed_by;
use super::state::State;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The answer to a call of the OAuth service.
pub fn oauth2(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    match form.required("action")? {
        "requesttoken" => requesttoken(state, form, now),
        "revoke" => revoke(state, form, now),
        "getdemoaccess" => getdemoaccess(state, form, now),
        action => Err(Refusal::new(NOT_IMPLEMENTED, format!("Not implemented: action {action}"))),
    }
}

fn requesttoken(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    // A JSON body has no fields at all, which the real service complains of in these words.
    let Some(grant_type) = form.get("grant_type") else {
        return Err(Refusal::new(503, "Invalid_params: invalid grant_type"));
    };
    let client_id = client_of(state, form, now)?;
    let oauth = state.quirks.oauth.clone();
    let (grant, userid_is_text) = match grant_type {
        "authorization_code" => {
            (exchange(state, &client_id, form, now)?, oauth.user_id == UserId::TextThenNumber)
        }
        "refresh_token" => {
            let presented = form.required("refresh_token")?;
            let grant = state.grants.renewed_by(&client_id, presented, now);
            (grant.ok_or_else(|| Refusal::invalid("invalid refresh_token"))?, false)
        }
        _ => return Err(Refusal::new(503, "Invalid_params: invalid grant_type")),
    };
    let tokens = state.grants.next_tokens(grant, &oauth, now);
    let granted = state.grants.grant(grant);
    let person = oauth.signs_in_as.unwrap_or(USER_ID);
    let user_id = if granted.demo { DEMO_USER_ID } else { person };
    let scope = granted.scopes.join(",");
    let mut body = token_body(&tokens);
    body["userid"] = if userid_is_text { json!(user_id.to_string()) } else { json!(user_id) };
    body["scope"] = json!(scope);
    body["csrf_token"] = json!(state.grants.mint());
    body["token_type"] = json!("Bearer");
    Ok(body.to_string())
}

fn token_body(tokens: &Tokens) -> Value {
    json!({
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_in": tokens.lifetime.as_secs(),
    })
}

/// The authenticated client: by its secret, or by a nonce and a signature.
fn client_of(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    if form.get("signature").is_some() {
        return signed_by(state, form, now);
    }
    let client_id = form.required("client_id")?;
    let secret = form.required("client_secret")?;
    if state.grants.client(client_id)?.secret != secret {
        return Err(Refusal::invalid("invalid client_secret"));
    }
    Ok(client_id.to_owned())
}

fn exchange(state: &mut State, client_id: &str, form: &Form, now: Timestamp) -> Result<usize, Refusal> {
    let code = form.required("code")?;
    let redirect_uri = form.required("redirect_uri")?;
    let invalid = || Refusal::invalid("invalid code");
    let held = state.grants.codes.get(code).filter(|held| held.client_id == client_id).ok_or_else(invalid)?;
    if held.expires <= now {
        return Err(invalid());
    }
    if held.redirect_uri != redirect_uri {
        return Err(Refusal::invalid("invalid redirect_uri"));
    }
    let held = state.grants.codes.remove(code).ok_or_else(invalid)?;
    Ok(state.grants.agree(client_id, held.scopes, held.demo))
}

fn revoke(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    let user_id = form.number("userid")?.ok_or_else(|| Refusal::invalid("Missing parameter userid"))?;
    let client_id = signed_by(state, form, now)?;
    if ![USER_ID, DEMO_USER_ID].contains(&user_id) {
        return Err(Refusal::new(247, "The userid provided is absent, or incorrect"));
    }
    state.grants.revoke_all(Some(&client_id));
    Ok("{}".to_owned())
}

fn getdemoaccess(state: &mut State, form: &Form, now: Timestamp) -> Result<String, Refusal> {
    form.required("scope_oauth2")?;
    let scopes = form.list("scope_oauth2").unwrap_or_default();
    if scopes.iter().any(|scope| !KNOWN_SCOPES.contains(&scope.as_str())) {
        return Err(Refusal::invalid("invalid scope_oauth2"));
    }
    let client_id = signed_by(state, form, now)?;
    let grant = state.grants.agree(&client_id, scopes, true);
    let oauth = state.quirks.oauth.clone();
    Ok(token_body(&state.grants.next_tokens(grant, &oauth, now)).to_string())
}
