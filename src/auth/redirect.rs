//! Where the provider sends the browser back to, and whether we can listen there. Pure.

use url::{Host, Url};

use crate::error::{Error, Result};

/// Where a sign-in listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 8765;
const PATH: &str = "/callback";

/// The redirect URI of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// Sent letter by letter as it was registered. `None`: left out, for an app with one registered URI.
    pub uri: Option<String>,
    /// `None`: the address is not ours, and the person pastes what the browser shows.
    pub listen: Option<Listen>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    pub port: u16,
    /// The port the browser names: another one when a tunnel lies between.
    pub public_port: u16,
    /// Without the slash at the end.
    pub path: String,
}

impl Redirect {
    /// From `--port` and `--redirect-uri`.
    pub fn choose(port: Option<u16>, uri: Option<&str>) -> Result<Self> {
        let own = port.unwrap_or(DEFAULT_PORT);
        let listen = |port, public_port, path: &str| {
            Some(Listen { port, public_port, path: path.trim_end_matches('/').to_owned() })
        };
        let Some(uri) = uri else {
            let uri = Some(format!("http://localhost:{own}{PATH}"));
            return Ok(Self { uri, listen: listen(own, own, PATH) });
        };
        if uri == "none" {
            return Ok(Self { uri: None, listen: listen(own, own, PATH) });
        }
        let url = parse(uri)?;
        let public = url.port_or_known_default().unwrap_or(DEFAULT_PORT);
        let listen = match (url.scheme(), is_loopback(&url)) {
            ("http", true) => listen(port.unwrap_or(public), public, url.path()),
            ("http", false) => {
                return Err(Error::invalid("a redirect over plain http must go to this machine")
                    .hint("Use http://localhost:PORT/callback, or an https address together with --paste."));
            }
            _ => None,
        };
        Ok(Self { uri: Some(uri.to_owned()), listen })
    }

    /// What a person has to register with the provider.
    pub fn shown(&self) -> String {
        match (&self.uri, &self.listen) {
            (Some(uri), _) => uri.clone(),
            (None, Some(listen)) => format!("http://localhost:{}{PATH}", listen.public_port),
            (None, None) => String::new(),
        }
    }
}

fn parse(uri: &str) -> Result<Url> {
    let bad = || {
        Error::invalid("the redirect URI is not usable")
            .hint("It must be the registered address, letter by letter, without '#': for example http://localhost:8765/callback.")
    };
    let url = Url::parse(uri).map_err(|_| bad())?;
    let plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    // Schemes that a browser runs instead of going there.
    let runs = matches!(url.scheme(), "javascript" | "data" | "file" | "vbscript" | "about" | "blob");
    if plain && !runs && !uri.chars().any(|c| c.is_control() || c.is_whitespace()) {
        Ok(url)
    } else {
        Err(bad())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_we_listen_and_what_we_send() {
        let local = "http://localhost:8765/callback";
        for (port, uri, sent, listen) in [
            (None, None, Some(local), Some((8765, 8765, "/callback"))),
            (Some(9000), None, Some("http://localhost:9000/callback"), Some((9000, 9000, "/callback"))),
            (None, Some("none"), None, Some((8765, 8765, "/callback"))),
            (
                None,
                Some("http://127.0.0.1:3000/auth/whoop/"),
                Some("http://127.0.0.1:3000/auth/whoop/"),
                Some((3000, 3000, "/auth/whoop")),
            ),
            (None, Some("http://[::1]:3000"), Some("http://[::1]:3000"), Some((3000, 3000, ""))),
            (None, Some("http://localhost/cb"), Some("http://localhost/cb"), Some((80, 80, "/cb"))),
            // Through a tunnel: the browser says 8080, we listen on 9000.
            (
                Some(9000),
                Some("http://localhost:8080/cb"),
                Some("http://localhost:8080/cb"),
                Some((9000, 8080, "/cb")),
            ),
            (None, Some("https://example.org/cb"), Some("https://example.org/cb"), None),
            (None, Some("whoop://example/redirect"), Some("whoop://example/redirect"), None),
        ] {
            let redirect = Redirect::choose(port, uri).unwrap();
            assert_eq!(redirect.uri.as_deref(), sent, "{uri:?}");
            let listens = redirect.listen.as_ref().map(|l| (l.port, l.public_port, l.path.as_str()));
            assert_eq!(listens, listen, "{uri:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_redirect() {
        for uri in [
            "",
            "callback",
            "http://example.org/cb",
            "http://192.168.1.2:8765/callback",
            "http://localhost:8765/callback#x",
            "http://user:pw@localhost:8765/callback",
            "javascript:alert(1)",
            "http://localhost:8765/call back",
        ] {
            assert!(Redirect::choose(None, Some(uri)).is_err(), "{uri}");
        }
    }
}
