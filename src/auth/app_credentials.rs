//! The client id and secret of the app a person registered with the provider, and where they come from.

use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use serde::{Deserialize, Serialize};

use crate::config::{self, ProviderVariable, provider_env};

/// A registered app's credentials. Needed for every refresh, therefore stored, sealed like the tokens.
#[derive(Debug, Clone)]
pub struct Client {
    pub id: String,
    pub secret: SecretString,
}

/// The form in which they are sealed. New fields need `serde(default)`.
#[derive(Serialize, Deserialize)]
struct Record {
    id: String,
    secret: String,
}

impl Client {
    /// The pair from the environment, where both halves are set.
    pub fn from_env(provider: &str) -> Option<Self> {
        let (id, secret) = client_from_env(provider);
        Some(Self { id: id?, secret: secret? })
    }

    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let record = Record { id: self.id.clone(), secret: self.secret.expose_secret().to_owned() };
        let bytes = serde_json::to_vec(&record).map(Zeroizing::new);
        drop(Zeroizing::new(record.secret));
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let record: Record = serde_json::from_slice(bytes)?;
        Ok(Self { id: record.id, secret: record.secret.into() })
    }
}

/// The halves of the pair that the environment holds.
pub fn client_from_env(provider: &str) -> (Option<String>, Option<SecretString>) {
    let read = |what| config::variable(&provider_env(provider, what));
    (read(ProviderVariable::ClientId), read(ProviderVariable::ClientSecret).map(SecretString::from))
}
