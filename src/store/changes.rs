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
    /// Provider and resource; empty means all.
    pub kinds: &'a [(&'a str, &'a str)],
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

impl Store {
    /// Events after a position, oldest first.
    pub fn changes(&self, filter: &ChangeFilter<'_>) -> Result<Vec<Change>> {
        let kinds = serde_json::Value::from(
            filter
                .kinds
                .iter()
                .map(|(provider, resource)| format!("{provider}.{resource}"))
                .collect::<Vec<_>>(),
        );
        let (seq, at) = match filter.since {
            Position::Seq(seq) => (seq, i64::MIN),
            Position::At(at) => (0, at),
        };
        self.read(|db| {
            db.prepare_cached(
                "SELECT c.seq, c.at, c.op, c.provider, c.resource, c.id, c.day,
                        d.id, d.day, d.start_at, d.end_at, d.offset, d.flat, d.mapping, d.removed_at, d.body, d.link,
                        d.session,
                        (SELECT value FROM facts WHERE document = d.key AND metric = 'end_offset')
                 FROM changes c
                 LEFT JOIN documents d ON d.provider = c.provider AND d.resource = c.resource AND d.id = c.id
                      AND d.removed_at IS NULL AND c.op <> 'removed'
                 WHERE c.seq > :seq AND c.at > :at AND (:until IS NULL OR c.at < :until)
                   AND (:all OR c.provider || '.' || c.resource IN (SELECT value FROM json_each(:kinds)))
                 ORDER BY c.seq LIMIT :limit",
            )?
            .query_map(
                named_params! {
                    ":seq": seq, ":at": at, ":until": filter.until, ":all": filter.kinds.is_empty(),
                    ":kinds": kinds.to_string(), ":limit": filter.limit as i64,
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
