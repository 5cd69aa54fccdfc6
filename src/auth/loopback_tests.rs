//! The listener, called as browsers, scanners and idlers call it.

use secrecy::ExposeSecret as _;

use super::*;

const STATE: &str = "the-state";

fn door() -> Door {
    Door { path: "/callback".to_owned(), ports: [8765, 9000], state: STATE.into() }
}

fn request(method: &str, target: &str, host: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: x\r\n\r\n").into_bytes()
}

#[test]
fn who_is_let_in() {
    let good = "/callback?code=abc&state=the-state";
    for (method, target, host, status) in [
        ("GET", good, "localhost:8765", 200),
        ("GET", good, "127.0.0.1:8765", 200),
        ("GET", good, "[::1]:8765", 200),
        ("GET", good, "LOCALHOST:8765", 200),
        ("GET", good, "localhost:9000", 200),
        ("GET", "/callback/?code=abc&state=the-state", "localhost:8765", 200),
        ("GET", "/callback?error=access_denied&state=the-state", "localhost:8765", 200),
        ("GET", "/callback?code=abc&state=other", "localhost:8765", 400),
        ("GET", "/callback?code=abc", "localhost:8765", 400),
        ("GET", "/callback?error=access_denied", "localhost:8765", 400),
        ("GET", "/callback", "localhost:8765", 400),
        ("GET", "/favicon.ico", "localhost:8765", 404),
        ("GET", "/", "localhost:8765", 404),
        ("GET", "/callback//?code=abc&state=the-state", "localhost:8765", 404),
        ("GET", "/callback/x?code=abc&state=the-state", "localhost:8765", 404),
        ("GET", "http://localhost:8765/callback?code=abc&state=the-state", "localhost:8765", 404),
        ("POST", good, "localhost:8765", 405),
        ("HEAD", good, "localhost:8765", 405),
        ("GET", good, "localhost:8766", 421),
        ("GET", good, "localhost", 421),
        ("GET", good, "evil.example:8765", 421),
        ("GET", good, "localhost.evil.example:8765", 421),
        ("GET", good, "127.0.0.1.nip.io:8765", 421),
        ("GET", good, "", 421),
        ("GET", good, "localhost:8765\r\nHost: evil.example", 421),
        ("GET", "/callback?code=a\u{1}&state=the-state", "localhost:8765", 400),
    ] {
        let judged = door().route(&request(method, target, host));
        assert_eq!(judged.map_or_else(|page| page.status, |_| 200), status, "{method} {target} {host:?}");
    }
    for junk in [&b"\r\n\r\n"[..], b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
    {
        assert_eq!(door().route(junk).unwrap_err().status, 400);
    }
    let without_host = b"GET /callback?code=abc&state=the-state HTTP/1.1\r\n\r\n";
    assert_eq!(door().route(without_host).unwrap_err().status, 421);
    let many: String = "x: y\r\n".repeat(100);
    let head = format!("GET /callback HTTP/1.1\r\n{many}\r\n");
    assert_eq!(door().route(head.as_bytes()).unwrap_err().status, 400);
}

#[test]
fn a_name_without_port_means_80() {
    let door = Door { ports: [80, 80], ..door() };
    for (host, ours) in
        [("localhost", true), ("[::1]", true), ("localhost:80", true), ("localhost:81", false)]
    {
        assert_eq!(door.is_ours(host), ours, "{host}");
    }
}

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
            browser.show(&Page::new(200, "Connected", "done")).await;
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
    let waiting = tokio::spawn(async move { listener.wait(&state).await });
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
    let waiting = tokio::spawn(async move { listener.wait(&state).await });
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
    let waited = listener.wait_at_most(Duration::from_millis(20), &STATE.into()).await;
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
            let (outcome, browser) = listener.wait(&state).await.unwrap();
            browser.show(&Page::new(200, "x", "y")).await;
            outcome
        },
        call(port, &denied)
    );
    assert!(matches!(waited, Outcome::Denied(super::super::token_answer::Refusal::AccessDenied)));
}

#[tokio::test]
async fn every_answer_carries_the_protective_headers_and_echoes_nothing() {
    let (listener, port) = listener().await;
    let state = STATE.into();
    let waiting = tokio::spawn(async move { listener.wait(&state).await });
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
