//! Records that a complete listing no longer holds: gone upstream, or only missing from the listing?
//!
//! A record becomes a tombstone after the provider itself says it has it no more, never more than a share of a
//! resource in one run, and many at once only when another day confirms it (`held`): an empty or truncated listing
//! is not a mass deletion. A login that may be somebody else's removes nothing.

use super::{
    held::Held,
    pull::{Listed, pull_one},
    run::Run,
};
use crate::{
    clock,
    error::{Code, Error, Result},
    providers::{
        catalogue::Resource,
        request::{Span, by_id_call},
    },
    store::MARK_HELD,
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
    if !run.may_remove() {
        return Ok(0);
    }
    let (provider, now_ms) = (run.provider, clock::now_ms());
    let mut held = held(run, resource)?;
    let before = held.clone();
    held.are_there(&listed.ids);
    let stored =
        run.store.ids_starting_in(provider.id, resource.name, span.from.as_millisecond(), listed.until_ms)?;
    let missing: Vec<String> = stored.into_iter().filter(|id| !listed.ids.contains(id)).collect();
    let live = run.store.live(provider.id, resource.name)?;
    let left = cap(live).saturating_sub(run.removed_of(resource));
    let mut gone = Vec::new();
    let mut still_there = 0u64;
    // Without records by id the listing is all there is to go by, and an empty one is not believed.
    let believed = !listed.ids.is_empty() || missing.len() <= 1;
    let asked: Vec<&String> =
        missing.iter().filter(|id| !held.waits(id, now_ms)).take(left as usize).collect();
    for id in asked {
        let Some(call) = by_id_call(resource, id) else {
            if believed {
                gone.push(id.clone());
            }
            continue;
        };
        if pull_one(run, resource, &call).await? {
            held.are_there([id]);
            still_there += 1;
        } else {
            gone.push(id.clone());
        }
        // The listing is what is wrong, not the records: do not ask for each of thousands.
        if still_there >= DISPROVED {
            break;
        }
    }
    let gone = held.let_go(gone, live, now_ms);
    // What waits is written down before anything goes: a crash in between lets nothing more go.
    if held != before {
        let mark = serde_json::to_string(&held).unwrap_or_default();
        run.store.set_state(provider.id, resource.name, MARK_HELD, Some(&mark))?;
    }
    let removed = run.store.remove(provider.id, resource.name, &gone, now_ms)?;
    run.tell_removed(resource, removed);
    let disbelieved = resource.by_id.is_none() && !believed;
    let waiting = missing.iter().filter(|id| held.waits(id, now_ms)).count();
    if waiting > 0 {
        return Err(Error::new(
            Code::SyncError,
            format!(
                "{} {}: {waiting} records are gone there at once; they are kept until another day confirms it",
                provider.title, resource.name
            ),
        )
        .hint("If you deleted them, they go with a sync of tomorrow. Everything else is up to date."));
    }
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

/// What earlier runs found gone.
fn held(run: &Run<'_>, resource: &Resource) -> Result<Held> {
    let mark = run.store.state(run.provider.id, resource.name, MARK_HELD)?;
    Ok(mark.and_then(|mark| serde_json::from_str(&mark).ok()).unwrap_or_default())
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
