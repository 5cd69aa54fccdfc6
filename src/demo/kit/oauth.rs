//! Signing in by OAuth: the authorize page, codes and refresh tokens become tokens.
//!
//! The order of things is here, for all; what a provider demands beyond it and how it words its refusals, its
//! [`Dialect`] says. The person's decision on the page is a switch, made at once. PKCE is optional, and binding once
//! a challenge was sent.

use super::grants::{Client, Code, RefreshState, Tokens, after, challenge_of};
use super::http::{Request, Response, form_value};
use super::quirks::{Consent, RefreshReply};
use super::service::{Service, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use url::Url;

/// Why somebody is not let in. Its wording is the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No app has this id.
    UnknownClient,
    /// The app has this id and another secret, or none.
    WrongSecret,
    /// The redirect URI is not one of the app's.
    UnknownRedirect,
    /// The app has no redirect URI that can be gone to.
    NoRedirect,
    /// The app has several redirect URIs, and none was named.
    WhichRedirect,
    /// A parameter is missing.
    Missing(&'static str),
    /// Not a code that is asked for.
    ResponseType,
    /// A `state` that is too short.
    WeakState,
    /// A scope that does not exist, or that the app may not ask for.
    Scope(String),
    /// A challenge that is hashed in no known way.
    ChallengeMethod,
    /// The person says no.
    Denied,
    /// The person may not use the app.
    Forbidden,
    /// The request for tokens is no form.
    NoForm,
    /// No known grant type; none at all without a name.
    GrantType(Option<String>),
    /// A code that is worth nothing: made up, used, over, of another app.
    Code,
    /// The redirect URI is not the one that the code was made for.
    OtherRedirect,
    /// The verifier does not prove the challenge.
    Verifier,
    /// A refresh token that is worth nothing.
    RefreshToken,
    /// Something only this provider says: a status and its text.
    Own(i64, String),
}

/// What was agreed to on the authorize page, and where the browser goes from there.
pub struct Agreed {
    /// The app.
    pub client_id: String,
    /// The redirect URI as it was sent.
    pub redirect_uri: Option<String>,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// Where the browser is sent.
    pub target: Url,
}

/// What a request for tokens gets.
pub struct Granted {
    /// The number of the grant.
    pub grant: usize,
    /// The tokens.
    pub tokens: Tokens,
    /// True after a code, false after a refresh.
    pub by_code: bool,
}

/// What a provider demands of those who sign in, and how it words its answers.
pub trait Dialect: Service {
    /// Path of the authorize page.
    const AUTHORIZE_PATH: &'static str;
    /// Path of the token endpoint.
    const TOKEN_PATH: &'static str;
    /// False where a redirect URI has to be named although the app has only one.
    const REDIRECT_MAY_BE_LEFT_OUT: bool = true;
    /// False where challenges are ignored.
    const PKCE: bool = true;
    /// True where a verifier without a challenge is refused.
    const STRAY_VERIFIER_IS_REFUSED: bool = false;
    /// The client may name itself by HTTP Basic instead of the form.
    const BASIC: bool = false;
    /// What an exchange of a code must name.
    const NEEDED_WITH_CODE: &'static [&'static str] = &[];
    /// What a refresh must name.
    const NEEDED_TO_REFRESH: &'static [&'static str] = &[];

    /// True when a redirect URI is meant by a registered one.
    fn is_redirect(_quirks: &Self::Quirks, asked: &str, registered: &str) -> bool {
        asked == registered
    }

    /// The scopes that a request to authorize asks for, or what is wrong with it.
    fn asked(state: &State<Self>, request: &Request, client: &Client) -> Result<Vec<String>, Refusal>;

    /// How the authorize page refuses: on a page for the person, or back at the app, where it is known.
    fn denied(quirks: &Self::Quirks, refusal: &Refusal, target: Option<Url>, request: &Request) -> Response;

    /// How the authorize page sends the browser back to the app.
    fn agreed(state: &mut State<Self>, agreed: Agreed, request: &Request, now: Timestamp) -> Response;

    /// Who signs in, where it is not the person.
    fn user(_request: &Request) -> Option<i64> {
        None
    }

    /// A field of a request for tokens.
    fn field(_quirks: &Self::Quirks, request: &Request, name: &str) -> Option<String> {
        request.field(name)
    }

    /// The app that asks for tokens.
    fn client(state: &mut State<Self>, request: &Request, _now: Timestamp) -> Result<String, Refusal> {
        client_with_secret(state, request)
    }

    /// True when new tokens for these scopes come with a refresh token.
    fn with_refresh(_quirks: &Self::Quirks, scopes: &[String], _request: &Request, _by_code: bool) -> bool {
        Self::gives_refresh(scopes)
    }

    /// The answer that hands tokens out.
    fn granted(state: &mut State<Self>, granted: Granted) -> Response;

    /// The answer that refuses them.
    fn refused(refusal: Refusal, request: &Request) -> Response;
}

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
