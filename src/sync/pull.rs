//! Carries out one listing, page after page; each is on its way to the store before the next one is asked for.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{
    offer::Declined,
    plan::{Rotation, Task, floor_ms},
    run::Run,
};
use crate::{
    clock,
    error::{Code, Error, Result},
    ingest::Fetched,
    model::incoming::{Incoming, Unreadable},
    providers::{
        catalogue::{Call, Cursor, Lender, Order, Provider, Reply, Resource, Time, Window},
        page::{Page, belonging, is_premature, read_page},
        parse::parse,
        request::{Asked, list_call, token_call},
    },
    store::{Covered, MARK_MODIFIED, MARK_RECENT, MARK_ROTATION},
};

/// More pages than ten years of any resource have: a listing that goes on longer is going in circles.
const MOST_PAGES: usize = 5_000;

/// What a listing came to.
pub(super) struct Listed {
    pub ids: BTreeSet<String>,
    /// Those that could not be read, by their hashes.
    pub aside: BTreeSet<Vec<u8>>,
    pub pages: usize,
    /// The span up to this instant, UTC milliseconds, is what was listed.
    pub until_ms: i64,
    /// The provider does not have the answer yet; nothing was stored.
    pub premature: bool,
    /// What not every account is offered was declined; nothing was stored.
    pub declined: Option<Declined>,
}

/// Lists a span to its end. What was stored before an error stays, and coverage says how far it came.
pub(super) async fn pull(run: &mut Run<'_>, resource: &'static Resource, task: &Task) -> Result<Listed> {
    let started_ms = clock::now_ms();
    let end = task.asked.span().and_then(|span| span.to);
    let until_ms = end.map_or(started_ms, |to| to.as_millisecond().min(started_ms));
    let mut listed = Listed {
        ids: BTreeSet::new(),
        aside: BTreeSet::new(),
        pages: 0,
        until_ms,
        premature: false,
        declined: None,
    };
    let mut tokens: HashSet<String> = HashSet::new();
    let mut token: Option<String> = None;
    // Whether the provider has refused a page token beside its window: then it gets the token alone.
    let mut token_alone = false;
    let mut barren = 0;
    let mut oldest = until_ms;
    let mut modified = None;
    loop {
        let alone = token.as_deref().and_then(|token| token_call(resource, token));
        let call = list_call(resource, &task.asked, token.as_deref());
        let reply = if let Some(reply) = run.known_reply(resource) {
            Some(reply)
        } else {
            let fetch = match &alone {
                Some(alone) if token_alone => run.fetch(alone, None).await?,
                alone => run.fetch(&call, alone.as_ref()).await?,
            };
            token_alone |= fetch.other_form;
            if fetch.declined.is_some() {
                listed.declined = fetch.declined;
                return Ok(listed);
            }
            fetch.reply
        };
        let page = match reply {
            Some(reply) if is_premature(resource, &reply.body) => {
                listed.premature = true;
                return Ok(listed);
            }
            Some(reply) => {
                read_page(resource, &reply.body).map_err(|reason| broken(run.provider, resource, reason))?
            }
            None => Page { records: Vec::new(), next: None },
        };
        run.check_owner(resource, &page.records).await?;
        listed.pages += 1;
        barren = if page.records.is_empty() { barren + 1 } else { 0 };
        let last = page.next.is_none();
        modified = modified.max(newest_modification(resource, &page.records));
        let parsed = parse(resource, belonging(resource, &task.asked, page.records), &run.zone);
        listed.aside.extend(parsed.unreadable.iter().map(Unreadable::hash));
        listed.ids.extend(parsed.documents.iter().map(|incoming| incoming.document.id.clone()));
        oldest = oldest.min(oldest_start(run, resource, &parsed.documents, oldest)?);
        let covered = covered(resource, task, last, oldest, until_ms, started_ms);
        let marks = if last { marks(task, started_ms, modified) } else { Vec::new() };
        let replaces = match &task.asked {
            Asked::Record(about) => about.span,
            _ => None,
        };
        run.keep(Fetched { resource, parsed, covered, replaces, marks })?;
        let Some(next) = page.next else { return Ok(listed) };
        // None of these is the end of the listing, whatever it looks like: what lies behind is unknown.
        if !tokens.insert(next.clone()) {
            return Err(broken(run.provider, resource, "the provider repeats a page token"));
        }
        if barren >= 2 {
            return Err(broken(run.provider, resource, "the provider sends empty pages without end"));
        }
        if listed.pages >= MOST_PAGES {
            return Err(broken(run.provider, resource, "the listing does not end"));
        }
        token = Some(next);
    }
}

/// Fetches one record by its id and stores it if it is there; `false` when the provider has it no more.
pub(super) async fn pull_one(run: &mut Run<'_>, resource: &'static Resource, call: &Call) -> Result<bool> {
    let reply: Reply = match run.try_fetch(call).await? {
        Some(reply) => reply,
        None => return Ok(false),
    };
    let record: Value = serde_json::from_slice(&reply.body)
        .map_err(|_| broken(run.provider, resource, "the reply is not JSON"))?;
    let records = vec![record];
    run.check_owner(resource, &records).await?;
    let parsed = parse(resource, records, &run.zone);
    run.keep(Fetched { resource, parsed, covered: None, replaces: None, marks: Vec::new() })?;
    Ok(true)
}

fn newest_modification(resource: &Resource, records: &[Value]) -> Option<i64> {
    let Cursor::ModifiedSince { at, .. } = resource.cursor else { return None };
    records.iter().filter_map(|record| record.pointer(at)?.as_i64()).max()
}

/// What this page completes. Newest first, every page completes the span down to its oldest start;
/// otherwise only the last one completes anything.
fn covered(
    resource: &Resource,
    task: &Task,
    last: bool,
    oldest: i64,
    until_ms: i64,
    listed_at: i64,
) -> Option<Covered> {
    let from = match (&task.asked, &resource.window) {
        (Asked::Span(span), _) if last => span.from.as_millisecond(),
        // Another record may share the oldest start and stand on the next page.
        (Asked::Span(_), _) if resource.order == Order::NewestFirst => oldest + 1,
        // Everything there ever was.
        (Asked::ModifiedSince(0), Window::Range(range)) if last => floor_ms(range.floor),
        _ => return None,
    };
    (from < until_ms).then_some(Covered { from, to: until_ms, listed_at })
}

/// The oldest start of a page. Records without a time of their own have their lender's; one whose lender
/// is unknown leaves the mark where it was, which is the safe side.
fn oldest_start(run: &Run<'_>, resource: &Resource, documents: &[Incoming], before: i64) -> Result<i64> {
    let Some(last) = documents.last() else { return Ok(before) };
    if let Some(start) = documents.iter().filter_map(|incoming| incoming.document.start).min() {
        return Ok(start.as_millisecond());
    }
    if let (Time::Borrowed { from }, Some(link)) = (&resource.time, &last.document.link) {
        for lender in *from {
            if let Lender::Linked(name) = lender
                && let Some(start) = run.store.start_of(run.provider.id, name, link)?
            {
                return Ok(start);
            }
        }
    }
    Ok(before)
}

/// The marks that a listing sets with its last page.
fn marks(task: &Task, started_ms: i64, modified: Option<i64>) -> Vec<(&'static str, String)> {
    let mut marks = Vec::new();
    let reaches_now = match &task.asked {
        Asked::Span(span) => span.to.is_none_or(|to| to.as_millisecond() > started_ms),
        Asked::Now | Asked::ModifiedSince(_) => true,
        Asked::Record(_) => false,
    };
    if reaches_now {
        marks.push((MARK_RECENT, started_ms.to_string()));
    }
    match task.rotation {
        Rotation::Stays => {}
        Rotation::MovesTo(at) => marks.push((MARK_ROTATION, at.to_string())),
        Rotation::BeginsAnew => marks.push((MARK_ROTATION, String::new())),
    }
    if let Asked::ModifiedSince(since) = task.asked {
        // An account without a single record still has been listed: the next run asks from its start on.
        let newest = modified.unwrap_or(since).max(since);
        marks.push((MARK_MODIFIED, newest.to_string()));
    }
    marks
}

fn broken(provider: &Provider, resource: &Resource, reason: &str) -> Error {
    Error::new(Code::UpstreamError, format!("{} {}: {reason}", provider.title, resource.name))
        .hint("What came before is stored. Run `vitals-mcp sync` again later; it goes on from there.")
}
