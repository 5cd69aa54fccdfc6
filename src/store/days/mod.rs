//! The days as they are kept: what each source says about each metric of a day, worked out once out of its documents
//! and facts by a function that the caller gives (`days::rule`).
//!
//! Invariant: a day that is marked as kept has the rows that this function makes of its documents. The triggers of the
//! schema take the mark away in the transaction that changes a document, and [`Store::settle_days`] reads, works out,
//! writes and marks in one. A day that is not kept is handed out as its documents: whoever asks works it out.

mod chosen;
mod documents;
mod settle;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rusqlite::{Connection, Transaction, params};

use self::documents::{records, stretches};
pub use self::{
    chosen::SessionKinds,
    settle::{Due, Settled},
};
use super::{Row, Store, marks::get_state};
use crate::{
    error::Result,
    model::{
        metric::{self, Metric},
        time::Day,
    },
};

/// Where the fingerprint of the rule by which the rows were made stands.
const RULE: (&str, &str, &str) = ("", "", "days");

/// How a value of a source stands in its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Own,
    /// The source has it from another cloud.
    Relayed,
    /// Outside what can be true: left out.
    Implausible,
}

/// What one source says about one metric of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayRow {
    pub day: Day,
    pub metric: &'static Metric,
    /// `provider.resource`.
    pub kind: Arc<str>,
    /// Empty where it holds in whatever order the sources of sleep count; otherwise that order.
    pub sleep_order: String,
    /// 0 for the value; what was left out is counted from 1.
    pub place: i64,
    pub value: f64,
    pub offset: Option<i32>,
    pub standing: Standing,
    pub worn_seconds: Option<i64>,
}

/// A kind of record that days are made of. Body and flat row are read only where something is told by them: they are
/// long, and what stands behind them is slow to come to.
#[derive(Debug, Clone, Copy)]
pub struct DayKind {
    pub provider: &'static str,
    pub resource: &'static str,
    pub whole: bool,
}

/// A document of a day with all that it says.
#[derive(Debug, Clone)]
pub struct DayRecord {
    pub day: Day,
    /// Its place among the kinds asked for.
    pub kind: usize,
    pub row: Row,
    pub facts: Vec<(&'static Metric, f64)>,
}

/// What there is of a stretch of days.
#[derive(Debug, Default)]
pub struct KeptDays {
    /// Of the days that are kept, metric by metric.
    pub rows: Vec<DayRow>,
    /// The documents of the days that are not, in the order of day, kind, start and key.
    pub records: Vec<DayRecord>,
}

/// A kept day with what it was made of.
pub struct KeptDay {
    pub day: Day,
    pub rows: Vec<DayRow>,
    pub records: Vec<DayRecord>,
}

/// How many days are kept, and how many are not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DaysKept {
    pub kept: u64,
    pub not_kept: u64,
}

impl Store {
    /// What is kept of these metrics and days by this rule, and the documents of these kinds of the days that are not.
    pub fn days(
        &self,
        rule: &str,
        metrics: &[&'static Metric],
        kinds: &[DayKind],
        (first, last): (Day, Day),
    ) -> Result<KeptDays> {
        self.read_at_once(|db| {
            let stretch = (first.to_string(), last.to_string());
            let Some(without) = not_kept(db, rule, &stretch)? else {
                return Ok(KeptDays { rows: Vec::new(), records: records(db, kinds, (first, last))? });
            };
            let mut found =
                KeptDays { rows: kept_rows(db, metrics, &stretch, &without)?, records: Vec::new() };
            for stretch in stretches(&without) {
                found.records.extend(records(db, kinds, stretch)?);
            }
            Ok(found)
        })
    }

    /// The live documents of some kinds and days with what they say, in the order of day, kind, start and key.
    pub fn day_records(&self, kinds: &[DayKind], stretch: (Day, Day)) -> Result<Vec<DayRecord>> {
        self.read_at_once(|db| records(db, kinds, stretch))
    }

    /// How far the days are kept by this rule.
    pub fn days_kept(&self, rule: &str) -> Result<DaysKept> {
        self.read(|db| {
            let count = |sql: &str| db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0));
            let all = count("SELECT count(*) FROM days")?;
            let open = count("SELECT count(*) FROM days WHERE kept <> 1 AND kept = 0")?;
            let (kept, not_kept) = if is_rule(db, rule)? { (all - open, open) } else { (0, all) };
            Ok(DaysKept { kept: kept as u64, not_kept: not_kept as u64 })
        })
    }

    /// The days whose content changed after a number of the feed, and those of which that is not known because they
    /// are not kept. `None`: of no day it is known.
    pub fn days_changed_since(&self, rule: &str, seq: i64) -> Result<Option<HashSet<Day>>> {
        self.read(|db| {
            if !is_rule(db, rule)? {
                return Ok(None);
            }
            let days = db
                .prepare_cached("SELECT day FROM days WHERE kept = 0 OR seq > ?1")?
                .query_map([seq], |row| row.get::<_, String>(0))?
                .filter_map(|day| day.map(|day| day.parse().ok()).transpose())
                .collect::<rusqlite::Result<_>>()?;
            Ok(Some(days))
        })
    }

    /// Kept days from a random place on, each with what is kept and what it was made of, for comparing the two.
    pub fn sample_of_days(&self, rule: &str, kinds: &[DayKind], most: usize) -> Result<Vec<KeptDay>> {
        self.read_at_once(|db| {
            if !is_rule(db, rule)? {
                return Ok(Vec::new());
            }
            let days: Vec<String> = db
                .prepare("SELECT day FROM days WHERE kept = 1 ORDER BY random() LIMIT ?1")?
                .query_map([most as i64], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let metrics: Vec<&'static Metric> = metric::METRICS.iter().collect();
            let mut sample = Vec::new();
            for text in days {
                let Ok(day) = text.parse::<Day>() else { continue };
                let rows = kept_rows(db, &metrics, &(text.clone(), text), &HashSet::new())?;
                sample.push(KeptDay { day, rows, records: records(db, kinds, (day, day))? });
            }
            Ok(sample)
        })
    }

    /// Runs reads that have to fit together on one moment of the file.
    fn read_at_once<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.read(|db| {
            if !db.is_autocommit() {
                return work(db);
            }
            let tx = db.unchecked_transaction()?;
            let result = work(&tx)?;
            tx.commit()?;
            Ok(result)
        })
    }
}

/// Takes away what is kept of a provider, of which nothing may be left. The hash of its days goes too: it is of rows
/// that are there no more, and the same records may come back.
pub(super) fn forget(tx: &Transaction<'_>, provider: &str) -> rusqlite::Result<()> {
    let of_provider = "kind IN (SELECT id FROM names WHERE substr(name, 1, length(?1) + 1) = ?1 || '.')";
    tx.execute(
        &format!(
            "UPDATE days SET kept = 0, hash = NULL WHERE day IN (SELECT day FROM day_values WHERE {of_provider})"
        ),
        [provider],
    )?;
    tx.execute(&format!("DELETE FROM day_values WHERE {of_provider}"), [provider]).map(drop)
}

/// In builds for tests nothing may write a fact of a day that is still kept: that facts change only after their
/// document is what the triggers on documents rest on.
pub(super) fn guard(db: &Connection) -> rusqlite::Result<()> {
    if !cfg!(any(test, debug_assertions)) {
        return Ok(());
    }
    for (name, when, day) in [
        ("inserted", "INSERT", "NEW.day"),
        ("changed", "UPDATE", "OLD.day"),
        ("moved", "UPDATE", "NEW.day"),
        ("deleted", "DELETE", "OLD.day"),
    ] {
        db.execute_batch(&format!(
            "CREATE TEMP TRIGGER fact_of_a_kept_day_{name} BEFORE {when} ON main.facts
             WHEN EXISTS (SELECT 1 FROM main.days WHERE day = {day} AND kept = 1)
             BEGIN SELECT RAISE(ABORT, 'a fact of a day that is kept'); END"
        ))?;
    }
    Ok(())
}

/// From now on no day is kept.
pub(super) fn keep_none(db: &Connection) -> rusqlite::Result<()> {
    db.execute("UPDATE days SET kept = 0", []).map(drop)
}

/// Whether what is kept is of this rule. Where there is no day at all, the triggers of documents note nothing: then
/// nothing is kept.
fn is_rule(db: &Connection, rule: &str) -> rusqlite::Result<bool> {
    if get_state(db, RULE.0, RULE.1, RULE.2)?.is_none_or(|found| found != rule) {
        return Ok(false);
    }
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM days)")?.query_row([], |row| row.get(0))
}

/// The days of a stretch that are not kept; `None` where none of them is.
fn not_kept(
    db: &Connection,
    rule: &str,
    (first, last): &(String, String),
) -> rusqlite::Result<Option<HashSet<Day>>> {
    if !is_rule(db, rule)? {
        return Ok(None);
    }
    db.prepare_cached("SELECT day FROM days WHERE kept <> 1 AND day BETWEEN ?1 AND ?2")?
        .query_map([first, last], |row| row.get::<_, String>(0))?
        .filter_map(|day| day.map(|day| day.parse().ok()).transpose())
        .collect::<rusqlite::Result<_>>()
        .map(Some)
}

fn kept_rows(
    db: &Connection,
    metrics: &[&'static Metric],
    (first, last): &(String, String),
    without: &HashSet<Day>,
) -> rusqlite::Result<Vec<DayRow>> {
    let by_id: HashMap<&str, &'static Metric> = metrics.iter().map(|metric| (metric.id, *metric)).collect();
    let mut named: HashMap<i64, &'static Metric> = HashMap::new();
    let mut kinds: HashMap<i64, Arc<str>> = HashMap::new();
    let mut statement = db.prepare_cached("SELECT id, name FROM names")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(1)?.as_str()?;
        match by_id.get(name) {
            Some(metric) => drop(named.insert(row.get(0)?, metric)),
            None if name.contains('.') => drop(kinds.insert(row.get(0)?, name.into())),
            None => {}
        }
    }
    let ids: Vec<i64> = named.keys().copied().collect();
    let mut statement = db.prepare_cached(
        "SELECT metric, day, kind, sleep_order, place, value, offset, standing, worn_seconds FROM day_values
         WHERE metric IN (SELECT value FROM json_each(?1)) AND day BETWEEN ?2 AND ?3",
    )?;
    let mut rows = statement.query(params![serde_json::Value::from(ids).to_string(), first, last])?;
    let mut found: Vec<DayRow> = Vec::new();
    // They come metric by metric, and mostly of one kind.
    let mut last_metric: (i64, Option<&'static Metric>) = (0, None);
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if last_metric.0 != id {
            last_metric = (id, named.get(&id).copied());
        }
        let kind = kinds.get(&row.get(2)?);
        let (Some(metric), Some(kind), Ok(day)) =
            (last_metric.1, kind, row.get_ref(1)?.as_str()?.parse::<Day>())
        else {
            continue;
        };
        if without.contains(&day) {
            continue;
        }
        found.push(DayRow {
            day,
            metric,
            kind: kind.clone(),
            sleep_order: row.get(3)?,
            place: row.get(4)?,
            value: row.get(5)?,
            offset: row.get(6)?,
            standing: match row.get::<_, i64>(7)? {
                0 => Standing::Own,
                1 => Standing::Relayed,
                _ => Standing::Implausible,
            },
            worn_seconds: row.get(8)?,
        });
    }
    Ok(found)
}
