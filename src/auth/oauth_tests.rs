//! The authorize URL, the exchange of a code, and what is said where it is refused.

use std::collections::HashMap;

use super::*;
use crate::{
    auth::{
        account::{Account, Connection},
        fixtures::{client, config, paths},
    },
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

/// Each way in which records come says what signing in takes, or that there is none.
#[test]
fn a_sign_in_is_by_what_the_provider_has() {
    use crate::providers::tests::pedometer::{BY_HAND, BY_KEY, IN_FILES, PROVIDER};
    for (provider, refusal) in [
        (&PROVIDER, None),
        (&BY_KEY, Some((Code::AuthFailed, "personal key"))),
        (&IN_FILES, Some((Code::ValidationError, "come in files"))),
        (&BY_HAND, Some((Code::ValidationError, "made here"))),
    ] {
        let name = provider.access_name();
        let error = by_oauth(provider).err();
        let told = error.as_ref().map(|error| error.code);
        assert_eq!(told, refusal.map(|(code, _)| code), "{name}");
        if let (Some(error), Some((_, part))) = (error, refusal) {
            assert!(error.message.contains(part) && !error.hint.is_empty(), "{name}: {error:?}");
        }
        let origin = Origin::loopback("http://127.0.0.1:1");
        let attempt =
            Attempt::new(provider, &origin, "id", &Redirect::choose(None, None).unwrap(), Who::Person);
        assert_eq!(attempt.is_ok(), refusal.is_none(), "{name}");
        let home = tempfile::tempdir().unwrap();
        let account = Account::at(&config(&paths(&home)), provider, origin, None, false);
        let needed = account.connection().unwrap();
        let none = refusal.is_some_and(|(code, _)| code == Code::ValidationError);
        let expected = if none { Connection::NotNeeded } else { Connection::NotConnected };
        assert_eq!(needed, expected, "{name}");
    }
}

#[test]
fn the_authorize_url() {
    let attempt = attempt(&Origin::of(whoop()).unwrap(), None);
    let url = &attempt.url;
    assert!(
        url.as_str()
            .starts_with("https://api.prod.whoop.com/oauth/oauth2/auth?response_type=code&client_id=id%261&")
    );
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
    let others =
        ["grant_type", "code", "client_id", "client_secret", "redirect_uri"].map(|name| form[name].as_str());
    assert_eq!(
        others,
        ["authorization_code", "the-code", "client-id", "client-secret", "http://localhost:8765/callback"]
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
