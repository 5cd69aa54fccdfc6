//! What to list, decided from what is known: pure, so that tables test it.
//!
//! Every run lists the recent span again, because records change after they appear and no provider of
//! windows tells which. What has never been listed comes next, newest first; once nothing is missing, one
//! older slice a run is listed again in rotation, so that an old record that changed is found too.

mod series;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    providers::{
        catalogue::{Cursor, Range, Resource, Window},
        request::{Asked, Span},
    },
    store::{Covered, gaps},
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What a run is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Regular,
    /// Everything again.
    Full,
    /// Everything from here on again.
    Since(Timestamp),
    /// Only this part, for somebody who is waiting for it.
    Window(Timestamp, Timestamp),
}

/// What the store knows of a resource.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub covered: Vec<Covered>,
    /// Start of the oldest record or row, UTC milliseconds.
    pub first_start: Option<i64>,
    /// When the rows of the span of late ones are from, oldest first, UTC milliseconds.
    pub row_times: Vec<i64>,
    pub bound: Bound,
    /// Where the next slice of the rotation ends, UTC milliseconds.
    pub rotation: Option<i64>,
    /// The newest modification seen in a listing that came to its end, seconds since the epoch.
    pub modified: Option<i64>,
}

/// What is known of the resource that bounds another one: nothing is older than its oldest record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bound {
    /// There is none to go by: history begins where the provider's does.
    #[default]
    Floor,
    /// Start of its oldest record, UTC milliseconds.
    From(i64),
    /// It was listed to its end, and has no record.
    Nothing,
    /// It was not listed to its end: its oldest record is not known.
    Unknown,
}

/// One listing to carry out to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub asked: Asked,
    pub rotation: Rotation,
}

/// What a listing that comes to its end does to the rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    Stays,
    /// The next slice ends here, UTC milliseconds.
    MovesTo(i64),
    BeginsAnew,
}

impl Task {
    pub fn of(asked: Asked) -> Self {
        Self { asked, rotation: Rotation::Stays }
    }
}

/// The listings of one run, in order. Requests for single records are not planned here: they follow from
/// what has changed in the store.
pub fn plan(resource: &Resource, history: &History, mode: Mode, now: Timestamp) -> Vec<Task> {
    let range = match &resource.window {
        Window::Snapshot => return vec![Task::of(Asked::Now)],
        Window::PerRecord { .. } => return Vec::new(),
        Window::Range(range) => range,
    };
    let modified = match &resource.cursor {
        Cursor::ModifiedSince { overlap_seconds, .. } => Some(*overlap_seconds),
        Cursor::Reread => None,
    };
    let now_ms = now.as_millisecond();
    let recent = now_ms - range.reread_days * DAY_MS;
    let oldest = match (history.bound, mode) {
        (Bound::From(oldest), _) => oldest - DAY_MS,
        // Who asks for a part of history is not told that it lies before the beginning.
        (Bound::Floor, _) | (Bound::Unknown, Mode::Window(..) | Mode::Since(_)) => i64::MIN,
        // Without a single record of it there is nothing to look for, in thousands of requests.
        (Bound::Nothing, _) | (Bound::Unknown, Mode::Regular | Mode::Full) => recent,
    };
    let floor = floor_ms(range.floor).max(oldest.min(recent));
    let listings = match mode {
        Mode::Full if modified.is_some() => return vec![Task::of(Asked::ModifiedSince(0))],
        Mode::Full => vec![listing(floor, None)],
        Mode::Since(since) => vec![listing(since.as_millisecond().max(floor), None)],
        Mode::Window(from, to) => {
            let from = from.as_millisecond().max(floor);
            let open = to.as_millisecond() >= now_ms;
            let to = to.as_millisecond();
            if from < to { vec![listing(from, (!open).then_some(to))] } else { Vec::new() }
        }
        Mode::Regular => match (modified, history.modified) {
            // One listing of everything, whatever its own time.
            (Some(_), None) => return vec![Task::of(Asked::ModifiedSince(0))],
            (Some(overlap), Some(last)) => {
                let mut tasks = vec![Task::of(Asked::ModifiedSince((last - overlap).max(1)))];
                // Only a listing by time tells what is gone.
                tasks.push(listing(recent, None));
                tasks.extend(rotate(history, range, floor, recent));
                tasks
            }
            (None, _) => regular(history, range, floor, (recent, now_ms)),
        },
    };
    listings.into_iter().flat_map(|task| split(task, range, now_ms)).collect()
}

/// The recent span, what was never listed, and with nothing missing a slice of the rotation.
fn regular(history: &History, range: &Range, floor: i64, (recent, now_ms): (i64, i64)) -> Vec<Task> {
    let rows = range.rows_at_once.map(|at_once| series::Rows { times: &history.row_times, at_once });
    let again = rows.map_or(recent, |rows| rows.tail(recent, now_ms));
    let mut missing = gaps(&history.covered, floor, again);
    // What is always read again comes in one listing with the gap that touches it.
    let mut from = again;
    if let Some(&(gap, to)) = missing.last()
        && to == again
    {
        from = gap;
        missing.pop();
    }
    let complete = missing.is_empty() && from == again;
    let mut tasks = vec![listing(from, None)];
    tasks.extend(missing.into_iter().rev().map(|(from, to)| listing(from, Some(to))));
    if let Some(rows) = rows.filter(|_| from == again) {
        let holes = rows.holes(recent.max(floor), again);
        // What was never listed is among the tasks already.
        let known = holes.into_iter().filter(|(from, to)| gaps(&history.covered, *from, *to).is_empty());
        tasks.extend(known.map(|(from, to)| listing(from, Some(to))));
    }
    if complete {
        if rows.is_some() {
            let turn = series::Rows::turn(recent.max(floor), again, now_ms);
            tasks.extend(turn.map(|(from, to)| listing(from, Some(to))));
        }
        tasks.extend(rotate(history, range, floor, recent));
    }
    tasks
}

/// The next slice of the rotation: from the recent span backwards to the oldest record, then all that lies
/// before it in one listing, then from the start again.
fn rotate(history: &History, range: &Range, floor: i64, recent: i64) -> Option<Task> {
    if range.slice_days == 0 {
        return None;
    }
    let to = history.rotation.map_or(recent, |to| to.min(recent));
    let oldest = history.first_start?;
    // Where a request may ask for a short span only, what lies before the oldest record is left alone:
    // it would take many requests that bring nothing.
    let floor = if range.at_most_days.is_some() { floor.max(oldest) } else { floor };
    let from = if to <= oldest { floor } else { to - range.slice_days * DAY_MS };
    let rotation = if from <= floor { Rotation::BeginsAnew } else { Rotation::MovesTo(from) };
    (from < to).then(|| Task { rotation, ..listing(from.max(floor), Some(to)) })
}

/// Cuts a listing into those that one request may ask for, newest first. The rotation moves with the last.
fn split(task: Task, range: &Range, now_ms: i64) -> Vec<Task> {
    let (Some(span), Some(days)) = (task.asked.span(), range.at_most_days) else { return vec![task] };
    let from = span.from.as_millisecond();
    // A day ahead: the provider's clock may be before ours, and its day may have begun.
    let mut to = span.to.map_or(now_ms + DAY_MS, Timestamp::as_millisecond);
    let mut parts = Vec::new();
    while to > from {
        let start = (to - days * DAY_MS).max(from);
        parts.push(listing(start, Some(to)));
        to = start;
    }
    if let Some(last) = parts.last_mut() {
        last.rotation = task.rotation;
    }
    parts
}

fn listing(from: i64, to: Option<i64>) -> Task {
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MIN);
    Task::of(Asked::Span(Span { from: at(from), to: to.map(at) }))
}

/// The instant at which a provider's history can begin at the earliest.
pub fn floor_ms(floor: &str) -> i64 {
    let day: Date = floor.parse().expect("the catalogue's floors are dates; a test reads them all");
    day.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::providers::{find_kind, kinds};

    const DAY: i64 = DAY_MS;

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    /// Days before now, `None` for an open end.
    fn spans(history: &History, mode: Mode) -> Vec<(i64, Option<i64>)> {
        let resource = find_kind("whoop.sleep").unwrap().1;
        let ago = |at: Timestamp| (now().as_millisecond() - at.as_millisecond()) / DAY;
        plan(resource, history, mode, now())
            .into_iter()
            .map(|task| task.asked.span().unwrap())
            .map(|span| (ago(span.from), span.to.map(ago)))
            .collect()
    }

    fn covered(from: i64, to: i64) -> Covered {
        let now = now().as_millisecond();
        Covered { from: now - from * DAY, to: now - to * DAY, listed_at: now }
    }

    /// From 2012-01-01 to the day of the tests.
    const FLOOR: i64 = 5173;

    #[test]
    fn the_first_run_is_one_listing_of_everything() {
        assert_eq!(spans(&History::default(), Mode::Regular), [(FLOOR, None)]);
    }

    #[test]
    fn an_interrupted_first_run_goes_on_where_it_stopped() {
        let history = History { covered: vec![covered(100, 0)], ..History::default() };
        assert_eq!(spans(&history, Mode::Regular), [(14, None), (FLOOR, Some(100))]);
    }

    #[test]
    fn a_long_absence_is_read_together_with_the_recent_span() {
        let history = History { covered: vec![covered(6000, 90)], ..History::default() };
        assert_eq!(spans(&history, Mode::Regular), [(90, None)]);
    }

    #[test]
    fn several_gaps_are_read_newest_first() {
        let history = History {
            covered: vec![covered(6000, 300), covered(200, 100), covered(60, 0)],
            ..History::default()
        };
        assert_eq!(spans(&history, Mode::Regular), [(14, None), (100, Some(60)), (300, Some(200))]);
    }

    #[test]
    fn a_read_of_one_week_does_not_make_history_complete() {
        let history = History { covered: vec![covered(7, 0)], ..History::default() };
        assert_eq!(spans(&history, Mode::Regular), [(FLOOR, None)]);
    }

    #[test]
    fn the_rotation_visits_every_day_and_begins_anew() {
        let resource = find_kind("whoop.sleep").unwrap().1;
        let mut history = History {
            covered: vec![covered(6000, 0)],
            first_start: Some(now().as_millisecond() - 400 * DAY),
            ..History::default()
        };
        let mut visited = Vec::new();
        for _ in 0..18 {
            let tasks = plan(resource, &history, Mode::Regular, now());
            assert_eq!(tasks.len(), 2);
            let span = tasks[1].asked.span().unwrap();
            visited.push((span.from.as_millisecond(), span.to.unwrap().as_millisecond()));
            history.rotation = match tasks[1].rotation {
                Rotation::MovesTo(at) => Some(at),
                Rotation::BeginsAnew | Rotation::Stays => None,
            };
        }
        assert!(
            visited.windows(2).all(|pair| pair[1].1 == pair[0].0),
            "slices follow each other without a gap"
        );
        assert_eq!(
            visited[0].1,
            now().as_millisecond() - 14 * DAY,
            "the first slice touches the recent span"
        );
        assert_eq!(visited[17].0, floor_ms("2012-01-01"), "the last one reaches the floor");
        assert_eq!(history.rotation, None);
    }

    #[test]
    fn nothing_stored_means_nothing_to_rotate() {
        let history = History { covered: vec![covered(6000, 0)], ..History::default() };
        assert_eq!(spans(&history, Mode::Regular), [(14, None)]);
    }

    #[test]
    fn windows_on_request() {
        let history = History { covered: vec![covered(6000, 0)], ..History::default() };
        let ago = |days: i64| now() - SignedDuration::from_hours(24 * days);
        assert_eq!(spans(&history, Mode::Full), [(FLOOR, None)]);
        assert_eq!(spans(&history, Mode::Since(ago(30))), [(30, None)]);
        assert_eq!(spans(&history, Mode::Window(ago(30), ago(20))), [(30, Some(20))]);
        assert_eq!(spans(&history, Mode::Window(ago(30), ago(-1))), [(30, None)]);
        assert_eq!(spans(&history, Mode::Window(ago(9000), ago(8000))), []);
    }

    #[test]
    fn every_floor_is_a_date_before_any_record() {
        for (_, resource) in kinds() {
            if let Window::Range(range) = &resource.window {
                assert!(floor_ms(range.floor) < now().as_millisecond());
            }
        }
    }

    fn thirty_days() -> Range {
        Range {
            from: "from",
            to: "to",
            format: crate::providers::catalogue::Format::EpochSeconds,
            floor: "2015-01-01",
            no_older_than: None,
            slice_days: 0,
            reread_days: 2,
            rows_at_once: None,
            at_most_days: Some(30),
            widen_days: 0,
        }
    }

    #[test]
    fn long_spans_are_cut_without_a_gap() {
        let now_ms = now().as_millisecond();
        let parts = split(listing(now_ms - 100 * DAY, None), &thirty_days(), now_ms);
        let spans: Vec<Span> = parts.iter().map(|task| task.asked.span().unwrap()).collect();
        assert_eq!(spans.len(), 4);
        assert!(
            spans.windows(2).all(|pair| pair[1].to == Some(pair[0].from)),
            "each ends where the last began"
        );
        assert_eq!(spans[3].from.as_millisecond(), now_ms - 100 * DAY);
        assert!(spans[0].to.unwrap().as_millisecond() > now_ms, "today is within the first");
        assert!(spans.iter().all(|span| span.to.unwrap().duration_since(span.from).as_hours() <= 30 * 24));
    }

    #[test]
    fn without_what_bounds_it_only_recent_high_rate_data_is_looked_for() {
        let resource = find_kind("withings.intraday").unwrap().1;
        let ago = |history: &History| -> i64 {
            let oldest = plan(resource, history, Mode::Regular, now()).pop().unwrap();
            (now().as_millisecond() - oldest.asked.span().unwrap().from.as_millisecond()) / DAY
        };
        for (bound, days) in
            [(Bound::Nothing, 14), (Bound::Unknown, 14), (Bound::From(now().as_millisecond() - 50 * DAY), 51)]
        {
            assert_eq!(ago(&History { bound, ..History::default() }), days, "{bound:?}");
        }
    }

    #[test]
    fn what_changed_is_asked_for_and_what_is_gone_looked_for() {
        let resource = find_kind("withings.measure").unwrap().1;
        let first = plan(resource, &History::default(), Mode::Regular, now());
        assert_eq!(first, [Task::of(Asked::ModifiedSince(0))], "one listing of everything");
        let history = History {
            covered: vec![covered(9000, 0)],
            first_start: Some(now().as_millisecond() - 400 * DAY),
            modified: Some(1_772_000_000),
            ..History::default()
        };
        let tasks = plan(resource, &history, Mode::Regular, now());
        assert_eq!(tasks[0].asked, Asked::ModifiedSince(1_772_000_000 - 3600));
        let spans: Vec<Span> = tasks[1..].iter().map(|task| task.asked.span().unwrap()).collect();
        assert_eq!(spans.len(), 2);
        assert!(spans.iter().all(|span| span.to.is_some()), "a window is never sent without its end");
        assert_eq!(spans[1].to, Some(now() - SignedDuration::from_hours(14 * 24)));
    }

    #[test]
    fn high_rate_data_begins_with_the_resource_that_bounds_it() {
        let now_ms = now().as_millisecond();
        let floor = now_ms - 51 * DAY;
        let tasks = regular(&History::default(), &thirty_days(), floor, (now_ms - 2 * DAY, now_ms));
        assert_eq!(tasks, [listing(floor, None)]);
    }
}
