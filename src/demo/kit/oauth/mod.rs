//! Signing in by OAuth: the authorize page, codes and refresh tokens become tokens.
//!
//! The order of things is here, for all; what a provider demands beyond it and how it words its refusals, its
//! [`Dialect`] says. The person's decision on the page is a switch, made at once. PKCE is optional, and binding once
//! a challenge was sent.

mod authorize;
mod token;

use super::grants::{Client, Tokens};
use super::http::{Request, Response};
use super::service::{Service, State};
use jiff::Timestamp;
use url::Url;

pub use authorize::{authorize, code, error_page, redirect};
pub use token::{client_with_secret, grant, token, unstored, with_secret};

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
