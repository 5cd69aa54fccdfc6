//! What a sync does with the body of a reply, without the asking: for benches.

use super::batch::{Batch, Fetched};
use crate::{
    error::Result,
    providers::{
        catalogue::{Provider, Resource},
        page::read_page,
        parse::{Parsed, parse},
    },
    store::Store,
};

/// Reads the page of a listing into what is stored; answers how many records it had.
pub fn read(resource: &Resource, body: &[u8]) -> usize {
    parsed(resource, body).documents.len()
}

/// Reads pages and stores them in one transaction; answers how many records were new or changed.
///
/// # Errors
/// What the store refused.
pub fn import(
    store: &Store,
    provider: &'static Provider,
    resource: &'static Resource,
    pages: &[Vec<u8>],
) -> Result<u64> {
    let mut batch = Batch::new(store, provider, || 0);
    for page in pages {
        let parsed = parsed(resource, page);
        batch.add(Fetched { resource, parsed, covered: None, replaces: None, marks: Vec::new() });
    }
    Ok(batch.store()?.iter().map(|(_, counts)| counts.new + counts.changed).sum())
}

fn parsed(resource: &Resource, body: &[u8]) -> Parsed {
    read_page(resource, body)
        .map(|page| parse(resource, page.records, &jiff::tz::TimeZone::UTC))
        .unwrap_or_default()
}
