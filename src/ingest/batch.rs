//! What is fetched and not yet stored: a bulk import puts what comes within a quarter of a second into one
//! transaction, because the database's pages are then written once and not once for each page of a listing.
//!
//! Order is kept: what was added first is stored first, and a mark never becomes true before the records it
//! is about. Nothing waits for longer than [`HOLD`], however slow the provider: [`Batch::due`] says when. A sync
//! that is cancelled stores what it has fetched on its way out.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    error::Result,
    providers::{
        catalogue::{Provider, Resource},
        flatten,
        parse::Parsed,
    },
    store::{Counts, Covered, Put, Store},
};

/// The longest that anything waits to be stored.
const HOLD: Duration = Duration::from_millis(250);

/// Bytes that wait at most: what an import holds in memory stays small.
const MOST: usize = 4 << 20;

/// Some records of one resource that came together, or nothing but marks.
pub struct Fetched {
    pub resource: &'static Resource,
    pub parsed: Parsed,
    /// The span that is listed to its end with them.
    pub covered: Option<Covered>,
    /// UTC milliseconds: the samples are all there are of their kind within.
    pub replaces: Option<(i64, i64)>,
    pub marks: Vec<(&'static str, String)>,
}

pub struct Batch<'a> {
    store: &'a Store,
    provider: &'static Provider,
    /// The time, UTC milliseconds, when something is stored.
    now_ms: fn() -> i64,
    waiting: Vec<Fetched>,
    size: usize,
    since: Option<Instant>,
}

impl<'a> Batch<'a> {
    pub fn new(store: &'a Store, provider: &'static Provider, now_ms: fn() -> i64) -> Self {
        Self { store, provider, now_ms, waiting: Vec::new(), size: 0, since: None }
    }

    pub fn add(&mut self, fetched: Fetched) {
        self.since.get_or_insert_with(Instant::now);
        self.size += fetched.parsed.size();
        self.waiting.push(fetched);
    }

    /// When the first of what waits has waited long enough.
    pub fn due(&self) -> Option<Instant> {
        self.since.map(|since| since + HOLD)
    }

    pub fn is_full(&self) -> bool {
        self.size >= MOST || self.due().is_some_and(|due| due <= Instant::now())
    }

    /// Stores what waits, in one transaction; answers what became of the records of each resource.
    pub fn store(&mut self) -> Result<Vec<(&'static Resource, Counts)>> {
        let waiting = std::mem::take(&mut self.waiting);
        (self.size, self.since) = (0, None);
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let relations = self.provider.relations();
        let now_ms = (self.now_ms)();
        let puts: Vec<Put<'_>> = waiting
            .iter()
            .map(|fetched| Put {
                provider: self.provider.id,
                resource: fetched.resource.name,
                mapping: flatten::mapping(fetched.resource),
                documents: &fetched.parsed.documents,
                unreadable: &fetched.parsed.unreadable,
                samples: &fetched.parsed.samples,
                replaces: fetched.replaces,
                relations: &relations,
                covered: fetched.covered,
                marks: &fetched.marks,
                now_ms,
            })
            .collect();
        let counts = self.store.put_all(&puts)?;
        Ok(waiting.iter().map(|fetched| fetched.resource).zip(counts).collect())
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.store() {
            tracing::warn!(provider = self.provider.id, %error, "what was fetched last could not be stored");
        }
    }
}
