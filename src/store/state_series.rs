//! Reading a series of states: which state something was in, and from when on.

use rusqlite::params;

use super::Store;
use crate::error::Result;

/// From this moment on, until the next one of the same provider and context, the state is the value.
#[derive(Debug, Clone, PartialEq)]
pub struct StateRow {
    pub provider: String,
    pub context: String,
    pub at_ms: i64,
    pub value: f64,
}

impl Store {
    /// The changes of state of a metric, UTC milliseconds from inclusive, to exclusive: by provider and context,
    /// oldest first.
    pub fn states(&self, metric: &str, (from, to): (i64, i64)) -> Result<Vec<StateRow>> {
        self.read(|db| {
            // There are few names: with each as the source, the range of times is found in the index.
            db.prepare_cached(
                "SELECT p.name, c.name, s.at_ms, s.value FROM samples s
                 JOIN names p ON p.id = s.source JOIN names c ON c.id = s.context
                 WHERE s.metric = (SELECT id FROM names WHERE name = ?1)
                   AND s.source IN (SELECT id FROM names)
                   AND s.at_ms >= ?2 AND s.at_ms < ?3
                 ORDER BY p.name, c.name, s.at_ms",
            )?
            .query_map(params![metric, from, to], |row| {
                Ok(StateRow {
                    provider: row.get(0)?,
                    context: row.get(1)?,
                    at_ms: row.get(2)?,
                    value: row.get(3)?,
                })
            })?
            .collect()
        })
    }
}
