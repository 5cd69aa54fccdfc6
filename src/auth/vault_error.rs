//! Why something stored cannot be read or written, and what mends it.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::seal::Fault;
use crate::{
    error::{Code, Error},
    providers::catalogue::Provider,
};

/// Why something stored cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultError {
    Sealed {
        file: PathBuf,
        fault: Fault,
    },
    /// It opened, but what is inside is not of the expected form.
    Garbled(PathBuf),
    KeyMissing(PathBuf),
    KeyBroken(PathBuf),
    /// `VITALS_KEY` is not a key.
    KeyGiven,
    NoRandomness,
    Io {
        file: PathBuf,
        kind: io::ErrorKind,
    },
}

impl VaultError {
    pub fn io(file: &Path, error: &io::Error) -> Self {
        Self::Io { file: file.to_owned(), kind: error.kind() }
    }

    pub fn explain(&self, provider: &Provider) -> Error {
        self.explain_to(provider.id)
    }

    /// `provider` stands in the command that mends it.
    pub fn explain_to(&self, provider: &str) -> Error {
        let again = format!(
            "Run `vitals-mcp auth {provider}` to sign in again; the file is kept under another name."
        );
        let sealed = |what: String, hint: String| Error::new(Code::AuthFailed, what).hint(hint);
        match self {
            Self::Sealed { file, fault } => match fault {
                Fault::Empty => sealed(format!("{} is empty", file.display()), again),
                Fault::Foreign => sealed(format!("{} is not a file of this program", file.display()), again),
                Fault::Version(version) => sealed(
                    format!("{} has format {version}, from a newer vitals-mcp", file.display()),
                    "Update vitals-mcp. Nothing was changed.".to_owned(),
                ),
                Fault::Unopened => sealed(
                    format!(
                        "{} does not open: damaged, moved from elsewhere, or sealed with another key",
                        file.display()
                    ),
                    format!("If VITALS_KEY or the key file was changed, put it back. Otherwise: {again}"),
                ),
            },
            Self::Garbled(file) => sealed(format!("{} holds something unexpected", file.display()), again),
            Self::KeyMissing(file) => sealed(
                format!("the key file {} is missing, so the stored login does not open", file.display()),
                format!("Put the key file back, or set VITALS_KEY. Otherwise: {again}"),
            ),
            Self::KeyBroken(file) => sealed(
                format!("the key file {} does not hold a key", file.display()),
                format!("Put the right file back, or move this one away. Then: {again}"),
            ),
            Self::KeyGiven => Error::invalid("VITALS_KEY is not the base64 of 32 bytes")
                .hint("Unset it to use the key file, or make one with `head -c 32 /dev/urandom | base64`."),
            Self::NoRandomness => Error::internal("the system gives no random numbers"),
            Self::Io { file, kind } => Error::new(Code::CacheError, format!("{}: {kind}", file.display()))
                .hint("Check that the directory is yours, writable and has room. Nothing was deleted."),
        }
    }
}
