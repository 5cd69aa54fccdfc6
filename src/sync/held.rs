//! Records that are gone upstream, and when they go here. Pure.
//!
//! One that a person deleted goes at once. Many at once are as likely a provider in trouble, or somebody who answers
//! in its name: they are held until a run on another day finds them gone again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// So many may go within a day without being looked at again, however small the resource.
const FEW: u64 = 5;

/// Of a resource's live records, in percent.
const FEW_PCT: u64 = 2;

/// What is gone still after this long was not the trouble of one day, milliseconds.
const ANOTHER_DAY_MS: i64 = 20 * 3600 * 1000;

/// What is remembered of a resource between runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// When each was first found gone, UTC milliseconds.
    since: BTreeMap<String, i64>,
    /// When some went at once, and how many.
    went: Vec<(i64, u64)>,
}

impl Held {
    /// Whether it was found gone and waits for another day: asking again now tells nothing new.
    pub(super) fn waits(&self, id: &str, now_ms: i64) -> bool {
        self.since.get(id).is_some_and(|since| is_same_day(*since, now_ms))
    }

    /// What is listed again is not gone.
    pub(super) fn are_there<'a>(&mut self, ids: impl IntoIterator<Item = &'a String>) {
        if self.since.is_empty() {
            return;
        }
        for id in ids {
            self.since.remove(id);
        }
    }

    /// Which of those found gone go now. The others are held.
    pub(super) fn let_go(&mut self, gone: Vec<String>, live: u64, now_ms: i64) -> Vec<String> {
        self.went.retain(|(at, _)| is_same_day(*at, now_ms));
        let (mut go, at_once): (Vec<String>, Vec<String>) =
            gone.into_iter().partition(|id| self.since.contains_key(id) && !self.waits(id, now_ms));
        let today: u64 = self.went.iter().map(|(_, count)| count).sum();
        let new: Vec<String> = at_once.into_iter().filter(|id| !self.since.contains_key(id)).collect();
        let waiting = self.since.values().filter(|since| is_same_day(**since, now_ms)).count();
        // Where some wait, the next few are of the same trouble.
        if (waiting + new.len()) as u64 + today <= few(live) {
            if !new.is_empty() {
                self.went.push((now_ms, new.len() as u64));
            }
            go.extend(new);
        } else {
            self.since.extend(new.into_iter().map(|id| (id, now_ms)));
        }
        let gone: BTreeSet<&String> = go.iter().collect();
        self.since.retain(|id, _| !gone.contains(id));
        go
    }
}

/// A clock that was set back makes it the same day: then it is waited for longer.
fn is_same_day(since_ms: i64, now_ms: i64) -> bool {
    now_ms - since_ms < ANOTHER_DAY_MS
}

fn few(live: u64) -> u64 {
    FEW.max(live * FEW_PCT / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn ids(range: std::ops::Range<u32>) -> Vec<String> {
        range.map(|number| format!("{number:03}")).collect()
    }

    #[test]
    fn a_few_go_at_once_and_many_wait_for_another_day() {
        for (name, live, gone, went) in [
            ("one that was deleted", 100, 1, 1),
            ("a few", 100, 5, 5),
            ("one more", 100, 6, 0),
            ("a fiftieth of many", 1000, 20, 20),
            ("more of many", 1000, 21, 0),
            ("all", 744, 297, 0),
        ] {
            let mut held = Held::default();
            let first = held.let_go(ids(0..gone), live, 0);
            assert_eq!(first.len(), went, "{name}");
            let waiting = gone as usize - went;
            assert_eq!((held.since.len(), held.waits("000", HOUR)), (waiting, waiting > 0), "{name}");
            // The same day tells nothing new, another one does.
            assert_eq!(held.let_go(ids(0..0), live, 12 * HOUR).len(), 0, "{name}");
            assert_eq!(held.let_go(ids(0..gone), live, 24 * HOUR).len(), gone as usize, "{name}");
            assert_eq!(held.since.len(), 0, "{name}");
        }
    }

    #[test]
    fn a_few_at_a_time_are_no_way_around_it() {
        let mut held = Held::default();
        let went: usize = (0..24)
            .map(|hour| held.let_go(ids(hour * 5..hour * 5 + 5), 100, i64::from(hour) * HOUR).len())
            .sum();
        // Five at first; the others come one after the other, and each waits.
        assert_eq!(went, 5);
        let mut slow = Held::default();
        assert!(
            (0..24).all(|day| slow.let_go(ids(day..day + 1), 100, i64::from(day) * 24 * HOUR).len() == 1)
        );
    }

    #[test]
    fn what_is_there_again_was_not_gone() {
        let mut held = Held::default();
        held.let_go(ids(0..40), 100, 0);
        held.are_there(&ids(0..39));
        assert_eq!((held.since.len(), held.waits("039", HOUR)), (1, true));
        // Found gone on another day, it is new again.
        assert_eq!(held.let_go(ids(38..40), 100, 24 * HOUR), ["039", "038"]);
        assert_eq!(held.since.len(), 0, "nothing is left behind");
    }

    #[test]
    fn a_clock_set_back_lets_nothing_go_early() {
        let mut held = Held::default();
        held.let_go(ids(0..40), 100, 100 * HOUR);
        assert_eq!(held.let_go(ids(0..40), 100, 0).len(), 0);
    }
}
