//! The one write path for provider data: documents, facts, changes, coverage and marks of one page in one
//! transaction, so that after a crash at any moment either all of it is there or none.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::Offset};
use rusqlite::{OptionalExtension as _, Transaction, named_params, params};
use serde::{Deserialize, Serialize};

use super::{
    Store, aside,
    changes::note,
    clocks, coverage, marks, nights,
    relations::{self, When},
    samples,
};
use crate::{
    error::Result,
    model::{
        Document, Relation, Sample,
        document::END_OFFSET,
        incoming::{Incoming, Unreadable},
    },
};

/// One page, or a part of one, with all that must become true together.
pub struct Put<'a> {
    pub provider: &'a str,
    pub resource: &'a str,
    /// Which set of columns the flat rows were made with.
    pub mapping: i64,
    pub documents: &'a [Incoming],
    pub unreadable: &'a [Unreadable],
    /// Moments of a high-rate resource, and from how many records they are.
    pub samples: &'a [Sample],
    /// The samples take the place of those of the same metrics and contexts within, UTC milliseconds.
    pub replaces: Option<(i64, i64)>,
    /// Who borrows days from whom within the provider.
    pub relations: &'a [Relation],
    /// A span that is listed to its end with this page.
    pub covered: Option<coverage::Covered>,
    /// Marks to set: name and value.
    pub marks: &'a [(&'a str, String)],
    pub now_ms: i64,
}

/// What became of the records of a page or a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub fetched: u64,
    pub new: u64,
    pub changed: u64,
    pub removed: u64,
    /// Records kept aside because they could not be read, and how many of them for the first time.
    pub unreadable: u64,
    pub newly_unreadable: u64,
}

impl Store {
    /// Stores a page. The same page again changes nothing and makes no event.
    #[cfg(test)]
    pub fn put(&self, put: &Put<'_>) -> Result<Counts> {
        self.put_all(std::slice::from_ref(put)).map(|counts| counts[0])
    }

    /// Stores several pages in one transaction, in their order; answers what became of each.
    pub fn put_all(&self, puts: &[Put<'_>]) -> Result<Vec<Counts>> {
        self.write(|tx| puts.iter().map(|put| put_in(tx, put)).collect())
    }

    /// Marks documents as gone upstream. Their bodies stay.
    pub fn remove(&self, provider: &str, resource: &str, ids: &[String], now_ms: i64) -> Result<u64> {
        self.write(|tx| {
            let mut removed = 0;
            let mut days = BTreeSet::new();
            for id in ids {
                let day: Option<Option<String>> = tx
                    .prepare_cached(
                        "UPDATE documents SET removed_at = :now, changed_at = :now
                         WHERE provider = :provider AND resource = :resource AND id = :id AND removed_at IS NULL
                         RETURNING day",
                    )?
                    .query_row(
                        named_params! {":now": now_ms, ":provider": provider, ":resource": resource, ":id": id},
                        |row| row.get(0),
                    )
                    .optional()?;
                if let Some(day) = day {
                    removed += 1;
                    note(tx, now_ms, "removed", (provider, resource, id), (day.as_deref(), None))?;
                    days.extend(day);
                }
            }
            nights::settle(tx, (provider, resource), &days)?;
            Ok(removed)
        })
    }

    /// Replaces what was derived from a document, without an event: the record itself has not changed. A time
    /// that is its own is read again too.
    pub fn derive_again(
        &self,
        (provider, resource): (&str, &str),
        mapping: i64,
        incoming: &[Incoming],
        relations: &[Relation],
    ) -> Result<()> {
        self.write(|tx| {
            let mut days = BTreeSet::new();
            for one in incoming {
                let document = &one.document;
                let (key, found) = tx
                    .prepare_cached(
                        "UPDATE documents SET flat = ?4, mapping = ?5, session = ?6, link = ?7
                         WHERE provider = ?1 AND resource = ?2 AND id = ?3
                         RETURNING key, day, start_at, end_at, offset",
                    )?
                    .query_row(
                        params![
                            provider,
                            resource,
                            document.id,
                            one.flat,
                            mapping,
                            document.session.as_str(),
                            document.link
                        ],
                        |row| Ok((row.get::<_, i64>(0)?, When::read(row, 1)?)),
                    )?;
                let names = (document.id.as_str(), document.link.as_deref());
                let own = match &document.inferred {
                    _ if relations::borrows(relations, resource) => found.clone(),
                    None => own_time(document),
                    Some(inferred) => {
                        let names = (provider, resource, document.id.as_str());
                        clocks::by_neighbours(tx, names, own_time(document), inferred)?
                    }
                };
                let when = relations::lent(tx, (provider, resource), names, &own, relations)?.unwrap_or(own);
                if when != found {
                    tx.prepare_cached(
                        "UPDATE documents SET day = ?2, start_at = ?3, end_at = ?4, offset = ?5 WHERE key = ?1",
                    )?
                    .execute(params![key, when.day, when.start, when.end, when.offset])?;
                }
                clear_facts(tx, key)?;
                days.extend(when.day.clone().filter(|_| nights::is_sleep(&one.facts.values)));
                put_facts(tx, key, &when, one)?;
            }
            nights::settle(tx, (provider, resource), &days)
        })
    }
}

fn put_in(tx: &Transaction<'_>, put: &Put<'_>) -> rusqlite::Result<Counts> {
    let mut counts = Counts { fetched: put.documents.len() as u64, ..Counts::default() };
    let names = (put.provider, put.resource);
    let mut touched = Vec::new();
    // Those that have a clock of their own first: the others take theirs from them.
    let (told, inferred): (Vec<_>, Vec<_>) =
        put.documents.iter().partition(|incoming| incoming.document.inferred.is_none());
    let mut days = BTreeSet::new();
    for incoming in told.into_iter().chain(inferred) {
        match put_document(tx, put, incoming, &mut days)? {
            Some("new") => counts.new += 1,
            Some(_) => counts.changed += 1,
            None => continue,
        }
        touched.push(incoming.document.id.as_str());
    }
    nights::settle(tx, names, &days)?;
    relations::resolve(tx, put.provider, put.resource, &touched, put.relations, put.now_ms)?;
    for unreadable in put.unreadable {
        counts.unreadable += 1;
        counts.fetched += 1;
        counts.newly_unreadable += u64::from(aside::put(tx, names, unreadable, put.now_ms)?);
    }
    aside::clear_read(tx, names, put.documents)?;
    if !put.samples.is_empty() {
        counts.fetched += put.samples.len() as u64;
        counts.new += match put.replaces {
            Some(span) => samples::replace(tx, put.provider, span, put.samples)?,
            None => samples::put(tx, put.provider, put.samples)?,
        };
    }
    if let Some(covered) = put.covered {
        coverage::add(tx, put.provider, put.resource, covered)?;
    }
    for (name, value) in put.marks {
        marks::set_state(tx, put.provider, put.resource, name, Some(value))?;
    }
    Ok(counts)
}

/// Takes away what an earlier version stored under a key that is no longer the record's: it is the same record,
/// or that of another one which has its own key by now.
fn retire(tx: &Transaction<'_>, put: &Put<'_>, document: &Document) -> rusqlite::Result<()> {
    let Some(former) = &document.former_id else { return Ok(()) };
    let day: Option<Option<String>> = tx
        .prepare_cached(
            "UPDATE documents SET removed_at = ?4, changed_at = ?4
             WHERE provider = ?1 AND resource = ?2 AND id = ?3 AND removed_at IS NULL RETURNING day",
        )?
        .query_row(params![put.provider, put.resource, former, put.now_ms], |row| row.get(0))
        .optional()?;
    match day {
        Some(day) => {
            note(tx, put.now_ms, "removed", (put.provider, put.resource, former), (day.as_deref(), None))
        }
        None => Ok(()),
    }
}

/// What is stored of a document.
struct Stored {
    key: i64,
    hash: Vec<u8>,
    removed: bool,
    mapping: i64,
    when: When,
}

/// Inserts or updates one document; answers what the feed was told, if anything. Of a sleep it adds the days that it
/// is and was of.
fn put_document(
    tx: &Transaction<'_>,
    put: &Put<'_>,
    incoming: &Incoming,
    days: &mut BTreeSet<String>,
) -> rusqlite::Result<Option<&'static str>> {
    let document = &incoming.document;
    let found = stored(tx, put, &document.id)?;
    let same = found.as_ref().is_some_and(|found| !found.removed && found.hash == incoming.hash);
    let settled = same && found.as_ref().is_some_and(|found| found.mapping == put.mapping);
    if settled && document.inferred.is_none() {
        return Ok(None);
    }
    // A borrowed time is kept until its lender says otherwise.
    let own = match &found {
        Some(found) if relations::borrows(put.relations, put.resource) => found.when.clone(),
        _ => match &document.inferred {
            Some(inferred) => {
                let names = (put.provider, put.resource, document.id.as_str());
                clocks::by_neighbours(tx, names, own_time(document), inferred)?
            }
            None => own_time(document),
        },
    };
    let names = (document.id.as_str(), document.link.as_deref());
    let when = relations::lent(tx, (put.provider, put.resource), names, &own, put.relations)?.unwrap_or(own);
    let moved = found.as_ref().is_some_and(|found| found.when != when);
    if settled && !moved {
        return Ok(None);
    }
    // Two plain statements: an upsert that returns its key costs a table of its own for each record.
    let key = match &found {
        None => insert(tx, put, incoming, &when)?,
        Some(found) => {
            update(tx, put, incoming, found.key, &when, same)?;
            clear_facts(tx, found.key)?;
            found.key
        }
    };
    put_facts(tx, key, &when, incoming)?;
    let before = found.as_ref().and_then(|found| found.when.day.clone());
    if nights::is_sleep(&incoming.facts.values) || before.is_some() {
        days.extend(when.day.iter().cloned().chain(before.clone()));
    }
    if let Some(found) = &found {
        take_back_series(tx, put, incoming, key, found.when.start.zip(found.when.end))?;
    }
    put_series(tx, put.provider, incoming)?;
    if found.is_none() {
        retire(tx, put, document)?;
    }
    let op = match found {
        None => "new",
        Some(_) if same && !moved => return Ok(None),
        Some(_) => "changed",
    };
    note(
        tx,
        put.now_ms,
        op,
        (put.provider, put.resource, &document.id),
        (when.day.as_deref(), before.as_deref()),
    )?;
    Ok(Some(op))
}

fn stored(tx: &Transaction<'_>, put: &Put<'_>, id: &str) -> rusqlite::Result<Option<Stored>> {
    tx.prepare_cached(
        "SELECT key, hash, removed_at IS NOT NULL, mapping, day, start_at, end_at, offset FROM documents
         WHERE provider = ?1 AND resource = ?2 AND id = ?3",
    )?
    .query_row([put.provider, put.resource, id], |row| {
        Ok(Stored {
            key: row.get(0)?,
            hash: row.get(1)?,
            removed: row.get(2)?,
            mapping: row.get(3)?,
            when: When::read(row, 4)?,
        })
    })
    .optional()
}

fn own_time(document: &Document) -> When {
    When {
        day: document.day.as_ref().map(ToString::to_string),
        start: document.start.map(Timestamp::as_millisecond),
        end: document.end.map(Timestamp::as_millisecond),
        offset: document.offset.map(Offset::seconds),
    }
}

fn insert(tx: &Transaction<'_>, put: &Put<'_>, incoming: &Incoming, when: &When) -> rusqlite::Result<i64> {
    let document = &incoming.document;
    tx.prepare_cached(
        "INSERT INTO documents (provider, resource, id, day, start_at, end_at, offset, link, session, body,
                                flat, mapping, hash, first_seen, changed_at)
         VALUES (:provider, :resource, :id, :day, :start, :end, :offset, :link, :session, :body,
                 :flat, :mapping, :hash, :now, :now)",
    )?
    .execute(named_params! {
        ":provider": put.provider, ":resource": put.resource, ":id": document.id,
        ":day": when.day, ":start": when.start, ":end": when.end, ":offset": when.offset,
        ":link": document.link, ":session": document.session.as_str(),
        ":body": incoming.body, ":flat": incoming.flat, ":mapping": put.mapping,
        ":hash": incoming.hash, ":now": put.now_ms,
    })?;
    Ok(tx.last_insert_rowid())
}

/// `same`: only what is derived from the body is new.
fn update(
    tx: &Transaction<'_>,
    put: &Put<'_>,
    incoming: &Incoming,
    key: i64,
    when: &When,
    same: bool,
) -> rusqlite::Result<()> {
    let document = &incoming.document;
    tx.prepare_cached(
        "UPDATE documents SET day = :day, start_at = :start, end_at = :end, offset = :offset, link = :link,
           session = :session, body = :body, flat = :flat, mapping = :mapping, hash = :hash,
           changed_at = CASE WHEN :same THEN changed_at ELSE :now END, removed_at = NULL
         WHERE key = :key",
    )?
    .execute(named_params! {
        ":key": key, ":day": when.day, ":start": when.start, ":end": when.end, ":offset": when.offset,
        ":link": document.link, ":session": document.session.as_str(),
        ":body": incoming.body, ":flat": incoming.flat, ":mapping": put.mapping,
        ":hash": incoming.hash, ":same": same, ":now": put.now_ms,
    })
    .map(drop)
}

fn clear_facts(tx: &Transaction<'_>, key: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM facts WHERE document = ?1")?.execute([key]).map(drop)
}

fn put_facts(tx: &Transaction<'_>, key: i64, when: &When, incoming: &Incoming) -> rusqlite::Result<()> {
    let mut insert =
        tx.prepare_cached("INSERT INTO facts (document, metric, day, value) VALUES (?1, ?2, ?3, ?4)")?;
    // The clock of a neighbour is one clock: nothing is known of its change.
    let lent = when.offset != incoming.document.offset.map(Offset::seconds);
    for fact in incoming.facts.values.iter().filter(|fact| !(lent && fact.metric == END_OFFSET)) {
        insert.execute(params![key, fact.metric, when.day, fact.value])?;
    }
    Ok(())
}

/// A record that was analysed again may be shorter than before, or rejected: what it brought goes, but for
/// the time of other records of its kind.
fn take_back_series(
    tx: &Transaction<'_>,
    put: &Put<'_>,
    incoming: &Incoming,
    key: i64,
    before: Option<(i64, i64)>,
) -> rusqlite::Result<()> {
    let Some((from, to)) = before.filter(|_| !incoming.facts.series.is_empty()) else { return Ok(()) };
    let mut others: Vec<(i64, i64)> = tx
        .prepare_cached(
            "SELECT start_at, end_at FROM documents
             WHERE provider = ?1 AND resource = ?2 AND start_at <= ?4 AND end_at >= ?3 AND key <> ?5
               AND removed_at IS NULL AND session <> 'rejected' ORDER BY start_at",
        )?
        .query_map(params![put.provider, put.resource, from, to, key], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    others.push((to + 1, to + 1));
    let mut alone = from;
    for (start, end) in others {
        if alone < start {
            samples::delete(tx, put.provider, (alone, start - 1), incoming.facts.series)?;
        }
        alone = alone.max(end + 1);
    }
    Ok(())
}

/// The series of one record take the place of whatever was there.
fn put_series(tx: &Transaction<'_>, provider: &str, incoming: &Incoming) -> rusqlite::Result<()> {
    let samples = &incoming.facts.samples;
    let mut extents: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
    for sample in samples {
        let (first, last) =
            extents.entry((sample.metric, sample.context.as_str())).or_insert((sample.at_ms, sample.at_ms));
        (*first, *last) = ((*first).min(sample.at_ms), (*last).max(sample.at_ms));
    }
    for (series, span) in extents {
        samples::delete(tx, provider, span, &[series])?;
    }
    samples::put(tx, provider, samples).map(drop)
}
