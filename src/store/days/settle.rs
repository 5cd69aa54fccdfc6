//! Working days out and keeping what they come to: read, worked out, written and marked in one transaction.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Transaction, params};
use sha2::{Digest as _, Sha256};

use super::{
    DayKind, DayRecord, DayRow, RULE,
    documents::{records, stretches},
    is_rule, keep_none,
};
use crate::{
    error::Result,
    model::time::Day,
    store::{Store, marks::set_state, samples::Numbers},
};

/// What days come to.
pub struct Settled {
    pub rows: Vec<DayRow>,
    /// Whether they stay true until a document changes.
    pub lasting: bool,
}

/// Which days are worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Those of which a document changed.
    Changed = 0,
    /// Also those that are not kept because they hang on the hour, for readers who see nothing but rows.
    OfTheHour = 2,
}

impl Store {
    /// Works out up to so many days that are due, the newest first, before a day: all in one transaction.
    /// Answers the earliest of them, from which to go on, and how many there were; `None` when there was none.
    ///
    /// The number in the feed moves, and the rows are written, only where they differ from before.
    pub fn settle_days(
        &self,
        rule: &str,
        kinds: &[DayKind],
        (due, before, most): (Due, Option<Day>, usize),
        work_out: &mut dyn FnMut(Day, Vec<DayRecord>) -> Settled,
    ) -> Result<Option<(Day, u64)>> {
        self.write(|tx| {
            begin(tx, rule)?;
            let before = before.map_or_else(|| "~".to_owned(), |day| day.to_string());
            let days: Vec<Day> = tx
                .prepare_cached(
                    "SELECT day FROM days WHERE kept <> 1 AND kept <= ?3 AND day < ?1 ORDER BY day DESC LIMIT ?2",
                )?
                .query_map(params![before, most as i64, due as i64], |row| row.get::<_, String>(0))?
                .filter_map(|day| day.map(|day| day.parse().ok()).transpose())
                .collect::<rusqlite::Result<_>>()?;
            let mut by_day: BTreeMap<Day, Vec<DayRecord>> =
                days.iter().map(|day| (*day, Vec::new())).collect();
            for stretch in stretches(&days.iter().copied().collect()) {
                for record in records(tx, kinds, stretch)? {
                    by_day.entry(record.day).or_default().push(record);
                }
            }
            let settled: Vec<(Day, Settled)> =
                by_day.into_iter().map(|(day, records)| (day, work_out(day, records))).collect();
            write_days(tx, &settled)?;
            Ok(days.last().map(|earliest| (*earliest, days.len() as u64)))
        })
    }

    /// Whether a day is due by this rule, so that settling has something to do.
    pub fn has_unsettled_days(&self, rule: &str, due: Due) -> Result<bool> {
        self.read(|db| {
            if is_rule(db, rule)? {
                return db.query_row(
                    "SELECT EXISTS (SELECT 1 FROM days WHERE kept <> 1 AND kept <= ?1)",
                    [due as i64],
                    |row| row.get(0),
                );
            }
            db.query_row("SELECT EXISTS (SELECT 1 FROM documents WHERE day IS NOT NULL)", [], |row| {
                row.get(0)
            })
        })
    }
}

/// Sees to it that what is kept is of this rule, and that every day with a document has a row.
fn begin(tx: &Transaction<'_>, rule: &str) -> rusqlite::Result<()> {
    if is_rule(tx, rule)? {
        return Ok(());
    }
    keep_none(tx)?;
    tx.execute(
        "INSERT OR IGNORE INTO days (day, kept) SELECT DISTINCT day, 0 FROM documents WHERE day IS NOT NULL",
        [],
    )?;
    set_state(tx, RULE.0, RULE.1, RULE.2, Some(rule))
}

/// Writes what days come to where it differs from what is kept of them.
fn write_days(tx: &Transaction<'_>, settled: &[(Day, Settled)]) -> rusqlite::Result<()> {
    let mut changed = Vec::new();
    let mut feed = None;
    for (day, settled) in settled {
        if mark(tx, *day, settled, &mut feed)? {
            changed.extend(&settled.rows);
        }
    }
    insert(tx, &changed)
}

/// Notes that a day was worked out. Answers whether its rows are others than before; then there are none of it.
fn mark(tx: &Transaction<'_>, day: Day, settled: &Settled, feed: &mut Option<i64>) -> rusqlite::Result<bool> {
    let date = day.to_string();
    let hash = hash(settled);
    // 2: it was worked out, and is not kept.
    let kept = if settled.lasting { 1 } else { 2 };
    let (before, seq, was): (Option<[u8; 17]>, Option<i64>, i64) = tx
        .prepare_cached("SELECT hash, seq, kept FROM days WHERE day = ?1")?
        .query_row([&date], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?
        .unwrap_or_default();
    if (before, was) == (Some(hash), kept) {
        return Ok(false);
    }
    let is_changed = before != Some(hash);
    let mut place = seq;
    if is_changed {
        if seq.is_some() {
            tx.prepare_cached("DELETE FROM day_values WHERE day = ?1 AND metric IN (SELECT id FROM names)")?
                .execute([&date])?;
        }
        place = Some(match *feed {
            Some(number) => number,
            None => *feed.insert(next_number(tx)?),
        });
    }
    tx.prepare_cached(
        "INSERT INTO days (day, kept, hash, seq) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (day) DO UPDATE SET kept = excluded.kept, hash = excluded.hash, seq = excluded.seq",
    )?
    .execute(params![date, kept, hash, place])?;
    Ok(is_changed)
}

/// Inserts rows of many days in the order in which they lie in the file, metric by metric: each page is come to once.
fn insert(tx: &Transaction<'_>, rows: &[&DayRow]) -> rusqlite::Result<()> {
    let mut numbers = Numbers::default();
    let mut numbered = Vec::with_capacity(rows.len());
    for row in rows {
        numbered.push((numbers.of(tx, row.metric.id)?, numbers.of(tx, &row.kind)?, *row));
    }
    let key = |(metric, kind, row): &(i64, i64, &DayRow)| (*metric, row.day, *kind, row.place);
    numbered.sort_by(|one, other| {
        key(one).cmp(&key(other)).then_with(|| one.2.sleep_order.cmp(&other.2.sleep_order))
    });
    let mut insert = tx.prepare_cached(
        "INSERT INTO day_values (metric, day, kind, sleep_order, place, value, offset, standing, worn_seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (metric, kind, row) in numbered {
        insert.execute(params![
            metric,
            row.day.to_string(),
            kind,
            row.sleep_order,
            row.place,
            row.value,
            row.offset,
            row.standing as i64,
            row.worn_seconds,
        ])?;
    }
    Ok(())
}

/// The next number of the feed of changes, which the days share, so that one cursor is good for both.
fn next_number(tx: &Transaction<'_>) -> rusqlite::Result<i64> {
    let given = tx
        .prepare_cached("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'changes' RETURNING seq")?
        .query_row([], |row| row.get(0))
        .optional()?;
    match given {
        Some(number) => Ok(number),
        None => tx.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', 1)", []).map(|_| 1),
    }
}

/// Of what a day comes to. What hangs on the hour was handed out as it was then: once it lasts it is another content.
fn hash(settled: &Settled) -> [u8; 17] {
    let mut hash = Sha256::new();
    for row in &settled.rows {
        for text in [row.metric.id, &row.kind, &row.sleep_order] {
            hash.update(text);
            hash.update([0]);
        }
        hash.update([row.standing as u8]);
        for whole in [row.place, row.offset.map_or(i64::MIN, i64::from), row.worn_seconds.unwrap_or(-1)] {
            hash.update(whole.to_le_bytes());
        }
        hash.update(row.value.to_bits().to_le_bytes());
    }
    let digest = hash.finalize();
    std::array::from_fn(|place| if place == 0 { u8::from(settled.lasting) } else { digest[place] })
}
