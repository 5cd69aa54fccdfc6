//! One person's connection to one provider: is there one, and an access token that works now.
//!
//! What `sync`, `status` and the command line use. Everything is read from the vault each time, because
//! other processes renew the tokens too; nothing is kept in memory that could be older than the disk.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::{
    error::AuthError,
    refresh::{self, Scene},
    refresh_process::{self, Ended},
    refresh_state::{NeedsLogin, Reason},
    tokens::Tokens,
    vault::Vault,
};
use crate::{
    clock,
    config::{self, Config, ProviderVariable, provider_env},
    error::Result,
    http::{Http, Origin},
    providers::catalogue::{Provider, Scope},
};

/// The account of one profile with one provider. Cheap to clone.
#[derive(Clone)]
pub struct Account(Arc<Inner>);

struct Inner {
    provider: &'static Provider,
    origin: Origin,
    vault: Vault,
    config: Config,
    /// A token from the environment, for people who have one and no app of their own.
    given: Option<SecretString>,
    /// Whether a refresh runs in a process of its own.
    helper: bool,
}

/// A token for the provider's API.
#[derive(Debug, Clone)]
pub struct Access {
    pub token: SecretString,
    /// Which tokens these are; 0 for one from the environment.
    pub generation: u64,
    /// Whose it is at the provider, where that was told.
    pub account: Option<String>,
}

/// What is known without asking anybody.
#[derive(Debug, Clone, PartialEq)]
pub enum Connection {
    /// Its records come without one.
    NotNeeded,
    NotConnected,
    Connected {
        /// `None`: unknown, because the user brought the token along.
        scopes: Option<Vec<String>>,
        expires_at: Option<Timestamp>,
        /// `None`: it comes from the environment.
        obtained_at: Option<Timestamp>,
        generation: u64,
        /// Whether it is renewed without anybody's help.
        renews: bool,
    },
    NeedsLogin(NeedsLogin),
}

impl Account {
    /// Reads settings only; the vault is looked at when something is asked.
    pub fn open(config: &Config, provider: &'static Provider) -> Result<Self> {
        let origin = Origin::of(provider)?;
        let given = config::variable(&provider_env(provider.id, ProviderVariable::AccessToken));
        Ok(Self::at(config, provider, origin, given.map(SecretString::from), true))
    }

    pub(super) fn at(
        config: &Config,
        provider: &'static Provider,
        origin: Origin,
        given: Option<SecretString>,
        helper: bool,
    ) -> Self {
        let vault = Vault::of(config, provider, &origin);
        Self(Arc::new(Inner { provider, origin, vault, config: config.clone(), given, helper }))
    }

    pub fn provider(&self) -> &'static Provider {
        self.0.provider
    }

    /// Where requests with this account's token go, and nowhere else.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Whether there is a login and what it covers, without the network.
    pub fn connection(&self) -> Result<Connection, AuthError> {
        if !self.0.provider.signs_in() {
            return Ok(Connection::NotNeeded);
        }
        let stored = match self.stored()? {
            Stored::Tokens(tokens) => Connection::Connected {
                renews: tokens.refresh.is_some(),
                scopes: tokens.scopes,
                expires_at: tokens.expires_at,
                obtained_at: Some(tokens.obtained_at),
                generation: tokens.generation,
            },
            Stored::Marked(mark) => Connection::NeedsLogin(mark),
            Stored::Nothing => Connection::NotConnected,
        };
        Ok(match stored {
            Connection::Connected { .. } => stored,
            _ if self.0.given.is_some() => Connection::Connected {
                scopes: None,
                expires_at: None,
                obtained_at: None,
                generation: 0,
                renews: false,
            },
            other => other,
        })
    }

    /// An access token that is good for the next minutes; renews it where it is about to expire.
    pub async fn access(&self, http: &Http) -> Result<Access, AuthError> {
        let tokens = match self.stored()? {
            Stored::Tokens(tokens) => tokens,
            Stored::Marked(mark) => return self.given().ok_or(AuthError::NeedsLogin(mark)),
            Stored::Nothing => return self.given().ok_or(AuthError::NotConnected),
        };
        let now = clock::now();
        if !tokens.is_due(now) {
            return Ok(tokens.into());
        }
        match self.renew(http, tokens.generation).await {
            Ok(new) => Ok(new.into()),
            // Not renewed yet, but what we have still works.
            Err(error) if error.passes() && !tokens.is_expired(now) => Ok(tokens.into()),
            Err(error) => Err(error),
        }
    }

    /// Another token than the one of `generation`, which the provider has just refused. The local clock
    /// counts for nothing here. A token renewed by somebody else meanwhile is taken as it is.
    pub async fn refresh_after_401(&self, http: &Http, generation: u64) -> Result<Access, AuthError> {
        match self.stored()? {
            Stored::Tokens(tokens) if tokens.generation != generation => Ok(tokens.into()),
            Stored::Tokens(_) => Ok(self.renew(http, generation).await?.into()),
            Stored::Marked(mark) => Err(AuthError::NeedsLogin(mark)),
            Stored::Nothing if self.0.given.is_some() => {
                Err(AuthError::NeedsLogin(NeedsLogin { reason: Reason::NoRefreshToken, since: clock::now() }))
            }
            Stored::Nothing => Err(AuthError::NotConnected),
        }
    }

    /// What the helper process does: one refresh under the lock, here and now.
    pub async fn refresh_here(&self, http: &Http, generation: u64) -> Result<(), AuthError> {
        refresh::refresh(&self.scene(http), generation).await.map(drop)
    }

    /// The catalogue's scopes that a grant does not cover. An unknown grant is taken to cover all.
    pub fn missing(&self, granted: Option<&[String]>) -> Vec<&'static Scope> {
        let provider = self.0.provider;
        let covers = |granted: &[String], scope: &Scope| {
            granted.iter().any(|name| provider.plain_scope(name) == scope.name)
        };
        granted.map_or_else(Vec::new, |granted| {
            provider.scopes().iter().filter(|scope| !covers(granted, scope)).collect()
        })
    }

    /// Keeps with the login whose it is, now that it was told: the tokens that follow need not ask again.
    pub async fn remember(&self, generation: u64, account: &str) -> Result<(), AuthError> {
        let vault = self.vault();
        let _lock = vault.lock().await?.ok_or(AuthError::Locked)?;
        match vault.load()? {
            Some(tokens) if tokens.generation == generation => {
                Ok(vault.save(&Tokens { account: Some(account.to_owned()), ..tokens })?)
            }
            // Renewed or replaced meanwhile: those tokens are asked about when they are used.
            _ => Ok(()),
        }
    }

    /// Whose the stored login is, as far as it was told and can be read.
    pub(super) fn login(&self) -> Option<String> {
        self.vault().load().ok().flatten()?.account
    }

    /// Whether files of a login at a provider itself lie in this profile, whatever the origin is now.
    pub(super) fn signed_in_at(&self, provider: &'static Provider) -> bool {
        Vault::of(&self.0.config, provider, &Origin::own(provider)).has_files()
    }

    fn stored(&self) -> Result<Stored, AuthError> {
        let Some(tokens) = self.0.vault.load()? else { return Ok(Stored::Nothing) };
        Ok(match self.0.vault.state(tokens.generation).needs_login {
            Some(mark) => Stored::Marked(mark),
            None => Stored::Tokens(tokens),
        })
    }

    fn given(&self) -> Option<Access> {
        self.0.given.clone().map(|token| Access { token, generation: 0, account: None })
    }

    fn scene<'a>(&'a self, http: &'a Http) -> Scene<'a> {
        Scene { provider: self.0.provider, origin: &self.0.origin, vault: &self.0.vault, http }
    }

    /// Has the tokens renewed by the helper, and reads from the vault what came of it.
    async fn renew(&self, http: &Http, generation: u64) -> Result<Tokens, AuthError> {
        if !self.0.helper {
            return self.renew_here(http, generation).await;
        }
        let before = self.0.vault.state(generation);
        let ended = refresh_process::run(&self.0.config, self.0.provider.id, generation).await;
        let tokens = self.0.vault.load()?.ok_or(AuthError::NotConnected)?;
        if tokens.generation != generation {
            return Ok(tokens);
        }
        let state = self.0.vault.state(generation);
        if let Some(mark) = state.needs_login {
            return Err(AuthError::NeedsLogin(mark));
        }
        if let Some(pause) = state.pause.filter(|_| state != before).or_else(|| state.paused(clock::now())) {
            return Err(AuthError::Later(pause));
        }
        match ended {
            Ended::Running => Err(AuthError::Locked),
            // It wrote nothing at all, so it sent nothing: a binary that cannot be started any more, or one
            // that was killed early. The lock and the intent make it safe to do it here.
            Ended::NotStarted | Ended::Exited(_) => self.renew_here(http, generation).await,
        }
    }

    /// In a task of its own, so that a caller who gives up does not cut it off.
    async fn renew_here(&self, http: &Http, generation: u64) -> Result<Tokens, AuthError> {
        let (account, http) = (self.clone(), http.clone());
        let task = tokio::spawn(async move { refresh::refresh(&account.scene(&http), generation).await });
        task.await.unwrap_or(Err(AuthError::Locked))
    }
}

enum Stored {
    Nothing,
    Marked(NeedsLogin),
    Tokens(Tokens),
}

impl From<Tokens> for Access {
    fn from(tokens: Tokens) -> Self {
        Self { token: tokens.access, generation: tokens.generation, account: tokens.account }
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
