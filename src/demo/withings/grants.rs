//! Clients, codes and tokens: what has been granted to whom, and what of it is still alive.
//!
//! Refresh tokens rotate softly: the old one goes on working until the new access token is used or eight hours
//! have passed, so that a lost answer can be asked for again.
//! No HTTP here; `authorize.rs`, `token.rs` and `signature.rs` speak it.

use super::envelope::Refusal;
use super::hex::hex;
use super::quirks::OAuthQuirks;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::time::Duration;

/// An app registered in the developer dashboard.
#[derive(Debug, Clone)]
pub struct Client {
    /// Public name of the app.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The addresses it may ask to be called back at.
    pub redirect_uris: Vec<String>,
}

/// A code waiting to be exchanged, as the authorize page made it.
#[derive(Debug, Clone)]
pub struct Code {
    /// Who may exchange it.
    pub client_id: String,
    /// The redirect URI of the request; the exchange must repeat it.
    pub redirect_uri: String,
    /// What it is worth.
    pub scopes: Vec<String>,
    /// For the demo user instead of the person.
    pub demo: bool,
    /// When it stops being good.
    pub expires: Timestamp,
}

/// A person's agreement with one app, with every pair of tokens it has had that may still be alive.
#[derive(Debug)]
pub struct Grant {
    /// The app.
    pub client_id: String,
    /// What was agreed to.
    pub scopes: Vec<String>,
    /// For the demo user instead of the person.
    pub demo: bool,
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    access: String,
    access_expires: Timestamp,
    /// None once it is dead.
    refresh: Option<(String, Timestamp)>,
}

/// A pair of tokens as handed out.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Opens the API until it expires.
    pub access: String,
    /// Gets the next pair.
    pub refresh: String,
    /// Lifetime of the access token.
    pub lifetime: Duration,
}

/// Everything the authorization server remembers.
#[derive(Debug, Default)]
pub struct Grants {
    /// The registered apps by id.
    pub clients: HashMap<String, Client>,
    /// Codes that were not exchanged yet.
    pub codes: HashMap<String, Code>,
    /// Nonces that were not used yet: owner and end.
    pub nonces: HashMap<String, (String, Timestamp)>,
    agreed: Vec<Grant>,
    salt: [u8; 16],
    made: u64,
}

/// How every secret of the simulated Withings begins.
pub const CANARY: &str = "5ec2e75ec2e7";

impl Grants {
    /// An empty server. Its tokens differ from those of every other run: two servers never share one.
    pub fn new() -> Self {
        let mut salt = [0; 16];
        // Without a source of chance the tokens are merely predictable, which a simulation can live with.
        let _ = getrandom::fill(&mut salt);
        Self { salt, ..Self::default() }
    }

    /// A new unguessable text of 40 hexadecimal digits, like all of Withings' tokens. It begins with [`CANARY`],
    /// so that a test finds it wherever it does not belong.
    pub fn mint(&mut self) -> String {
        self.made += 1;
        let digest = Sha256::new().chain_update(self.salt).chain_update(self.made.to_be_bytes()).finalize();
        CANARY.to_owned() + &hex(&digest[..14])
    }

    /// The app with this id.
    pub fn client(&self, id: &str) -> Result<&Client, Refusal> {
        self.clients.get(id).ok_or_else(|| Refusal::invalid("invalid client_id"))
    }

    /// The grant with this number.
    pub fn grant(&self, index: usize) -> &Grant {
        &self.agreed[index]
    }

    /// Records an agreement; it has no tokens yet.
    pub fn agree(&mut self, client_id: &str, scopes: Vec<String>, demo: bool) -> usize {
        self.agreed.push(Grant { client_id: client_id.to_owned(), scopes, demo, pairs: Vec::new() });
        self.agreed.len() - 1
    }

    /// Makes the next pair of a grant. The refresh tokens before it get their last hours.
    pub fn next_tokens(&mut self, grant: usize, quirks: &OAuthQuirks, now: Timestamp) -> Tokens {
        let (access, refresh) = (self.mint(), self.mint());
        let after = |time: Duration| now.saturating_add(time).unwrap_or(Timestamp::MAX);
        let last_hours = after(quirks.old_refresh_lifetime);
        let pairs = &mut self.agreed[grant].pairs;
        for pair in pairs.iter_mut() {
            if let Some((_, expires)) = &mut pair.refresh {
                *expires = last_hours.min(*expires);
            }
            if quirks.refresh_kills_old_access {
                pair.access_expires = now;
            }
        }
        pairs.retain(|pair| {
            pair.access_expires > now || pair.refresh.as_ref().is_some_and(|held| held.1 > now)
        });
        pairs.push(Pair {
            access: access.clone(),
            access_expires: after(quirks.access_lifetime),
            refresh: Some((refresh.clone(), after(quirks.refresh_lifetime))),
        });
        Tokens { access, refresh, lifetime: quirks.access_lifetime }
    }

    /// The grant that a refresh token presented by `client_id` renews at `now`.
    pub fn renewed_by(&self, client_id: &str, refresh: &str, now: Timestamp) -> Option<usize> {
        let live = |pair: &Pair| {
            pair.refresh.as_ref().is_some_and(|(token, expires)| token == refresh && *expires > now)
        };
        self.agreed.iter().position(|grant| grant.client_id == client_id && grant.pairs.iter().any(live))
    }

    /// The grant an access token opens at `now`, without using it.
    pub fn opened_by(&self, access: &str, now: Timestamp) -> Option<&Grant> {
        let live = |pair: &Pair| pair.access == access && pair.access_expires > now;
        self.agreed.iter().find(|grant| grant.pairs.iter().any(live))
    }

    /// Uses an access token: the refresh tokens from before it are dead from here on. None when it opens
    /// nothing.
    pub fn open(&mut self, access: &str, quirks: &OAuthQuirks, now: Timestamp) -> Option<&Grant> {
        let live = |pair: &Pair| pair.access == access && pair.access_expires > now;
        let grant = self.agreed.iter_mut().find(|grant| grant.pairs.iter().any(live))?;
        if quirks.use_kills_old_refresh {
            let used = grant.pairs.iter().position(live)?;
            for pair in &mut grant.pairs[..used] {
                pair.refresh = None;
            }
        }
        Some(grant)
    }

    /// True for a refresh token that would work.
    pub fn is_live_refresh_token(&self, token: &str, now: Timestamp) -> bool {
        self.clients.keys().any(|client| self.renewed_by(client, token, now).is_some())
    }

    /// Kills all tokens of an app; all tokens of all apps without one.
    pub fn revoke_all(&mut self, client_id: Option<&str>) {
        for grant in self.agreed.iter_mut().filter(|grant| client_id.is_none_or(|id| grant.client_id == id)) {
            grant.pairs.clear();
        }
    }

    /// Makes every access token expire now; refresh tokens stay good.
    pub fn expire_access_tokens(&mut self, now: Timestamp) {
        let past = now.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(now);
        for pair in self.agreed.iter_mut().flat_map(|grant| &mut grant.pairs) {
            pair.access_expires = past;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn signed_in() -> (Grants, usize, OAuthQuirks) {
        let mut grants = Grants::new();
        let grant = grants.agree("app", Vec::new(), false);
        (grants, grant, OAuthQuirks::default())
    }

    #[test]
    fn the_old_refresh_token_lives_eight_hours() {
        let (mut grants, grant, quirks) = signed_in();
        let first = grants.next_tokens(grant, &quirks, at(0));
        let second = grants.next_tokens(grant, &quirks, at(1));
        assert_ne!(first.refresh, second.refresh);
        assert_eq!(grants.renewed_by("app", &first.refresh, at(8)), Some(grant));
        assert_eq!(grants.renewed_by("app", &first.refresh, at(9)), None);
        assert_eq!(grants.renewed_by("app", &second.refresh, at(9)), Some(grant));
        assert_eq!(grants.renewed_by("other", &second.refresh, at(9)), None);
        assert_eq!(grants.renewed_by("app", &second.refresh, at(366 * 24)), None, "a year has passed");
    }

    #[test]
    fn using_the_new_access_token_kills_the_old_refresh_token() {
        let (mut grants, grant, quirks) = signed_in();
        let first = grants.next_tokens(grant, &quirks, at(0));
        let second = grants.next_tokens(grant, &quirks, at(1));
        assert!(grants.open(&first.access, &quirks, at(1)).is_some());
        assert!(
            grants.renewed_by("app", &first.refresh, at(1)).is_some(),
            "the old access token kills nothing"
        );
        assert!(grants.open(&second.access, &quirks, at(1)).is_some());
        assert!(grants.renewed_by("app", &first.refresh, at(1)).is_none());
        assert!(grants.renewed_by("app", &second.refresh, at(1)).is_some());
        assert!(grants.opened_by(&first.access, at(2)).is_some(), "it lives until it expires");
        assert!(grants.opened_by(&first.access, at(3)).is_none());
    }

    #[test]
    fn a_lost_answer_can_be_asked_for_again() {
        let (mut grants, grant, quirks) = signed_in();
        let first = grants.next_tokens(grant, &quirks, at(0));
        let lost = grants.next_tokens(grant, &quirks, at(1));
        assert!(grants.renewed_by("app", &first.refresh, at(2)).is_some());
        let again = grants.next_tokens(grant, &quirks, at(2));
        grants.open(&again.access, &quirks, at(2));
        for dead in [&first.refresh, &lost.refresh] {
            assert!(grants.renewed_by("app", dead, at(2)).is_none());
        }
        assert!(grants.renewed_by("app", &again.refresh, at(2)).is_some());
    }
}
