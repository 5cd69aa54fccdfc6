//! Why there is no access token, grouped by what the caller does next.

use super::{
    refresh_state::{NeedsLogin, Pause, Why},
    vault_error::VaultError,
};
use crate::{
    clock,
    error::{Code, Error},
    providers::catalogue::Provider,
};

/// Why an access token could not be had.
#[derive(Debug, Clone, PartialEq)]
pub enum AuthError {
    /// Nobody has signed in: the first-time sentence.
    NotConnected,
    /// The grant is gone or unusable: sign in again.
    NeedsLogin(NeedsLogin),
    /// Passing trouble: try again after `until`.
    Later(Pause),
    /// Another process holds the tokens and does not let go.
    Locked,
    /// What is stored cannot be read or written.
    Vault(VaultError),
    /// A setting or argument is wrong.
    Setting(Error),
}

impl AuthError {
    /// Whether the stored access token, where it has not expired yet, is still the best there is.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Later(_) | Self::Locked)
    }

    /// The error as it is shown. Holds nothing that is secret and nothing the provider wrote.
    pub fn explain(&self, provider: &Provider) -> Error {
        let (id, title) = (provider.id, provider.title);
        match self {
            Self::NotConnected => Error::new(Code::AuthFailed, format!("{title} is not connected"))
                .hint(format!("Run `vitals-mcp auth {id}` in a terminal; it says what to click where.")),
            Self::NeedsLogin(mark) => Error::new(
                Code::AuthFailed,
                format!("{title} needs a new sign-in: {}", mark.reason.describe()),
            )
            .hint(format!("Run `vitals-mcp auth {id}`. Stored data stays readable meanwhile.")),
            Self::Later(pause) => {
                let (code, what) = match pause.why {
                    Why::Unreached => (Code::UpstreamError, "could not be reached to renew the login"),
                    Why::Unanswered => (Code::UpstreamError, "did not answer the request to renew the login"),
                    Why::Unclear => (
                        Code::UpstreamError,
                        "answered the request to renew the login with something unusable",
                    ),
                    Why::RateLimited => (Code::RateLimited, "asks to wait before the login is renewed"),
                };
                let seconds = pause.until.duration_since(clock::now()).as_secs().max(1);
                Error::new(code, format!("{title} {what}"))
                    .hint(
                        "Nothing is lost: it is tried again with the next call. Stored data stays readable.",
                    )
                    .retry_after(u64::try_from(seconds).unwrap_or(1))
            }
            Self::Locked => Error::new(
                Code::UpstreamError,
                format!("another vitals-mcp process has been renewing the {title} login for too long"),
            )
            .hint("Try again; if it stays, end the other vitals-mcp processes.")
            .retry_after(15),
            Self::Vault(fault) => fault.explain(provider),
            Self::Setting(error) => error.clone(),
        }
    }
}

impl From<VaultError> for AuthError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<Error> for AuthError {
    fn from(error: Error) -> Self {
        Self::Setting(error)
    }
}
