//! What `doctor` asks of the file: is it sound, who reads it, how late was it last written.

use super::Store;
use crate::error::Result;

impl Store {
    /// The first fault SQLite finds in the structure of the file; `None` when there is none.
    pub fn first_fault(&self) -> Result<Option<String>> {
        let found: String = self.read(|db| db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        Ok((found != "ok").then_some(found))
    }

    /// When the newest event was stored, UTC milliseconds.
    pub fn newest_event_at(&self) -> Result<Option<i64>> {
        self.read(|db| {
            db.query_row(
                "SELECT max(at) FROM (SELECT at FROM changes ORDER BY seq DESC LIMIT 1)",
                [],
                |row| row.get(0),
            )
        })
    }
}

/// The version of the SQLite inside this program.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
