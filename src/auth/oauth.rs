//! The two messages of the authorization code flow: the address a person opens, and the exchange of the
//! code that comes back (RFC 6749 §4.1, PKCE RFC 7636).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    app_credentials::Client,
    redirect::Redirect,
    token_response::{self, Answer, Refusal},
    tokens::Grant,
};
use crate::{
    clock,
    error::{Code, Error, Result},
    http::{Http, Origin, Trouble},
    providers::catalogue::{Access, Endpoints, OAuth, Provider, Reply},
};

/// Tries of a request of which not a byte was sent.
const CONNECT_TRIES: u32 = 3;

/// One sign-in on its way: what has to match when the browser comes back.
pub struct Attempt {
    pub url: Url,
    pub state: SecretString,
    verifier: Option<SecretString>,
    redirect: Option<String>,
}

/// Whose data is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Person,
    /// The provider's demo user, where it has one.
    Demo,
}

impl Attempt {
    pub fn new(
        provider: &Provider,
        origin: &Origin,
        client_id: &str,
        redirect: &Redirect,
        who: Who,
    ) -> Result<Self> {
        let oauth = by_oauth(provider)?;
        let state = random()?;
        let verifier = if oauth.pkce { Some(random()?) } else { None };
        let scope = wanted(provider).join(oauth.scope_separator);
        let mut url = origin.url(oauth.authorize)?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", "code").append_pair("client_id", client_id);
            if let Some(uri) = &redirect.uri {
                query.append_pair("redirect_uri", uri);
            }
            query.append_pair("scope", &scope).append_pair("state", state.expose_secret());
            if let Some(verifier) = &verifier {
                query
                    .append_pair("code_challenge", &challenge(verifier))
                    .append_pair("code_challenge_method", "S256");
            }
            if let (Who::Demo, Some((name, value))) = (who, oauth.dialect.demo_user) {
                query.append_pair(name, value);
            }
        }
        Ok(Self { url, state, verifier, redirect: redirect.uri.clone() })
    }

    /// Exchanges the code, once. Gives back the grant and when it was asked for.
    pub async fn exchange(
        &self,
        http: &Http,
        provider: &Provider,
        origin: &Origin,
        client: &Client,
        code: &SecretString,
    ) -> Result<(Grant, Timestamp)> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.expose_secret()),
        ];
        form.extend(self.redirect.as_deref().map(|uri| ("redirect_uri", uri)));
        form.extend(self.verifier.as_ref().map(|verifier| ("code_verifier", verifier.expose_secret())));
        let asked_at = clock::now();
        let title = provider.title;
        match present(http, (provider, by_oauth(provider)?), origin, None, &form).await {
            Ok((reply, endpoints)) => match token_response::read(provider, &reply) {
                Answer::Granted(grant) => Ok((Grant { endpoints: Some(endpoints), ..grant }, asked_at)),
                Answer::Refused(refusal) => Err(refused(provider, refusal, self.redirect.as_deref())),
                Answer::Busy(_) => {
                    Err(Error::new(Code::RateLimited, format!("{title} asks to wait before signing in"))
                        .hint("Wait a minute and run the same command again."))
                }
                Answer::Unclear { status, because } => Err(Error::new(
                    Code::UpstreamError,
                    format!("{title}'s answer to the sign-in is unusable (HTTP {status}): {because}"),
                )
                .hint("Run the same command again.")),
            },
            Err(trouble) => Err(Error::new(
                Code::UpstreamError,
                format!("{title} did not complete the sign-in: {}", trouble.describe()),
            )
            .hint("Check the network connection and run the same command again.")),
        }
    }
}

/// What a sign-in takes; where there is none by OAuth, why, and what to do instead.
pub fn by_oauth(provider: &Provider) -> Result<&OAuth> {
    let title = provider.title;
    Err(match &provider.access {
        Access::OAuth(oauth) => return Ok(oauth),
        Access::PersonalKey(_) => Error::new(
            Code::AuthFailed,
            format!("{title} is signed in to with a personal key, which this version cannot use"),
        )
        .hint("Use a newer version of vitals-mcp."),
        Access::Files { setup } => {
            Error::invalid(format!("{title} needs no sign-in: its records come in files that you bring"))
                .hint(setup.join(" "))
        }
        Access::Local => Error::invalid(format!("{title} needs no sign-in: its records are made here"))
            .hint("Nothing has to be done."),
    })
}

/// The scopes that are asked for: everything that gives data, and what a refresh token needs.
pub fn wanted(provider: &Provider) -> Vec<&'static str> {
    let offline = provider.oauth().and_then(|oauth| oauth.offline_scope);
    provider.scopes().iter().map(|scope| scope.name).chain(offline).collect()
}

/// Posts to the token endpoint that the app belongs to, and says which one that was.
///
/// While that is not known and there are two, one that does not accept the app is not the last word: the
/// other is asked, once. A no from both is told in the words of the first, which are the clearer ones.
pub async fn present(
    http: &Http,
    (provider, oauth): (&Provider, &OAuth),
    origin: &Origin,
    known: Option<Endpoints>,
    form: &[(&str, &str)],
) -> std::result::Result<(Reply, Endpoints), Trouble> {
    let endpoints = known.unwrap_or(Endpoints::First);
    let reply = post(http, (provider, oauth), origin, oauth.token_url(endpoints), form).await?;
    if known.is_some() || oauth.alternative.is_none() || !matches!(reply.status, 400 | 401) {
        return Ok((reply, endpoints));
    }
    let other = post(http, (provider, oauth), origin, oauth.token_url(Endpoints::Alternative), form).await?;
    // Trouble at the second is no refusal: it may be the right one.
    Ok(match other.status {
        400 | 401 => (reply, Endpoints::First),
        _ => (other, Endpoints::Alternative),
    })
}

/// Posts once, with what the provider wants besides, unless not a byte of the request left this machine.
async fn post(
    http: &Http,
    (provider, oauth): (&Provider, &OAuth),
    origin: &Origin,
    url: &'static str,
    form: &[(&str, &str)],
) -> std::result::Result<Reply, Trouble> {
    let form: Vec<(&str, &str)> = oauth.dialect.token_fields.iter().chain(form).copied().collect();
    let mut tries = 1;
    loop {
        match http.post_form(provider, origin, url, &form).await {
            Err(Trouble::Connect) if tries < CONNECT_TRIES => {
                tokio::time::sleep(Duration::from_millis(250) * tries).await;
                tries += 1;
            }
            result => return result,
        }
    }
}

/// A denial that came back with the browser.
pub fn denied(provider: &Provider, refusal: Refusal) -> Error {
    let (id, title) = (provider.id, provider.title);
    let fail = |what: String| Error::new(Code::AuthFailed, what);
    match refusal {
        Refusal::AccessDenied => fail(format!("access was not granted on {title}'s page"))
            .hint(format!("Run `vitals-mcp auth {id}` again and allow the access. If nobody refused it, the app may not be open to this account yet: see its settings at {title}.")),
        Refusal::InvalidScope => fail(format!("{title} does not let this app ask for all the scopes it needs"))
            .hint(format!("In the app's settings at {title} tick: {}. Then run the command again.", wanted(provider).join(", "))),
        Refusal::InvalidClient => fail(format!("{title} does not know this client id"))
            .hint("Compare the client id with the one in the app's settings and run the command again with --client-id."),
        Refusal::InvalidGrant | Refusal::InvalidRequest | Refusal::Other => {
            fail(format!("{title} refused the sign-in request"))
                .hint("Compare client id, redirect URI and scopes with the app's settings, then run the command again.")
        }
    }
}

/// A refusal of the code that was exchanged.
fn refused(provider: &Provider, refusal: Refusal, redirect: Option<&str>) -> Error {
    let title = provider.title;
    let fail = |what: String| Error::new(Code::AuthFailed, what);
    let registered = match redirect {
        Some(uri) => format!("The redirect URI registered at {title} must be exactly {uri}."),
        None => format!("Exactly one redirect URI may be registered at {title}."),
    };
    match refusal {
        Refusal::InvalidGrant => fail(format!("{title} no longer accepts the code of this sign-in"))
            .hint(format!("A code is good once and for {}: run the same command again and finish at once. {registered}", lifetime(provider))),
        Refusal::InvalidClient => fail(format!("{title} does not accept the client id or the client secret"))
            .hint("Copy both again from the app's settings. Run the command with --client-id ID and enter the secret when asked, or use --client-secret-stdin."),
        Refusal::InvalidRequest => fail(format!("{title} does not accept the redirect URI or another part of the request"))
            .hint(format!("{registered} Correct it there, or pass the registered one with --redirect-uri.")),
        Refusal::InvalidScope | Refusal::AccessDenied | Refusal::Other => denied(provider, refusal),
    }
}

/// How long a code can be exchanged, as people say it.
fn lifetime(provider: &Provider) -> String {
    match provider.oauth().and_then(|oauth| oauth.code_lifetime).map(|life| life.as_secs()) {
        None => "a short time".to_owned(),
        Some(seconds) if seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        Some(seconds) => format!("{seconds} seconds"),
    }
}

/// 256 bits, in 43 characters that need no escaping.
fn random() -> Result<SecretString> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()))
}

#[cfg(test)]
#[path = "oauth_tests.rs"]
mod tests;
