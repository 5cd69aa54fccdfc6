//! Reading the event feed: ordered by a local sequence number, so that nothing is skipped however late it
//! arrived and whatever time the provider put on it.

use rusqlite::{named_params, types::Value as Sql};

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
                        d.session
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

    /// The sequence number of the newest event, 0 when there is none.
    pub fn last_seq(&self) -> Result<i64> {
        self.read(|db| db.query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0)))
    }
}
