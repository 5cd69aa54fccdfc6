//! The event feed: ordered by a local sequence number, so that nothing is skipped however late it arrived
//! and whatever time the provider put on it.
//!
//! Every write is one immediate transaction, so that numbers are given in the order of the commits: whoever
//! has read up to a number has seen every row below it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params, params, types::Value as Sql};

use super::{Store, records::Row};
use crate::error::Result;

/// Where a reader of the feed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// After this sequence number.
    Seq(i64),
    /// After this local time, UTC milliseconds.
    At(i64),
}

#[derive(Debug, Clone)]
pub struct ChangeFilter<'a> {
    pub since: Position,
    /// Up to this local time, UTC milliseconds, exclusive.
    pub until: Option<i64>,
    /// Up to this sequence number, included.
    pub up_to: Option<i64>,
    /// Provider and resource; empty means all.
    pub kinds: &'a [(&'a str, &'a str)],
    /// `new`, `changed`, `removed`; empty means all.
    pub ops: &'a [String],
    pub limit: usize,
}

/// One event, with the record as it is now.
#[derive(Debug, Clone)]
pub struct Change {
    pub seq: i64,
    pub at: i64,
    pub op: String,
    pub provider: String,
    pub resource: String,
    pub id: String,
    pub day: Option<String>,
    /// `None` for a record that is removed now.
    pub record: Option<Row>,
}

/// Events of one kind and op, counted.
#[derive(Debug, Clone)]
pub struct KindTally {
    pub provider: String,
    pub resource: String,
    pub op: String,
    pub count: u64,
    /// Local times of the first and the last, UTC milliseconds.
    pub at: (i64, i64),
    pub last_seq: i64,
}

/// Events about one day and of one op, counted.
#[derive(Debug, Clone)]
pub struct DayTally {
    /// `None` for what belongs to no day.
    pub day: Option<String>,
    pub op: String,
    pub count: u64,
}

/// Which rows of `changes c` a filter means.
const MATCHING: &str = "c.seq > :seq AND c.at > :at AND (:until IS NULL OR c.at < :until)
    AND (:up_to IS NULL OR c.seq <= :up_to)
    AND (:all_kinds OR c.provider || '.' || c.resource IN (SELECT value FROM json_each(:kinds)))
    AND (:all_ops OR c.op IN (SELECT value FROM json_each(:ops)))";

/// A filter as its statement takes it.
struct Bound {
    seq: i64,
    at: i64,
    kinds: String,
    ops: String,
}

impl<'a> ChangeFilter<'a> {
    /// All events after a position, of these kinds, oldest first.
    pub fn after(since: Position, kinds: &'a [(&'a str, &'a str)], limit: usize) -> Self {
        Self { since, until: None, up_to: None, kinds, ops: &[], limit }
    }

    fn bound(&self) -> Bound {
        let kinds: Vec<String> =
            self.kinds.iter().map(|(provider, resource)| format!("{provider}.{resource}")).collect();
        let (seq, at) = match self.since {
            Position::Seq(seq) => (seq, i64::MIN),
            Position::At(at) => (0, at),
        };
        let list = |items: &[String]| serde_json::Value::from(items).to_string();
        Bound { seq, at, kinds: list(&kinds), ops: list(self.ops) }
    }
}

impl Store {
    /// Events after a position, oldest first.
    pub fn changes(&self, filter: &ChangeFilter<'_>) -> Result<Vec<Change>> {
        let bound = filter.bound();
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT c.seq, c.at, c.op, c.provider, c.resource, c.id, c.day,
                        d.id, d.day, d.start_at, d.end_at, d.offset, d.flat, d.mapping, d.removed_at, d.body, d.link,
                        d.session,
                        (SELECT value FROM facts WHERE document = d.key AND metric = 'end_offset')
                 FROM changes c
                 LEFT JOIN documents d ON d.provider = c.provider AND d.resource = c.resource AND d.id = c.id
                      AND d.removed_at IS NULL AND c.op <> 'removed'
                 WHERE {MATCHING}
                 ORDER BY c.seq LIMIT :limit"
            ))?
            .query_map(
                named_params! {
                    ":seq": bound.seq, ":at": bound.at, ":until": filter.until, ":up_to": filter.up_to,
                    ":all_kinds": filter.kinds.is_empty(), ":kinds": bound.kinds,
                    ":all_ops": filter.ops.is_empty(), ":ops": bound.ops, ":limit": filter.limit as i64,
                },
                |row| {
                    let record = match row.get::<_, Sql>(7)? {
                        Sql::Null => None,
                        _ => Some(Row::read(row, 7)?),
                    };
                    Ok(Change {
                        seq: row.get(0)?,
                        at: row.get(1)?,
                        op: row.get(2)?,
                        provider: row.get(3)?,
                        resource: row.get(4)?,
                        id: row.get(5)?,
                        day: row.get(6)?,
                        record,
                    })
                },
            )?
            .collect()
        })
    }

    /// The events of a filter, counted by kind and op; its limit does not count.
    pub fn changes_by_kind(&self, filter: &ChangeFilter<'_>) -> Result<Vec<KindTally>> {
        let columns = "c.provider, c.resource, c.op, count(*), min(c.at), max(c.at), max(c.seq)";
        self.tallies(filter, columns, "c.provider, c.resource, c.op", |row| {
            Ok(KindTally {
                provider: row.get(0)?,
                resource: row.get(1)?,
                op: row.get(2)?,
                count: row.get::<_, i64>(3)?.unsigned_abs(),
                at: (row.get(4)?, row.get(5)?),
                last_seq: row.get(6)?,
            })
        })
    }

    /// The same by day and op, newest day first, what has no day last.
    pub fn changes_by_day(&self, filter: &ChangeFilter<'_>) -> Result<Vec<DayTally>> {
        self.tallies(filter, "c.day, c.op, count(*)", "c.day, c.op ORDER BY c.day DESC", |row| {
            Ok(DayTally { day: row.get(0)?, op: row.get(1)?, count: row.get::<_, i64>(2)?.unsigned_abs() })
        })
    }

    fn tallies<T>(
        &self,
        filter: &ChangeFilter<'_>,
        columns: &str,
        groups: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let bound = filter.bound();
        self.read(|db| {
            db.prepare_cached(&format!("SELECT {columns} FROM changes c WHERE {MATCHING} GROUP BY {groups}"))?
                .query_map(
                    named_params! {
                        ":seq": bound.seq, ":at": bound.at, ":until": filter.until, ":up_to": filter.up_to,
                        ":all_kinds": filter.kinds.is_empty(), ":kinds": bound.kinds,
                        ":all_ops": filter.ops.is_empty(), ":ops": bound.ops,
                    },
                    read,
                )?
                .collect()
        })
    }

    /// The last number that was given, 0 when there was none: to an event, or to days whose content changed.
    pub fn last_seq(&self) -> Result<i64> {
        self.read(last_seq)
    }

    /// The days that events after one number and up to another are about: as they were noted, those that records
    /// left, and as the records have them now.
    pub fn changed_days(&self, after: i64, up_to: i64) -> Result<BTreeSet<String>> {
        self.read(|db| {
            db.prepare_cached(
                "WITH new AS (SELECT * FROM changes WHERE seq > ?1 AND seq <= ?2)
                 SELECT day FROM new WHERE day IS NOT NULL
                 UNION SELECT left_day FROM new WHERE left_day IS NOT NULL
                 UNION SELECT d.day FROM new c
                   JOIN documents d ON d.provider = c.provider AND d.resource = c.resource AND d.id = c.id
                   WHERE d.day IS NOT NULL",
            )?
            .query_map([after, up_to], |row| row.get(0))?
            .collect()
        })
    }
}

pub(super) fn last_seq(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes'")?
        .query_row([], |row| row.get(0))
}

/// How far the time of a row may lie behind that of the row before it and still be taken for the same
/// moment, milliseconds: writers read the clock before they wait for each other, and clocks are corrected.
const SLACK: i64 = 600_000;

/// Appends one row to the feed. Its time is never a little before that of the row above it, so that whoever
/// asks for what came after an instant is not told less than whoever asks by number. A clock that was far
/// ahead once does not hold up the times of all that follows. A record that moved also names the day that it left.
pub(super) fn note(
    tx: &Transaction<'_>,
    now_ms: i64,
    op: &str,
    (provider, resource, id): (&str, &str, &str),
    (day, left): (Option<&str>, Option<&str>),
) -> rusqlite::Result<()> {
    let last: Option<i64> = tx
        .prepare_cached("SELECT at FROM changes ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let at = last.filter(|last| (now_ms..=now_ms + SLACK).contains(last)).unwrap_or(now_ms);
    tx.prepare_cached(
        "INSERT INTO changes (at, op, provider, resource, id, day, left_day) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![at, op, provider, resource, id, day, left.filter(|left| Some(*left) != day)])?;
    Ok(())
}
