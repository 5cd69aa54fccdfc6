//! Days that are borrowed: a recovery has the day of its sleep, a cycle that of the main sleep it starts
//! with, whichever of the two arrives first. Plain SQL over names that the caller gives; no provider here.

use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::changes::note;
use crate::model::{Borrow, Relation};

/// When a document was: its own time, or what another one lent it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    pub day: Option<String>,
    /// UTC milliseconds.
    pub start: Option<i64>,
    pub end: Option<i64>,
    /// Seconds.
    pub offset: Option<i32>,
}

impl When {
    /// The columns day, `start_at`, `end_at` and offset, from this place on.
    pub fn read(row: &Row<'_>, at: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            day: row.get(at)?,
            start: row.get(at + 1)?,
            end: row.get(at + 2)?,
            offset: row.get(at + 3)?,
        })
    }
}

/// Whether documents of the resource have no time of their own.
pub fn borrows(relations: &[Relation], resource: &str) -> bool {
    relations.iter().any(|relation| relation.borrower == resource && relation.borrow.whole())
}

/// Brings the documents up to date that borrow from documents of `resource` which were just stored, and
/// those that borrow from them, and so on. A document whose day or time moves is a change in the feed.
pub fn resolve(
    tx: &Transaction<'_>,
    provider: &str,
    resource: &str,
    ids: &[&str],
    relations: &[Relation],
    now_ms: i64,
) -> rusqlite::Result<()> {
    let mut queue: Vec<(&str, String)> = Vec::new();
    for id in ids {
        queue_borrowers(tx, provider, (resource, id), relations, &mut queue)?;
    }
    let mut next = 0;
    while next < queue.len() {
        let (resource, id) = queue[next].clone();
        next += 1;
        let Some((day, left)) = borrow_again(tx, provider, resource, &id, relations, now_ms)? else {
            continue;
        };
        note(tx, now_ms, "changed", (provider, resource, &id), (day.as_deref(), left.as_deref()))?;
        queue_borrowers(tx, provider, (resource, &id), relations, &mut queue)?;
    }
    Ok(())
}

fn queue_borrowers<'a>(
    tx: &Transaction<'_>,
    provider: &str,
    (resource, id): (&str, &str),
    relations: &'a [Relation],
    queue: &mut Vec<(&'a str, String)>,
) -> rusqlite::Result<()> {
    for relation in relations.iter().filter(|relation| relation.lender == resource) {
        for borrower in borrowers(tx, provider, relation, id)? {
            if !queue.iter().any(|(resource, id)| *resource == relation.borrower && *id == borrower) {
                queue.push((relation.borrower, borrower));
            }
        }
    }
    Ok(())
}

/// Ids of the documents that look to this lender.
fn borrowers(
    tx: &Transaction<'_>,
    provider: &str,
    relation: &Relation,
    lender: &str,
) -> rusqlite::Result<Vec<String>> {
    let sql = match relation.borrow {
        Borrow::FromLinked => "SELECT id FROM documents WHERE provider = ?1 AND resource = ?2 AND link = ?4",
        Borrow::FromSameId => "SELECT id FROM documents WHERE provider = ?1 AND resource = ?2 AND id = ?4",
        Borrow::DayOfMainSession => {
            "SELECT link FROM documents WHERE provider = ?1 AND resource = ?3 AND id = ?4 AND link IN
               (SELECT id FROM documents WHERE provider = ?1 AND resource = ?2)"
        }
        // Those still without a clock; one that has a clock keeps it.
        Borrow::ClockOfNearest => {
            "SELECT id FROM documents WHERE provider = ?1 AND resource = ?2 AND day IS NULL AND ?3 <> ?4"
        }
    };
    tx.prepare_cached(sql)?
        .query_map(params![provider, relation.borrower, relation.lender, lender], |row| row.get(0))?
        .collect()
}

/// When a document was by the one it borrows from, as far as that one has arrived; `own` is what it has now.
pub fn lent(
    tx: &Transaction<'_>,
    (provider, resource): (&str, &str),
    (id, link): (&str, Option<&str>),
    own: &When,
    relations: &[Relation],
) -> rusqlite::Result<Option<When>> {
    for relation in relations.iter().filter(|relation| relation.borrower == resource) {
        let whole = |id: &str| {
            tx.prepare_cached(
                "SELECT day, start_at, end_at, offset FROM documents
                 WHERE provider = ?1 AND resource = ?2 AND id = ?3",
            )?
            .query_row([provider, relation.lender, id], |row| When::read(row, 0))
            .optional()
        };
        let found = match relation.borrow {
            Borrow::FromLinked => link.map_or(Ok(None), whole)?,
            Borrow::FromSameId => whole(id)?,
            Borrow::DayOfMainSession => tx
                .prepare_cached(
                    "SELECT day FROM documents
                     WHERE provider = ?1 AND resource = ?2 AND link = ?3 AND session = 'main'
                       AND removed_at IS NULL AND day IS NOT NULL
                     ORDER BY end_at - start_at DESC, id LIMIT 1",
                )?
                .query_row([provider, relation.lender, id], |row| row.get(0))
                .optional()?
                .map(|day| When { day, ..own.clone() }),
            Borrow::ClockOfNearest => tx
                .prepare_cached(
                    "SELECT date(?3 / 1000 + offset, 'unixepoch'), offset FROM documents WHERE key IN (
                       (SELECT key FROM documents WHERE provider = ?1 AND resource = ?2 AND offset IS NOT NULL
                        AND start_at <= ?3 ORDER BY start_at DESC LIMIT 1),
                       (SELECT key FROM documents WHERE provider = ?1 AND resource = ?2 AND offset IS NOT NULL
                        AND start_at > ?3 ORDER BY start_at LIMIT 1))
                     ORDER BY abs(start_at - ?3) LIMIT 1",
                )?
                .query_row(params![provider, relation.lender, own.start], |row| {
                    Ok(When { day: row.get(0)?, offset: row.get(1)?, ..own.clone() })
                })
                .optional()?,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Gives a stored document its borrowed time once more. If that moved anything, the day it has now and the one it had.
fn borrow_again(
    tx: &Transaction<'_>,
    provider: &str,
    resource: &str,
    id: &str,
    relations: &[Relation],
    now_ms: i64,
) -> rusqlite::Result<Option<(Option<String>, Option<String>)>> {
    let (key, link, own): (i64, Option<String>, When) = tx
        .prepare_cached(
            "SELECT key, link, day, start_at, end_at, offset FROM documents
             WHERE provider = ?1 AND resource = ?2 AND id = ?3",
        )?
        .query_row([provider, resource, id], |row| Ok((row.get(0)?, row.get(1)?, When::read(row, 2)?)))?;
    let lent = lent(tx, (provider, resource), (id, link.as_deref()), &own, relations)?;
    let Some(when) = lent.filter(|when| *when != own) else { return Ok(None) };
    tx.prepare_cached(
        "UPDATE documents SET day = ?2, start_at = ?3, end_at = ?4, offset = ?5, changed_at = ?6 WHERE key = ?1",
    )?
    .execute(params![key, when.day, when.start, when.end, when.offset, now_ms])?;
    tx.prepare_cached("UPDATE facts SET day = ?2 WHERE document = ?1")?.execute(params![key, when.day])?;
    Ok(Some((when.day, own.day)))
}
