//! The listener, called as browsers, scanners and idlers call it.

use secrecy::ExposeSecret as _;
use tokio::io::AsyncWriteExt as _;

use super::*;

const STATE: &str = "the-state";

fn request(method: &str, target: &str, host: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: x\r\n\r\n").into_bytes()
}

/// Tells nobody.
fn quiet(_: Notice) {}

async fn listener() -> (Listener, u16) {
    let listen = Listen { port: 0, public_port: 0, path: "/callback".to_owned() };
    let listener = Listener::bind(&listen).await.unwrap();
    let port = listener.port();
    (listener, port)
}

async fn call(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // The listener may answer and close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn host(port: u16) -> String {
    format!("localhost:{port}")
}

/// Calls as a browser does and shows a page; gives back the code and what the browser got.
async fn finish(port: u16, waiting: impl Future<Output = Result<(Outcome, Browser)>>) -> (String, String) {
    let target = format!("/callback?code=abc&state={STATE}");
    let real = request("GET", &target, &host(port));
    let (waited, page) = tokio::join!(
        async {
            let (outcome, browser) = waiting.await.unwrap();
            browser.show(Page::new(200, "Connected", "done"), Duration::ZERO).await;
            outcome
        },
        async {
            let page = call(port, &real).await;
            assert!(page.starts_with("HTTP/1.1 200 "), "the real callback was turned away: {page:?}");
            page
        }
    );
    let Outcome::Code(code) = waited else { panic!("no code") };
    (code.expose_secret().to_owned(), page)
}

#[tokio::test]
async fn the_real_callback_gets_through_a_thousand_junk_requests_and_idle_callers() {
    let (listener, port) = listener().await;
    let state = STATE.into();
    let waiting = tokio::spawn(async move { listener.wait(&state, quiet).await });
    let mut idle = Vec::new();
    for number in 0..MOST_CALLERS {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(b"GET /callback HTTP/1.1\r\nX-Slow: ").await.unwrap();
        }
        idle.push(stream);
    }
    let junk = [
        request("GET", "/favicon.ico", &host(port)),
        request("GET", "/callback?code=x&state=wrong", &host(port)),
        request("GET", "/callback?error=access_denied", &host(port)),
        request("GET", &format!("/callback?code=x&state={STATE}"), "evil.example"),
        b"POST /callback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000000\r\n\r\n".to_vec(),
        b"\0\xff junk\r\n\r\n".to_vec(),
        vec![b'x'; 100_000],
    ];
    for number in 0..1000 {
        let answer = call(port, &junk[number % junk.len()]).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{number}: {answer}");
    }
    assert!(!waiting.is_finished(), "junk ended the sign-in");
    let (code, page) = finish(port, async { waiting.await.unwrap() }).await;
    assert_eq!(code, "abc");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    drop(idle);
}

#[tokio::test]
async fn idle_callers_beyond_the_limit_make_room() {
    let (listener, port) = listener().await;
    let state = STATE.into();
    let waiting = tokio::spawn(async move { listener.wait(&state, quiet).await });
    let mut idle = Vec::new();
    for _ in 0..MOST_CALLERS * 4 {
        idle.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    let (code, _) = finish(port, async { waiting.await.unwrap() }).await;
    assert_eq!(code, "abc");
}

#[tokio::test]
async fn nobody_coming_back_ends_it_and_frees_the_port() {
    let (listener, port) = listener().await;
    let waited = listener.wait_at_most(Duration::from_millis(20), &STATE.into(), quiet).await;
    let error = waited.err().expect("nobody came");
    assert_eq!(error.code, Code::AuthFailed);
    assert!(error.message.contains("nobody came back") && error.hint.contains("--paste"), "{error}");
    let listen = Listen { port, public_port: port, path: "/callback".to_owned() };
    assert!(Listener::bind(&listen).await.is_ok(), "the port is still held");
}

#[tokio::test]
async fn a_denial_with_our_state_ends_the_sign_in() {
    let (listener, port) = listener().await;
    let state = STATE.into();
    let denied = request("GET", "/callback?error=access_denied&state=the-state", &host(port));
    let (waited, _) = tokio::join!(
        async {
            let (outcome, browser) = listener.wait(&state, quiet).await.unwrap();
            browser.show(Page::new(200, "x", "y"), Duration::ZERO).await;
            outcome
        },
        call(port, &denied)
    );
    assert!(matches!(waited, Outcome::Denied(super::super::token_response::Refusal::AccessDenied)));
}

#[tokio::test]
async fn every_answer_carries_the_protective_headers_and_echoes_nothing() {
    let (listener, port) = listener().await;
    let state = STATE.into();
    let waiting = tokio::spawn(async move { listener.wait(&state, quiet).await });
    let stray = call(port, &request("GET", "/callback?code=EVIL&state=%3Cscript%3E", &host(port))).await;
    let (_, page) = finish(port, async { waiting.await.unwrap() }).await;
    for answer in [stray, page] {
        for header in [
            "Cache-Control: no-store",
            "Referrer-Policy: no-referrer",
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options: nosniff",
        ] {
            assert!(answer.contains(header), "{header} is missing: {answer}");
        }
        for echo in ["EVIL", "script", "abc", STATE] {
            assert!(!answer.contains(echo), "{echo} is echoed: {answer}");
        }
    }
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_ways_out() {
    let (held, port) = listener().await;
    let listen = Listen { port, public_port: port, path: "/callback".to_owned() };
    let Err(error) = Listener::bind(&listen).await else { panic!("bound twice") };
    assert!(error.message.contains(&port.to_string()), "{error}");
    assert!(error.hint.contains("--port") && error.hint.contains("--paste"), "{}", error.hint);
    drop(held);
    assert!(Listener::bind(&listen).await.is_ok(), "the port is free again");
}

#[tokio::test]
async fn only_loopback_addresses_listen() {
    let (listener, _) = listener().await;
    assert!(listener.sockets.iter().all(|socket| socket.local_addr().unwrap().ip().is_loopback()));
}

#[tokio::test]
async fn cookies_of_others_are_read_up_to_a_limit_and_then_told() {
    let (listener, port) = listener().await;
    let (sender, mut notices) = mpsc::unbounded_channel();
    let state = STATE.into();
    let waiting = tokio::spawn(async move {
        let tell = |notice| sender.send(notice).unwrap();
        let (outcome, browser) = listener.wait(&state, tell).await.unwrap();
        browser.show(Page::new(200, "Connected", "done"), Duration::ZERO).await;
        outcome
    });
    let with = |cookies: usize| {
        let cookies = "c=".to_owned() + &"x".repeat(cookies);
        let target = format!("/callback?code=abc&state={STATE}");
        format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookies}\r\n\r\n")
    };
    for _ in 0..3 {
        let turned = call(port, with(200_000).as_bytes()).await;
        assert!(turned.starts_with("HTTP/1.1 431 ") && turned.contains("private window"), "{turned}");
        // A TLS hello is not waited on, nor answered in plain text.
        assert_eq!(call(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await, "");
        let refused = call(port, &request("GET", "/callback?error=access_denied", &host(port))).await;
        assert!(refused.starts_with("HTTP/1.1 400 ") && refused.contains("was refused"), "{refused}");
    }
    let page = call(port, with(60_000).as_bytes()).await;
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert!(matches!(waiting.await.unwrap(), Outcome::Code(_)));
    let mut told = Vec::new();
    while let Some(notice) = notices.recv().await {
        told.push(notice);
    }
    let refused = Notice::Refused(crate::auth::token_response::Refusal::AccessDenied);
    assert_eq!(told, [Notice::TooLong, Notice::Https, refused], "each once");
}

#[tokio::test]
async fn whoever_comes_again_gets_the_same_page() {
    let target = format!("/callback?code=abc&state={STATE}");
    for (method, header, body) in [
        ("HEAD", "", false),
        ("GET", "Sec-Purpose: prefetch;prerender\r\n", true),
        ("GET", "Purpose: prefetch\r\n", true),
        ("GET", "", true),
    ] {
        let (listener, port) = listener().await;
        let state = STATE.into();
        let (give, given) = tokio::sync::oneshot::channel::<()>();
        let waiting = tokio::spawn(async move {
            let (_, browser) = listener.wait(&state, quiet).await.unwrap();
            given.await.unwrap();
            browser.show(Page::new(200, "Connected", "done"), Duration::ZERO).await;
        });
        let first = format!("{method} {target} HTTP/1.1\r\nHost: localhost:{port}\r\n{header}\r\n");
        let first = tokio::spawn(async move { call(port, first.as_bytes()).await });
        // The second is there before there is a page, or comes after who only looked ahead.
        let again = request("GET", &target, &host(port));
        let second = tokio::spawn(async move { call(port, &again).await });
        give.send(()).unwrap();
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        assert!(first.starts_with("HTTP/1.1 200 ") && first.contains("done") == body, "{method}: {first}");
        assert!(second.starts_with("HTTP/1.1 200 ") && second.contains("done"), "{method}: {second}");
        waiting.await.unwrap();
        let listen = Listen { port, public_port: port, path: "/callback".to_owned() };
        assert!(Listener::bind(&listen).await.is_ok(), "the port is still held");
    }
}
