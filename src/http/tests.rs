//! `Http` against a server of this process.

use std::sync::Mutex;

use jiff::Timestamp;

use super::{
    stub::{Stub, answer},
    *,
};
use crate::providers;

fn whoop() -> &'static Provider {
    providers::find("whoop").unwrap()
}

fn call() -> Call {
    Call {
        path: "/developer/v2/cycle".to_owned(),
        query: vec![("limit".to_owned(), "25".to_owned())],
        form: None,
    }
}

async fn fetch(stub: &Stub, patience: Duration) -> Result<Reply, Failure> {
    let origin = Origin::loopback(&stub.base);
    let budget = Budget::new(patience);
    Http::hasty().fetch(whoop(), &origin, &call(), &"token-1".into(), &Unpaced, &budget).await
}

#[tokio::test]
async fn a_read_carries_the_token_and_our_name() {
    let stub = Stub::start(|_, _| answer(200, &[("X-RateLimit-Remaining", "9")], "{}"));
    let reply = fetch(&stub, Duration::ZERO).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("9"));
    let head = stub.requests()[0].head.to_ascii_lowercase();
    assert!(head.starts_with("get /developer/v2/cycle?limit=25 http/1.1"), "{head}");
    assert!(head.contains("authorization: bearer token-1"), "{head}");
    assert!(head.contains(&format!("user-agent: vitals-mcp/{}", env!("CARGO_PKG_VERSION"))), "{head}");
    assert!(head.contains("accept-encoding: gzip"), "{head}");
}

#[tokio::test]
async fn passing_trouble_is_tried_five_times_and_not_more() {
    let heals = Stub::start(|n, _| answer(if n < 4 { 503 } else { 200 }, &[], "{}"));
    assert!(fetch(&heals, Duration::ZERO).await.is_ok());
    let stays = Stub::start(|_, _| answer(503, &[], "{}"));
    assert_eq!(fetch(&stays, Duration::ZERO).await, Err(Failure::Upstream { status: 503 }));
    assert_eq!((heals.requests().len(), stays.requests().len()), (5, 5));
}

#[tokio::test]
async fn what_will_not_change_is_asked_once() {
    for (status, failure) in [
        (400, Failure::Refused { status: 400 }),
        (401, Failure::Unauthorized { status: 401 }),
        (403, Failure::Denied { status: 403, because: None }),
        (404, Failure::NotFound),
    ] {
        let stub = Stub::start(move |_, _| answer(status, &[], "{}"));
        assert_eq!(fetch(&stub, Duration::ZERO).await, Err(failure));
        assert_eq!(stub.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_broken_answer_is_read_again() {
    let stub = Stub::start(|n, _| {
        if n == 0 {
            b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{".to_vec()
        } else {
            answer(200, &[], "{}")
        }
    });
    assert!(fetch(&stub, Duration::ZERO).await.is_ok());
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn nobody_there() {
    // Not a port that was free a moment ago: that may be another test's by now.
    let origin = Origin::loopback("http://127.0.0.1:1");
    let budget = Budget::new(Duration::ZERO);
    let result = Http::hasty().fetch(whoop(), &origin, &call(), &"t".into(), &Unpaced, &budget).await;
    assert_eq!(result, Err(Failure::Transport(Trouble::Connect)));
    assert_eq!(budget.requests(), 5);
}

/// A gate that remembers what it was told.
#[derive(Default)]
struct Diary(Mutex<Vec<String>>);

impl Gate for Diary {
    async fn acquire(&self) -> Result<(), Failure> {
        self.0.lock().unwrap().push("acquire".to_owned());
        Ok(())
    }
    async fn observe(&self, reply: &Reply) {
        self.0.lock().unwrap().push(format!("observe {}", reply.status));
    }
    async fn pause_until(&self, until: Timestamp) {
        let seconds = until.duration_since(clock::now()).as_millis().div_euclid(1000) + 1;
        self.0.lock().unwrap().push(format!("pause {seconds}"));
    }
}

#[tokio::test]
async fn the_gate_sees_every_try_and_every_pause() {
    let stub = Stub::start(|n, _| match n {
        0 => answer(503, &[], ""),
        _ => answer(429, &[("Retry-After", "3600")], ""),
    });
    let diary = Diary::default();
    let origin = Origin::loopback(&stub.base);
    let budget = Budget::new(Duration::from_secs(60));
    let result = Http::hasty().fetch(whoop(), &origin, &call(), &"t".into(), &diary, &budget).await;
    assert!(matches!(result, Err(Failure::RateLimited { .. })), "{result:?}");
    assert_eq!(*diary.0.lock().unwrap(), ["acquire", "observe 503", "acquire", "observe 429", "pause 3600"]);
}

#[tokio::test]
async fn a_short_pause_is_sat_out() {
    let stub = Stub::start(|n, _| match n {
        0 => answer(429, &[("X-RateLimit-Reset", "1")], ""),
        _ => answer(200, &[], "{}"),
    });
    let watch = Stopwatch::start();
    assert!(fetch(&stub, Duration::from_secs(5)).await.is_ok());
    assert!(watch.elapsed() >= Duration::from_secs(1), "asked again too early");
}

#[tokio::test]
async fn redirects_of_reads_stay_within_the_origin() {
    let away = Stub::start(|_, _| answer(200, &[], "{}"));
    let target = away.base.clone();
    let lured = Stub::start(move |_, _| answer(302, &[("Location", &format!("{target}/x"))], ""));
    assert_eq!(fetch(&lured, Duration::ZERO).await, Err(Failure::Refused { status: 302 }));
    assert_eq!(away.requests().len(), 0, "a token went to another origin");

    let moved = Stub::start(|n, _| {
        if n == 0 { answer(307, &[("Location", "/elsewhere")], "") } else { answer(200, &[], "{}") }
    });
    assert!(fetch(&moved, Duration::ZERO).await.is_ok());
    let endless = Stub::start(|_, _| answer(302, &[("Location", "/again")], ""));
    assert_eq!(fetch(&endless, Duration::ZERO).await, Err(Failure::Refused { status: 302 }));
    assert_eq!(endless.requests().len(), 4);
}

#[tokio::test]
async fn a_redirected_token_request_is_not_repeated_anywhere() {
    for status in [301, 302, 303, 307, 308] {
        let away = Stub::start(|_, _| answer(200, &[], "{}"));
        let target = away.base.clone();
        let stub = Stub::start(move |n, _| {
            let location = if n == 0 { "/oauth/oauth2/token".to_owned() } else { target.clone() };
            answer(status, &[("Location", &location)], "")
        });
        let origin = Origin::loopback(&stub.base);
        let form = [("client_secret", "s&=ü"), ("grant_type", "refresh_token")];
        let reply =
            Http::new().post_form(whoop(), &origin, whoop().oauth().unwrap().token, &form).await.unwrap();
        assert_eq!(reply.status, status);
        assert_eq!((stub.requests().len(), away.requests().len()), (1, 0), "{status}");
        assert_eq!(stub.requests()[0].body, "client_secret=s%26%3D%C3%BC&grant_type=refresh_token");
    }
}

#[tokio::test]
async fn answers_have_a_size() {
    for (purpose_cap, over, too_large) in [(64 << 10, 0, false), (64 << 10, 1, true)] {
        let stub = Stub::start(move |_, _| {
            // No length: the cap must count what arrives.
            let mut bytes = b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n".to_vec();
            bytes.resize(bytes.len() + purpose_cap + over, b' ');
            bytes
        });
        let origin = Origin::loopback(&stub.base);
        let result = Http::new().post_form(whoop(), &origin, whoop().oauth().unwrap().token, &[]).await;
        assert_eq!(matches!(result, Err(Trouble::TooLarge)), too_large, "{over}");
    }
    let announced = Stub::start(|_, _| b"HTTP/1.1 200 X\r\ncontent-length: 40000000\r\n\r\n".to_vec());
    assert_eq!(fetch(&announced, Duration::ZERO).await, Err(Failure::Transport(Trouble::TooLarge)));
    assert_eq!(announced.requests().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_no_header_is_not_sent() {
    let stub = Stub::start(|_, _| answer(200, &[], "{}"));
    let origin = Origin::loopback(&stub.base);
    let token = "a\r\nX-Injected: 1".into();
    let budget = Budget::new(Duration::ZERO);
    let result = Http::new().fetch(whoop(), &origin, &call(), &token, &Unpaced, &budget).await;
    assert_eq!(result, Err(Failure::Unauthorized { status: 401 }));
    assert_eq!(stub.requests().len(), 0);
}
