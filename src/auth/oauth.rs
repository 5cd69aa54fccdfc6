//! The two messages of the authorization code flow: the address a person opens, and the exchange of the
//! code that comes back (RFC 6749 §4.1, PKCE RFC 7636).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    client::Client,
    redirect::Redirect,
    tokens::{self, Answer, Grant, Refusal},
};
use crate::{
    clock,
    error::{Code, Error, Result},
    http::{Http, Origin, Trouble},
    providers::catalogue::{Endpoints, Provider, Reply},
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
        let oauth = &provider.oauth;
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
        match present(http, provider, origin, None, &form).await {
            Ok((reply, endpoints)) => match tokens::read(provider, &reply) {
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

/// The scopes that are asked for: everything that gives data, and what a refresh token needs.
pub fn wanted(provider: &Provider) -> Vec<&'static str> {
    provider.oauth.scopes.iter().map(|scope| scope.name).chain(provider.oauth.offline_scope).collect()
}

/// Posts to the token endpoint that the app belongs to, and says which one that was.
///
/// While that is not known and there are two, one that does not accept the app is not the last word: the
/// other is asked, once. A no from both is told in the words of the first, which are the clearer ones.
pub async fn present(
    http: &Http,
    provider: &Provider,
    origin: &Origin,
    known: Option<Endpoints>,
    form: &[(&str, &str)],
) -> std::result::Result<(Reply, Endpoints), Trouble> {
    let oauth = &provider.oauth;
    let endpoints = known.unwrap_or(Endpoints::First);
    let reply = post(http, provider, origin, oauth.token_url(endpoints), form).await?;
    if known.is_some() || oauth.alternative.is_none() || !matches!(reply.status, 400 | 401) {
        return Ok((reply, endpoints));
    }
    let other = post(http, provider, origin, oauth.token_url(Endpoints::Alternative), form).await?;
    // Trouble at the second is no refusal: it may be the right one.
    Ok(match other.status {
        400 | 401 => (reply, Endpoints::First),
        _ => (other, Endpoints::Alternative),
    })
}

/// Posts once, with what the provider wants besides, unless not a byte of the request left this machine.
async fn post(
    http: &Http,
    provider: &Provider,
    origin: &Origin,
    url: &'static str,
    form: &[(&str, &str)],
) -> std::result::Result<Reply, Trouble> {
    let form: Vec<(&str, &str)> = provider.oauth.dialect.token_fields.iter().chain(form).copied().collect();
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
    match provider.oauth.code_lifetime.map(|life| life.as_secs()) {
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
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::{
        auth::fixtures::client,
        http::stub::{Stub, answer},
        providers,
    };

    fn whoop() -> &'static Provider {
        providers::find("whoop").unwrap()
    }

    fn attempt(origin: &Origin, uri: Option<&str>) -> Attempt {
        Attempt::new(whoop(), origin, "id&1", &Redirect::choose(None, uri).unwrap(), Who::Person).unwrap()
    }

    fn query(url: &Url) -> HashMap<String, String> {
        url.query_pairs().into_owned().collect()
    }

    #[test]
    fn the_authorize_url() {
        let attempt = attempt(&Origin::of(whoop()).unwrap(), None);
        let url = &attempt.url;
        assert!(url.as_str().starts_with(
            "https://api.prod.whoop.com/oauth/oauth2/auth?response_type=code&client_id=id%261&"
        ));
        let query = query(url);
        assert_eq!(query["redirect_uri"], "http://localhost:8765/callback");
        assert_eq!(
            query["scope"],
            "read:sleep read:cycles read:recovery read:workout read:profile read:body_measurement offline"
        );
        assert_eq!(query["state"], attempt.state.expose_secret());
        assert_eq!(query["state"].len(), 43);
        assert_eq!((query["code_challenge"].len(), query["code_challenge_method"].as_str()), (43, "S256"));
        assert_ne!(&query["code_challenge"], attempt.verifier.as_ref().unwrap().expose_secret());
        assert!(!query.contains_key("client_secret"));
    }

    #[test]
    fn commas_no_challenge_and_a_demo_user() {
        let provider = providers::find("withings").unwrap();
        let origin = Origin::of(provider).unwrap();
        let redirect = Redirect::choose(None, None).unwrap();
        for (who, mode) in [(Who::Person, None), (Who::Demo, Some("demo"))] {
            let url = Attempt::new(provider, &origin, "id", &redirect, who).unwrap().url;
            assert!(url.as_str().starts_with("https://account.withings.com/oauth2_user/authorize2?"));
            let query = query(&url);
            assert_eq!(query["scope"], "user.metrics,user.activity,user.info");
            assert!(!query.contains_key("code_challenge"));
            assert_eq!(query.get("mode").map(String::as_str), mode);
        }
    }

    #[tokio::test]
    async fn what_a_token_endpoint_wants_besides_is_sent() {
        let granted = r#"{"status":0,"body":{"userid":"7","access_token":"a","refresh_token":"r"}}"#;
        let stub = Stub::start(move |_, _| answer(200, &[], granted));
        let provider = providers::find("withings").unwrap();
        let origin = Origin::loopback(&stub.base);
        let redirect = Redirect::choose(None, None).unwrap();
        let attempt = Attempt::new(provider, &origin, "id", &redirect, Who::Person).unwrap();
        let code = "the-code".into();
        let (grant, _) = attempt.exchange(&Http::new(), provider, &origin, &client(), &code).await.unwrap();
        assert_eq!(grant.account.as_deref(), Some("7"));
        let request = &stub.requests()[0];
        assert!(request.head.starts_with("POST /v2/oauth2 "), "{}", request.head);
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect();
        assert_eq!(
            (form["action"].as_str(), form["grant_type"].as_str()),
            ("requesttoken", "authorization_code")
        );
        assert!(form.contains_key("client_secret") && !form.contains_key("code_verifier"));
    }

    #[test]
    fn no_two_attempts_are_alike() {
        let origin = Origin::of(whoop()).unwrap();
        assert_ne!(attempt(&origin, None).url, attempt(&origin, None).url);
    }

    #[test]
    fn the_challenge_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    async fn exchange(stub: &Stub, uri: Option<&str>) -> (Attempt, Result<Grant>) {
        let origin = Origin::loopback(&stub.base);
        let attempt = attempt(&origin, uri);
        let grant = attempt.exchange(&Http::new(), whoop(), &origin, &client(), &"the-code".into()).await;
        (attempt, grant.map(|(grant, _)| grant))
    }

    #[tokio::test]
    async fn the_exchange_repeats_the_redirect_and_proves_the_challenge() {
        let stub = Stub::start(|_, _| answer(200, &[], r#"{"access_token":"a","refresh_token":"r"}"#));
        let (attempt, grant) = exchange(&stub, None).await;
        assert_eq!(grant.unwrap().access.expose_secret(), "a");
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(stub.requests()[0].body.as_bytes()).into_owned().collect();
        assert_eq!(challenge(&form["code_verifier"].as_str().into()), query(&attempt.url)["code_challenge"]);
        let others = ["grant_type", "code", "client_id", "client_secret", "redirect_uri"]
            .map(|name| form[name].as_str());
        assert_eq!(
            others,
            [
                "authorization_code",
                "the-code",
                "client-id",
                "client-secret",
                "http://localhost:8765/callback"
            ]
        );
        let (attempt, _) = exchange(&stub, Some("none")).await;
        assert!(!query(&attempt.url).contains_key("redirect_uri"));
        assert!(!stub.requests()[1].body.contains("redirect_uri"));
    }

    /// Exchanges a code with a provider of two generations of endpoints; the first one answers like this.
    async fn exchange_with_two(
        first: (u16, &'static str),
        second: (u16, &'static str),
    ) -> (Vec<String>, Result<Grant>) {
        let stub = Stub::start(move |_, request| {
            let old = request.head.starts_with("POST /oauth/token ");
            let (status, body) = if old { first } else { second };
            answer(status, &[], body)
        });
        let oura = providers::find("oura").unwrap();
        let origin = Origin::loopback(&stub.base);
        let attempt =
            Attempt::new(oura, &origin, "id", &Redirect::choose(None, None).unwrap(), Who::Person).unwrap();
        let grant = attempt.exchange(&Http::new(), oura, &origin, &client(), &"the-code".into()).await;
        (stub.targets(), grant.map(|(grant, _)| grant))
    }

    const OLD: &str = "/oauth/token";
    const NEW: &str = "/oauth/v2/ext/oauth-token";
    const GRANTED: (u16, &str) =
        (200, r#"{"access_token":"a","refresh_token":"r","scope":"extapi:daily extapi:spo2Daily"}"#);

    #[tokio::test]
    async fn an_app_that_the_first_endpoint_does_not_know_is_tried_at_the_other_once() {
        let (asked, grant) = exchange_with_two(GRANTED, (500, "")).await;
        assert_eq!((asked, grant.unwrap().endpoints), (vec![OLD.to_owned()], Some(Endpoints::First)));
        for first in [(400, r#"{"error":"invalid_request"}"#), (401, ""), (400, "<html>")] {
            let (asked, grant) = exchange_with_two(first, GRANTED).await;
            assert_eq!(asked, [OLD, NEW], "{first:?}");
            let grant = grant.unwrap();
            assert_eq!(grant.endpoints, Some(Endpoints::Alternative));
            assert_eq!(grant.scopes.unwrap(), ["daily", "spo2"], "in our words");
        }
        // Neither of these is about the app.
        for first in [(500, ""), (429, ""), (200, "<html>")] {
            assert_eq!(exchange_with_two(first, GRANTED).await.0, [OLD], "{first:?}");
        }
    }

    #[tokio::test]
    async fn a_no_from_both_is_told_in_the_words_of_the_first() {
        let first = (400, r#"{"error":"invalid_grant"}"#);
        for second in [(401, r#"{"error":"invalid_client"}"#), (400, "")] {
            let (asked, grant) = exchange_with_two(first, second).await;
            assert_eq!(asked, [OLD, NEW]);
            let error = grant.unwrap_err();
            assert!(error.message.contains("code of this sign-in"), "{}", error.message);
            assert!(error.hint.contains("10 minutes"), "{}", error.hint);
        }
        // Whether the second knows the app is not known yet.
        let (asked, grant) = exchange_with_two(first, (500, "")).await;
        assert_eq!(asked, [OLD, NEW]);
        assert!(grant.unwrap_err().message.contains("HTTP 500"));
    }

    #[tokio::test]
    async fn refusals_name_cause_and_mend_and_quote_nothing() {
        for (status, body, words) in [
            (400, r#"{"error":"invalid_grant","error_description":"EVIL"}"#, ["code", "again"]),
            (
                401,
                r#"{"error":"invalid_client","error_description":"EVIL"}"#,
                ["client secret", "--client-secret-stdin"],
            ),
            (400, r#"{"error":"invalid_request"}"#, ["redirect", "http://localhost:8765/callback"]),
            (400, r#"{"error":"invalid_scope"}"#, ["scopes", "read:body_measurement"]),
            (400, r#"{"error":"EVIL"}"#, ["refused", "redirect URI"]),
            (429, "", ["wait", "minute"]),
            (500, "EVIL", ["HTTP 500", "again"]),
            (200, "<html>EVIL", ["not JSON", "again"]),
        ] {
            let stub = Stub::start(move |_, _| answer(status, &[], body));
            let error = exchange(&stub, None).await.1.unwrap_err();
            assert!(error.message.contains(words[0]), "{body}: {}", error.message);
            assert!(error.hint.contains(words[1]), "{body}: {}", error.hint);
            let shown = format!("{error:?}");
            for secret in ["EVIL", "the-code", "client-secret\""] {
                assert!(!shown.contains(secret), "{shown}");
            }
            assert_eq!(stub.requests().len(), 1, "a code is presented once");
        }
    }
}
