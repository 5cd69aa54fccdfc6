//! What a caller of the redirect address is told: the visit that brings an outcome, or the page that turns it away and
//! what the person at the terminal should know of it. Pure.
//!
//! Nothing that a caller sent is in a page or a notice.

use secrecy::SecretString;

use super::{
    callback::{Outcome, Stray, denial, judge},
    page::Page,
    token_response::Refusal,
};

const MOST_HEADERS: usize = 64;

/// What is checked about a request.
pub struct Door {
    pub path: String,
    pub ports: [u16; 2],
    pub state: SecretString,
}

/// A request with our state.
#[derive(Debug)]
pub struct Visit {
    pub outcome: Outcome,
    /// Only the head of the page is wanted.
    pub head_only: bool,
    /// A person sees the page: the browser does not merely look ahead.
    pub seen: bool,
}

/// A caller that brings nothing.
#[derive(Debug)]
pub struct Turned {
    pub page: Page,
    pub notice: Option<Notice>,
    pub head_only: bool,
}

/// What keeps a browser away and can be mended while the sign-in waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It insists on https.
    Https,
    /// It sends more than is read.
    TooLong,
    /// The provider said no, without our state.
    Refused(Refusal),
}

const NOT_UNDERSTOOD: &str = "This address only receives the answer of a sign-in.";

impl Door {
    /// The visit, or the page that turns the caller away.
    pub fn route(&self, head: &[u8]) -> Result<Visit, Box<Turned>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let bad = || Turned::new(400, "Not understood", NOT_UNDERSTOOD);
        match request.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            _ => return Err(bad()),
        }
        let (Some(method), Some(target)) = (request.method, request.path) else { return Err(bad()) };
        // A name of somebody else's that leads to this machine is how web pages reach local servers.
        let mut hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
        let host = hosts.next().and_then(|header| std::str::from_utf8(header.value).ok());
        if hosts.next().is_some() || !host.is_some_and(|host| self.is_ours(host)) {
            return Err(Turned::new(421, "Wrong address", "This address is not served here."));
        }
        if !matches!(method, "GET" | "HEAD") {
            return Err(Turned::new(405, "Not understood", NOT_UNDERSTOOD));
        }
        let head_only = method == "HEAD";
        let turned = |turned: Box<Turned>| Box::new(Turned { head_only, ..*turned });
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path.strip_suffix('/').unwrap_or(path) != self.path {
            let text = "The sign-in is still waiting in the terminal.";
            return Err(turned(Turned::new(404, "Nothing here", text)));
        }
        let outcome = judge(query, &self.state).map_err(|stray| {
            turned(match stray {
                Stray::State => stray_of(query),
                Stray::Incomplete | Stray::TooLong => bad(),
            })
        })?;
        Ok(Visit { outcome, head_only, seen: !head_only && !looks_ahead(request.headers) })
    }

    fn is_ours(&self, host: &str) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (host.as_str(), Some(80)),
        };
        matches!(name, "localhost" | "127.0.0.1" | "[::1]")
            && port.is_some_and(|port| self.ports.contains(&port))
    }
}

/// A caller with another state than ours, or none. A provider that refuses the request itself may leave it out.
fn stray_of(query: &str) -> Box<Turned> {
    let Some(refusal) = denial(query) else {
        return Turned::new(
            400,
            "This is not the sign-in that is waiting",
            "The answer belongs to another or an older attempt. Close this tab and use the address that the terminal shows now.",
        );
    };
    let text = "The provider sent an error back, and not the mark of this sign-in with it. The terminal says what it may be, and still waits.";
    let turned = Turned::new(400, "The sign-in was refused", text);
    Box::new(Turned { notice: Some(Notice::Refused(refusal)), ..*turned })
}

/// Whether a browser fetches the page before anybody has asked for it.
fn looks_ahead(headers: &[httparse::Header<'_>]) -> bool {
    headers.iter().any(|header| {
        let names = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
        let ahead = |word: &str| {
            header.value.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        };
        names.iter().any(|name| header.name.eq_ignore_ascii_case(name))
            && (ahead("prefetch") || ahead("prerender") || ahead("preview"))
    })
}

/// A request that is larger than is read, by how it begins.
pub fn too_long(begin: &[u8]) -> Box<Turned> {
    let turned = Turned::new(
        431,
        "Too many cookies",
        "The browser sent more than this address reads: programs on this machine have left too many cookies for localhost. Delete the cookies of localhost in the browser, or open the address that the terminal shows in a private window.",
    );
    let by_browser = begin.starts_with(b"GET /");
    Box::new(Turned { notice: by_browser.then_some(Notice::TooLong), ..*turned })
}

impl Turned {
    fn new(status: u16, title: &str, text: &str) -> Box<Self> {
        Box::new(Self { page: Page::new(status, title, text), notice: None, head_only: false })
    }
}

impl Notice {
    /// What the person reads in the terminal; of a refusal `denied` has the words.
    pub fn describe(self, denied: impl FnOnce(Refusal) -> String) -> String {
        match self {
            Self::Https => "A browser came with https, and this address speaks plain http: open it with http:// in front, switch off 'https only' for localhost, or use --paste.".to_owned(),
            Self::TooLong => "The browser sent more than 64 kB, cookies of other programs on localhost: delete the cookies of localhost, or open the address in a private window.".to_owned(),
            Self::Refused(refusal) => format!(
                "An error came back without the mark of this sign-in: {}. If your browser shows it, end this with Ctrl-C and mend it; otherwise go on.",
                denied(refusal)
            ),
        }
    }
}

#[cfg(test)]
#[path = "door_tests.rs"]
mod tests;
