//! Reading all there is of something, row by row and in one order: memory does not grow with the window.
//!
//! Meant for a [`Store::snapshot`]: the lock of the store is held until the last row.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, ToSql, params};

use super::{
    Store,
    records::{COLUMNS, LONGEST, Row},
};
use crate::{
    error::Result,
    model::{Session, metric::OF_NAPS},
};

/// Which documents of a resource.
#[derive(Debug, Clone, Default)]
pub struct StreamFilter {
    /// First and last day, inclusive, `YYYY-MM-DD`.
    pub days: Option<(String, String)>,
    /// UTC milliseconds, from inclusive, to exclusive: documents that overlap it.
    pub instants: Option<(i64, i64)>,
    /// Only those that an event after this sequence number is about, removed ones included.
    pub since: Option<i64>,
    /// Bodies are read only of documents that were flattened with other columns than these; others have an empty one.
    pub body_unless_of: Option<i64>,
}

/// One document, with what it says about metrics.
#[derive(Debug, Clone)]
pub struct Streamed {
    pub row: Row,
    /// UTC milliseconds.
    pub first_seen: i64,
    pub changed_at: i64,
    /// Metric and value, by the metric's id; empty unless asked for.
    pub facts: Vec<(String, f64)>,
}

/// Which samples: of one metric from one provider.
#[derive(Debug, Clone, Copy)]
pub struct SampleFilter<'a> {
    pub metric: &'a str,
    pub source: &'a str,
    /// UTC milliseconds, from inclusive, to exclusive.
    pub from: i64,
    pub to: i64,
}

/// One moment of high-rate data.
#[derive(Debug, Clone, Copy)]
pub struct SampleRow<'a> {
    /// UTC milliseconds.
    pub at_ms: i64,
    pub context: &'a str,
    pub value: f64,
}

impl Store {
    /// Every document that matches, in the order of day, start and key. Those without a day come first.
    pub fn each_document(
        &self,
        (provider, resource): (&str, &str),
        filter: &StreamFilter,
        with_facts: bool,
        visit: &mut dyn FnMut(Streamed) -> Result<()>,
    ) -> Result<()> {
        let columns = match filter.body_unless_of {
            Some(_) => COLUMNS.replace(" body,", " iif(mapping = :mapping, '', body),"),
            None => COLUMNS.to_owned(),
        };
        let mut sql = format!(
            "SELECT {columns}, key, first_seen, changed_at FROM documents INDEXED BY documents_by_day
             WHERE provider = :provider AND resource = :resource"
        );
        let mut values: Vec<(&str, &dyn ToSql)> = vec![(":provider", &provider), (":resource", &resource)];
        if let Some(mapping) = &filter.body_unless_of {
            values.push((":mapping", mapping));
        }
        let mut and = |condition: &str| {
            sql.push_str(" AND ");
            sql.push_str(condition);
        };
        match &filter.since {
            None => and("removed_at IS NULL"),
            Some(since) => {
                and("id IN (SELECT id FROM changes
                       WHERE seq > :since AND provider = :provider AND resource = :resource)");
                values.push((":since", since));
            }
        }
        if let Some((first, last)) = &filter.days {
            and("day BETWEEN :first AND :last");
            values.extend([(":first", first as &dyn ToSql), (":last", last)]);
        }
        if let Some((from, to)) = &filter.instants {
            and("start_at < :to AND start_at >= :from - :longest
                 AND coalesce(end_at, 9223372036854775807) >= :from");
            values.extend([(":from", from as &dyn ToSql), (":to", to), (":longest", &LONGEST)]);
        }
        // The index has this order: nothing is sorted, however much there is.
        sql.push_str(" ORDER BY day, start_at, key");
        self.read(|db| {
            // A nap tells of naps, and nothing else does.
            let mut facts_of = db.prepare(&format!(
                "SELECT metric, value FROM facts WHERE document = ?1 AND (metric = '{OF_NAPS}') = ?2 ORDER BY metric"
            ))?;
            let mut statement = db.prepare(&sql)?;
            let mut rows = statement.query(&values[..])?;
            while let Some(row) = rows.next()? {
                let key: i64 = row.get(12)?;
                let mut document = Streamed {
                    row: Row::read(row, 0)?,
                    first_seen: row.get(13)?,
                    changed_at: row.get(14)?,
                    facts: Vec::new(),
                };
                if with_facts {
                    document.facts = facts_of
                        .query_map(params![key, document.row.session == Session::Nap], |row| Ok((row.get(0)?, row.get(1)?)))?
                        .collect::<rusqlite::Result<_>>()?;
                }
                if let Err(stopped) = visit(document) {
                    return Ok(Err(stopped));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Samples of one metric from one provider, oldest first.
    pub fn each_sample(
        &self,
        filter: SampleFilter<'_>,
        visit: &mut dyn FnMut(SampleRow<'_>) -> Result<()>,
    ) -> Result<()> {
        self.read(|db| {
            let mut number = db.prepare_cached("SELECT id FROM names WHERE name = ?1")?;
            let mut number = |name: &str| number.query_row([name], |row| row.get::<_, i64>(0)).optional();
            let (Some(metric), Some(source)) = (number(filter.metric)?, number(filter.source)?) else {
                return Ok(Ok(()));
            };
            let mut name = db.prepare_cached("SELECT name FROM names WHERE id = ?1")?;
            let mut contexts: BTreeMap<i64, String> = BTreeMap::new();
            let mut statement = db.prepare_cached(
                "SELECT at_ms, context, value FROM samples
                 WHERE metric = ?1 AND source = ?2 AND at_ms >= ?3 AND at_ms < ?4 ORDER BY at_ms, context",
            )?;
            let mut rows = statement.query(params![metric, source, filter.from, filter.to])?;
            while let Some(row) = rows.next()? {
                let context: i64 = row.get(1)?;
                let context = match contexts.entry(context) {
                    std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::btree_map::Entry::Vacant(new) => {
                        new.insert(name.query_row([context], |row| row.get(0))?)
                    }
                };
                let sample = SampleRow { at_ms: row.get(0)?, context, value: row.get(2)? };
                if let Err(stopped) = visit(sample) {
                    return Ok(Err(stopped));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// First and last moment of the samples of a metric from a provider; `None` where there are none.
    pub fn sample_span(&self, metric: &str, source: &str) -> Result<Option<(i64, i64)>> {
        self.read(|db| {
            // Two seeks; asked for both at once, SQLite reads every sample.
            let end = |of: &str| {
                db.prepare_cached(&format!(
                    "SELECT {of}(at_ms) FROM samples
                     WHERE metric = (SELECT id FROM names WHERE name = ?1)
                       AND source = (SELECT id FROM names WHERE name = ?2)"
                ))?
                .query_row([metric, source], |row| row.get::<_, Option<i64>>(0))
            };
            Ok(end("min")?.zip(end("max")?))
        })
    }

    /// First and last day of which anything is known.
    pub fn days_with_facts(&self) -> Result<Option<(String, String)>> {
        self.read(|db| {
            // Each ends at the first record that says something.
            let end = |order: &str| {
                db.prepare_cached(&format!(
                    "SELECT d.day FROM documents d WHERE d.day IS NOT NULL
                       AND EXISTS (SELECT 1 FROM facts f WHERE f.document = d.key) ORDER BY d.day {order} LIMIT 1"
                ))?
                .query_row([], |row| row.get::<_, String>(0))
                .optional()
            };
            Ok(end("ASC")?.zip(end("DESC")?))
        })
    }
}
