//! What is done with bytes from outside while somebody signs in, in one function each: for the property tests and
//! for fuzzing. What must hold is asserted here.

use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use super::{
    callback::judge,
    loopback,
    redirect::Redirect,
    refresh_state::State,
    seal::{Binding, Key, Kind, open},
    token_response::{self, Answer},
    tokens::Tokens,
};
use crate::providers::{self, catalogue::Reply};

/// The state of a sign-in that waits.
pub const STATE: &str = "this-is-the-state-of-the-sign-in-that-waits";

pub(super) fn key() -> Key {
    Key { bytes: SecretBox::new(Box::new([7; 32])), id: [7; 8] }
}

pub(super) fn binding() -> Binding {
    Binding {
        profile: String::new(),
        provider: providers::ALL[0].id,
        origin: "https://api.example".to_owned(),
    }
}

/// A file in the place of stored tokens, sealed or what was in it. Whether it was one of ours.
pub fn token_file(bytes: &[u8]) -> bool {
    let opened = open(&key(), &binding(), Kind::Tokens, bytes);
    assert!(open(&key(), &binding(), Kind::Client, bytes).is_err() || opened.is_err(), "it is two things");
    for plain in opened.iter().map(|(_, plain)| &plain[..]).chain([bytes]) {
        let _ = serde_json::from_slice::<State>(plain);
        if let Ok(tokens) = Tokens::from_bytes(1, plain) {
            let now = tokens.obtained_at;
            assert!(tokens.is_due(now) || !tokens.is_expired(now), "expired and not due");
        }
    }
    opened.is_ok()
}

/// An answer of a token endpoint: the status on the first line, if it is one, then the body.
pub fn token_endpoint(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let status = std::str::from_utf8(&bytes[..end]).ok().and_then(|line| line.trim().parse().ok());
    token_reply(status.unwrap_or(200), bytes.get(end + 1..).unwrap_or_default());
}

pub(super) fn token_reply(status: u16, body: &[u8]) {
    for provider in providers::ALL {
        let reply = Reply { status, headers: Vec::new(), body: body.to_vec() };
        if let Answer::Granted(grant) = token_response::read(provider, &reply) {
            assert!((200..300).contains(&status), "{}: {status} is no grant", provider.id);
            let mut granted = vec![&grant.access];
            granted.extend(&grant.refresh);
            for token in granted {
                let token = token.expose_secret();
                let sendable = !token.is_empty() && !token.chars().any(char::is_control);
                assert!(sendable, "{}: a token that cannot be sent", provider.id);
            }
        }
    }
}

/// The query of a redirect.
pub(super) fn query(query: &str, state: &SecretString) {
    if judge(query, state).is_ok() {
        let text = percent_encoding::percent_decode_str(query).decode_utf8_lossy();
        assert!(text.contains(state.expose_secret()), "another state is taken for ours");
    }
}

/// A request to the listener of a sign-in, and its head as an address to listen on.
pub fn callback(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let state = STATE.into();
    let taken = loopback::takes(bytes, &state);
    let decoded = percent_encoding::percent_decode(bytes).decode_utf8_lossy();
    assert!(!taken || decoded.contains(STATE), "a request without our state is taken");
    query(&text, &state);
    redirect(&text, None);
}

/// An address that somebody has registered.
pub fn redirect(uri: &str, port: Option<u16>) {
    let chosen = Redirect::choose(port, Some(uri));
    let listens = chosen.is_ok_and(|redirect| redirect.listen.is_some());
    if listens && uri.trim() != "none" {
        let url = url::Url::parse(uri.trim());
        let here = url.as_ref().ok().and_then(url::Url::host).is_some_and(|host| match host {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(ip) => ip.is_loopback(),
            url::Host::Ipv6(ip) => ip.is_loopback(),
        });
        assert!(here && url.is_ok_and(|url| url.scheme() == "http"), "it listens for {uri:?}");
    }
}
