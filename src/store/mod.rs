//! The mirror: one SQLite file, and the only folder that knows SQL.
//!
//! There is one write path, [`mod@write`], and every write is one short `BEGIN IMMEDIATE` transaction; nothing
//! here waits for the network. Several processes are normal: WAL, a busy timeout, and state that all share.
//!
//! Invariant: the file is never deleted or overwritten. What cannot be opened is named and left alone.

mod accounts;
mod arrivals;
mod aside;
mod backup;
mod changes;
mod clocks;
mod coverage;
mod days;
mod facts;
mod failure;
mod integrity;
mod marks;
mod migrations;
mod nights;
mod open;
mod quota;
mod records;
mod relations;
mod runs;
mod samples;
mod scan;
mod series;
mod sql;
mod state_series;
mod views;
mod write;

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::{
    config::Paths,
    error::{Code, Error, Result},
    files::FileId,
};

pub use accounts::Owner;
pub use arrivals::RowsOf;
pub use backup::{Restored, restore};
pub use changes::{Change, ChangeFilter, DayTally, KindTally, Position};
pub use coverage::{Covered, gaps};
pub use days::{DayKind, DayRecord, DayRow, DaysKept, Due, SessionKinds, Settled, Standing};
pub use facts::FactRow;
pub use integrity::sqlite_version;
pub use marks::*;
pub use quota::Reserved;
pub use records::{RecordFilter, Row};
pub use runs::Run;
pub use scan::{SampleFilter, StreamFilter, Streamed};
pub use series::{Moment, SeriesKey, Tally};
pub use sql::{Periods, SqlFailure, SqlQuestion, query as query_sql};
pub use state_series::StateRow;
pub use views::{view_of, views};
pub use write::{Counts, Put};

/// An open mirror. Cheap to share: one connection behind a lock, used for milliseconds at a time.
///
/// Invariant: it reads and writes the file that lies at its path. When another one was put there (a restore,
/// a hand that moved it), the next use opens that one; nothing is written to a file without a name.
pub struct Store {
    path: PathBuf,
    /// How to open it again, and what else belongs to it.
    opening: Opening,
    db: Mutex<Opened>,
}

/// How a connection came about.
#[derive(Clone)]
enum Opening {
    /// For reading and writing.
    Whole(Paths),
    /// Where nothing may be written: a name and its flags.
    ReadOnly(String, OpenFlags),
    /// One moment of another store; it stays as it is, whatever becomes of the file.
    Snapshot,
}

struct Opened {
    db: Connection,
    /// `None` where files have no identity.
    file: Option<FileId>,
}

impl Store {
    fn db(&self) -> Result<MutexGuard<'_, Opened>> {
        // A panic while the lock was held rolled its transaction back; the connection is still good.
        let mut opened = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_current(&opened) {
            self.open_again(&mut opened)?;
        }
        Ok(opened)
    }

    /// Whether the open file is the one at the path.
    fn is_current(&self, opened: &Opened) -> bool {
        matches!(self.opening, Opening::Snapshot)
            || opened.file.is_none()
            || opened.file == FileId::of(&self.path)
    }

    fn open_again(&self, opened: &mut Opened) -> Result<()> {
        if FileId::of(&self.path).is_none() {
            let gone = format!("{} was moved or deleted while it was open", self.path.display());
            return Err(Error::new(Code::CacheError, gone)
                .hint("Put it back, or run `vitals-mcp sync` to fetch everything again; this process goes on with whatever lies there."));
        }
        *opened = match &self.opening {
            Opening::Whole(paths) => open::open(paths)?,
            Opening::ReadOnly(name, flags) => {
                open::open_for_reading(&self.path, name, *flags).ok_or_else(|| {
                    Error::new(Code::CacheError, format!("{} was replaced", self.path.display()))
                })?
            }
            Opening::Snapshot => return Ok(()),
        };
        Ok(())
    }

    /// Runs `work` in one immediate transaction, after checking that no newer version migrated the file
    /// while this process was running, and that no other file took its place while it waited.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let mut opened = self.db()?;
        loop {
            let file = opened.file;
            let tx = opened
                .db
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|e| self.failed(&e))?;
            if file.is_some() && file != FileId::of(&self.path) {
                drop(tx);
                self.open_again(&mut opened)?;
                continue;
            }
            let version: i64 =
                tx.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(|e| self.failed(&e))?;
            if version != migrations::LATEST {
                return Err(Error::new(
                    Code::CacheError,
                    "another version of vitals-mcp changed the database",
                )
                .hint("Restart this process; nothing was written."));
            }
            let result = work(&tx).map_err(|e| self.failed(&e))?;
            tx.commit().map_err(|e| self.failed(&e))?;
            return Ok(result);
        }
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.db()?.db).map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &rusqlite::Error) -> Error {
        failure::explain(&self.path, error)
    }
}

#[cfg(test)]
mod tests;
