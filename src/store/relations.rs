//! Days that are borrowed: a recovery has the day of its sleep, a cycle that of the main sleep it starts
//! with, whichever of the two arrives first. Plain SQL over names that the caller gives; no provider here.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::changes::note;
use crate::model::{Borrow, Relation};

/// Whether documents of the resource have no time of their own.
pub fn borrows(relations: &[Relation], resource: &str) -> bool {
    relations.iter().any(|relation| relation.borrower == resource && relation.borrow.whole())
}

/// Brings borrowed days up to date after documents of `resource` were stored: theirs, and those of the
/// documents that borrow from them, and so on. A document whose day or time moves is a change in the feed.
pub fn resolve(
    tx: &Transaction<'_>,
    provider: &str,
    resource: &str,
    ids: &[&str],
    relations: &[Relation],
    now_ms: i64,
) -> rusqlite::Result<()> {
    // Newly stored documents are quietly given their day: the feed tells of them already.
    let mut queue: Vec<(&str, String, bool)> =
        ids.iter().map(|id| (resource, (*id).to_owned(), false)).collect();
    let mut next = 0;
    while next < queue.len() {
        let (resource, id, tell) = queue[next].clone();
        next += 1;
        let moved = borrow_time(tx, provider, resource, &id, relations)?;
        if tell && let Some(day) = &moved {
            note(tx, now_ms, "changed", (provider, resource, &id), day.as_deref())?;
            tx.prepare_cached(
                "UPDATE documents SET changed_at = ?4 WHERE provider = ?1 AND resource = ?2 AND id = ?3",
            )?
            .execute(params![provider, resource, id, now_ms])?;
        }
        if !tell || moved.is_some() {
            for relation in relations.iter().filter(|relation| relation.lender == resource) {
                for borrower in borrowers(tx, provider, relation, &id)? {
                    // A borrower that is in the queue as itself is told about by its own row.
                    let known = queue.iter().any(|(r, i, _)| *r == relation.borrower && *i == borrower);
                    if !known {
                        queue.push((relation.borrower, borrower, true));
                    }
                }
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

/// Day, start, end and offset of a lender.
type Lent = (Option<String>, Option<i64>, Option<i64>, Option<i64>);

/// Gives one document its borrowed time. `Some(day)` if that moved anything.
#[allow(clippy::option_option, reason = "outer: something moved; inner: the day, if known")]
fn borrow_time(
    tx: &Transaction<'_>,
    provider: &str,
    resource: &str,
    id: &str,
    relations: &[Relation],
) -> rusqlite::Result<Option<Option<String>>> {
    for relation in relations.iter().filter(|relation| relation.borrower == resource) {
        let lender = match relation.borrow {
            Borrow::FromLinked => {
                "SELECT l.day, l.start_at, l.end_at, l.offset FROM documents b
                 JOIN documents l ON l.provider = b.provider AND l.resource = ?3 AND l.id = b.link
                 WHERE b.provider = ?1 AND b.resource = ?2 AND b.id = ?4"
            }
            Borrow::FromSameId => {
                "SELECT day, start_at, end_at, offset FROM documents
                 WHERE provider = ?1 AND resource = ?3 AND id = ?4 AND ?2 <> ''"
            }
            Borrow::DayOfMainSession => {
                "SELECT l.day, b.start_at, b.end_at, b.offset FROM documents l
                 JOIN documents b ON b.provider = l.provider AND b.resource = ?2 AND b.id = l.link
                 WHERE l.provider = ?1 AND l.resource = ?3 AND l.link = ?4 AND l.session = 'main'
                   AND l.removed_at IS NULL AND l.day IS NOT NULL
                 ORDER BY l.end_at - l.start_at DESC, l.id LIMIT 1"
            }
            Borrow::ClockOfNearest => {
                "SELECT date(b.start_at / 1000 + l.offset, 'unixepoch'), b.start_at, b.end_at, l.offset
                 FROM documents b JOIN documents l ON l.key IN (
                   (SELECT key FROM documents WHERE provider = ?1 AND resource = ?3 AND offset IS NOT NULL
                    AND start_at <= b.start_at ORDER BY start_at DESC LIMIT 1),
                   (SELECT key FROM documents WHERE provider = ?1 AND resource = ?3 AND offset IS NOT NULL
                    AND start_at > b.start_at ORDER BY start_at LIMIT 1))
                 WHERE b.provider = ?1 AND b.resource = ?2 AND b.id = ?4
                 ORDER BY abs(l.start_at - b.start_at) LIMIT 1"
            }
        };
        let found: Option<Lent> = tx
            .prepare_cached(lender)?
            .query_row(params![provider, resource, relation.lender, id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((day, start, end, offset)) = found else { continue };
        let moved = tx
            .prepare_cached(
                "UPDATE documents SET day = ?4, start_at = ?5, end_at = ?6, offset = ?7
                 WHERE provider = ?1 AND resource = ?2 AND id = ?3
                   AND (day IS NOT ?4 OR start_at IS NOT ?5 OR end_at IS NOT ?6 OR offset IS NOT ?7)",
            )?
            .execute(params![provider, resource, id, day, start, end, offset])?;
        if moved == 0 {
            return Ok(None);
        }
        tx.prepare_cached(
            "UPDATE facts SET day = ?4 WHERE document =
               (SELECT key FROM documents WHERE provider = ?1 AND resource = ?2 AND id = ?3)",
        )?
        .execute(params![provider, resource, id, day])?;
        return Ok(Some(day));
    }
    Ok(None)
}
