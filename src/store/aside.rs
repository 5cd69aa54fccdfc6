//! Records that could not be read: kept for a version that can, and part of the answers about their day, until the
//! record becomes readable or is gone upstream.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};

use super::Store;
use crate::{
    error::Result,
    model::incoming::{Incoming, Unreadable},
};

/// One that is kept aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    pub hash: Vec<u8>,
    pub reason: String,
    pub body: String,
    pub id: Option<String>,
    pub day: Option<String>,
    /// When it was first met, UTC milliseconds.
    pub at: i64,
}

impl Store {
    /// The records of some days (both included) that came and could not be read.
    pub fn unreadable(&self, provider: &str, resource: &str, first: &str, last: &str) -> Result<Vec<Aside>> {
        let mut all = self.aside(provider, resource)?;
        all.retain(|one| one.day.as_deref().is_some_and(|day| (first..=last).contains(&day)));
        Ok(all)
    }

    /// All that is kept aside of a resource, oldest first.
    pub fn aside(&self, provider: &str, resource: &str) -> Result<Vec<Aside>> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT hash, reason, body, id, day, at FROM quarantine WHERE provider = ?1 AND resource = ?2
                 ORDER BY at, hash",
            )?
            .query_map([provider, resource], |row| {
                Ok(Aside {
                    hash: row.get(0)?,
                    reason: row.get(1)?,
                    body: row.get(2)?,
                    id: row.get(3)?,
                    day: row.get(4)?,
                    at: row.get(5)?,
                })
            })?
            .collect()
        })
    }

    /// Forgets those of a listed span (UTC milliseconds, to exclusive) that the listing no longer held. One of which
    /// no time is known goes with any listing that does not hold it.
    pub fn clear_aside(
        &self,
        (provider, resource): (&str, &str),
        (from, to): (i64, i64),
        held: &BTreeSet<Vec<u8>>,
    ) -> Result<()> {
        let gone: Vec<Vec<u8>> = self
            .aside(provider, resource)?
            .into_iter()
            .map(|one| one.hash)
            .filter(|hash| !held.contains(hash))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.write(|tx| {
            let mut delete = tx.prepare_cached(
                "DELETE FROM quarantine WHERE provider = ?1 AND resource = ?2 AND hash = ?3
                   AND coalesce(start_at, unixepoch(day) * 1000, ?4) BETWEEN ?4 AND ?5 - 1",
            )?;
            for hash in gone {
                delete.execute(params![provider, resource, hash, from, to])?;
            }
            Ok(())
        })
    }

    /// Forgets one that has been read after all.
    pub fn forget_aside(&self, provider: &str, resource: &str, hash: &[u8]) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "DELETE FROM quarantine WHERE provider = ?1 AND resource = ?2 AND hash = ?3",
                params![provider, resource, hash],
            )
            .map(drop)
        })
    }
}

/// Keeps one aside; answers whether it is met for the first time. One that came in another form before, and is
/// still unreadable, is the same one.
pub(super) fn put(
    tx: &Transaction<'_>,
    names: (&str, &str),
    unreadable: &Unreadable,
    now_ms: i64,
) -> rusqlite::Result<bool> {
    let hash = unreadable.hash();
    let before = tx
        .prepare_cached(
            "DELETE FROM quarantine WHERE provider = ?1 AND resource = ?2 AND id = ?3 AND hash <> ?4",
        )?
        .execute(params![names.0, names.1, unreadable.id, hash])?;
    let known = tx
        .prepare_cached(
            "UPDATE quarantine SET reason = ?4, id = ?5, day = ?6, start_at = ?7
             WHERE provider = ?1 AND resource = ?2 AND hash = ?3",
        )?
        .execute(params![
            names.0,
            names.1,
            hash,
            unreadable.reason,
            unreadable.id,
            unreadable.day,
            unreadable.start_at
        ])?;
    if known > 0 {
        return Ok(false);
    }
    tx.prepare_cached(
        "INSERT INTO quarantine (provider, resource, hash, at, reason, body, id, day, start_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        names.0,
        names.1,
        hash,
        now_ms,
        unreadable.reason,
        unreadable.body,
        unreadable.id,
        unreadable.day,
        unreadable.start_at
    ])?;
    Ok(before == 0)
}

/// Forgets those that have come in a form that can be read.
pub(super) fn clear_read(
    tx: &Transaction<'_>,
    (provider, resource): (&str, &str),
    documents: &[Incoming],
) -> rusqlite::Result<()> {
    let any: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM quarantine WHERE provider = ?1 AND resource = ?2 AND id IS NOT NULL)")?
        .query_row([provider, resource], |row| row.get(0))?;
    if !any {
        return Ok(());
    }
    let mut delete =
        tx.prepare_cached("DELETE FROM quarantine WHERE provider = ?1 AND resource = ?2 AND id = ?3")?;
    for incoming in documents {
        delete.execute([provider, resource, incoming.document.id.as_str()])?;
    }
    Ok(())
}
