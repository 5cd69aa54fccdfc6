//! Derives everything again from the stored bodies, without the network: after a change of the mapping.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::pull::parse;
use crate::{
    error::Result,
    providers::{columns, kinds},
    store::Store,
};

/// Bodies derived in one transaction.
const AT_A_TIME: usize = 500;

/// Derives flat rows and facts of every document again. Answers how many there were.
pub fn rebuild(store: &Store, zone: &TimeZone) -> Result<u64> {
    let mut total = 0;
    for (provider, resource) in kinds() {
        let relations = provider.relations();
        let mut after = 0;
        loop {
            let bodies = store.bodies(provider.id, resource.name, after, AT_A_TIME)?;
            let Some((last, _)) = bodies.last() else { break };
            after = *last;
            let records: Vec<Value> =
                bodies.iter().filter_map(|(_, body)| serde_json::from_str(body).ok()).collect();
            let parsed = parse(resource, records, zone);
            store.derive_again(
                (provider.id, resource.name),
                columns::mapping(resource),
                &parsed.documents,
                &relations,
            )?;
            total += parsed.documents.len() as u64;
        }
    }
    Ok(total)
}
