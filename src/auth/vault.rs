//! The files of one account: sealed tokens, sealed client credentials, and the plain state of a refresh.
//!
//! Files are replaced as a whole or not at all. What does not open is named and kept; only a new sign-in
//! moves it aside, and only a disconnect removes it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::zeroize::Zeroizing;

use super::{
    app_credentials::Client,
    key::KeySource,
    refresh_state::State,
    seal::{self, Binding, Kind},
    tokens::Tokens,
    vault_error::VaultError,
};
use crate::{clock, config::Config, files, http::Origin, lock::Lock, providers::catalogue::Provider};

/// How long anybody waits for the tokens: longer than the slowest refresh that still ends.
const LOCK_PATIENCE: Duration = Duration::from_secs(45);

/// Where one account's secrets are. One account per profile, provider and origin.
#[derive(Debug, Clone)]
pub struct Vault {
    key: KeySource,
    binding: Binding,
    dir: PathBuf,
    locks: PathBuf,
    /// File name without extension.
    stem: String,
}

impl Vault {
    pub fn of(config: &Config, provider: &'static Provider, origin: &Origin) -> Self {
        Self {
            key: KeySource::of(&config.paths),
            binding: Binding {
                profile: config.profile.clone().unwrap_or_default(),
                provider: provider.id,
                origin: origin.base().to_owned(),
            },
            dir: config.paths.tokens(),
            locks: config.paths.locks(),
            stem: stem(provider.id, origin),
        }
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.dir.join(format!("{}.{extension}", self.stem))
    }

    fn sealed_path(&self, kind: Kind) -> PathBuf {
        self.path(match kind {
            Kind::Tokens => "tokens",
            Kind::Client => "client",
        })
    }

    /// One process at a time renews, replaces or removes the tokens. Reading needs no lock.
    pub async fn lock(&self) -> Result<Option<Lock>, VaultError> {
        let path = self.locks.join(format!("{}.tokens.lock", self.stem));
        files::private_dir(&self.locks).map_err(|error| VaultError::io(&path, &error))?;
        Lock::acquire(&path, LOCK_PATIENCE).await.map_err(|error| VaultError::io(&path, &error))
    }

    /// The stored tokens; `None` where nobody has signed in.
    pub fn load(&self) -> Result<Option<Tokens>, VaultError> {
        let Some((generation, plain)) = self.open(Kind::Tokens)? else { return Ok(None) };
        let garbled = |_| VaultError::Garbled(self.sealed_path(Kind::Tokens));
        Tokens::from_bytes(generation, &plain).map(Some).map_err(garbled)
    }

    /// Replaces the tokens. They are durable when this returns.
    pub fn save(&self, tokens: &Tokens) -> Result<(), VaultError> {
        let plain = tokens.to_bytes().map_err(|_| VaultError::Garbled(self.sealed_path(Kind::Tokens)))?;
        self.seal(Kind::Tokens, tokens.generation, &plain)
    }

    pub fn load_client(&self) -> Result<Option<Client>, VaultError> {
        let Some((_, plain)) = self.open(Kind::Client)? else { return Ok(None) };
        Client::from_bytes(&plain).map(Some).map_err(|_| VaultError::Garbled(self.sealed_path(Kind::Client)))
    }

    pub fn save_client(&self, client: &Client) -> Result<(), VaultError> {
        let plain = client.to_bytes().map_err(|_| VaultError::Garbled(self.sealed_path(Kind::Client)))?;
        self.seal(Kind::Client, 0, &plain)
    }

    /// What is known about renewing this generation. A file that cannot be read knows nothing.
    pub fn state(&self, generation: u64) -> State {
        fs::read(self.path("state"))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok())
            .filter(|state| state.generation == generation)
            .unwrap_or_else(|| State::new(generation))
    }

    pub fn write_state(&self, state: &State) -> Result<(), VaultError> {
        let path = self.path("state");
        let bytes = serde_json::to_vec(state).map_err(|_| VaultError::Garbled(path.clone()))?;
        self.write(&path, &bytes)
    }

    pub fn clear_state(&self) -> Result<(), VaultError> {
        remove(&self.path("state"))
    }

    /// Removes the tokens, whatever their condition. Client credentials stay.
    pub fn delete_tokens(&self) -> Result<(), VaultError> {
        remove(&self.sealed_path(Kind::Tokens))?;
        self.clear_state()
    }

    pub fn delete_client(&self) -> Result<(), VaultError> {
        remove(&self.sealed_path(Kind::Client))
    }

    /// Whether a login or an app's credentials were ever stored and not deleted, readable or not.
    pub fn has_files(&self) -> bool {
        [Kind::Tokens, Kind::Client].into_iter().any(|kind| self.sealed_path(kind).exists())
    }

    /// Moves what does not open out of the way of a new sign-in, under a name of its own.
    pub fn set_aside(&self) -> Result<(), VaultError> {
        // With a key that cannot be used nothing opens, and nothing is wrong with the files.
        self.key.load_or_create()?;
        for kind in [Kind::Tokens, Kind::Client] {
            if self.open(kind).is_err() {
                let path = self.sealed_path(kind);
                let mut aside = path.clone().into_os_string();
                aside.push(format!(".unreadable-{}", clock::now_ms()));
                fs::rename(&path, aside).map_err(|error| VaultError::io(&path, &error))?;
            }
        }
        Ok(())
    }

    fn open(&self, kind: Kind) -> Result<Option<Opened>, VaultError> {
        let path = self.sealed_path(kind);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(VaultError::io(&path, &error)),
        };
        let key = self.key.load()?;
        let opened = seal::open(&key, &self.binding, kind, &bytes);
        opened.map(Some).map_err(|fault| VaultError::Sealed { file: path, fault })
    }

    fn seal(&self, kind: Kind, generation: u64, plain: &[u8]) -> Result<(), VaultError> {
        let key = self.key.load_or_create()?;
        let file =
            seal::seal(&key, &self.binding, kind, generation, plain).ok_or(VaultError::NoRandomness)?;
        self.write(&self.sealed_path(kind), &file)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
        files::private_dir(&self.dir)
            .and_then(|()| files::write_atomic(path, bytes))
            .map_err(|error| VaultError::io(path, &error))
    }
}

/// Generation and contents of a file that opened.
type Opened = (u64, Zeroizing<Vec<u8>>);

/// A stand-in's files lie beside the real ones and never take their place.
fn stem(provider: &str, origin: &Origin) -> String {
    if !origin.is_overridden() {
        return provider.to_owned();
    }
    let host = origin.base().split_once("://").map_or(origin.base(), |(_, host)| host);
    let host: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    format!("{provider}@{host}")
}

fn remove(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Ok(()) => {
            let dir = path.parent().unwrap_or(path);
            files::sync_dir(dir).map_err(|error| VaultError::io(path, &error))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(VaultError::io(path, &error)),
    }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
