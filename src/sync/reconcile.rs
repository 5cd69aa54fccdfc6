//! Records that a complete listing no longer holds: gone upstream, or only missing from the listing?
//!
//! A record becomes a tombstone after the provider itself says it has it no more, and never more than a
//! share of a resource in one run: an empty or truncated listing is not a mass deletion.

use super::{
    pull::{Listed, pull_one},
    run::Run,
};
use crate::{
    clock,
    error::{Code, Error, Result},
    providers::{
        catalogue::Resource,
        page::{Span, by_id_call},
    },
};

/// So many may go in one run, however small the resource.
const ALWAYS: u64 = 20;

/// Of a resource's live records, in percent.
const SHARE_PCT: u64 = 10;

/// So many records that are still there prove that it is the listing that is wrong. A record deleted between
/// two pages hides one other; it takes several at once to hide as many.
const DISPROVED: u64 = 5;

/// Compares a complete listing with the store. Answers how many records were removed.
pub(super) async fn reconcile(
    run: &mut Run<'_>,
    resource: &'static Resource,
    span: Span,
    listed: &Listed,
) -> Result<u64> {
    let provider = run.provider;
    let stored =
        run.store.ids_starting_in(provider.id, resource.name, span.from.as_millisecond(), listed.until_ms)?;
    let missing: Vec<String> = stored.into_iter().filter(|id| !listed.ids.contains(id)).collect();
    let left =
        cap(run.store.extent(provider.id, resource.name)?.count).saturating_sub(run.removed_of(resource));
    let mut gone = Vec::new();
    let mut still_there = 0u64;
    // Without records by id the listing is all there is to go by, and an empty one is not believed.
    let believed = !listed.ids.is_empty() || missing.len() <= 1;
    for id in missing.iter().take(left as usize) {
        let Some(call) = by_id_call(resource, id) else {
            if believed {
                gone.push(id.clone());
            }
            continue;
        };
        if pull_one(run, resource, &call).await? {
            still_there += 1;
        } else {
            gone.push(id.clone());
        }
        // The listing is what is wrong, not the records: do not ask for each of thousands.
        if still_there >= DISPROVED {
            break;
        }
    }
    let removed = run.store.remove(provider.id, resource.name, &gone, clock::now_ms())?;
    run.tell_removed(resource, removed);
    let disbelieved = resource.by_id.is_none() && !believed;
    if missing.len() as u64 > left || still_there >= DISPROVED || disbelieved {
        return Err(Error::new(
            Code::SyncError,
            format!(
                "{} {}: {} stored records are missing from a listing; {removed} were confirmed as deleted",
                provider.title,
                resource.name,
                missing.len()
            ),
        )
        .hint("The others are kept. The next sync looks again."));
    }
    Ok(removed)
}

fn cap(live: u64) -> u64 {
    ALWAYS.max(live * SHARE_PCT / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_may_go_and_always_twenty() {
        for (live, most) in [(0, 20), (50, 20), (200, 20), (1000, 100)] {
            assert_eq!(cap(live), most);
        }
    }
}
