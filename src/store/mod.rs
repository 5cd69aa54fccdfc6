//! The mirror: one SQLite file, and the only folder that knows SQL.
//!
//! There is one write path, [`put`], and every write is one short `BEGIN IMMEDIATE` transaction; nothing
//! here waits for the network. Several processes are normal: WAL, a busy timeout, and state that all share.
//!
//! Invariant: the file is never deleted or overwritten. What cannot be opened is named and left alone.

mod changes;
mod check;
mod coverage;
mod daily;
mod migrations;
mod open;
mod put;
mod quota;
mod records;
mod relations;
mod runs;
mod samples;
mod states;

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Code, Error, Result};

pub use changes::{Change, ChangeFilter, Position};
pub use check::sqlite_version;
pub use coverage::{Covered, gaps};
pub use daily::FactRow;
pub use put::{Counts, Incoming, Put, Unreadable};
pub use quota::Reserved;
pub use records::{RecordFilter, Row};
pub use runs::Run;
pub use states::StateRow;

/// An open mirror. Cheap to share: one connection behind a lock, used for milliseconds at a time.
pub struct Store {
    path: PathBuf,
    db: Mutex<Connection>,
}

impl Store {
    fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held rolled its transaction back; the connection is still good.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in one immediate transaction, after checking that no newer version migrated the file
    /// while this process was running.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.failed(&e))?;
        let version: i64 =
            tx.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(|e| self.failed(&e))?;
        if version != migrations::LATEST {
            return Err(Error::new(Code::CacheError, "another version of vitals-mcp changed the database")
                .hint("Restart this process; nothing was written."));
        }
        let result = work(&tx).map_err(|e| self.failed(&e))?;
        tx.commit().map_err(|e| self.failed(&e))?;
        Ok(result)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.db()).map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &rusqlite::Error) -> Error {
        open::explain(&self.path, error)
    }
}

#[cfg(test)]
mod tests;
