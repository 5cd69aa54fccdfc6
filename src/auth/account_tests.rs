//! What an account answers to those who need a token.

use secrecy::ExposeSecret as _;

use super::*;
use crate::{
    auth::{fixtures::*, refresh_state::Why},
    http::stub::{Stub, answer},
    providers,
};

struct World {
    _home: tempfile::TempDir,
    account: Account,
    stub: Stub,
}

impl World {
    fn new(given: Option<&str>, respond: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let stub = Stub::start(move |n, _| respond(n));
        let home = tempfile::tempdir().unwrap();
        let whoop = providers::find("whoop").unwrap();
        let origin = Origin::loopback(&stub.base);
        let given = given.map(SecretString::from);
        let account = Account::at(&config(&paths(&home)), whoop, origin, given, false);
        account.vault().save_client(&client()).unwrap();
        Self { _home: home, account, stub }
    }

    fn with(tokens: &Tokens, respond: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let world = Self::new(None, respond);
        world.account.vault().save(tokens).unwrap();
        world
    }

    async fn access(&self) -> Result<(String, u64), AuthError> {
        let access = self.account.access(&Http::new()).await?;
        Ok((access.token.expose_secret().to_owned(), access.generation))
    }

    async fn after_401(&self, generation: u64) -> Result<u64, AuthError> {
        Ok(self.account.refresh_after_401(&Http::new(), generation).await?.generation)
    }
}

fn good(_: usize) -> Vec<u8> {
    answer(200, &[], r#"{"access_token":"new","refresh_token":"r2","expires_in":3600,"token_type":"bearer"}"#)
}

fn refused(_: usize) -> Vec<u8> {
    answer(400, &[], r#"{"error":"invalid_grant"}"#)
}

/// Valid for some minutes more, but due.
fn due(generation: u64) -> Tokens {
    let now = clock::now();
    let (past, soon) = (jiff::SignedDuration::from_mins(57), jiff::SignedDuration::from_mins(3));
    Tokens { obtained_at: now - past, expires_at: Some(now + soon), ..tokens(generation) }
}

#[tokio::test]
async fn a_good_token_is_handed_out_without_the_network() {
    let world = World::with(&tokens(1), good);
    assert_eq!(world.access().await, Ok(("access-1".to_owned(), 1)));
    assert_eq!(world.stub.requests().len(), 0);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let world = World::with(&due(1), good);
    assert_eq!(world.access().await, Ok(("new".to_owned(), 2)));
    assert_eq!(world.access().await, Ok(("new".to_owned(), 2)));
    assert_eq!(world.stub.requests().len(), 1);
}

#[tokio::test]
async fn racers_make_one_request() {
    let world = World::with(&expired(1), good);
    let other = Account::at(
        &world.account.0.config,
        world.account.provider(),
        world.account.origin().clone(),
        None,
        false,
    );
    let http = Http::new();
    let (one, two, three) =
        tokio::join!(world.account.access(&http), other.access(&http), other.refresh_after_401(&http, 1));
    assert_eq!([one, two, three].map(|access| access.unwrap().generation), [2, 2, 2]);
    assert_eq!(world.stub.requests().len(), 1);
}

#[tokio::test]
async fn trouble_with_renewing_does_not_waste_a_token_that_still_works() {
    let world = World::with(&due(1), |_| answer(503, &[], ""));
    assert_eq!(world.access().await, Ok(("access-1".to_owned(), 1)));
    let world = World::with(&expired(1), |_| answer(503, &[], ""));
    let error = world.access().await.unwrap_err();
    assert!(matches!(error, AuthError::Later(pause) if pause.why == Why::Unclear), "{error:?}");
}

#[tokio::test]
async fn a_401_forces_one_refresh_unless_somebody_was_faster() {
    let world = World::with(&tokens(1), good);
    assert_eq!(world.after_401(1).await, Ok(2));
    assert_eq!(world.after_401(1).await, Ok(2));
    assert_eq!(world.stub.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_login_is_reported_alike_by_all_and_asked_once() {
    let world = World::with(&expired(1), refused);
    for _ in 0..3 {
        assert!(matches!(world.access().await, Err(AuthError::NeedsLogin(_))));
    }
    assert!(matches!(world.after_401(1).await, Err(AuthError::NeedsLogin(_))));
    assert!(
        matches!(world.account.connection(), Ok(Connection::NeedsLogin(mark)) if mark.reason == Reason::Refused)
    );
    assert_eq!(world.stub.requests().len(), 1);
    // The next sign-in is another generation: the mark is not its.
    world.account.vault().save(&tokens(2)).unwrap();
    assert!(matches!(world.account.connection(), Ok(Connection::Connected { generation: 2, .. })));
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_cut_a_refresh_off() {
    let world = World::with(&expired(1), good);
    let http = Http::new();
    {
        let access = std::pin::pin!(world.account.access(&http));
        // Polled once: the task has been started and nothing more.
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(access.poll(&mut context).is_pending());
    }
    assert_eq!(world.access().await, Ok(("new".to_owned(), 2)));
    assert_eq!(world.stub.requests().len(), 1);
}

#[tokio::test]
async fn a_token_from_the_environment_needs_no_sign_in_and_gives_way_to_one() {
    let world = World::new(Some("given"), good);
    assert_eq!(world.access().await, Ok(("given".to_owned(), 0)));
    assert!(matches!(
        world.account.connection(),
        Ok(Connection::Connected { generation: 0, scopes: None, .. })
    ));
    assert!(matches!(world.after_401(0).await, Err(AuthError::NeedsLogin(_))));
    world.account.vault().save(&tokens(1)).unwrap();
    assert_eq!(world.access().await, Ok(("access-1".to_owned(), 1)));
}

#[test]
fn scopes_under_their_other_names_are_not_missing() {
    let home = tempfile::tempdir().unwrap();
    let oura = providers::find("oura").unwrap();
    let account =
        Account::at(&config(&paths(&home)), oura, Origin::loopback("http://127.0.0.1:1"), None, false);
    let granted = ["extapi:daily", "spo2Daily", "extapi:tag", "extapi:nonsense"].map(str::to_owned);
    let missing: Vec<_> = account.missing(Some(&granted)).iter().map(|scope| scope.name).collect();
    assert_eq!(missing.len(), oura.scopes().len() - 3);
    assert!(!missing.iter().any(|name| ["daily", "spo2", "tag"].contains(name)), "{missing:?}");
}

#[test]
fn missing_scopes() {
    let world = World::new(None, good);
    let missing = |granted: Option<&[String]>| -> Vec<&str> {
        world.account.missing(granted).iter().map(|scope| scope.name).collect()
    };
    assert!(missing(None).is_empty());
    let all: Vec<String> =
        ["offline", "read:sleep", "read:cycles", "read:recovery", "read:workout", "read:profile"]
            .map(str::to_owned)
            .to_vec();
    assert_eq!(missing(Some(&all)), ["read:body_measurement"]);
}
