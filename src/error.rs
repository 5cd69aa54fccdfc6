//! The one error type that reaches a person or a model: a stable code, what failed, and what to do next.
//!
//! Lower layers have their own typed errors where a caller branches on them; they turn into this type at
//! the edge of the layer. A message never holds a token, a health value, or a provider's text verbatim.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invocation;

/// What a command line or a tool answers when it cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Error {
    pub code: Code,
    /// What failed, on what.
    pub message: String,
    /// What to do next. Never empty: the table has a default for each code.
    pub hint: String,
    /// Seconds after which trying again makes sense, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One row of the table of stable codes.
pub struct Row {
    pub code: Code,
    pub name: &'static str,
    /// Exit code of the command line.
    pub exit: u8,
    /// Whether the same call may succeed later without anything being changed.
    pub retryable: bool,
    /// What it means, for the documentation.
    pub meaning: &'static str,
    /// What to do when the error itself says nothing better.
    pub hint: &'static str,
}

macro_rules! codes {
    ($($variant:ident $name:literal $exit:literal $retry:literal $meaning:literal $hint:literal;)*) => {
        /// The stable codes. Wording may change, these do not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub enum Code { $(#[serde(rename = $name)] $variant),* }

        /// Every code with its exit code, retryability, meaning and default hint.
        pub static TABLE: &[Row] = &[$(Row {
            code: Code::$variant, name: $name, exit: $exit, retryable: $retry, meaning: $meaning, hint: $hint,
        }),*];
    };
}

codes! {
    AuthFailed "AUTH_FAILED" 3 false "Not signed in, or the provider refused the sign-in."
        "Run `vitals-mcp status` to see the exact command that signs you in again.";
    RateLimited "RATE_LIMITED" 4 true "The provider's request quota is used up for now."
        "Wait and run the same call again; what was fetched so far is stored.";
    Refused "REFUSED" 12 true "The provider refuses what the sign-in allows."
        "Look at the account in the provider's app, and try again later.";
    NotFound "NOT_FOUND" 5 false "There is no such record, kind or command."
        "Call describe_data (or `vitals-mcp describe`) to see what there is.";
    UpstreamError "UPSTREAM_ERROR" 6 true "The provider could not be reached or answered with an error."
        "Stored data is still readable. Try again later; `vitals-mcp doctor` checks the connection.";
    ValidationError "VALIDATION_ERROR" 2 false "An argument is missing, unknown or out of range."
        "Correct the argument and call again.";
    CacheError "CACHE_ERROR" 7 false "The local database could not be opened, read or written."
        "Run `vitals-mcp doctor`; it names the file and the mend. Nothing was deleted.";
    CacheEmpty "CACHE_EMPTY" 8 false "Nothing has been synced yet."
        "Sign in with `vitals-mcp auth PROVIDER`, then run `vitals-mcp sync`.";
    FileExists "FILE_EXISTS" 9 false "The file to be written exists already."
        "Choose another path, or pass overwrite; on the command line --overwrite.";
    ExportError "EXPORT_ERROR" 10 false "An export could not be written."
        "Check that the directory exists, is yours and has room.";
    SyncError "SYNC_ERROR" 11 true "A sync ended without everything it set out to fetch."
        "What was fetched is stored. Run `vitals-mcp sync` again; it goes on from there.";
    Cancelled "CANCELLED" 130 true "The call was cancelled."
        "Run it again; finished work is kept.";
    Internal "INTERNAL" 1 false "A fault of this program."
        "Please report it with the output of `vitals-mcp doctor`; it holds no health data.";
}

impl Code {
    pub fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.code == self).expect("the macro makes one row for each code")
    }
}

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let hint = invocation::in_profile(code.row().hint);
        Self { code, message: message.into(), hint, retry_after_seconds: None }
    }

    /// Replaces the table's hint by one that fits the case; commands in it are written without a profile.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = invocation::in_profile(&hint.into());
        self
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::ValidationError, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message)
    }
}

/// An error as an answer tells it of something else, and as a report keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reported {
    pub code: String,
    pub message: String,
    pub hint: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after_seconds: Option<u64>,
}

impl From<&Error> for Reported {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code.row().name.to_owned(),
            message: error.message.clone(),
            hint: error.hint.clone(),
            retry_after_seconds: error.retry_after_seconds,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code.row().name)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_to_do_next() {
        for row in TABLE {
            assert!(!row.hint.is_empty() && !row.meaning.is_empty(), "{}", row.name);
            assert_ne!(row.exit, 0, "{} would look like success", row.name);
        }
    }

    #[test]
    fn exit_codes_tell_the_errors_apart() {
        let mut exits: Vec<u8> = TABLE.iter().map(|row| row.exit).collect();
        exits.sort_unstable();
        exits.dedup();
        assert_eq!(exits.len(), TABLE.len());
    }

    #[test]
    fn the_envelope_leaves_out_an_unknown_wait() {
        let plain = serde_json::to_value(Error::invalid("x")).unwrap();
        assert_eq!(plain["code"], "VALIDATION_ERROR");
        assert!(plain.get("retry_after_seconds").is_none());
        let waiting = serde_json::to_value(Error::new(Code::RateLimited, "x").retry_after(7)).unwrap();
        assert_eq!(waiting["retry_after_seconds"], 7);
    }
}
