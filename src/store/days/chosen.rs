//! Which sleeps and workouts are chosen where several devices recorded the same, and by which orders of sources: kept for
//! whoever reads the views.

use std::collections::HashSet;

use rusqlite::{Connection, Transaction, params};

use super::{
    DayKind, DayRecord,
    documents::{records, stretches},
};
use crate::{
    error::Result,
    model::time::Day,
    store::{
        Store,
        marks::{get_state, set_state},
    },
};

/// Where the fingerprint of the rule stands by which sessions were chosen.
const RULE: (&str, &str, &str) = ("", "", "chosen_sessions");

/// Days of one transaction.
const AT_A_TIME: usize = 92;

/// The kinds of sessions.
pub struct SessionKinds {
    pub sleeps: Vec<DayKind>,
    pub workouts: Vec<DayKind>,
}

/// Tells which of some sleeps and workouts are chosen: their days and keys.
pub type Choose<'c> = dyn FnMut(Vec<DayRecord>, Vec<DayRecord>) -> Vec<(Day, i64)> + 'c;

/// A metric, a source and its place.
pub type Rank = (&'static str, &'static str, i64);

impl Store {
    /// Sees to it that the views choose by these places of sources.
    pub fn keep_source_ranks(&self, ranks: &[Rank]) -> Result<()> {
        let is_so = |db: &Connection| -> rusqlite::Result<bool> {
            let mut statement = db.prepare_cached("SELECT metric, source, rank FROM source_ranks")?;
            let mut rows = statement.query([])?;
            let wanted: HashSet<(&str, &str, i64)> = ranks.iter().copied().collect();
            let mut found = 0;
            while let Some(row) = rows.next()? {
                if !wanted.contains(&(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?, row.get(2)?)) {
                    return Ok(false);
                }
                found += 1;
            }
            Ok(found == wanted.len())
        };
        if self.read(|db| Ok(db.is_readonly("main")? || is_so(db)?))? {
            return Ok(());
        }
        self.write(|tx| {
            tx.execute("DELETE FROM source_ranks", [])?;
            let mut insert =
                tx.prepare("INSERT INTO source_ranks (metric, source, rank) VALUES (?1, ?2, ?3)")?;
            ranks.iter().try_for_each(|rank| insert.execute(*rank).map(drop))?;
            choose_none(tx)
        })
    }

    /// The sources in the order in which they count for a metric or for workouts.
    pub fn source_order(&self, metric: &str) -> Result<Vec<String>> {
        self.read(|db| {
            db.prepare_cached("SELECT source FROM source_ranks WHERE metric = ?1 ORDER BY rank")?
                .query_map([metric], |row| row.get(0))?
                .collect()
        })
    }

    /// The keys of all chosen sessions.
    #[cfg(test)]
    pub fn chosen_sessions(&self) -> Result<Vec<i64>> {
        self.read(|db| {
            db.prepare("SELECT document FROM chosen_sessions ORDER BY document")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }

    /// Works out which sessions are chosen, of the days of which a document changed since or in which one goes on. A
    /// workout is of one day to one device and of the next to another: the neighbours of such a day are worked out too.
    pub fn choose_sessions(&self, rule: &str, kinds: &SessionKinds, choose: &mut Choose<'_>) -> Result<()> {
        if !self.read(|db| Ok(!is_rule(db, rule)? || !due(db, None)?.is_empty()))? {
            return Ok(());
        }
        let mut before: Option<String> = None;
        loop {
            before = self.write(|tx| {
                if !is_rule(tx, rule)? {
                    choose_none(tx)?;
                    set_state(tx, RULE.0, RULE.1, RULE.2, Some(rule))?;
                }
                let due = due(tx, before.as_deref())?;
                choose_of(tx, kinds, &due, choose)?;
                Ok(due.into_iter().min())
            })?;
            if before.is_none() {
                return Ok(());
            }
        }
    }
}

fn is_rule(db: &Connection, rule: &str) -> rusqlite::Result<bool> {
    Ok(get_state(db, RULE.0, RULE.1, RULE.2)?.is_some_and(|found| found == rule))
}

fn choose_none(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute("UPDATE days SET chosen = 0 WHERE chosen <> 0", []).map(drop)
}

/// Some days that have to be worked out, the newest first, before a day.
fn due(db: &Connection, before: Option<&str>) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached(
        "SELECT day FROM days WHERE chosen = 0 AND day < ?1
         UNION SELECT day FROM days WHERE kept <> 1 AND kept = 2 AND day < ?1
         ORDER BY day DESC LIMIT ?2",
    )?
    .query_map(params![before.unwrap_or("~"), AT_A_TIME as i64], |row| row.get(0))?
    .collect()
}

fn choose_of(
    tx: &Transaction<'_>,
    kinds: &SessionKinds,
    due: &[String],
    choose: &mut Choose<'_>,
) -> rusqlite::Result<()> {
    let days: HashSet<Day> = due.iter().filter_map(|day| day.parse().ok()).collect();
    let around = |day: &Day| [day.yesterday(), Ok(*day), day.tomorrow()];
    let days: HashSet<Day> = days.iter().flat_map(around).flatten().collect();
    for (first, last) in stretches(&days) {
        let wide = (first.yesterday().unwrap_or(first), last.tomorrow().unwrap_or(last));
        let chosen = choose(records(tx, &kinds.sleeps, (first, last))?, records(tx, &kinds.workouts, wide)?);
        let mut chosen: Vec<(String, i64)> = chosen
            .into_iter()
            .filter(|(day, _)| (first..=last).contains(day))
            .map(|(day, key)| (day.to_string(), key))
            .collect();
        chosen.sort_unstable();
        let (first, last) = (first.to_string(), last.to_string());
        let before: Vec<(String, i64)> = tx
            .prepare_cached(
                "SELECT day, document FROM chosen_sessions WHERE day BETWEEN ?1 AND ?2 ORDER BY day, document",
            )?
            .query_map([&first, &last], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if before == chosen {
            continue;
        }
        tx.prepare_cached("DELETE FROM chosen_sessions WHERE day BETWEEN ?1 AND ?2")?
            .execute([&first, &last])?;
        let mut insert =
            tx.prepare_cached("INSERT OR REPLACE INTO chosen_sessions (day, document) VALUES (?1, ?2)")?;
        for (day, key) in &chosen {
            insert.execute(params![day, key])?;
        }
    }
    let mut done = tx.prepare_cached("UPDATE days SET chosen = 1 WHERE day = ?1 AND chosen = 0")?;
    due.iter().try_for_each(|day| done.execute([day]).map(drop))
}
