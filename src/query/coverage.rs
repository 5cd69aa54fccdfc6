//! How far the mirror reaches into a part of history: what was never listed, and how old the newest part is.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Context, context::Reach, dates::shown_millis};
use crate::{
    error::Result,
    model::{Route, time::Day},
    providers::{
        catalogue::{DayRule, Keep, Lender, Provider, Range, Resource, Time, Window},
        record_series,
    },
    store::{ChangeFilter, Covered, MARK_DECLINED, MARK_SEQ, Position, RowsOf, gaps},
};

/// The end of history in which records still change; every sync reads it again.
pub const RECENT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A listing younger than this is complete enough to be called so, however short `VITALS_FRESH` is.
const SETTLED: i64 = 15 * 60 * 1000;

/// Whether everything in the asked range has been listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    pub complete: bool,
    /// Parts of the range never listed to their end: records may be missing there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_covered: Vec<Gap>,
}

/// A part of the asked range, both ends as instants with offset, the end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Gap {
    pub kinds: Vec<String>,
    pub start: String,
    pub end: String,
}

/// Compares the asked part of history (UTC milliseconds; `None` is the present) with what was listed. What a plan,
/// the coverage and the freshness of one question ask again is looked up once.
pub fn reach(
    context: &Context<'_>,
    provider: &Provider,
    resource: &Resource,
    bounds: Option<(i64, i64)>,
) -> Result<Reach> {
    context.reach((provider.id, resource.name, bounds), || found(context, provider, resource, bounds))
}

fn found(
    context: &Context<'_>,
    provider: &Provider,
    resource: &Resource,
    bounds: Option<(i64, i64)>,
) -> Result<Reach> {
    // What is brought is all there is, as far as anybody knows.
    if resource.route != Route::Api {
        return Ok(Reach { gaps: Vec::new(), behind: None });
    }
    let now = context.now.as_millisecond();
    let floor = match &resource.window {
        Window::Range(Range { floor, .. }) => floor,
        Window::PerRecord { of, .. } => {
            return match provider.resource(of) {
                Some(of) => details(context, provider, resource, of, bounds),
                None => snapshot(context, provider, resource),
            };
        }
        Window::Snapshot => return snapshot(context, provider, resource),
    };
    let spans = context.past()?.coverage(provider.id, resource.name);
    Ok(window(&spans, bounds.unwrap_or((now, now)), start_of(floor), now, context.fresh_for))
}

/// The resource and those it takes its days from: without them its records are in no range of days.
pub fn with_lenders(
    provider: &'static Provider,
    resource: &'static Resource,
) -> Vec<(&'static Provider, &'static Resource)> {
    let mut found = vec![(provider, resource)];
    let mut next = 0;
    while let Some((_, resource)) = found.get(next).copied() {
        next += 1;
        let names: Vec<&str> = match &resource.time {
            Time::Own { day: DayRule::MainSession { resource, .. }, .. } => vec![resource],
            Time::Moment { clocks, .. } => clocks.to_vec(),
            Time::Borrowed { from } => {
                from.iter().map(|(Lender::Linked(name) | Lender::SameId(name))| *name).collect()
            }
            _ => Vec::new(),
        };
        for lender in names.into_iter().filter_map(|name| provider.resource(name)) {
            if !found.iter().any(|(_, known)| known.name == lender.name) {
                found.push((provider, lender));
            }
        }
    }
    found
}

/// What an answer over these resources says it does not cover.
pub(super) fn coverage(
    context: &Context<'_>,
    resources: &[(&'static Provider, &'static Resource)],
    bounds: Option<(i64, i64)>,
) -> Result<Coverage> {
    let mut not_covered: Vec<Gap> = Vec::new();
    for (provider, resource) in resources {
        let reach = reach(context, provider, resource, bounds)?;
        let behind = reach.behind.filter(|(from, to)| to - from > SETTLED);
        let open = open_end(context, provider, resource, bounds)?;
        for (from, to) in reach.gaps.into_iter().chain(behind).chain(open) {
            let shown = (shown_millis(from, &context.zone), shown_millis(to, &context.zone));
            let (Some(start), Some(end)) = shown else { continue };
            let kind = format!("{}.{}", provider.id, resource.name);
            match not_covered.iter_mut().find(|gap| gap.start == start && gap.end == end) {
                Some(gap) => gap.kinds.push(kind),
                None => not_covered.push(Gap { kinds: vec![kind], start, end }),
            }
        }
    }
    Ok(Coverage { complete: not_covered.is_empty(), not_covered })
}

/// A series that has been silent for longer than a phone usually takes is open from its newest row on: it was
/// listed, and rows of then may still come, until no device keeps them any more.
fn open_end(
    context: &Context<'_>,
    provider: &'static Provider,
    resource: &'static Resource,
    bounds: Option<(i64, i64)>,
) -> Result<Option<(i64, i64)>> {
    let (Some(store), Some((from, to))) = (context.store, bounds) else { return Ok(None) };
    let (Keep::Samples { values, .. }, Window::Range(range)) = (&resource.keep, &resource.window) else {
        return Ok(None);
    };
    let now = context.now.as_millisecond();
    let kept = now - range.reread_days * 24 * 3600 * 1000;
    if to <= kept {
        return Ok(None);
    }
    let rows = RowsOf {
        provider: provider.id,
        metrics: values.iter().map(|(_, metric)| *metric).collect(),
        foreign: record_series::foreign(provider, resource),
    };
    let Some((_, newest)) = store.row_extent(&rows, now)? else { return Ok(None) };
    let open = (newest.max(kept).max(from), to.min(now));
    Ok((now - newest > SILENT && open.0 < open.1).then_some(open))
}

/// A phone takes hours to hand on what a device has seen; longer, and it was away.
const SILENT: i64 = 12 * 3600 * 1000;

/// What is asked for one record of another resource at a time reaches as far as those records, but for those
/// that were not looked into yet.
fn details(
    context: &Context<'_>,
    provider: &Provider,
    resource: &Resource,
    of: &Resource,
    bounds: Option<(i64, i64)>,
) -> Result<Reach> {
    let mut reach = reach(context, provider, of, bounds)?;
    if resource.optional && is_declined(context, provider, resource)? {
        return Ok(reach);
    }
    let (Some(store), Some((from, to))) = (context.store, bounds) else { return Ok(reach) };
    let mark = store.state(provider.id, resource.name, MARK_SEQ)?;
    let marked = Position::Seq(mark.and_then(|text| text.parse().ok()).unwrap_or(0));
    let kinds = [(provider.id, of.name)];
    let waiting = store.changes(&ChangeFilter::after(marked, &kinds, LOOKED_AHEAD))?;
    let asked = (from, to.min(context.now.as_millisecond()));
    let mut spans: Vec<(i64, i64)> = if waiting.len() < LOOKED_AHEAD {
        let records = waiting.iter().filter_map(|event| event.record.as_ref());
        let spans = records.filter_map(|record| Some((record.start_at?, record.end_at?)));
        spans.map(|(start, end)| (start.max(asked.0), end.min(asked.1))).collect()
    } else {
        // The history is still arriving: which part of it is here would take reading all of it.
        vec![asked]
    };
    spans.retain(|(start, end)| start < end);
    reach.gaps.extend(spans);
    reach.gaps.sort_unstable();
    reach.gaps.dedup();
    Ok(reach)
}

/// Whether the account was told that it does not get this: then nothing of it is outstanding.
fn is_declined(context: &Context<'_>, provider: &Provider, resource: &Resource) -> Result<bool> {
    let Some(store) = context.store else { return Ok(false) };
    Ok(store.state(provider.id, resource.name, MARK_DECLINED)?.is_some())
}

/// Records that wait for their detail, read to find those that the question is about.
const LOOKED_AHEAD: usize = 200;

/// A present state has no history: it was fetched, or it was not.
fn snapshot(context: &Context<'_>, provider: &Provider, resource: &Resource) -> Result<Reach> {
    let now = context.now.as_millisecond();
    let known = match context.store {
        Some(store) => store.live(provider.id, resource.name)? > 0,
        None => false,
    };
    let listed = context.past()?.last_ok(provider.id, Some(resource.name));
    let fresh = context.fresh_for.as_millis() as i64;
    Ok(Reach {
        gaps: if known || listed.is_some() { Vec::new() } else { vec![(now, now)] },
        behind: listed.filter(|at| now - at > fresh).map(|at| (at, now)),
    })
}

fn window(spans: &[Covered], asked: (i64, i64), floor: i64, now: i64, fresh_for: Duration) -> Reach {
    // What lies ahead is not due yet, and before the floor there is nothing.
    let (from, to) = (asked.0.max(floor).min(now), asked.1.min(now));
    let mut gaps = gaps(spans, from, to);
    let listed = spans.last().map(|span| span.to);
    let fresh = fresh_for.as_millis() as i64;
    let mut behind = None;
    if let Some(listed) = listed {
        // The stretch since the newest listing is age, not a hole in history.
        let tail = gaps.pop_if(|gap| gap.0 >= listed);
        if to >= now - RECENT.as_millis() as i64 && now - listed > fresh {
            behind = Some((listed, now));
        }
        if behind.is_none() && tail.is_some_and(|tail| tail.1 - tail.0 > fresh) {
            behind = tail;
        }
    } else if gaps.is_empty() && to >= from && asked.1 >= asked.0 && from == to {
        // The present alone was asked for, and nothing has ever been listed.
        gaps.push((from, to));
    }
    Reach { gaps, behind }
}

fn start_of(day: &str) -> i64 {
    let parsed: Option<Timestamp> =
        day.parse::<Day>().ok().and_then(|day| Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()));
    parsed.map_or(i64::MIN, Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::find_kind;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;
    const NOW: i64 = 100 * DAY;

    fn span(from: i64, to: i64) -> Covered {
        Covered { from, to, listed_at: to }
    }

    type Span = (i64, i64);

    fn reach_of(spans: &[Covered], asked: Span) -> (Vec<Span>, Option<Span>) {
        let reach = window(spans, asked, 10 * DAY, NOW, Duration::from_secs(900));
        (reach.gaps, reach.behind)
    }

    #[test]
    fn holes_ages_and_what_is_neither() {
        let fresh = [span(10 * DAY, NOW - 5 * MINUTE)];
        let aged = [span(10 * DAY, NOW - 60 * MINUTE)];
        let early = [span(50 * DAY, NOW - 5 * MINUTE)];
        let tail = Some((NOW - 60 * MINUTE, NOW));
        for (name, spans, asked, gaps, behind) in [
            ("fresh", &fresh[..], (90 * DAY, NOW + DAY), vec![], None),
            ("an hour old", &aged, (90 * DAY, NOW + DAY), vec![], tail),
            ("recent days may have changed", &aged, (95 * DAY, 97 * DAY), vec![], tail),
            ("old days do not age", &aged, (20 * DAY, 30 * DAY), vec![], None),
            ("history has not arrived", &early, (40 * DAY, 60 * DAY), vec![(40 * DAY, 50 * DAY)], None),
            ("before the provider existed", &fresh, (0, 5 * DAY), vec![], None),
            ("partly before it", &fresh, (0, 50 * DAY), vec![], None),
            ("the future is not due", &fresh, (NOW + DAY, NOW + 3 * DAY), vec![], None),
            ("never synced", &[], (90 * DAY, NOW + DAY), vec![(90 * DAY, NOW)], None),
            ("never synced, the present", &[], (NOW, NOW), vec![(NOW, NOW)], None),
            ("the present", &aged, (NOW, NOW), vec![], tail),
            (
                "a machine that was off for weeks",
                &[span(10 * DAY, 70 * DAY)],
                (60 * DAY, 80 * DAY),
                vec![],
                Some((70 * DAY, 80 * DAY)),
            ),
        ] {
            assert_eq!(reach_of(spans, asked), (gaps, behind), "{name}");
        }
    }

    #[test]
    fn what_days_are_borrowed_from_is_needed_too() {
        for (kind, expected) in [
            ("whoop.sleep", vec!["sleep"]),
            ("whoop.cycle", vec!["cycle", "sleep"]),
            ("whoop.recovery", vec!["recovery", "sleep", "cycle"]),
            ("whoop.profile", vec!["profile"]),
            ("oura.ring_configuration", vec!["ring_configuration"]),
        ] {
            let (provider, resource) = find_kind(kind).unwrap();
            let names: Vec<_> = with_lenders(provider, resource).iter().map(|(_, r)| r.name).collect();
            assert_eq!(names, expected, "{kind}");
        }
    }
}
