//! When the rows of a high-rate resource are from: which part of its time has any, and up to when they have come.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Store, samples::number};
use crate::error::Result;

/// The samples that are rows of one resource, and not series inside the records of another.
#[derive(Debug, Clone)]
pub struct RowsOf<'a> {
    pub provider: &'a str,
    pub metrics: Vec<&'a str>,
    /// Contexts of others: these, and those that begin with one of these and a space.
    pub foreign: Vec<&'a str>,
}

impl Store {
    /// The moments that have rows within a span (UTC milliseconds, from inclusive, to exclusive), each once,
    /// oldest first.
    pub fn row_times(&self, of: &RowsOf<'_>, (from, to): (i64, i64)) -> Result<Vec<i64>> {
        self.read(|db| {
            let mut times = Vec::new();
            for (metric, source) in numbers(db, of)? {
                times.extend(
                    db.prepare_cached(
                        "SELECT DISTINCT at_ms FROM samples
                         WHERE metric = ?1 AND source = ?2 AND at_ms >= ?3 AND at_ms < ?4
                           AND context NOT IN (SELECT value FROM json_each(?5))",
                    )?
                    .query_map(params![metric, source, from, to, foreign(db, of)?], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<i64>>>()?,
                );
            }
            times.sort_unstable();
            times.dedup();
            Ok(times)
        })
    }

    /// The first and the last moment with a row, UTC milliseconds; what lies after `until` is not believed.
    pub fn row_extent(&self, of: &RowsOf<'_>, until: i64) -> Result<Option<(i64, i64)>> {
        let end = |order: &str| {
            format!(
                "SELECT at_ms FROM samples WHERE metric = ?1 AND source = ?2 AND at_ms <= ?3
                   AND context NOT IN (SELECT value FROM json_each(?4)) ORDER BY at_ms {order} LIMIT 1"
            )
        };
        self.read(|db| {
            let mut extent: Option<(i64, i64)> = None;
            for (metric, source) in numbers(db, of)? {
                let values = params![metric, source, until, foreign(db, of)?];
                let at = |order: &str| {
                    db.prepare_cached(&end(order))?.query_row(values, |row| row.get::<_, i64>(0)).optional()
                };
                if let Some((first, last)) = at("ASC")?.zip(at("DESC")?) {
                    extent =
                        Some(extent.map_or((first, last), |(start, end)| (start.min(first), end.max(last))));
                }
            }
            Ok(extent)
        })
    }
}

/// The numbers of the metrics, each with that of the provider, as far as anything of them was ever stored.
fn numbers(db: &Connection, of: &RowsOf<'_>) -> rusqlite::Result<Vec<(i64, i64)>> {
    let Some(source) = number(db, of.provider)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for metric in &of.metrics {
        found.extend(number(db, metric)?.map(|metric| (metric, source)));
    }
    Ok(found)
}

/// The numbers of the contexts of others, as a JSON array.
fn foreign(db: &Connection, of: &RowsOf<'_>) -> rusqlite::Result<String> {
    let names: Vec<(i64, String)> = db
        .prepare_cached("SELECT id, name FROM names")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let is_foreign = |name: &str| {
        of.foreign.iter().any(|context| {
            name.strip_prefix(context).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    };
    let ids: Vec<i64> = names.into_iter().filter(|(_, name)| is_foreign(name)).map(|(id, _)| id).collect();
    Ok(serde_json::Value::from(ids).to_string())
}
