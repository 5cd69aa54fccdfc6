//! Resources that are asked for one record of another resource at a time: the detail of a night, the signal
//! of a recording.
//!
//! The feed tells which records are new or have changed. An answer that is not there yet is asked for again:
//! in every run for a while, then now and then.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    offer::{Declined, Next, Offer, TRIES},
    plan::{Mode, Task},
    pull::{Listed, pull},
    run::Run,
};
use crate::{
    clock,
    error::{Error, Result},
    providers::{
        catalogue::Resource,
        request::{About, Asked, about},
    },
    store::{
        ChangeFilter, MARK_ANSWERED, MARK_DECLINED, MARK_PENDING, MARK_SEQ, Position, RecordFilter, Row,
    },
};

/// Events read at a time.
const EVENTS_AT_A_TIME: usize = 200;

/// So long an answer that is not there yet is asked for in every run. A recording is complete once its device
/// has met its phone: within a day, as observed.
const EAGER_MS: i64 = 14 * DAY_MS;

/// Later it is asked for so often: some recordings never get a signal, and one may still be granted.
const PATIENT_MS: i64 = 7 * DAY_MS;

/// Of those, in one run.
const AGAIN_AT_MOST: usize = 20;

/// Refused in one run, before it is given up.
const REFUSALS_AT_MOST: usize = 5;

const DAY_MS: i64 = 86_400_000;

/// When an answer was first and last found missing, UTC milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Missing {
    since: i64,
    asked: i64,
}

type Pending = BTreeMap<String, Missing>;

/// One request for each record of `of` that is new or has changed since the last time, and for those whose
/// answer was not there.
pub(super) async fn sync_each_of(
    run: &mut Run<'_>,
    resource: &'static Resource,
    of: &str,
    mode: Mode,
) -> Result<()> {
    let (provider, name) = (run.provider.id, resource.name);
    if resource.optional && !is_offered(run, resource, of, mode).await? {
        return Ok(());
    }
    let mark = run.store.state(provider, name, MARK_PENDING)?;
    let mut pending: Pending = mark.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let mut asked = BTreeSet::new();
    let mut refused = Vec::new();
    for id in due(&pending, clock::now_ms()) {
        match row(run, of, &id)? {
            Some(row) => refused.extend(ask(run, resource, &row, &mut pending).await?),
            None => forget(run, resource, &id, &mut pending)?,
        }
        asked.insert(id);
    }
    let mark = run.store.state(provider, name, MARK_SEQ)?.filter(|_| mode != Mode::Full);
    let mut seq: i64 = mark.and_then(|text| text.parse().ok()).unwrap_or(0);
    loop {
        let kinds = [(provider, of)];
        let filter = ChangeFilter::after(Position::Seq(seq), &kinds, EVENTS_AT_A_TIME);
        let events = run.store.changes(&filter)?;
        let Some(last) = events.last().map(|event| event.seq) else {
            return refused.pop().map_or(Ok(()), Err);
        };
        for event in &events {
            // The record is shown as it is now: once is enough, however often it has changed.
            if let Some(row) = &event.record
                && asked.insert(event.id.clone())
            {
                refused.extend(ask(run, resource, row, &mut pending).await?);
            }
            // The account has lost what it had: the next time goes on with this record.
            if resource.optional && offer(run, resource)?.declined_at.is_some() {
                return Ok(());
            }
            run.mark(resource, MARK_SEQ, event.seq.to_string())?;
            // It is not this record or that: the next run goes on from here.
            if refused.len() >= REFUSALS_AT_MOST {
                return refused.pop().map_or(Ok(()), Err);
            }
        }
        seq = last;
    }
}

/// Whether the account is offered a resource that not every account has; where that is not known, the newest
/// records of `of` are tried.
async fn is_offered(run: &mut Run<'_>, resource: &'static Resource, of: &str, mode: Mode) -> Result<bool> {
    match offer(run, resource)?.next(clock::now_ms(), mode == Mode::Full) {
        Next::Rest => return Ok(false),
        Next::GoOn => return note_declined(run, resource, false).map(|()| true),
        Next::Try => {}
    }
    let newest = RecordFilter { limit: TRIES, ..RecordFilter::default() };
    let mut declined = false;
    for row in run.store.records(run.provider.id, of, &newest)? {
        let Some(about) = about_row(resource, &row) else { continue };
        match pull(run, resource, &Task::of(Asked::Record(about))).await?.declined {
            None => {
                run.store.set_state(run.provider.id, resource.name, MARK_ANSWERED, Some("1"))?;
                return note_declined(run, resource, false).map(|()| true);
            }
            Some(Declined::NotThere) => declined = true,
            Some(Declined::Account) => {
                declined = true;
                break;
            }
        }
    }
    if declined {
        note_declined(run, resource, true)?;
    }
    Ok(false)
}

fn offer(run: &Run<'_>, resource: &Resource) -> Result<Offer> {
    let mark = |name: &str| run.store.state(run.provider.id, resource.name, name);
    Ok(Offer {
        answered: mark(MARK_ANSWERED)?.is_some(),
        declined_at: mark(MARK_DECLINED)?.and_then(|text| text.parse().ok()),
    })
}

/// Stored at once: what comes next asks for it.
fn note_declined(run: &Run<'_>, resource: &Resource, declined: bool) -> Result<()> {
    let (provider, name) = (run.provider.id, resource.name);
    let now = declined.then(|| clock::now_ms().to_string());
    if now.is_none() && run.store.state(provider, name, MARK_DECLINED)?.is_none() {
        return Ok(());
    }
    run.store.set_state(provider, name, MARK_DECLINED, now.as_deref())
}

/// Which to ask about again, those first that have waited longest.
fn due(pending: &Pending, now_ms: i64) -> Vec<String> {
    let mut due: Vec<(&String, &Missing)> = pending
        .iter()
        .filter(|(_, missing)| now_ms - missing.since < EAGER_MS || now_ms - missing.asked >= PATIENT_MS)
        .collect();
    due.sort_by_key(|(_, missing)| missing.asked);
    due.into_iter().take(AGAIN_AT_MOST).map(|(id, _)| id.clone()).collect()
}

/// Asks about one record. What the provider refuses is asked again later, like what is not there yet, and does
/// not hold up the others; the refusal is given back.
async fn ask(
    run: &mut Run<'_>,
    resource: &'static Resource,
    row: &Row,
    pending: &mut Pending,
) -> Result<Option<Error>> {
    let Some(about) = about_row(resource, row) else { return Ok(None) };
    let refused = match pull(run, resource, &Task::of(Asked::Record(about))).await {
        Ok(Listed { declined: Some(Declined::Account), .. }) => {
            return note_declined(run, resource, true).map(|()| None);
        }
        Ok(listed) if listed.premature => None,
        Ok(_) => return forget(run, resource, &row.id, pending).map(|()| None),
        Err(error) if run.may_go_on() => Some(error),
        Err(error) => return Err(error),
    };
    let now = clock::now_ms();
    let since = pending.get(&row.id).map_or(now, |missing| missing.since);
    pending.insert(row.id.clone(), Missing { since, asked: now });
    remember(run, resource, pending)?;
    Ok(refused)
}

fn about_row(resource: &Resource, row: &Row) -> Option<About> {
    let body = serde_json::from_str(&row.body).ok()?;
    about(resource, &row.id, &body, row.start_at, row.end_at)
}

fn forget(run: &mut Run<'_>, resource: &'static Resource, id: &str, pending: &mut Pending) -> Result<()> {
    if pending.remove(id).is_some() { remember(run, resource, pending) } else { Ok(()) }
}

fn remember(run: &mut Run<'_>, resource: &'static Resource, pending: &Pending) -> Result<()> {
    run.mark(resource, MARK_PENDING, serde_json::to_string(pending).unwrap_or_default())
}

fn row(run: &Run<'_>, resource: &str, id: &str) -> Result<Option<Row>> {
    let ids = [id.to_owned()];
    let filter = RecordFilter { ids: Some(&ids), limit: 1, ..RecordFilter::default() };
    Ok(run.store.records(run.provider.id, resource, &filter)?.pop())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn often_at_first_and_then_now_and_then() {
        let now = 100 * DAY_MS;
        let missing = |since: i64, asked: i64| Missing { since: now - since, asked: now - asked };
        let pending = Pending::from([
            ("fresh".to_owned(), missing(DAY_MS, 1000)),
            ("older".to_owned(), missing(13 * DAY_MS, 2000)),
            ("stale".to_owned(), missing(90 * DAY_MS, 8 * DAY_MS)),
            ("asked".to_owned(), missing(90 * DAY_MS, 6 * DAY_MS)),
        ]);
        assert_eq!(due(&pending, now), ["stale", "older", "fresh"]);
        let many: Pending = (0..50).map(|i| (i.to_string(), missing(0, i))).collect();
        let first = due(&many, now);
        assert_eq!((first.len(), first[0].as_str()), (AGAIN_AT_MOST, "49"), "each has its turn");
    }
}
