//! Where a provider is reached: its own origin, or the loopback address that stands in for it in tests.
//!
//! The origin is also what tokens and client credentials are bound to (`auth::vault`), so that an override
//! can never carry a real one away.

use url::Url;

use crate::{
    config,
    error::{Error, Result},
    providers::catalogue::{Call, Provider},
};

/// Scheme, host and port that every URL of one provider goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    base: String,
    overridden: bool,
}

impl Origin {
    /// The provider's own origin, or the loopback one that the environment puts in its place.
    pub fn of(provider: &Provider) -> Result<Self> {
        Ok(match config::origin_override(provider.id)? {
            Some(base) => Self { base, overridden: true },
            None => Self::own(provider),
        })
    }

    /// The provider's own, whatever the environment says.
    pub fn own(provider: &Provider) -> Self {
        Self { base: provider.origin.to_owned(), overridden: false }
    }

    /// Whether an origin that was written down is a stand-in: those are on this machine, and no provider is.
    pub fn is_stand_in(base: &str) -> bool {
        Url::parse(base).is_ok_and(|url| match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        })
    }

    /// An origin that stands in for the real one. `base` has no path.
    #[cfg(test)]
    pub fn loopback(base: &str) -> Self {
        Self { base: base.to_owned(), overridden: true }
    }

    /// What tokens are bound to, for example `https://api.prod.whoop.com`.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn is_overridden(&self) -> bool {
        self.overridden
    }

    /// Plain HTTP is for loopback only; `config` sees to that.
    pub(super) fn is_plain(&self) -> bool {
        self.overridden && self.base.starts_with("http://")
    }

    /// One of the catalogue's absolute URLs as it is reached from here: where the origin is overridden,
    /// every host the provider names becomes that one, and the path stays.
    pub fn url(&self, constant: &str) -> Result<Url> {
        let own = Url::parse(constant).map_err(|_| Error::internal("the catalogue holds a malformed URL"))?;
        if !self.overridden {
            return Ok(own);
        }
        self.below(own.path())
    }

    /// The URL of a data call.
    pub(super) fn call(&self, call: &Call) -> Result<Url> {
        let mut url = self.below(&call.path)?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }

    fn below(&self, path: &str) -> Result<Url> {
        let url = Url::parse(&format!("{}{path}", self.base))
            .map_err(|_| Error::invalid("an id or path that does not fit into a URL"))?;
        // `..` in an id would be resolved away here and ask for something else.
        if url.path() == path { Ok(url) } else { Err(Error::invalid("an id that is not one path segment")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(path: &str) -> Call {
        Call {
            path: path.to_owned(),
            query: vec![("start".to_owned(), "2026-01-01T00:00:00Z&x=1".to_owned())],
            form: None,
        }
    }

    #[test]
    fn an_override_replaces_the_host_and_nothing_else() {
        let real = Origin { base: "https://api.prod.whoop.com".to_owned(), overridden: false };
        let fake = Origin::loopback("http://127.0.0.1:4000");
        let token = "https://api.prod.whoop.com/oauth/oauth2/token";
        assert_eq!(real.url(token).unwrap().as_str(), token);
        assert_eq!(fake.url(token).unwrap().as_str(), "http://127.0.0.1:4000/oauth/oauth2/token");
        // A provider may spread over hosts; none of them is reached under an override.
        assert_eq!(fake.url("https://other.example/x").unwrap().as_str(), "http://127.0.0.1:4000/x");
    }

    #[test]
    fn query_values_are_encoded() {
        let fake = Origin::loopback("http://127.0.0.1:4000");
        assert_eq!(
            fake.call(&call("/v2/cycle")).unwrap().as_str(),
            "http://127.0.0.1:4000/v2/cycle?start=2026-01-01T00%3A00%3A00Z%26x%3D1"
        );
    }

    #[test]
    fn a_path_cannot_climb_or_leave_the_host() {
        let fake = Origin::loopback("http://127.0.0.1:4000");
        for path in
            ["/v2/sleep/..", "/v2/%2e%2e/x", "/v2/x?y=1", "/v2/x#y", "@evil.example/", ":1/x", "//a\\b"]
        {
            assert!(fake.call(&call(path)).is_err(), "{path}");
        }
    }
}
