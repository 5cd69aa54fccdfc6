//! The event feed: what is new, changed or removed, in the order in which it was stored here.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Answer, Context, Freshness,
    dates::{moment, shown_millis},
    freshness::freshness,
    records::{fits, kind_of},
    rows::Reader,
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
    let until =
        args.until.as_deref().map(|text| moment("until", text, context.now, &context.zone)).transpose()?;
    let until = until.map(Timestamp::as_millisecond);
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
        // Nothing matched up to here: whoever filters by kind need not read it all again.
        if last.is_none() && until.is_none() {
            last = Some(newest);
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
    let at = moment("since", text, context.now, &context.zone).map_err(|error| {
        let hint =
            format!("Pass next_cursor of an earlier answer, or seq:0 for the beginning. {}", error.hint);
        error.hint(hint)
    })?;
    Ok(Position::At(at.as_millisecond()))
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
mod tests {
    use super::*;
    use crate::query::testkit::{Mirror, context, recovery, sleep, unscored, workout};

    fn feed() -> Mirror {
        let mirror = Mirror::new();
        let body = || sleep("s", 17, "2026-03-16T21:30:00.000Z", "2026-03-17T05:30:00.000Z");
        let pending = unscored(body(), "PENDING_SCORE");
        mirror.put_at("whoop.sleep", &[pending], "2026-03-17T06:00:00Z", None);
        mirror.put_at("whoop.recovery", &[recovery(17, "s")], "2026-03-17T06:00:01Z", None);
        mirror.put_at("whoop.sleep", &[body()], "2026-03-17T08:00:00Z", None);
        let run = workout("w", "2026-03-01T17:00:00.000Z", "2026-03-01T17:48:00.000Z", "running");
        // Half a month late.
        mirror.put_at("whoop.workout", &[run], "2026-03-17T09:00:00Z", None);
        mirror.store.remove("whoop", "workout", &["w".to_owned()], 1_773_741_600_000).unwrap();
        mirror
    }

    fn ask(mirror: &Mirror, since: &str, change: impl Fn(&mut EventsArgs)) -> Answer<Events> {
        let mut args = EventsArgs { since: Some(since.to_owned()), ..EventsArgs::default() };
        change(&mut args);
        events(&mirror.whoop_only(), &args).unwrap()
    }

    fn told(answer: &Events) -> Vec<String> {
        answer.events.iter().map(|event| format!("{} {} {}", event.op, event.kind, event.id)).collect()
    }

    const ALL: [&str; 5] = [
        "new whoop.sleep s",
        "new whoop.recovery 17",
        "changed whoop.sleep s",
        "new whoop.workout w",
        "removed whoop.workout w",
    ];

    #[test]
    fn in_the_order_of_arrival_with_the_record_as_it_is_now() {
        let mirror = feed();
        let answer = ask(&mirror, "seq:0", |_| {});
        assert_eq!(
            (told(&answer), answer.has_more, answer.next_cursor.as_str()),
            (ALL.map(str::to_owned).to_vec(), false, "seq:5")
        );
        let record = answer.events[0].record.as_ref().unwrap();
        assert_eq!((&record["score_state"], &record["id"]), (&"SCORED".into(), &"s".into()));
        assert!(answer.events[3].record.is_none() && answer.events[4].record.is_none(), "it is gone now");
        assert_eq!(answer.events[1].id, "17", "a recovery's id is its cycle's");
        assert_eq!(answer.events[3].day.as_deref(), Some("2026-03-01"));
        assert_eq!(answer.events[0].at, "2026-03-17T06:00:00.000Z");
    }

    #[test]
    fn following_gives_each_event_once_however_it_is_cut() {
        let mirror = feed();
        for (limit, max_bytes) in [(1, None), (2, None), (5, None), (50, Some(1000)), (50, Some(1))] {
            let (mut seen, mut cursor) = (Vec::new(), "seq:0".to_owned());
            loop {
                let answer =
                    ask(&mirror, &cursor, |args| (args.limit, args.max_bytes) = (Some(limit), max_bytes));
                seen.extend(told(&answer));
                assert_eq!(answer.has_more, seen.len() < 5, "{limit} {max_bytes:?}");
                cursor.clone_from(&answer.next_cursor);
                if !answer.has_more {
                    break;
                }
            }
            assert_eq!(seen, ALL, "{limit} {max_bytes:?}");
            assert!(ask(&mirror, &cursor, |_| {}).events.is_empty(), "since is exclusive");
        }
    }

    #[test]
    fn an_instant_means_the_local_time_of_storing_exclusive() {
        let mirror = feed();
        let count = |since: &str, until: Option<&str>| {
            ask(&mirror, since, |args| args.until = until.map(str::to_owned)).count
        };
        assert_eq!(count("2026-03-17T06:00:00Z", None), 4);
        assert_eq!(count("2026-03-17T05:59:59.999Z", None), 5);
        assert_eq!(count("2026-03-17T05:59:59Z", Some("2026-03-17T08:00:00Z")), 2);
        assert_eq!(count("yesterday", None), 5);
        assert_eq!(count("today", None), 0);
        let week = EventsArgs::default();
        assert_eq!(events(&mirror.whoop_only(), &week).unwrap().count, 5);
        let later = context(&["whoop"], Some(&mirror.store), "2026-03-28T09:00:00Z");
        assert_eq!(events(&later, &week).unwrap().count, 0);
    }

    #[test]
    fn the_cursor_never_steps_over_what_was_not_given() {
        let mirror = feed();
        let cycles = |args: &mut EventsArgs| args.kinds = vec!["whoop.cycle".into()];
        assert_eq!(ask(&mirror, "seq:0", cycles).next_cursor, "seq:5", "none of it was a cycle");
        assert_eq!(ask(&mirror, "seq:9", |_| {}).next_cursor, "seq:9", "never back");
        // Bounded above: what lies beyond has not been given.
        let bounded = |since: &str| {
            ask(&mirror, since, |args| args.until = Some("2026-03-17T05:00:00Z".into())).next_cursor.clone()
        };
        assert_eq!(bounded("seq:0"), "seq:0");
        let again = bounded("2026-03-17T04:00:00Z");
        assert_eq!(ask(&mirror, &again, |_| {}).count, 5);
        let empty = context(&["whoop"], None, "2026-03-18T09:00:00Z");
        let cursor = events(&empty, &EventsArgs::default()).unwrap().body.next_cursor;
        assert_eq!(ask(&mirror, &cursor, |_| {}).count, 5);
    }

    #[test]
    fn refusals() {
        let mirror = feed();
        let refused = |args: EventsArgs| events(&mirror.whoop_only(), &args).unwrap_err();
        let since = |text: &str| EventsArgs { since: Some(text.to_owned()), ..EventsArgs::default() };
        assert!(refused(since("seq:x")).message.contains("not a cursor"));
        assert!(refused(since("seq:-1")).message.contains("not a cursor"));
        assert!(refused(since("whenever")).hint.contains("seq:0"));
        assert!(refused(EventsArgs { limit: Some(1001), ..since("seq:0") }).message.contains("limit"));
        assert!(
            refused(EventsArgs { kinds: vec!["sleep".into()], ..since("seq:0") })
                .hint
                .contains("whoop.sleep")
        );
    }
}
