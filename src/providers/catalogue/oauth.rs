//! How a person grants us read access, and where a provider's sign-in departs from the standards.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Pointer;

/// How a person grants us read access.
pub struct OAuth {
    pub authorize: &'static str,
    pub token: &'static str,
    /// A second generation of the endpoints that some apps belong to. Which one an app belongs to is found
    /// out with its first code and remembered with the tokens.
    pub alternative: Option<Alternative>,
    /// Scopes that give data, with what each one gives.
    pub scopes: &'static [Scope],
    /// A scope that gives no data but the refresh token; sent on refresh too.
    pub offline_scope: Option<&'static str>,
    pub scope_separator: &'static str,
    /// What the names of granted scopes may begin with besides.
    pub scope_prefix: &'static str,
    /// Other names under which scopes are granted, each with ours.
    pub scope_aliases: &'static [(&'static str, &'static str)],
    /// How long the code of a sign-in can be exchanged, where the provider says so.
    pub code_lifetime: Option<SignedDuration>,
    /// Whether a PKCE challenge (S256) is sent. The secret is sent besides.
    pub pkce: bool,
    pub revoke: Revoke,
    pub dialect: Dialect,
    /// What the person does on the provider's site before the first sign-in, one step each.
    /// `{redirect}` stands for the redirect URI in force.
    pub setup: &'static [&'static str],
}

impl OAuth {
    /// Our name of a granted scope.
    pub fn plain_scope<'a>(&self, granted: &'a str) -> &'a str {
        let name = granted.strip_prefix(self.scope_prefix).unwrap_or(granted);
        self.scope_aliases.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, ours)| ours)
    }

    pub fn token_url(&self, endpoints: Endpoints) -> &'static str {
        match &self.alternative {
            Some(other) if endpoints == Endpoints::Alternative => other.token,
            _ => self.token,
        }
    }

    pub fn revoke_by(&self, endpoints: Endpoints) -> &Revoke {
        match &self.alternative {
            Some(other) if endpoints == Endpoints::Alternative => &other.revoke,
            _ => &self.revoke,
        }
    }

    /// Every URL that is contacted for signing in and out.
    pub fn urls(&self) -> impl Iterator<Item = &'static str> {
        let own = [self.authorize, self.token].into_iter().chain(self.revoke.urls());
        own.chain(self.alternative.iter().flat_map(|other| [vec![other.token], other.revoke.urls()].concat()))
    }
}

/// The endpoints of the second generation.
pub struct Alternative {
    pub token: &'static str,
    pub revoke: Revoke,
}

/// Which generation of endpoints an app belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoints {
    First,
    Alternative,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Scope {
    pub name: &'static str,
    pub gives: &'static str,
}

/// How a grant is withdrawn upstream.
pub enum Revoke {
    /// It takes a token of the grant; any 2xx, 401 or 404 means that the grant is gone.
    ByToken(ByToken),
    /// A form signed with the client secret, for which a number used once has to be fetched first. Needs no
    /// token, but the account that the grant is for.
    Signed(SignedRevoke),
}

/// How the token is sent.
pub enum ByToken {
    /// `DELETE` with the access token in the header.
    Delete(&'static str),
    /// `POST` with the access token as this parameter of the address.
    Query { url: &'static str, param: &'static str },
    /// `POST` of a form with the token and the app's credentials (RFC 7009).
    Form(&'static str),
}

impl Revoke {
    pub fn urls(&self) -> Vec<&'static str> {
        match self {
            Self::ByToken(ByToken::Delete(url) | ByToken::Query { url, .. } | ByToken::Form(url)) => {
                vec![url]
            }
            Self::Signed(signed) => vec![signed.nonce_url, signed.url],
        }
    }
}

/// Both forms hold `action`, `client_id` and a signature: HMAC-SHA256 under the client secret, in
/// hexadecimal, of their other values in the order of their names, joined by commas.
pub struct SignedRevoke {
    /// Gives the nonce for an action and the `timestamp`.
    pub nonce_url: &'static str,
    pub nonce_action: &'static str,
    /// Where the nonce is in the reply.
    pub nonce: Pointer,
    pub url: &'static str,
    pub action: &'static str,
    /// The field for the account; not signed.
    pub account: &'static str,
}

/// Where a provider's sign-in departs from RFC 6749.
pub struct Dialect {
    /// Fields sent besides to the token endpoint.
    pub token_fields: &'static [(&'static str, &'static str)],
    /// The part of the token endpoint's reply that is the answer; empty for the reply itself.
    pub answer: Pointer,
    pub refusals: Option<Refusals>,
    /// What to add to the authorize address to be the provider's demo user.
    pub demo_user: Option<(&'static str, &'static str)>,
}

impl Dialect {
    pub const NONE: Self = Self { token_fields: &[], answer: "", refusals: None, demo_user: None };
}

/// How the token endpoint says no inside HTTP 200. What no text tells is told by `classify`.
pub struct Refusals {
    /// A number: anything but 0 is a no.
    pub status: Pointer,
    pub text: Pointer,
    /// A part of the text in lower case, and the error code of RFC 6749 that it stands for.
    pub codes: &'static [(&'static str, &'static str)],
}
