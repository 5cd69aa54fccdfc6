//! The tokens of one login: what is sealed, when they are due, and how those of an answer follow the old ones. Pure.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use serde::{Deserialize, Serialize};

use crate::providers::catalogue::{Endpoints, Provider};

/// A token is renewed this long before it expires, or a quarter of its life where that is shorter.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Nobody's token is longer, bytes.
pub const LONGEST_TOKEN: usize = 16 << 10;

/// What one sign-in or refresh left behind. Each one has a generation of its own.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: SecretString,
    /// `None`: nothing to renew with, the access token is all there is.
    pub refresh: Option<SecretString>,
    pub obtained_at: Timestamp,
    /// `None`: the provider did not say; good until it is refused.
    pub expires_at: Option<Timestamp>,
    /// `None`: unknown, for a token that the user brought along.
    pub scopes: Option<Vec<String>>,
    /// Which token endpoint gave them; `None`: not known, for a token that the user brought along.
    pub endpoints: Option<Endpoints>,
    /// Whose they are at the provider, once that was told: with the tokens, or by what they opened. The tokens
    /// that follow are the same person's.
    pub account: Option<String>,
    pub generation: u64,
}

/// The form in which tokens are sealed. New fields need `serde(default)`: old files stay readable.
#[derive(Serialize, Deserialize)]
struct Record {
    access: String,
    refresh: Option<String>,
    obtained_at: Timestamp,
    expires_at: Option<Timestamp>,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    endpoints: Option<Endpoints>,
    #[serde(default)]
    account: Option<String>,
}

impl Tokens {
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let record = Record {
            access: self.access.expose_secret().to_owned(),
            refresh: self.refresh.as_ref().map(|token| token.expose_secret().to_owned()),
            obtained_at: self.obtained_at,
            expires_at: self.expires_at,
            scopes: self.scopes.clone(),
            endpoints: self.endpoints,
            account: self.account.clone(),
        };
        let bytes = serde_json::to_vec(&record).map(Zeroizing::new);
        drop((Zeroizing::new(record.access), record.refresh.map(Zeroizing::new)));
        bytes
    }

    pub fn from_bytes(generation: u64, bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let record: Record = serde_json::from_slice(bytes)?;
        Ok(Self {
            access: record.access.into(),
            refresh: record.refresh.map(SecretString::from),
            obtained_at: record.obtained_at,
            expires_at: record.expires_at,
            scopes: record.scopes,
            endpoints: record.endpoints,
            account: record.account,
            generation,
        })
    }

    /// Whether it is time to renew, by the wall clock. A clock that was set back makes it "no": then a 401
    /// decides.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let Some(expires_at) = self.expires_at else { return false };
        let life = expires_at.duration_since(self.obtained_at);
        now >= expires_at - MARGIN.min(life / 4)
    }

    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| now >= expires_at)
    }
}

/// A usable answer of a token endpoint.
#[derive(Debug, Clone)]
pub struct Grant {
    pub access: SecretString,
    pub refresh: Option<SecretString>,
    pub expires_in: Option<SignedDuration>,
    /// In the catalogue's words.
    pub scopes: Option<Vec<String>>,
    /// Which token endpoint gave it.
    pub endpoints: Option<Endpoints>,
    /// Whose it is at the provider.
    pub account: Option<String>,
}

impl Grant {
    /// A grant of which only the access token is known. `None`: that is no token.
    pub fn bare(access: SecretString) -> Option<Self> {
        let text = access.expose_secret();
        let fine =
            (1..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        let grant =
            Self { access, refresh: None, expires_in: None, scopes: None, endpoints: None, account: None };
        fine.then_some(grant)
    }

    /// The first tokens of a sign-in. A provider that names no scopes granted what was asked for
    /// (RFC 6749 §5.1).
    pub fn first(self, generation: u64, asked_at: Timestamp, wanted: Option<Vec<String>>) -> Tokens {
        Tokens {
            expires_at: self.expires_in.map(|life| asked_at + life),
            access: self.access,
            refresh: self.refresh,
            obtained_at: asked_at,
            scopes: self.scopes.or(wanted),
            endpoints: self.endpoints,
            account: self.account,
            generation,
        }
    }

    /// The tokens that follow `old`. What the answer leaves out stays as it was.
    pub fn after(self, old: &Tokens, provider: &Provider, asked_at: Timestamp) -> Tokens {
        // A refresh that asks for the offline scope may be answered with that one alone; it says nothing
        // about the grant then.
        let tells = |scopes: &Vec<String>| {
            scopes.iter().any(|scope| provider.scopes().iter().any(|known| known.name == scope))
        };
        Tokens {
            expires_at: self.expires_in.map(|life| asked_at + life),
            access: self.access,
            refresh: self.refresh.or_else(|| old.refresh.clone()),
            obtained_at: asked_at,
            scopes: self.scopes.filter(tells).or_else(|| old.scopes.clone()),
            endpoints: self.endpoints.or(old.endpoints),
            account: self.account.or_else(|| old.account.clone()),
            generation: old.generation + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::token_response::{Answer, read},
        providers::{self, catalogue::Reply},
    };

    /// What a provider's token endpoint grants with this body.
    fn granted(provider: &str, body: &str) -> Grant {
        let reply = Reply { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
        match read(providers::find(provider).unwrap(), &reply) {
            Answer::Granted(grant) => grant,
            other => panic!("{body} is {other:?}"),
        }
    }

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn tokens() -> Tokens {
        Tokens {
            access: "old-access".into(),
            refresh: Some("old-refresh".into()),
            obtained_at: now(),
            expires_at: Some(now() + SignedDuration::from_hours(1)),
            scopes: Some(vec!["read:sleep".to_owned(), "offline".to_owned()]),
            endpoints: Some(Endpoints::First),
            account: Some("41".to_owned()),
            generation: 3,
        }
    }

    #[test]
    fn an_account_that_is_not_named_again_stays() {
        let provider = providers::find("withings").unwrap();
        let body = r#"{"status":0,"body":{"access_token":"a","refresh_token":"r"}}"#;
        let after = granted("withings", body).after(&tokens(), provider, now());
        assert_eq!(after.account.as_deref(), Some("41"));
        let sealed = after.to_bytes().unwrap();
        assert_eq!(Tokens::from_bytes(4, &sealed).unwrap().account.as_deref(), Some("41"));
        let older = r#"{"access":"a","refresh":null,"obtained_at":"2026-03-01T12:00:00Z","expires_at":null,"scopes":null}"#;
        assert_eq!(
            Tokens::from_bytes(4, older.as_bytes()).unwrap().account,
            None,
            "older files stay readable"
        );
    }

    #[test]
    fn a_refresh_keeps_what_its_answer_leaves_out() {
        let whoop = providers::find("whoop").unwrap();
        for (body, refresh, scopes) in [
            (
                r#"{"access_token":"a","refresh_token":"new","scope":"read:cycles"}"#,
                "new",
                vec!["read:cycles"],
            ),
            (r#"{"access_token":"a"}"#, "old-refresh", vec!["read:sleep", "offline"]),
            (
                r#"{"access_token":"a","refresh_token":"","scope":""}"#,
                "old-refresh",
                vec!["read:sleep", "offline"],
            ),
            // The scope we send on refresh, echoed.
            (
                r#"{"access_token":"a","refresh_token":"new","scope":"offline"}"#,
                "new",
                vec!["read:sleep", "offline"],
            ),
        ] {
            let next = granted("whoop", body).after(&tokens(), whoop, now());
            assert_eq!(next.refresh.unwrap().expose_secret(), refresh, "{body}");
            assert_eq!(next.scopes.unwrap(), scopes, "{body}");
            assert_eq!(next.generation, 4);
            assert_eq!(next.expires_at, None);
        }
    }

    #[test]
    fn when_a_token_is_due() {
        let at = |seconds: i64| now() + SignedDuration::from_secs(seconds);
        let hour = tokens();
        let short = Tokens { expires_at: Some(at(60)), ..tokens() };
        let endless = Tokens { expires_at: None, ..tokens() };
        for (tokens, seconds, due, expired) in [
            (&hour, 0, false, false),
            (&hour, 3299, false, false),
            (&hour, 3300, true, false),
            (&hour, 3600, true, true),
            // The clock was set back by a year.
            (&hour, -31_536_000, false, false),
            (&short, 0, false, false),
            (&short, 44, false, false),
            (&short, 45, true, false),
            (&endless, 1_000_000_000, false, false),
        ] {
            assert_eq!(
                (tokens.is_due(at(seconds)), tokens.is_expired(at(seconds))),
                (due, expired),
                "{seconds}"
            );
        }
    }

    #[test]
    fn nothing_prints_a_token() {
        assert!(!format!("{:?}", tokens()).contains("old-"));
        let grant = granted("whoop", r#"{"access_token":"hush","refresh_token":"hush"}"#);
        assert!(!format!("{grant:?}").contains("hush"));
    }

    #[test]
    fn the_sealed_form_round_trips() {
        let read = Tokens::from_bytes(3, &tokens().to_bytes().unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", tokens()));
        assert_eq!(read.access.expose_secret(), "old-access");
    }
}
