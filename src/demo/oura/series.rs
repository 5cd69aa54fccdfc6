//! The rows in time: made slot by slot as a page needs them, with what tests have added and taken away.

use super::kind::Collection;
use super::records::{BATTERY_SLOT_SECONDS, HeartRow, RingTruth, SLOT_SECONDS, battery_rows, heart_rows};
use super::window::Window;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Instant (epoch milliseconds) and source of a row: what tells it from the others and sorts it.
pub type Mark = (i64, String);

/// What tests did to the rows of one collection.
#[derive(Debug, Default)]
pub struct SeriesChanges {
    inserted: BTreeMap<Mark, String>,
    removed: BTreeSet<i64>,
}

/// One page of rows, as sent, with the mark of each.
#[derive(Debug)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<(Mark, String)>,
    /// Whether more rows match.
    pub more: bool,
}

impl SeriesChanges {
    /// Adds a row, or replaces the one with its instant and source; false when it has no `timestamp`.
    pub fn insert(&mut self, row: &Value) -> bool {
        let Some(at) = row["timestamp"].as_str().and_then(millisecond) else { return false };
        let source = row["source"].as_str().unwrap_or_default().to_owned();
        self.inserted.insert((at, source), row.to_string());
        true
    }

    /// Takes the rows of an instant away. True when the text is an instant.
    pub fn remove(&mut self, timestamp: &str) -> bool {
        let Some(at) = millisecond(timestamp) else { return false };
        self.inserted.retain(|(held, _), _| *held != at);
        self.removed.insert(at);
        true
    }
}

/// The rows of a window after a mark, oldest first, none later than `data_end`.
pub fn page(
    truth: &RingTruth,
    collection: Collection,
    changes: Option<&SeriesChanges>,
    window: &Window,
    after: Option<&Mark>,
    limit: usize,
    data_end: Timestamp,
) -> Rows {
    let slot_milliseconds =
        1000 * if collection == Collection::HeartRate { SLOT_SECONDS } else { BATTERY_SLOT_SECONDS };
    let to = window.to.min(data_end.as_millisecond());
    let from = after.map_or(window.from, |(at, _)| window.from.max(*at));
    let first_slot = from.max(truth.first_second() * 1000).div_euclid(slot_milliseconds);
    let is_wanted = |mark: &Mark| {
        let is_after = after.is_none_or(|after| mark > after);
        is_after && mark.0 >= window.from && mark.0 <= window.to
    };
    let is_removed = |mark: &Mark| changes.is_some_and(|changes| changes.removed.contains(&mark.0));
    let mut rows: Vec<(Mark, String)> = Vec::new();
    let mut scratch = Scratch::default();
    let mut is_complete = true;
    for slot in first_slot..=to.div_euclid(slot_milliseconds) {
        let made = scratch.rows_of(truth, collection, slot);
        rows.extend(made.filter(|(mark, _)| mark.0 <= to && is_wanted(mark) && !is_removed(mark)));
        if rows.len() > limit {
            is_complete = false;
            break;
        }
    }
    if let Some(changes) = changes {
        let horizon = rows.last().filter(|_| !is_complete).map(|(mark, _)| mark.clone());
        let inserted = changes.inserted.iter().filter(|(mark, _)| is_wanted(mark));
        let inserted = inserted.filter(|(mark, _)| horizon.as_ref().is_none_or(|last| *mark <= last));
        for (mark, text) in inserted {
            rows.retain(|(held, _)| held != mark);
            rows.push((mark.clone(), text.clone()));
        }
        rows.sort();
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    Rows { rows, more }
}

/// The newest row there is.
pub fn latest(
    truth: &RingTruth,
    collection: Collection,
    changes: Option<&SeriesChanges>,
    data_end: Timestamp,
) -> Option<String> {
    let mut end = data_end.as_millisecond();
    let floor = truth.first_second() * 1000;
    // Further and further back, a day at a time: gaps are rarely longer than a night.
    while end >= floor {
        let window = Window { from: end - 86_400_000, to: end, days: None };
        let found = page(truth, collection, changes, &window, None, usize::MAX, data_end);
        if let Some((_, text)) = found.rows.into_iter().next_back() {
            return Some(text);
        }
        end -= 86_400_000;
    }
    None
}

/// Room for the rows of one slot.
#[derive(Default)]
struct Scratch {
    heart: Vec<HeartRow>,
    battery: Vec<(i64, String)>,
}

impl Scratch {
    fn rows_of(
        &mut self,
        truth: &RingTruth,
        collection: Collection,
        slot: i64,
    ) -> impl Iterator<Item = (Mark, String)> {
        if collection == Collection::HeartRate {
            heart_rows(truth, slot, &mut self.heart);
        } else {
            battery_rows(truth, slot, &mut self.battery);
        }
        let heart = self.heart.drain(..).map(|row| ((row.at * 1000, row.source.to_owned()), row.to_json()));
        let battery = self.battery.drain(..).map(|(at, text)| ((at * 1000, String::new()), text));
        heart.chain(battery)
    }
}

fn millisecond(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}
