//! Clients, codes, keys and tokens: what has been granted to whom, and what of it is still alive.
//!
//! Refresh tokens rotate, hard or softly, as [`OAuthQuirks`] say. No HTTP here; `oauth` speaks it.

use super::quirks::OAuthQuirks;
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
    /// Its secret.
    pub secret: String,
    /// The addresses it may ask to be called back at.
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
    /// Who signed in, where it was not the person.
    pub user: Option<i64>,
    /// The S256 challenge, when there was one.
    pub challenge: Option<String>,
    /// When it stops being good.
    pub expires: Timestamp,
    /// The grant it was exchanged for.
    pub grant: Option<usize>,
}

/// What opens the API without an app: a personal access token, or a key that is exchanged for tokens.
#[derive(Debug, Clone)]
pub struct PersonalKey {
    /// What it is worth.
    pub scopes: Vec<String>,
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
    /// Who signed in, where it was not the person.
    pub user: Option<i64>,
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    access: String,
    access_expires: Timestamp,
    /// None where there was none, or once it is dead.
    refresh: Option<(String, Timestamp)>,
}

impl Pair {
    fn is_opened_by(&self, access: &str, now: Timestamp) -> bool {
        self.access == access && self.access_expires > now
    }

    fn is_renewed_by(&self, refresh: &str, now: Timestamp) -> bool {
        self.refresh.as_ref().is_some_and(|(token, expires)| token == refresh && *expires > now)
    }
}

/// A pair of tokens as handed out.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Opens the API.
    pub access: String,
    /// Gets the next pair.
    pub refresh: Option<String>,
}

/// What a refresh token turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshState {
    /// Alive, for this grant.
    Live(usize),
    /// One this grant has had, used or revoked.
    Spent(usize),
    /// Never seen.
    Unknown,
}

/// Everything the authorization server remembers.
#[derive(Debug)]
pub struct Grants {
    /// The registered apps by id.
    pub clients: HashMap<String, Client>,
    /// Every code ever made, used ones included.
    pub codes: HashMap<String, Code>,
    /// Personal tokens and keys.
    pub keys: HashMap<String, PersonalKey>,
    agreed: Vec<Grant>,
    refresh_owner: HashMap<String, usize>,
    written: fn(&[u8]) -> String,
    salt: [u8; 16],
    made: u64,
}

impl Grants {
    /// An empty server that writes its secrets this way. They differ from those of every other run: two servers
    /// never share one.
    pub fn new(written: fn(&[u8]) -> String) -> Self {
        let mut salt = [0; 16];
        // Without a source of chance the tokens are merely predictable, which a simulation can live with.
        let _ = getrandom::fill(&mut salt);
        let (clients, codes, keys) = Default::default();
        Self {
            clients,
            codes,
            keys,
            agreed: Vec::new(),
            refresh_owner: HashMap::new(),
            written,
            salt,
            made: 0,
        }
    }

    /// A new unguessable text. It begins with a canary, so that a test finds it wherever it does not belong.
    pub fn mint(&mut self) -> String {
        self.made += 1;
        let digest = Sha256::new().chain_update(self.salt).chain_update(self.made.to_be_bytes()).finalize();
        (self.written)(&digest)
    }

    /// The grant with this number.
    pub fn grant(&self, index: usize) -> &Grant {
        &self.agreed[index]
    }

    /// Records an agreement; it has no tokens yet.
    pub fn agree(&mut self, client_id: &str, scopes: Vec<String>, user: Option<i64>) -> usize {
        self.agreed.push(Grant { client_id: client_id.to_owned(), scopes, user, pairs: Vec::new() });
        self.agreed.len() - 1
    }

    /// Makes the next pair of a grant. What becomes of the pairs before it, the switches say.
    pub fn next_tokens(
        &mut self,
        grant: usize,
        with_refresh: bool,
        quirks: &OAuthQuirks,
        now: Timestamp,
    ) -> Tokens {
        let last_hours = after(now, quirks.old_refresh_lifetime);
        for (_, expires) in self.agreed[grant].pairs.iter_mut().filter_map(|pair| pair.refresh.as_mut()) {
            *expires = last_hours.min(*expires);
        }
        let mut tokens = self.next_access(grant, quirks, now);
        if with_refresh {
            let refresh = self.mint();
            self.refresh_owner.insert(refresh.clone(), grant);
            let held = (refresh.clone(), after(now, quirks.refresh_lifetime));
            if let Some(pair) = self.agreed[grant].pairs.last_mut() {
                pair.refresh = Some(held);
            }
            tokens.refresh = Some(refresh);
        }
        tokens
    }

    /// Makes the next access token of a grant; its refresh token stays as it is.
    pub fn next_access(&mut self, grant: usize, quirks: &OAuthQuirks, now: Timestamp) -> Tokens {
        let access = self.mint();
        let pairs = &mut self.agreed[grant].pairs;
        if quirks.refresh_ends_access {
            for pair in pairs.iter_mut() {
                pair.access_expires = now;
            }
        }
        pairs.retain(|pair| {
            pair.access_expires > now || pair.refresh.as_ref().is_some_and(|(_, expires)| *expires > now)
        });
        let access_expires = after(now, quirks.access_lifetime);
        pairs.push(Pair { access: access.clone(), access_expires, refresh: None });
        Tokens { access, refresh: None }
    }

    /// The grant that `token`, access or refresh, is alive for at `now`.
    pub fn holder_of(&self, token: &str, now: Timestamp) -> Option<usize> {
        let holds = |pair: &Pair| pair.is_opened_by(token, now) || pair.is_renewed_by(token, now);
        self.agreed.iter().position(|grant| grant.pairs.iter().any(holds))
    }

    /// What `token` is to `client_id`; another app's token is unknown.
    pub fn refresh_state(&self, client_id: &str, token: &str, now: Timestamp) -> RefreshState {
        match self.refresh_owner.get(token) {
            Some(grant) if self.agreed[*grant].client_id != client_id => RefreshState::Unknown,
            Some(grant) if self.agreed[*grant].pairs.iter().any(|pair| pair.is_renewed_by(token, now)) => {
                RefreshState::Live(*grant)
            }
            Some(grant) => RefreshState::Spent(*grant),
            None => RefreshState::Unknown,
        }
    }

    /// True for a refresh token that would work.
    pub fn is_live_refresh_token(&self, token: &str, now: Timestamp) -> bool {
        self.agreed.iter().flat_map(|grant| &grant.pairs).any(|pair| pair.is_renewed_by(token, now))
    }

    /// The grant an access token opens at `now`, without using it.
    pub fn opened_by(&self, access: &str, now: Timestamp) -> Option<&Grant> {
        self.agreed.iter().find(|grant| grant.pairs.iter().any(|pair| pair.is_opened_by(access, now)))
    }

    /// Uses an access token: where the switches want it, the refresh tokens from before it are dead from here
    /// on. None when it opens nothing.
    pub fn open(&mut self, access: &str, quirks: &OAuthQuirks, now: Timestamp) -> Option<&Grant> {
        let live = |pair: &Pair| pair.is_opened_by(access, now);
        let grant = self.agreed.iter_mut().find(|grant| grant.pairs.iter().any(live))?;
        if quirks.use_ends_old_refresh {
            let used = grant.pairs.iter().position(live)?;
            for pair in &mut grant.pairs[..used] {
                pair.refresh = None;
            }
        }
        Some(grant)
    }

    /// Kills the tokens of one grant.
    pub fn revoke(&mut self, grant: usize) {
        self.agreed[grant].pairs.clear();
    }

    /// Kills all tokens of an app; all tokens of all apps without one.
    pub fn revoke_all(&mut self, client_id: Option<&str>) {
        for grant in self.agreed.iter_mut().filter(|grant| client_id.is_none_or(|id| grant.client_id == id)) {
            grant.pairs.clear();
        }
    }

    /// Makes every access token expire now; refresh tokens and keys stay good.
    pub fn expire_access_tokens(&mut self, now: Timestamp) {
        let past = now.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(now);
        for pair in self.agreed.iter_mut().flat_map(|grant| &mut grant.pairs) {
            pair.access_expires = past;
        }
    }
}

/// A secret in base64 behind the canary: how providers without a form of their own write theirs.
pub fn canary(digest: &[u8]) -> String {
    CANARY.to_owned() + &URL_SAFE_NO_PAD.encode(digest)
}

/// `time` after `now`; the end of all times where that is further.
pub fn after(now: Timestamp, time: Duration) -> Timestamp {
    now.saturating_add(time).unwrap_or(Timestamp::MAX)
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
