//! What a SQLite error means to the person whose file it is.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{Code, Error};

/// The error as it is told. Never the statement, never a value.
pub fn explain(path: &Path, error: &rusqlite::Error) -> Error {
    let code = error.sqlite_error_code();
    let file = path.display();
    let damaged = matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
    if damaged {
        return Error::new(Code::CacheError, format!("{file} is damaged or not a database"))
            .hint("It was kept as it is. Move it away and run `vitals-mcp sync` to fetch everything again; `backups` beside it may hold a copy.");
    }
    let (message, hint) = match code {
        Some(ErrorCode::DiskFull) => {
            ("the disk is full", "Make room and try again; what was stored is intact.")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => (
            "it cannot be written",
            "Check that the directory is yours and writable, and that the file is no link.",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            ("another process is writing for a long time", "Try again.")
        }
        Some(ErrorCode::SystemIoFailure) => {
            ("the disk reported an error", "Check the disk; what was stored is intact.")
        }
        _ => return Error::new(Code::CacheError, format!("{file}: {}", kind(error))),
    };
    Error::new(Code::CacheError, format!("{file}: {message}")).hint(hint)
}

/// The kind of error without its text, which could quote data.
fn kind(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => format!("SQLite error {}", failure.extended_code),
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..) => {
            "a stored value has the wrong type".to_owned()
        }
        _ => "an unexpected SQLite error".to_owned(),
    }
}
