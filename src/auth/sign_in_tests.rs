//! Whole sign-ins: a browser on one side, a token endpoint on the other.

use std::cell::RefCell;

use secrecy::ExposeSecret as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;
use crate::{
    auth::{
        account::Connection,
        fixtures::*,
        redirect::Listen,
        refresh_state::{NeedsLogin, Reason, State},
    },
    http::{
        Origin,
        stub::{Stub, answer},
    },
    providers,
};

const GRANTED: &str = r#"{"access_token":"a","refresh_token":"r","expires_in":3600,"scope":"offline read:sleep","token_type":"bearer"}"#;

struct World {
    home: tempfile::TempDir,
    account: Account,
    stub: Stub,
    redirect: Redirect,
}

impl World {
    fn new(respond: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> Self {
        let stub = Stub::start(move |_, _| respond());
        let home = tempfile::tempdir().unwrap();
        let whoop = providers::find("whoop").unwrap();
        let account = Account::at(&config(&paths(&home)), whoop, Origin::loopback(&stub.base), None, false);
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let redirect = Redirect {
            uri: Some(format!("http://localhost:{port}/callback")),
            listen: Some(Listen { port, public_port: port, path: "/callback".to_owned() }),
        };
        Self { home, account, stub, redirect }
    }

    /// Signs in with a browser that comes back with `query`, in which `{state}` is the state it was given.
    async fn sign_in(&self, query: &str) -> (Result<Signed>, String) {
        let http = Http::new();
        let client = client();
        let sign_in = SignIn {
            account: &self.account,
            http: &http,
            client: &client,
            redirect: &self.redirect,
            door: Door::Link,
            who: Who::Person,
            mirror: None,
            next: "vitals-mcp sync",
        };
        let port = self.redirect.listen.as_ref().unwrap().port;
        let browser = RefCell::new(None);
        let tell = |step: Step<'_>| {
            let Step::Open { url, .. } = step else { return };
            let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
            let target = format!("/callback?{}", query.replace("{state}", &state));
            *browser.borrow_mut() = Some(tokio::spawn(async move {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let request = format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
                stream.write_all(request.as_bytes()).await.unwrap();
                let mut page = String::new();
                stream.read_to_string(&mut page).await.unwrap();
                page
            }));
        };
        let result = sign_in.run(&tell).await;
        let browser = browser.into_inner().expect("the address was shown");
        (result, browser.await.unwrap())
    }

    fn connection(&self) -> Connection {
        self.account.connection().unwrap()
    }
}

#[tokio::test]
async fn tokens_are_on_disk_when_the_page_says_so() {
    let world = World::new(|| answer(200, &[], GRANTED));
    let (signed, page) = world.sign_in("code=abc&state={state}").await;
    let signed = signed.unwrap();
    assert_eq!(signed.granted.unwrap(), ["offline", "read:sleep"]);
    assert_eq!(signed.missing.len(), 5);
    assert!(signed.renews);
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("WHOOP is connected"), "{page}");
    assert!(
        page.contains("not granted: workouts") && page.contains("<code>vitals-mcp sync</code>"),
        "{page}"
    );
    assert!(matches!(world.connection(), Connection::Connected { generation: 1, renews: true, .. }));
    assert_eq!(world.account.stored_client().unwrap().secret.expose_secret(), "client-secret");
}

#[tokio::test]
async fn the_page_is_shown_after_the_tokens_are_stored_and_not_before() {
    let world = World::new(|| answer(200, &[], GRANTED));
    // A file where the directory has to be: nothing can be stored.
    std::fs::create_dir_all(world.home.path().join("data")).unwrap();
    std::fs::write(world.home.path().join("data/tokens"), "").unwrap();
    let (signed, page) = world.sign_in("code=abc&state={state}").await;
    assert!(signed.is_err());
    assert!(page.starts_with("HTTP/1.1 400 ") && page.contains("WHOOP is not connected"), "{page}");
}

#[tokio::test]
async fn a_refused_sign_in_leaves_the_old_one_as_it_was() {
    let world = World::new(|| answer(400, &[], r#"{"error":"invalid_grant"}"#));
    world.account.vault().save(&tokens(4)).unwrap();
    for (query, posts) in [("error=access_denied&state={state}", 0), ("code=abc&state={state}", 1)] {
        let (signed, page) = world.sign_in(query).await;
        let error = signed.unwrap_err();
        assert_eq!(error.code, Code::AuthFailed);
        assert!(page.contains("WHOOP is not connected"), "{page}");
        assert!(matches!(world.connection(), Connection::Connected { generation: 4, .. }));
        assert_eq!(world.stub.requests().len(), posts);
    }
}

#[tokio::test]
async fn a_new_sign_in_ends_the_mark_of_the_old_one() {
    let world = World::new(|| answer(200, &[], GRANTED));
    world.account.vault().save(&tokens(4)).unwrap();
    let mark = NeedsLogin { reason: Reason::Refused, since: clock::now() };
    world.account.vault().write_state(&State { needs_login: Some(mark), ..State::new(4) }).unwrap();
    assert!(matches!(world.connection(), Connection::NeedsLogin(_)));
    world.sign_in("code=abc&state={state}").await.0.unwrap();
    assert!(matches!(world.connection(), Connection::Connected { generation: 5, .. }));
}

#[tokio::test]
async fn generations_that_start_anew_inherit_no_mark() {
    let world = World::new(|| answer(200, &[], GRANTED));
    let mark = NeedsLogin { reason: Reason::Refused, since: clock::now() };
    world.account.vault().write_state(&State { needs_login: Some(mark), ..State::new(1) }).unwrap();
    world.sign_in("code=abc&state={state}").await.0.unwrap();
    assert!(matches!(world.connection(), Connection::Connected { generation: 1, .. }));
}

#[tokio::test]
async fn a_login_that_does_not_open_is_replaced_and_kept() {
    let world = World::new(|| answer(200, &[], GRANTED));
    world.sign_in("code=abc&state={state}").await.0.unwrap();
    let dir = paths(&world.home).tokens();
    let path = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tokens"))
        .unwrap();
    std::fs::write(&path, "junk").unwrap();
    assert!(world.account.connection().is_err());
    world.sign_in("code=abc&state={state}").await.0.unwrap();
    assert!(matches!(world.connection(), Connection::Connected { .. }));
    let kept = std::fs::read_dir(&dir)
        .unwrap()
        .any(|entry| std::fs::read(entry.unwrap().path()).unwrap() == b"junk");
    assert!(kept);
}

#[tokio::test]
async fn a_token_brought_along_is_stored_as_it_is() {
    let world = World::new(|| answer(200, &[], GRANTED));
    let signed = world.account.bring("a-token".into(), &Http::new(), None).await.unwrap();
    assert!(!signed.renews && signed.granted.is_none());
    let access = world.account.access(&Http::new()).await.unwrap();
    assert_eq!(access.token.expose_secret(), "a-token");
    for bad in ["", "two words", "line\nbreak", "ä"] {
        assert!(world.account.bring(bad.into(), &Http::new(), None).await.is_err(), "{bad:?}");
    }
}

#[tokio::test]
async fn a_redirect_that_is_not_ours_asks_for_paste() {
    let mut world = World::new(|| answer(200, &[], GRANTED));
    world.redirect = Redirect::choose(None, Some("https://example.org/cb")).unwrap();
    let (http, client) = (Http::new(), client());
    let sign_in = SignIn {
        account: &world.account,
        http: &http,
        client: &client,
        redirect: &world.redirect,
        door: Door::Browser,
        who: Who::Person,
        mirror: None,
        next: "",
    };
    assert!(sign_in.run(&|_| {}).await.unwrap_err().hint.contains("--paste"));
}
