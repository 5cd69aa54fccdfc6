//! The redirect address of a sign-in while others call it: junk, silence, wrong states and wrong names. The real
//! callback gets through, and what the page says is true.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    process::{Child, Stdio},
    thread,
};

use url::Url;
use vitals_mcp::demo::{browser, whoop};

use super::note;
use crate::world::{CLIENT_ID, CLIENT_SECRET, World};

pub const JUNK: usize = 1000;
pub const IDLE: usize = 40;

/// A sign-in that waits for its callback.
struct Waiting {
    child: Child,
    /// Where a person would go.
    page: Url,
    port: u16,
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn start(world: &World, port: u16) -> Waiting {
    world.simulation.register_app(CLIENT_ID, CLIENT_SECRET, &format!("http://localhost:{port}/callback"));
    let mut command = world.home.command(&["auth", "whoop", "--no-browser", "--port", &port.to_string()]);
    command
        .env("WHOOP_CLIENT_ID", CLIENT_ID)
        .env("WHOOP_CLIENT_SECRET", CLIENT_SECRET)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    Waiting { page: line.trim().parse().unwrap(), child, port }
}

impl Waiting {
    fn state(&self) -> String {
        self.page.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
    }

    /// What the listener says to these bytes.
    fn call(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // It may answer and close before it has read everything.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, target: &str, host: &str) -> String {
        self.call(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
    }

    fn end(self) -> (Option<i32>, String) {
        let output = self.child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn the_real_callback_gets_through_a_thousand_wrong_ones() {
    let world = World::new(3);
    let waiting = start(&world, free_port());
    let host = format!("localhost:{}", waiting.port);
    let state = waiting.state();
    let idle: Vec<TcpStream> = (0..IDLE)
        .map(|number| {
            let mut stream = TcpStream::connect(("127.0.0.1", waiting.port)).unwrap();
            if number % 2 == 0 {
                stream.write_all(b"GET /callback?code=").unwrap();
            }
            stream
        })
        .collect();
    let get =
        |target: &str, host: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes();
    let junk = [
        get("/favicon.ico", &host),
        get("/callback?code=x&state=wrong", &host),
        get("/callback?error=access_denied", &host),
        get("/callback?error=access_denied&state=", &host),
        get(&format!("/callback?code=x&state={}", &state[1..]), &host),
        get(&format!("/callback?code=x&state={state}"), "evil.example"),
        get(&format!("/callback?code=x&state={state}"), &format!("evil.example:{}", waiting.port)),
        get(&format!("/other?code=x&state={state}"), &host),
        format!("POST /callback?code=x&state={state} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\n")
            .into_bytes(),
        get(&format!("/callback?state={state}&code={}", "x".repeat(20_000)), &host),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(40),
        b"\r\n\r\n".to_vec(),
    ];
    thread::scope(|scope| {
        for part in 0..4 {
            let (waiting, junk) = (&waiting, &junk);
            scope.spawn(move || {
                for number in (part..JUNK).step_by(4) {
                    let answer = waiting.call(&junk[number % junk.len()]);
                    assert!(!answer.starts_with("HTTP/1.1 200"), "{number}: {answer}");
                    assert!(!answer.contains("evil") && !answer.contains("xxx"), "it echoes: {answer}");
                }
            });
        }
    });
    let begun = std::time::Instant::now();
    assert_eq!(browser::visit(&waiting.page).unwrap(), 200);
    note(&format!("the real callback after {JUNK} wrong ones and {IDLE} idle ones: {:?}", begun.elapsed()));
    // The page has said so: then the tokens are there, whatever happens to the process now.
    let tokens = std::fs::read_dir(world.home.path().join("tokens")).unwrap();
    assert!(
        tokens.map(|entry| entry.unwrap().path()).any(|path| path.extension().is_some_and(|e| e == "tokens"))
    );
    let (code, stderr) = waiting.end();
    assert_eq!(code, Some(0), "{stderr}");
    drop(idle);
    assert_eq!(world.simulation.whoop.token_posts(), 1, "a wrong callback was exchanged");
    world.home.run(&["sync"]).expect(0);
}

#[test]
fn only_our_own_names_are_served() {
    let world = World::new(3);
    let waiting = start(&world, free_port());
    let (port, state) = (waiting.port, waiting.state());
    let target = format!("/callback?code=x&state={state}");
    for host in
        ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost:1", "", "[::2]"]
    {
        let answer = waiting.get(&target, host);
        assert!(answer.starts_with("HTTP/1.1 421 "), "{host:?}: {answer}");
    }
    let twice = format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil.example\r\n\r\n");
    assert!(waiting.call(twice.as_bytes()).starts_with("HTTP/1.1 421 "));
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        let answer = waiting.get("/", &host);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{host}: {answer}");
    }
    assert_eq!(browser::visit(&waiting.page).unwrap(), 200);
    assert_eq!(waiting.end().0, Some(0));
}

#[test]
fn a_denial_ends_cleanly_and_the_port_is_free_again() {
    let world = World::new(3);
    let port = free_port();
    for consent in [whoop::Consent::AccessDenied, whoop::Consent::RequestForbidden] {
        world.simulation.whoop.set_quirk(|quirks| quirks.oauth.consent = consent);
        let waiting = start(&world, port);
        let page = browser::visit(&waiting.page).unwrap();
        assert!((400..500).contains(&page), "{consent:?}: {page}");
        let (code, stderr) = waiting.end();
        assert_eq!(code, Some(3), "{consent:?}: {stderr}");
        assert!(stderr.contains("error: ") && stderr.contains("hint: "), "{consent:?}: {stderr}");
        assert!(!world.home.path().join("tokens").exists(), "{consent:?}: something was stored");
    }
    world.simulation.whoop.set_quirk(|quirks| quirks.oauth.consent = whoop::Consent::Grant);
    let waiting = start(&world, port);
    assert_eq!(browser::visit(&waiting.page).unwrap(), 200);
    assert_eq!(waiting.end().0, Some(0));
}

#[test]
fn a_page_that_cannot_keep_the_login_does_not_say_that_it_did() {
    let world = World::new(3);
    std::fs::create_dir_all(world.home.path()).unwrap();
    // A file where the directory has to be.
    std::fs::write(world.home.path().join("tokens"), "").unwrap();
    let waiting = start(&world, free_port());
    let page = browser::visit(&waiting.page).unwrap();
    assert_ne!(page, 200);
    let (code, stderr) = waiting.end();
    assert!(!matches!(code, Some(0 | 1) | None) && stderr.contains("tokens"), "{code:?}: {stderr}");
}

#[test]
fn a_port_that_is_taken_is_named_with_the_ways_out() {
    let world = World::new(3);
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = world.home.command(&["auth", "whoop", "--no-browser", "--port", &port]);
    command.env("WHOOP_CLIENT_ID", CLIENT_ID).env("WHOOP_CLIENT_SECRET", CLIENT_SECRET);
    let ran = crate::harness::finish(command.stdin(Stdio::null())).expect(3);
    assert!(ran.stderr.contains(&port) && ran.stderr.contains("--paste"), "{}", ran.stderr);
}
