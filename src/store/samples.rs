//! High-rate data: numbers only, in integers where possible, so that ten years of heart rate stay small.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::Store;
use crate::{error::Result, model::Sample};

/// What there is of one metric from one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleExtent {
    pub metric: String,
    pub provider: String,
    pub count: u64,
    /// UTC milliseconds.
    pub first_ms: i64,
    pub last_ms: i64,
}

impl Store {
    /// Every metric that has samples, with how many and from when to when.
    pub fn sample_extents(&self) -> Result<Vec<SampleExtent>> {
        self.read(|db| {
            db.prepare_cached(
                // The first and the last in a statement of their own each: found in the index, not looked for.
                "SELECT m.name, p.name, c.count,
                   (SELECT min(at_ms) FROM samples WHERE metric = c.metric AND source = c.source),
                   (SELECT max(at_ms) FROM samples WHERE metric = c.metric AND source = c.source)
                 FROM sample_counts c JOIN names m ON m.id = c.metric JOIN names p ON p.id = c.source
                 WHERE c.count > 0 ORDER BY m.name, p.name",
            )?
            .query_map([], |row| {
                Ok(SampleExtent {
                    metric: row.get(0)?,
                    provider: row.get(1)?,
                    count: row.get::<_, i64>(2)? as u64,
                    first_ms: row.get(3)?,
                    last_ms: row.get(4)?,
                })
            })?
            .collect()
        })
    }

    /// How many samples of a metric a provider has from `from` to before `to`, UTC milliseconds.
    pub fn sample_count(&self, provider: &str, metric: &str, (from, to): (i64, i64)) -> Result<u64> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT count(*) FROM samples
                 WHERE metric = (SELECT id FROM names WHERE name = ?1)
                   AND source = (SELECT id FROM names WHERE name = ?2) AND at_ms >= ?3 AND at_ms < ?4",
            )?
            .query_row(params![metric, provider, from, to], |row| {
                row.get::<_, i64>(0).map(|count| count as u64)
            })
        })
    }
}

/// Stores samples; answers how many were not there before, or not so.
pub(super) fn put(tx: &Transaction<'_>, provider: &str, samples: &[Sample]) -> rusqlite::Result<u64> {
    let mut numbers = Numbers::default();
    let source = numbers.of(tx, provider)?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO samples (metric, source, at_ms, context, value) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
    )?;
    let mut update = tx.prepare_cached(
        "UPDATE samples SET value = ?5
         WHERE metric = ?1 AND source = ?2 AND at_ms = ?3 AND context = ?4 AND value IS NOT ?5",
    )?;
    let mut added: BTreeMap<i64, i64> = BTreeMap::new();
    let mut changed = 0;
    for sample in samples {
        let (metric, context) = (numbers.of(tx, sample.metric)?, numbers.of(tx, &sample.context)?);
        let row = params![metric, source, sample.at_ms, context, sample.value];
        if insert.execute(row)? > 0 {
            *added.entry(metric).or_default() += 1;
            changed += 1;
        } else {
            changed += update.execute(row)? as u64;
        }
    }
    for (metric, added) in added {
        count(tx, metric, source, added)?;
    }
    Ok(changed)
}

/// Notes that there are more samples of a metric than there were, or fewer.
fn count(tx: &Transaction<'_>, metric: i64, source: i64, more: i64) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO sample_counts (metric, source, count) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
    )?
    .execute([metric, source, more])
    .map(drop)
}

/// Deletes the samples of these metrics and contexts within a span, both ends included.
pub(super) fn delete(
    tx: &Transaction<'_>,
    provider: &str,
    (from, to): (i64, i64),
    series: &[(&str, &str)],
) -> rusqlite::Result<()> {
    let mut numbers = Numbers::default();
    let source = numbers.of(tx, provider)?;
    let mut delete = tx.prepare_cached(
        "DELETE FROM samples WHERE metric = ?1 AND source = ?2 AND context = ?3 AND at_ms BETWEEN ?4 AND ?5",
    )?;
    for (metric, context) in series {
        let (metric, context) = (numbers.of(tx, metric)?, numbers.of(tx, context)?);
        let deleted = delete.execute(params![metric, source, context, from, to])?;
        if deleted > 0 {
            count(tx, metric, source, -(deleted as i64))?;
        }
    }
    Ok(())
}

/// Stores samples that are all there are of their metrics and contexts within a span: what is read again may
/// be less than before. Answers how many were stored.
pub(super) fn replace(
    tx: &Transaction<'_>,
    provider: &str,
    span: (i64, i64),
    samples: &[Sample],
) -> rusqlite::Result<u64> {
    let series: BTreeSet<(&str, &str)> = samples.iter().map(|s| (s.metric, s.context.as_str())).collect();
    delete(tx, provider, span, &Vec::from_iter(series))?;
    put(tx, provider, samples)
}

pub(super) fn forget(tx: &Transaction<'_>, provider: &str) -> rusqlite::Result<()> {
    if let Some(source) = number(tx, provider)? {
        for table in ["samples", "sample_counts"] {
            tx.execute(&format!("DELETE FROM {table} WHERE source = ?1"), [source])?;
        }
    }
    Ok(())
}

pub(super) fn number(db: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT id FROM names WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
}

/// Numbers of names, looked up once.
#[derive(Default)]
pub(super) struct Numbers(BTreeMap<String, i64>);

impl Numbers {
    pub(super) fn of(&mut self, tx: &Transaction<'_>, name: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.0.get(name) {
            return Ok(*id);
        }
        let id = if let Some(id) = number(tx, name)? {
            id
        } else {
            tx.prepare_cached("INSERT INTO names (name) VALUES (?1)")?.execute([name])?;
            tx.last_insert_rowid()
        };
        self.0.insert(name.to_owned(), id);
        Ok(id)
    }
}
