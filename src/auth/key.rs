//! The key that seals tokens: a file of its own in another directory, or `VITALS_KEY`.
//!
//! It does not stop a program that runs as the same user; it makes one copied or committed file useless.

use std::{fs, io, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretBox, SecretString, zeroize::Zeroizing};
use sha2::{Digest as _, Sha256};

use super::{seal::Key, vault_error::VaultError};
use crate::{config, error::Error, files};

/// Where the key is.
#[derive(Debug, Clone)]
pub struct KeySource {
    pub file: PathBuf,
    /// Base64 from the environment, used instead of the file.
    pub given: Option<SecretString>,
}

impl KeySource {
    pub fn of(paths: &config::Paths) -> Self {
        Self { file: paths.key(), given: config::variable("VITALS_KEY").map(SecretString::from) }
    }

    /// The key that is there.
    pub fn load(&self) -> Result<Key, VaultError> {
        if let Some(given) = &self.given {
            return decode(given.expose_secret()).ok_or(VaultError::KeyGiven);
        }
        match fs::read_to_string(&self.file).map(Zeroizing::new) {
            Ok(text) => decode(&text).ok_or_else(|| VaultError::KeyBroken(self.file.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(VaultError::KeyMissing(self.file.clone()))
            }
            // Text that is not UTF-8 is no key of ours.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(VaultError::KeyBroken(self.file.clone()))
            }
            Err(error) => Err(VaultError::io(&self.file, &error)),
        }
    }

    /// The key that is there, or a new one. Of two processes that create one, both get the first's.
    pub fn load_or_create(&self) -> Result<Key, VaultError> {
        match self.load() {
            Err(VaultError::KeyMissing(_)) => {}
            found => return found,
        }
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(|_| VaultError::NoRandomness)?;
        let text = Zeroizing::new(STANDARD.encode(*bytes) + "\n");
        let dir = self.file.parent().unwrap_or(&self.file);
        files::private_dir(dir)
            .and_then(|()| files::create_atomic(&self.file, text.as_bytes()))
            .map_err(|error| VaultError::io(&self.file, &error))?;
        self.load()
    }
}

/// In what condition the key is, in words that give nothing away.
pub fn key_state(paths: &config::Paths) -> Result<String, Error> {
    let source = KeySource::of(paths);
    let sealed = fs::read_dir(paths.tokens()).is_ok_and(|mut files| files.next().is_some());
    match source.load() {
        Ok(_) if source.given.is_some() => Ok("given by VITALS_KEY".to_owned()),
        Ok(_) => Ok(format!("{} holds one", source.file.display())),
        Err(VaultError::KeyMissing(_)) if !sealed => Ok("none is needed yet".to_owned()),
        Err(error) => Err(error.explain_to("PROVIDER")),
    }
}

fn decode(text: &str) -> Option<Key> {
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(bytes.as_slice().try_into().ok()?);
    let digest = Sha256::new().chain_update(b"vitals-mcp key id").chain_update(*bytes).finalize();
    let mut id = [0; 8];
    id.copy_from_slice(&digest[..8]);
    Some(Key { bytes: SecretBox::new(Box::new(*bytes)), id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(home: &tempfile::TempDir, given: Option<&str>) -> KeySource {
        KeySource { file: home.path().join("config/key"), given: given.map(SecretString::from) }
    }

    #[test]
    fn a_key_is_made_once_and_only_when_something_is_to_be_sealed() {
        let home = tempfile::tempdir().unwrap();
        let source = source(&home, None);
        assert!(matches!(source.load(), Err(VaultError::KeyMissing(_))));
        let made = source.load_or_create().unwrap();
        assert_eq!(source.load_or_create().unwrap().id, made.id);
        assert_eq!(source.load().unwrap().bytes.expose_secret(), made.bytes.expose_secret());
    }

    #[test]
    fn many_creators_share_one_key() {
        let home = tempfile::tempdir().unwrap();
        let ids: Vec<[u8; 8]> = std::thread::scope(|scope| {
            let source = source(&home, None);
            let threads: Vec<_> = (0..8)
                .map(|_| source.clone())
                .map(|s| scope.spawn(move || s.load_or_create().unwrap().id))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]));
    }

    #[test]
    fn a_broken_key_is_named_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let source = source(&home, None);
        fs::create_dir(source.file.parent().unwrap()).unwrap();
        for broken in [&b""[..], b"not base64!", b"c2hvcnQ=", b"\xff\xfe"] {
            fs::write(&source.file, broken).unwrap();
            assert!(matches!(source.load_or_create(), Err(VaultError::KeyBroken(_))), "{broken:?}");
            assert_eq!(fs::read(&source.file).unwrap(), broken);
        }
    }

    #[test]
    fn a_given_key_wins_and_is_never_written() {
        let home = tempfile::tempdir().unwrap();
        let given = STANDARD.encode([7; 32]);
        let key = source(&home, Some(&given)).load_or_create().unwrap();
        assert_eq!(key.bytes.expose_secret(), &[7; 32]);
        assert!(!home.path().join("config").exists());
        assert!(matches!(source(&home, Some("short")).load(), Err(VaultError::KeyGiven)));
    }
}
