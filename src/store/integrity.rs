//! What `doctor` asks of the file: is it sound, who reads it, how late was it last written.

use super::{Store, migrations};
use crate::error::Result;

impl Store {
    /// The first fault SQLite finds in the structure of the file; `None` when there is none.
    pub fn first_fault(&self) -> Result<Option<String>> {
        let found: String = self.read(|db| db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        Ok((found != "ok").then_some(found))
    }

    /// The version of the schema that this program reads and writes.
    pub fn schema() -> i64 {
        migrations::LATEST
    }

    /// How many of a provider's records could not be read.
    pub fn set_aside(&self, provider: &str) -> Result<u64> {
        let sql = "SELECT count(*) FROM quarantine WHERE provider = ?1";
        let count: i64 = self.read(|db| db.query_row(sql, [provider], |row| row.get(0)))?;
        Ok(count as u64)
    }

    /// How many of a provider's resources have a part that was listed to its end.
    pub fn listed_resources(&self, provider: &str) -> Result<u64> {
        let sql = "SELECT count(DISTINCT resource) FROM coverage WHERE provider = ?1";
        let count: i64 = self.read(|db| db.query_row(sql, [provider], |row| row.get(0)))?;
        Ok(count as u64)
    }

    /// How many records there are, those without a tombstone.
    pub fn live_records(&self) -> Result<u64> {
        self.read(|db| {
            db.query_row("SELECT count(*) FROM documents WHERE removed_at IS NULL", [], |row| {
                row.get::<_, i64>(0).map(|count| count as u64)
            })
        })
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
