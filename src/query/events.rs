//! The event feed: what is new, changed or removed, in the order in which it was stored here.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Answer, Context, Freshness,
    dates::{from_moment, shown_millis, to_moment},
    freshness::freshness,
    record_reader::Reader,
    records::{fits, kind_of},
};
use crate::{
    error::{Error, Result},
    providers,
    store::{Change, ChangeFilter, Position},
};

#[derive(Debug, Clone, Default)]
pub struct EventsArgs {
    /// A cursor of an earlier answer (`seq:0` is the beginning), or a date or instant of the local `at`;
    /// exclusive. `None`: the last seven days.
    pub since: Option<String>,
    /// A date or instant of the local `at`, exclusive.
    pub until: Option<String>,
    /// Empty means all.
    pub kinds: Vec<String>,
    /// 1 to 1,000; 50 if `None`.
    pub limit: Option<usize>,
    /// The page ends before its events pass this many bytes of JSON; `None` for no bound.
    pub max_bytes: Option<usize>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(clippy::struct_field_names, reason = "the word of the tool's answer")]
pub struct Events {
    /// seq, op (new, changed, removed), kind, id, day, at, record.
    pub events: Vec<Event>,
    /// Events in this answer.
    pub count: usize,
    /// Always there: pass it back as `since` for what comes after.
    pub next_cursor: String,
    /// True when more events are waiting now.
    pub has_more: bool,
    /// Per provider: `last_sync`, stale, `last_error`.
    pub freshness: Vec<Freshness>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Event {
    pub seq: i64,
    /// `new`, `changed` or `removed`.
    pub op: String,
    pub kind: String,
    pub id: String,
    pub day: Option<String>,
    /// When it was stored here, UTC.
    pub at: String,
    /// The record as it is now; null when it is removed.
    pub record: Option<Map<String, Value>>,
}

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 1000;
const DEFAULT_DAYS: i64 = 7;

/// What a cursor of the feed begins with: the number after it is the last event given.
const CURSOR: &str = "seq:";

pub fn events(context: &Context<'_>, args: &EventsArgs) -> Result<Answer<Events>> {
    let limit = args.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::invalid(format!("limit: {limit} is not between 1 and {MOST}"))
            .hint("Leave limit out for 50, and pass next_cursor as since to go on."));
    }
    let kinds = args.kinds.iter().map(|kind| kind_of(kind)).collect::<Result<Vec<_>>>()?;
    let names: Vec<(&str, &str)> =
        kinds.iter().map(|(provider, resource)| (provider.id, resource.name)).collect();
    let since = since(context, args.since.as_deref())?;
    let until = until(context, args)?;
    let (mut events, mut last, mut has_more) = (Vec::new(), None, false);
    if let Some(store) = context.store {
        // Read before the page: what is stored in between is for the next call, and is not stepped over.
        let newest = store.last_seq()?;
        let filter = ChangeFilter { since, until, kinds: &names, limit: limit + 1 };
        let changes = store.changes(&filter)?;
        let mut bytes = 0;
        let found = changes.len();
        for change in changes.into_iter().take(limit) {
            let seq = change.seq;
            let event = event(change);
            if !fits(&mut bytes, &event, args.max_bytes, events.is_empty()) {
                break;
            }
            events.push(event);
            last = Some(seq);
        }
        has_more = events.len() < found;
        // Nothing else matches up to here: whoever filters by kind need not read over it again. What is
        // stored before an instant that is still to come stays out of what was asked for.
        let to_come = matches!(since, Position::At(at) if at > context.now.as_millisecond());
        if !has_more && until.is_none() && !to_come {
            last = last.max(Some(newest));
        }
    }
    let next_cursor = match (last, since) {
        (Some(seq), Position::Seq(before)) => format!("{CURSOR}{}", seq.max(before)),
        (Some(seq), Position::At(_)) => format!("{CURSOR}{seq}"),
        (None, Position::Seq(before)) => format!("{CURSOR}{before}"),
        (None, Position::At(at)) => shown_millis(at, &TimeZone::UTC).unwrap_or_else(|| format!("{CURSOR}0")),
    };
    let concerned = if kinds.is_empty() {
        let known = context.known_providers()?;
        providers::kinds().filter(|(provider, _)| known.iter().any(|k| k.id == provider.id)).collect()
    } else {
        kinds
    };
    let freshness = freshness(context, &concerned, None)?;
    Answer::new(context, Events { count: events.len(), events, next_cursor, has_more, freshness })
}

/// Whether the feed of a question has anything that comes after an event already seen. What is wrong with
/// the question is said whether or not there is a mirror.
pub fn has_events_after(context: &Context<'_>, args: &EventsArgs, seen: i64) -> Result<bool> {
    let from = since(context, args.since.as_deref())?;
    let until = until(context, args)?;
    let Some(store) = context.store else { return Ok(false) };
    let position = match from {
        Position::Seq(seq) => Position::Seq(seq.max(seen)),
        Position::At(_) => Position::Seq(seen),
    };
    let next = store.changes(&ChangeFilter { since: position, until, kinds: &[], limit: 1 })?;
    Ok(next.first().is_some_and(|change| !matches!(from, Position::At(at) if change.at <= at)))
}

fn until(context: &Context<'_>, args: &EventsArgs) -> Result<Option<i64>> {
    let until = args.until.as_deref().map(|text| to_moment("until", text, context.now, &context.zone));
    Ok(until.transpose()?.map(up_to))
}

/// The number in a cursor of the feed.
pub(super) fn cursor_seq(text: &str) -> Result<i64> {
    let number = text.trim().strip_prefix(CURSOR).and_then(|number| number.parse().ok());
    number.filter(|seq| *seq >= 0).ok_or_else(|| {
        Error::invalid("since: not a cursor of the event feed")
            .hint("Pass the cursor of an earlier export, next_cursor of get_events, or seq:0 for everything.")
    })
}

/// The cursor that goes on after an event.
pub fn cursor_after(seq: i64) -> String {
    format!("{CURSOR}{seq}")
}

fn since(context: &Context<'_>, text: Option<&str>) -> Result<Position> {
    let Some(text) = text.map(str::trim) else {
        let from = context.now.saturating_sub(SignedDuration::from_hours(24 * DEFAULT_DAYS));
        return Ok(Position::At(from.map_or(0, Timestamp::as_millisecond)));
    };
    if let Some(number) = text.strip_prefix(CURSOR) {
        return match number.parse() {
            Ok(seq) if seq >= 0 => Ok(Position::Seq(seq)),
            _ => Err(Error::invalid("since: not a cursor of this tool").hint(
                "Pass next_cursor of an earlier answer unchanged, seq:0 for the beginning, or a date.",
            )),
        };
    }
    let at = from_moment("since", text, context.now, &context.zone).map_err(|error| {
        let hint =
            format!("Pass next_cursor of an earlier answer, or seq:0 for the beginning. {}", error.hint);
        error.hint(hint)
    })?;
    Ok(Position::At(at.as_millisecond()))
}

/// The first millisecond that is not before an instant: times are stored in milliseconds, and an end
/// between two of them takes in the first.
fn up_to(at: Timestamp) -> i64 {
    let floor = at.as_millisecond();
    if Timestamp::from_millisecond(floor).is_ok_and(|whole| whole < at) { floor + 1 } else { floor }
}

fn event(change: Change) -> Event {
    let resource = providers::find(&change.provider).and_then(|provider| provider.resource(&change.resource));
    let record = match (&change.record, resource) {
        (Some(row), Some(resource)) => Some(Reader::new(resource).object(row)),
        _ => None,
    };
    let at = Timestamp::from_millisecond(change.at).unwrap_or_default();
    Event {
        seq: change.seq,
        op: change.op,
        kind: format!("{}.{}", change.provider, change.resource),
        id: change.id,
        day: change.day,
        at: format!("{at:.3}"),
        record,
    }
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
