//! Derives records again from the stored bodies, without the network: all of them when asked, and by itself those that
//! an earlier version derived otherwise than this one does.

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::{
    error::Result,
    providers::{flatten, kinds, parse::parse},
    store::Store,
};

/// Bodies derived in one transaction.
const AT_A_TIME: usize = 500;

/// Derives flat rows and facts of every document again. Answers how many there were.
pub fn rebuild(store: &Store, zone: &TimeZone) -> Result<u64> {
    derive(store, zone, false)
}

/// The same for those documents that were not derived as this version does.
pub fn renew(store: &Store, zone: &TimeZone) -> Result<u64> {
    derive(store, zone, true)
}

fn derive(store: &Store, zone: &TimeZone, only_outdated: bool) -> Result<u64> {
    let mut total = 0;
    for (provider, resource) in kinds() {
        let (mapping, relations) = (flatten::mapping(resource), provider.relations());
        let mut after = 0;
        loop {
            let names = (provider.id, resource.name);
            let bodies = store.bodies(names, only_outdated.then_some(mapping), after, AT_A_TIME)?;
            let Some((last, _)) = bodies.last() else { break };
            after = *last;
            let records: Vec<Value> =
                bodies.iter().filter_map(|(_, body)| serde_json::from_str(body).ok()).collect();
            let parsed = parse(resource, records, zone);
            store.derive_again(names, mapping, &parsed.documents, &relations)?;
            total += parsed.documents.len() as u64;
        }
    }
    Ok(total)
}
