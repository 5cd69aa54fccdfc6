//! A refresh against a token endpoint of this process.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::*;
use crate::{
    auth::fixtures::*,
    http::stub::{Stub, answer},
    providers,
};

struct World {
    _home: tempfile::TempDir,
    vault: Vault,
    origin: Origin,
    stub: Stub,
}

impl World {
    fn new(respond: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let stub = Stub::start(move |n, _| respond(n));
        let home = tempfile::tempdir().unwrap();
        let origin = Origin::loopback(&stub.base);
        let vault = Vault::of(&config(&paths(&home)), whoop(), &origin);
        vault.save(&expired(1)).unwrap();
        vault.save_client(&client()).unwrap();
        Self { _home: home, vault, origin, stub }
    }

    async fn refresh(&self, generation: u64) -> Result<Tokens, AuthError> {
        let http = Http::new();
        let scene = Scene { provider: whoop(), origin: &self.origin, vault: &self.vault, http: &http };
        refresh(&scene, generation).await
    }

    fn stored(&self) -> (u64, String, Option<String>) {
        let tokens = self.vault.load().unwrap().unwrap();
        let refresh = tokens.refresh.map(|token| token.expose_secret().to_owned());
        (tokens.generation, tokens.access.expose_secret().to_owned(), refresh)
    }

    /// As if the last attempt had been made long enough ago.
    fn wait_over(&self) {
        let mut state = self.vault.state(1);
        let long_ago = clock::now() - jiff::SignedDuration::from_hours(1);
        if let Some(attempt) = &mut state.attempt {
            attempt.started_at = long_ago;
        }
        if let Some(pause) = &mut state.pause {
            (pause.at, pause.until) = (long_ago, long_ago);
        }
        self.vault.write_state(&state).unwrap();
    }
}

fn whoop() -> &'static Provider {
    providers::find("whoop").unwrap()
}

fn good(n: usize) -> Vec<u8> {
    let body = format!(
        r#"{{"access_token":"new-access-{n}","refresh_token":"new-refresh-{n}","expires_in":3600,"scope":"offline","token_type":"bearer"}}"#
    );
    answer(200, &[], &body)
}

fn unchanged() -> (u64, String, Option<String>) {
    (1, "access-1".to_owned(), Some("refresh-1".to_owned()))
}

#[tokio::test]
async fn a_refresh_sends_the_whole_form_and_stores_the_next_generation() {
    let world = World::new(good);
    let tokens = world.refresh(1).await.unwrap();
    assert_eq!(tokens.generation, 2);
    assert_eq!(world.stored(), (2, "new-access-0".to_owned(), Some("new-refresh-0".to_owned())));
    assert_eq!(tokens.scopes.unwrap(), ["read:sleep", "offline"]);
    let request = &world.stub.requests()[0];
    assert!(request.head.starts_with("POST /oauth/oauth2/token HTTP/1.1"), "{}", request.head);
    assert!(!request.head.to_ascii_lowercase().contains("authorization:"));
    assert_eq!(
        request.body,
        "grant_type=refresh_token&refresh_token=refresh-1&client_id=client-id&client_secret=client-secret&scope=offline"
    );
    assert_eq!(world.vault.state(2), State::new(2));
}

/// A refresh at a provider of two generations of endpoints, the first of which refuses. Answers who was asked
/// and which endpoints are on disk then.
async fn refresh_with_two(known: Option<Endpoints>) -> (Vec<String>, bool, Option<Endpoints>) {
    let stub = Stub::start(|n, request| {
        if request.head.starts_with("POST /oauth/token ") {
            answer(400, &[], r#"{"error":"invalid_request"}"#)
        } else {
            good(n)
        }
    });
    let home = tempfile::tempdir().unwrap();
    let origin = Origin::loopback(&stub.base);
    let oura = providers::find("oura").unwrap();
    let vault = Vault::of(&config(&paths(&home)), oura, &origin);
    vault.save(&Tokens { endpoints: known, ..expired(1) }).unwrap();
    vault.save_client(&client()).unwrap();
    let http = Http::new();
    let renewed = refresh(&Scene { provider: oura, origin: &origin, vault: &vault, http: &http }, 1).await;
    (stub.targets(), renewed.is_ok(), vault.load().unwrap().unwrap().endpoints)
}

#[tokio::test]
async fn once_the_endpoint_is_known_no_other_is_asked() {
    let (old, new) = ("/oauth/token", "/oauth/v2/ext/oauth-token");
    for (known, asked, renewed, then) in [
        (Some(Endpoints::First), vec![old], false, Some(Endpoints::First)),
        (Some(Endpoints::Alternative), vec![new], true, Some(Endpoints::Alternative)),
        (None, vec![old, new], true, Some(Endpoints::Alternative)),
    ] {
        let (by_then, ok, stored) = refresh_with_two(known).await;
        assert_eq!(
            (by_then.iter().map(String::as_str).collect(), ok, stored),
            (asked, renewed, then),
            "{known:?}"
        );
    }
}

#[tokio::test]
async fn whoever_comes_second_takes_what_the_first_one_got() {
    let world = World::new(good);
    let (one, two) = tokio::join!(world.refresh(1), world.refresh(1));
    assert_eq!((one.unwrap().generation, two.unwrap().generation), (2, 2));
    assert_eq!(world.stub.requests().len(), 1);
}

#[tokio::test]
async fn nobody_is_signed_in_again_by_a_late_refresh() {
    let world = World::new(good);
    world.vault.delete_tokens().unwrap();
    assert_eq!(world.refresh(1).await.unwrap_err(), AuthError::NotConnected);
    assert!(world.vault.load().unwrap().is_none());
    assert_eq!(world.stub.requests().len(), 0);
}

#[tokio::test]
async fn a_refusal_is_final_and_deletes_nothing() {
    for (status, code, reason) in [
        (400, "invalid_grant", Reason::Refused),
        (401, "invalid_client", Reason::ClientRefused),
        (400, "invalid_request", Reason::Refused),
    ] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        let world = World::new(move |_| answer(status, &[], &body));
        for _ in 0..2 {
            match world.refresh(1).await.unwrap_err() {
                AuthError::NeedsLogin(mark) => assert_eq!(mark.reason, reason, "{code}"),
                other => panic!("{code}: {other:?}"),
            }
        }
        assert_eq!(world.stub.requests().len(), 1, "{code} was asked again");
        assert_eq!(world.stored(), unchanged());
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_followed_by_a_blind_second_try() {
    let endings: [fn() -> Vec<u8>; 4] = [
        Vec::new,
        || b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{\"access".to_vec(),
        || answer(500, &[], "oops"),
        || answer(200, &[], "<html>"),
    ];
    for (number, ending) in endings.into_iter().enumerate() {
        let world = World::new(move |n| if n == 0 { ending() } else { good(n) });
        for _ in 0..3 {
            let error = world.refresh(1).await.unwrap_err();
            assert!(matches!(error, AuthError::Later(_)), "{number}: {error:?}");
        }
        assert_eq!(world.stub.requests().len(), 1, "{number}: presented again at once");
        assert_eq!(world.stored(), unchanged());
        world.wait_over();
        assert_eq!(world.refresh(1).await.unwrap().generation, 2, "{number}");
        let bodies: Vec<String> = world.stub.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(bodies.len(), 2);
        assert_eq!(bodies[0], bodies[1], "{number}: the same token, once more");
    }
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_says_so() {
    let world =
        World::new(|n| if n == 0 { Vec::new() } else { answer(400, &[], r#"{"error":"invalid_grant"}"#) });
    assert!(matches!(world.refresh(1).await, Err(AuthError::Later(_))));
    world.wait_over();
    let error = world.refresh(1).await.unwrap_err();
    assert!(
        matches!(error, AuthError::NeedsLogin(NeedsLogin { reason: Reason::Interrupted, .. })),
        "{error:?}"
    );
    assert_eq!(world.stored(), unchanged());
}

#[tokio::test]
async fn an_intent_left_by_a_dead_process_is_respected() {
    let world = World::new(good);
    let intent = State::new(1).attempting(&"refresh-1".into(), clock::now());
    world.vault.write_state(&intent).unwrap();
    assert!(matches!(world.refresh(1).await, Err(AuthError::Later(_))));
    assert_eq!(world.stub.requests().len(), 0);
    world.wait_over();
    assert_eq!(world.refresh(1).await.unwrap().generation, 2);
}

#[tokio::test]
async fn the_intent_is_on_disk_before_the_request_and_holds_no_secret() {
    let home = tempfile::tempdir().unwrap();
    let dir = paths(&home).tokens();
    let seen = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&seen);
    let stub = Stub::start(move |n, _| {
        let states: Vec<String> = std::fs::read_dir(&dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "state"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        let ok = states.len() == 1 && states[0].contains("\"times\":1") && !states[0].contains("refresh-1");
        flag.store(ok, Ordering::SeqCst);
        good(n)
    });
    let origin = Origin::loopback(&stub.base);
    let vault = Vault::of(&config(&paths(&home)), whoop(), &origin);
    vault.save(&expired(1)).unwrap();
    vault.save_client(&client()).unwrap();
    let http = Http::new();
    refresh(&Scene { provider: whoop(), origin: &origin, vault: &vault, http: &http }, 1).await.unwrap();
    assert!(seen.load(Ordering::SeqCst), "no intent while the request was on its way");
}

#[tokio::test]
async fn an_unreachable_endpoint_costs_nothing() {
    let world = World::new(good);
    // A port of its own that nobody listens on: one that was free a moment ago may be another test's by now.
    let origin = Origin::loopback("http://127.0.0.1:1");
    let http = Http::new();
    let scene = Scene { provider: whoop(), origin: &origin, vault: &world.vault, http: &http };
    let error = refresh(&scene, 1).await.unwrap_err();
    assert!(matches!(error, AuthError::Later(Pause { why: Why::Unreached, .. })), "{error:?}");
    // Nothing was sent, so nothing stands in the way of the next try.
    assert_eq!(world.refresh(1).await.unwrap().generation, 2);
}

#[tokio::test]
async fn a_request_to_wait_is_obeyed_by_everybody() {
    let world = World::new(|n| if n == 0 { answer(429, &[("Retry-After", "120")], "") } else { good(n) });
    for _ in 0..2 {
        let error = world.refresh(1).await.unwrap_err();
        let AuthError::Later(pause) = error else { panic!("{error:?}") };
        assert_eq!((pause.why, pause.until.duration_since(pause.at).as_secs()), (Why::RateLimited, 120));
    }
    assert_eq!(world.stub.requests().len(), 1);
    world.wait_over();
    assert_eq!(world.refresh(1).await.unwrap().generation, 2);
}

#[tokio::test]
async fn a_redirect_takes_the_secret_nowhere() {
    let away = Stub::start(|n, _| good(n));
    let target = away.base.clone();
    let world = World::new(move |_| answer(307, &[("Location", &target)], ""));
    assert!(matches!(world.refresh(1).await, Err(AuthError::Later(_))));
    assert_eq!(away.requests().len(), 0);
    assert_eq!(world.stored(), unchanged());
}

#[tokio::test]
async fn without_the_means_a_person_is_asked() {
    let world = World::new(good);
    world.vault.save(&Tokens { refresh: None, ..expired(1) }).unwrap();
    let error = world.refresh(1).await.unwrap_err();
    assert!(
        matches!(error, AuthError::NeedsLogin(NeedsLogin { reason: Reason::NoRefreshToken, .. })),
        "{error:?}"
    );

    let world = World::new(good);
    world.vault.delete_client().unwrap();
    let error = world.refresh(1).await.unwrap_err();
    assert!(matches!(error, AuthError::NeedsLogin(NeedsLogin { reason: Reason::NoClient, .. })), "{error:?}");
    assert_eq!(world.stub.requests().len(), 0);
}
