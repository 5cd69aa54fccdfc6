//! The syncs that there were, and forgetting a provider with all they brought.

use rusqlite::{OptionalExtension as _, params};

use super::{Store, days, samples};
use crate::error::Result;

/// One sync of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: i64,
    pub provider: String,
    /// UTC milliseconds.
    pub started_at: i64,
    /// `None`: still running, or its process was killed.
    pub finished_at: Option<i64>,
    /// JSON, as the sync wrote it.
    pub report: Option<String>,
}

impl Store {
    pub fn start_run(&self, provider: &str, now_ms: i64) -> Result<i64> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO sync_runs (provider, started_at) VALUES (?1, ?2)",
                params![provider, now_ms],
            )?;
            Ok(tx.last_insert_rowid())
        })
    }

    /// Writes what the run came to so far; `finished` ends it.
    pub fn report_run(&self, id: i64, report: &str, finished_ms: Option<i64>) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "UPDATE sync_runs SET report = ?2, finished_at = ?3 WHERE id = ?1",
                params![id, report, finished_ms],
            )?;
            Ok(())
        })
    }

    /// The newest runs, newest first, of one provider or of all.
    pub fn runs(&self, provider: Option<&str>, limit: usize) -> Result<Vec<Run>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id, provider, started_at, finished_at, report FROM sync_runs
                 WHERE ?1 IS NULL OR provider = ?1 ORDER BY id DESC LIMIT ?2",
            )?
            .query_map(params![provider, limit as i64], |row| {
                Ok(Run {
                    id: row.get(0)?,
                    provider: row.get(1)?,
                    started_at: row.get(2)?,
                    finished_at: row.get(3)?,
                    report: row.get(4)?,
                })
            })?
            .collect()
        })
    }

    /// When the first sync of a provider that left nothing for the next one ended, UTC milliseconds: the end of its
    /// import. `None` before there was one.
    pub fn import_ended(&self, provider: &str) -> Result<Option<i64>> {
        self.read(|db| {
            db.prepare_cached(
                r#"SELECT finished_at FROM sync_runs
                   WHERE provider = ?1 AND finished_at IS NOT NULL AND report LIKE '%"status":"ok"%'
                     AND report NOT LIKE '%"status":"partial"%' AND report NOT LIKE '%"status":"running"%'
                   ORDER BY id LIMIT 1"#,
            )?
            .query_row([provider], |row| row.get(0))
            .optional()
        })
    }

    /// Deletes everything that is known of a provider: the records, their history and the marks.
    pub fn forget(&self, provider: &str) -> Result<u64> {
        let gone = self.write(|tx| {
            let gone = tx.execute("DELETE FROM documents WHERE provider = ?1", [provider])?;
            samples::forget(tx, provider)?;
            days::forget(tx, provider)?;
            for table in ["changes", "coverage", "sync_runs", "state", "quarantine", "accounts"] {
                tx.execute(&format!("DELETE FROM {table} WHERE provider = ?1"), [provider])?;
            }
            Ok(gone as u64)
        })?;
        // secure_delete zeroes the pages; the truncated WAL holds none of them any more.
        self.read(|db| db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"))?;
        Ok(gone)
    }
}
