//! Requests as browsers, scanners and web pages send them.

use super::*;

fn door() -> Door {
    Door { path: "/callback".to_owned(), ports: [8765, 9000], state: "the-state".into() }
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
        ("HEAD", good, "localhost:8765", 200),
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
        assert_eq!(
            judged.map_or_else(|turned| turned.page.status, |_| 200),
            status,
            "{method} {target} {host:?}"
        );
    }
    for junk in [&b"\r\n\r\n"[..], b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
    {
        assert_eq!(door().route(junk).unwrap_err().page.status, 400);
    }
    let without_host = b"GET /callback?code=abc&state=the-state HTTP/1.1\r\n\r\n";
    assert_eq!(door().route(without_host).unwrap_err().page.status, 421);
    let many: String = "x: y\r\n".repeat(100);
    let head = format!("GET /callback HTTP/1.1\r\n{many}\r\n");
    assert_eq!(door().route(head.as_bytes()).unwrap_err().page.status, 400);
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

#[test]
fn only_what_a_person_sees_counts_as_seen() {
    let good = "/callback?code=abc&state=the-state";
    for (method, header, seen) in [
        ("GET", "Accept: text/html", true),
        ("GET", "Purpose: prefetch", false),
        ("GET", "Sec-Purpose: prefetch;prerender", false),
        ("GET", "X-Moz: Prefetch", false),
        ("GET", "X-Purpose: preview", false),
        ("GET", "Sec-Fetch-Mode: navigate", true),
        ("HEAD", "Accept: text/html", false),
    ] {
        let head = format!("{method} {good} HTTP/1.1\r\nHost: localhost:8765\r\n{header}\r\n\r\n");
        assert_eq!(door().route(head.as_bytes()).unwrap().seen, seen, "{method} {header}");
    }
}

#[test]
fn a_refusal_without_our_state_is_told_and_nothing_of_it_repeated() {
    for (target, notice) in [
        ("/callback?error=access_denied", Some(Notice::Refused(Refusal::AccessDenied))),
        ("/callback?error=EVIL&state=other", Some(Notice::Refused(Refusal::Other))),
        ("/callback?error=", None),
        ("/callback?code=x", None),
        ("/other?error=access_denied", None),
    ] {
        let turned = door().route(&request("GET", target, "localhost:8765")).unwrap_err();
        assert_eq!(turned.notice, notice, "{target}");
        assert!(!turned.page.html().contains("EVIL"), "{target}");
    }
    let told = Notice::Refused(Refusal::Other).describe(|_| "words".to_owned());
    assert!(told.contains("words") && told.contains("Ctrl-C"), "{told}");
}
