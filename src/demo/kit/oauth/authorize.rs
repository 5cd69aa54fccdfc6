//! The authorize page: which app asks, what for, and where the browser goes with the person's decision.

use super::{Agreed, Dialect, Refusal};
use crate::demo::kit::grants::{Client, Code, after, challenge_of};
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::quirks::Consent;
use crate::demo::kit::service::State;
use jiff::Timestamp;
use url::Url;

/// The answer of the authorize page.
pub fn authorize<S: Dialect>(state: &mut State<S>, request: &Request, now: Timestamp) -> Response {
    let (client, client_id, target) = match destination(state, request) {
        Ok(destination) => destination,
        Err(refusal) => return S::denied(&state.quirks, &refusal, None, request),
    };
    let oauth = S::oauth(&mut state.quirks).clone();
    let outcome = S::asked(state, request, &client).and_then(|asked| match oauth.consent {
        Consent::Grant => Ok(asked),
        Consent::AccessDenied => Err(Refusal::Denied),
        Consent::RequestForbidden => Err(Refusal::Forbidden),
    });
    match outcome {
        Ok(mut scopes) => {
            if let Some(granted) = oauth.granted_scopes {
                scopes.retain(|scope| granted.contains(scope));
            }
            let redirect_uri = request.parameter("redirect_uri");
            S::agreed(state, Agreed { client_id, redirect_uri, scopes, target }, request, now)
        }
        Err(refusal) => S::denied(&state.quirks, &refusal, Some(target), request),
    }
}

/// Which app asks, and where it wants the browser back.
fn destination<S: Dialect>(state: &State<S>, request: &Request) -> Result<(Client, String, Url), Refusal> {
    let client_id = request.parameter("client_id").filter(|id| !id.is_empty());
    let client_id = client_id.ok_or(Refusal::Missing("client_id"))?;
    let client = state.grants.clients.get(&client_id).ok_or(Refusal::UnknownClient)?.clone();
    let asked = request.parameter("redirect_uri");
    let is_registered =
        |uri: &String| client.redirect_uris.iter().any(|held| S::is_redirect(&state.quirks, uri, held));
    let chosen = match (asked, client.redirect_uris.as_slice()) {
        (_, []) => return Err(Refusal::NoRedirect),
        (Some(uri), _) if is_registered(&uri) => uri,
        (Some(_), _) => return Err(Refusal::UnknownRedirect),
        (None, [only]) if S::REDIRECT_MAY_BE_LEFT_OUT => only.clone(),
        (None, _) => return Err(Refusal::WhichRedirect),
    };
    let target = Url::parse(&chosen).map_err(|_| Refusal::NoRedirect)?;
    Ok((client, client_id, target))
}

/// A code for what was agreed to.
pub fn code<S: Dialect>(state: &mut State<S>, agreed: &Agreed, request: &Request, now: Timestamp) -> String {
    let code = state.grants.mint();
    let held = Code {
        client_id: agreed.client_id.clone(),
        redirect_uri: agreed.redirect_uri.clone(),
        scopes: agreed.scopes.clone(),
        user: S::user(request),
        challenge: challenge(request).filter(|_| S::PKCE),
        expires: after(now, S::oauth(&mut state.quirks).code_lifetime),
        grant: None,
    };
    state.grants.codes.insert(code.clone(), held);
    code
}

/// The S256 challenge of a request: a plain one is hashed here, so that the exchange has one comparison.
fn challenge(request: &Request) -> Option<String> {
    let challenge = request.parameter("code_challenge")?;
    let is_hashed = request.parameter("code_challenge_method").as_deref() == Some("S256");
    Some(if is_hashed { challenge } else { challenge_of(&challenge) })
}

/// Sends the browser on with these fields; what is empty is left out.
pub fn redirect(mut target: Url, fields: &[(&str, &str)]) -> Response {
    target.query_pairs_mut().extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    Response::new(302, "text/html; charset=utf-8", "").with_header("Location", target.to_string())
}

/// A page that tells the person what the app cannot be told.
pub fn error_page(title: &str, texts: &[&str]) -> Response {
    let texts: String = texts.iter().flat_map(|text| ["<p>", text, "</p>"]).collect();
    let page = format!("<!doctype html>{title}{texts}");
    Response::new(400, "text/html; charset=utf-8", page)
}
