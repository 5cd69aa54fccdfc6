//! Reading facts day by day, each with the document it is from, by which one of several is chosen.

use rusqlite::params;
use serde_json::Value;

use super::Store;
use crate::{
    error::Result,
    model::{Session, metric::OF_NAPS},
};

/// One fact of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct FactRow {
    pub day: String,
    pub metric: String,
    pub provider: String,
    pub resource: String,
    /// The key of the document it is from.
    pub document: i64,
    pub value: f64,
    /// On whose clock the value is, where it is an instant.
    pub offset: Option<i32>,
    /// Length of the document, milliseconds; 0 where it has none or is still open.
    pub length: i64,
    /// A copy from another cloud counts less than what a device of the provider saw.
    pub session: Session,
}

/// The offset of what a fact `f` of a document `d` says: the end of a sleep may be on another clock than its start.
pub(super) const OFFSET: &str = "CASE f.metric WHEN 'sleep_end' THEN \
    coalesce((SELECT CAST(e.value AS INTEGER) FROM facts e WHERE e.document = d.key AND e.metric = 'end_offset'), d.offset) \
    ELSE d.offset END";

/// As many metrics are quicker read by their index: of 20 metrics all facts are (42 against 23 ms for 30 days).
const FEW: usize = 6;

impl FactRow {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            day: row.get(0)?,
            metric: row.get(1)?,
            provider: row.get(2)?,
            resource: row.get(3)?,
            document: row.get(4)?,
            value: row.get(5)?,
            offset: row.get(6)?,
            length: row.get(7)?,
            session: Session::parse(&row.get::<_, String>(8)?),
        })
    }

    /// Whether it is said in the part that its document plays: a nap tells of naps, and nothing else does.
    pub fn counts(&self) -> bool {
        (self.metric == OF_NAPS) == (self.session == Session::Nap)
    }
}

impl Store {
    /// Facts of the days from first to last, inclusive, of documents that are not removed; at least those about
    /// these metrics.
    ///
    /// Few metrics are found by way of the metric, so that nothing else is read; many by way of the documents, of
    /// which there are fewer than facts.
    pub fn facts(&self, first_day: &str, last_day: &str, metrics: &[&str]) -> Result<Vec<FactRow>> {
        let found = if metrics.len() <= FEW {
            "facts f CROSS JOIN documents d ON d.key = f.document
             WHERE f.metric IN (SELECT value FROM json_each(?3)) AND f.day BETWEEN ?1 AND ?2"
        } else {
            "documents d CROSS JOIN facts f ON f.document = d.key WHERE d.day BETWEEN ?1 AND ?2 AND ?3 IS NOT NULL"
        };
        let sql = format!(
            "SELECT d.day, f.metric, d.provider, d.resource, d.key, f.value, {OFFSET},
                    coalesce(d.end_at - d.start_at, 0), d.session
             FROM {found} AND d.removed_at IS NULL
             ORDER BY d.day, d.provider, d.start_at, d.id"
        );
        let metrics = Value::from(metrics).to_string();
        self.read(|db| {
            db.prepare_cached(&sql)?
                .query_map(params![first_day, last_day, metrics], FactRow::read)?
                .collect()
        })
    }

    /// What some documents say, those that are removed too: document, metric, value.
    pub fn each_fact_of(&self, documents: &[i64], each: &mut dyn FnMut(i64, &str, f64)) -> Result<()> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT document, metric, value FROM facts WHERE document IN (SELECT value FROM json_each(?1))
                 ORDER BY document, metric",
            )?;
            let mut rows = statement.query([Value::from(documents).to_string()])?;
            while let Some(row) = rows.next()? {
                each(row.get(0)?, row.get_ref(1)?.as_str()?, row.get(2)?);
            }
            Ok(())
        })
    }

    /// The newest days on which live records of a provider, or of any, say something about a metric, newest first.
    pub fn newest_days(&self, metric: &str, provider: Option<&str>, most: usize) -> Result<Vec<String>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT DISTINCT f.day FROM facts f CROSS JOIN documents d ON d.key = f.document
                 WHERE f.metric = ?1 AND f.day IS NOT NULL AND (?2 IS NULL OR d.provider = ?2)
                   AND d.removed_at IS NULL
                 ORDER BY f.day DESC LIMIT ?3",
            )?
            .query_map(params![metric, provider, most as i64], |row| row.get(0))?
            .collect()
        })
    }

    /// How many days have a value of a metric, the first and the last of them.
    pub fn metric_extent(&self, metric: &str) -> Result<(u64, Option<String>, Option<String>)> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT count(DISTINCT f.day), min(f.day), max(f.day)
                 FROM facts f JOIN documents d ON d.key = f.document
                 WHERE f.metric = ?1 AND f.day IS NOT NULL AND d.removed_at IS NULL
                   AND (?1 = ?2) = (d.session = 'nap')",
            )?
            .query_row([metric, OF_NAPS], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?, row.get(2)?)))
        })
    }
}
