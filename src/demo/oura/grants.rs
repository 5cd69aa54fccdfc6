//! Clients, codes and tokens: what has been granted to whom, and what of it is still alive.
//!
//! Refresh tokens rotate: each can be used once, and using it kills the access token that came with it.
//! No HTTP here; `authorize.rs` and `token.rs` speak it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::time::Duration;

/// How every secret of the simulated providers begins, where its form allows it.
pub const CANARY: &str = "canary-";

/// An app registered in the developer dashboard.
#[derive(Debug, Clone)]
pub struct Client {
    /// Public name of the app.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The addresses it may ask to be called back at; compared as text.
    pub redirect_uris: Vec<String>,
    /// The scopes enabled for it.
    pub scopes: Vec<String>,
}

/// A code waiting to be exchanged, as the authorize page made it.
#[derive(Debug, Clone)]
pub struct Code {
    /// Who may exchange it.
    pub client_id: String,
    /// The redirect URI of the request, when it had one; the exchange must repeat it.
    pub redirect_uri: Option<String>,
    /// What it is worth.
    pub scopes: Vec<String>,
    /// The S256 challenge, when there was one.
    pub challenge: Option<String>,
    /// When it stops being good.
    pub expires: Timestamp,
    /// The grant it was exchanged for.
    pub grant: Option<usize>,
}

/// A person's agreement with one app, with the tokens that are alive for it.
#[derive(Debug)]
pub struct Grant {
    /// The app.
    pub client_id: String,
    /// What was agreed to.
    pub scopes: Vec<String>,
    access: Option<(String, Timestamp)>,
    refresh: Option<String>,
    /// Access tokens of earlier pairs that live on to their own end.
    earlier: Vec<(String, Timestamp)>,
}

impl Grant {
    fn is_opened_by(&self, access: &str, now: Timestamp) -> bool {
        self.access.iter().chain(&self.earlier).any(|(held, expires)| held == access && *expires > now)
    }

    fn end(&mut self) {
        self.access = None;
        self.refresh = None;
        self.earlier.clear();
    }
}

/// A pair of tokens as handed out.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Opens the API until it expires or the pair is refreshed.
    pub access: String,
    /// Gets the next pair; only with the scope `offline`.
    pub refresh: Option<String>,
    /// The scopes of both.
    pub scopes: Vec<String>,
}

/// What a refresh token turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshState {
    /// The live one of this grant.
    Live(usize),
    /// One this grant has had, used or revoked.
    Spent(usize),
    /// Never seen.
    Unknown,
}

/// Everything the authorization server remembers.
#[derive(Debug, Default)]
pub struct Grants {
    /// The registered apps by id.
    pub clients: HashMap<String, Client>,
    /// Every code ever made, used ones included.
    pub codes: HashMap<String, Code>,
    agreed: Vec<Grant>,
    refresh_owner: HashMap<String, usize>,
    nonce: [u8; 16],
    made: u64,
}

impl Grants {
    /// An empty server. Its tokens differ from those of every other run: two servers never share one.
    pub fn new() -> Self {
        let mut nonce = [0; 16];
        // Without a source of chance the tokens are merely predictable, which a simulation can live with.
        let _ = getrandom::fill(&mut nonce);
        Self { nonce, ..Self::default() }
    }

    /// A new unguessable text. It begins with [`CANARY`], so that a test finds it wherever it does not belong.
    pub fn mint(&mut self) -> String {
        self.made += 1;
        let digest = Sha256::new().chain_update(self.nonce).chain_update(self.made.to_be_bytes()).finalize();
        CANARY.to_owned() + &URL_SAFE_NO_PAD.encode(digest)
    }

    /// Records an agreement; it has no tokens yet.
    pub fn agree(&mut self, client_id: &str, scopes: Vec<String>) -> usize {
        self.agreed.push(Grant {
            client_id: client_id.to_owned(),
            scopes,
            access: None,
            refresh: None,
            earlier: Vec::new(),
        });
        self.agreed.len() - 1
    }

    /// Makes the next pair of a grant; the pair before is dead from here on.
    pub fn next_tokens(&mut self, grant: usize, lifetime: Duration, offline: bool, now: Timestamp) -> Tokens {
        let access = self.mint();
        let refresh = offline.then(|| self.mint());
        if let Some(refresh) = &refresh {
            self.refresh_owner.insert(refresh.clone(), grant);
        }
        let held = &mut self.agreed[grant];
        held.access = Some((access.clone(), now.saturating_add(lifetime).unwrap_or(now)));
        held.refresh.clone_from(&refresh);
        Tokens { access, refresh, scopes: held.scopes.clone() }
    }

    /// Lets the access token of the present pair live on after the next pair is made.
    pub fn keep_access(&mut self, grant: usize) {
        let held = &mut self.agreed[grant];
        held.earlier.extend(held.access.clone());
    }

    /// Makes the next access token of a grant; its refresh token stays as it is.
    pub fn next_access(&mut self, grant: usize, lifetime: Duration, now: Timestamp) -> Tokens {
        let access = self.mint();
        let held = &mut self.agreed[grant];
        held.access = Some((access.clone(), now.saturating_add(lifetime).unwrap_or(now)));
        Tokens { access, refresh: None, scopes: held.scopes.clone() }
    }

    /// The grant that `token`, access or refresh, is alive for at `now`.
    pub fn holder_of(&self, token: &str, now: Timestamp) -> Option<usize> {
        let holds = |grant: &Grant| grant.refresh.as_deref() == Some(token) || grant.is_opened_by(token, now);
        self.agreed.iter().position(holds)
    }

    /// What `token` is to `client_id`; another app's token is unknown.
    pub fn refresh_state(&self, client_id: &str, token: &str) -> RefreshState {
        match self.refresh_owner.get(token) {
            Some(grant) if self.agreed[*grant].client_id != client_id => RefreshState::Unknown,
            Some(grant) if self.agreed[*grant].refresh.as_deref() == Some(token) => {
                RefreshState::Live(*grant)
            }
            Some(grant) => RefreshState::Spent(*grant),
            None => RefreshState::Unknown,
        }
    }

    /// Kills the tokens of one grant.
    pub fn revoke(&mut self, grant: usize) {
        self.agreed[grant].end();
    }

    /// Kills all tokens of an app; all tokens of all apps without one.
    pub fn revoke_all(&mut self, client_id: Option<&str>) {
        for grant in &mut self.agreed {
            if client_id.is_none_or(|id| grant.client_id == id) {
                grant.end();
            }
        }
    }

    /// Makes every access token expire now; refresh tokens stay good.
    pub fn expire_access_tokens(&mut self, now: Timestamp) {
        let past = now.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(now);
        for grant in &mut self.agreed {
            for (_, expires) in grant.access.iter_mut().chain(&mut grant.earlier) {
                *expires = past;
            }
        }
    }

    /// The grant an access token opens at `now`.
    pub fn opened_by(&self, access: &str, now: Timestamp) -> Option<&Grant> {
        self.agreed.iter().find(|grant| grant.is_opened_by(access, now))
    }

    /// True for a refresh token that would work.
    pub fn is_live_refresh_token(&self, token: &str) -> bool {
        self.agreed.iter().any(|grant| grant.refresh.as_deref() == Some(token))
    }
}

/// True when `verifier` is the one whose S256 hash is `challenge` (RFC 7636 §4.6).
pub fn verifier_matches(verifier: &str, challenge: &str) -> bool {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pkce_example_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(verifier_matches(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        assert!(!verifier_matches(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN"));
        assert!(!verifier_matches("", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    }

    #[test]
    fn a_new_pair_kills_the_one_before() {
        let mut grants = Grants::new();
        let now = Timestamp::UNIX_EPOCH;
        let hour = Duration::from_secs(3600);
        let grant = grants.agree("app", vec!["offline".to_owned()]);
        let first = grants.next_tokens(grant, hour, true, now);
        let second = grants.next_tokens(grant, hour, true, now);
        let state = |token: &Tokens| grants.refresh_state("app", token.refresh.as_deref().unwrap());
        assert_eq!(state(&first), RefreshState::Spent(grant));
        assert_eq!(state(&second), RefreshState::Live(grant));
        assert!(grants.opened_by(&first.access, now).is_none());
        assert!(grants.opened_by(&second.access, now).is_some());
        assert!(grants.opened_by(&second.access, now + hour).is_none(), "expired");
        assert_eq!(grants.refresh_state("other", second.refresh.as_deref().unwrap()), RefreshState::Unknown);
    }
}
