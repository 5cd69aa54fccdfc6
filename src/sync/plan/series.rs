//! Which parts of a series are read again: rows reach the cloud when a device meets its phone, which may be days
//! later and in any order, and nothing tells that they came.
//!
//! A part is closed up to the newest row that came. What lies behind it, and what within the span of late rows
//! has none, is read again in every run until it is so old that no device keeps it. The rest of that span is
//! dense: rows that come into it are rare, and a slice of it a run finds them.

use super::{DAY_MS, HOUR_MS};

/// No device is silent for so long while it is worn: a shower and a charge take less.
const HOLE_MS: i64 = 2 * HOUR_MS;

/// So often it is the turn of another slice of the dense part: each of them has its turn within about a day.
const TURN_MS: i64 = 2 * HOUR_MS;

/// What is known of the rows of a series.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows<'a> {
    /// When those of the span of late rows are from, oldest first, UTC milliseconds.
    pub times: &'a [i64],
    /// So many come in one request.
    pub at_once: usize,
}

impl Rows<'_> {
    /// From here on everything is read again: as much as one request gives, a day at least, and all that lies
    /// behind the newest row. `recent` is where the span of late rows begins.
    pub(super) fn tail(&self, recent: i64, now_ms: i64) -> i64 {
        let Some(newest) = self.times.last() else { return recent };
        let page = match self.times.len().checked_sub(self.at_once) {
            None | Some(0) => recent,
            Some(place) => self.times[place],
        };
        page.min(*newest).min(now_ms - DAY_MS).max(recent)
    }

    /// What has no rows between `recent` and the tail, newest first. Holes with less than a request between them
    /// are read in one.
    pub(super) fn holes(&self, recent: i64, tail: i64) -> Vec<(i64, i64)> {
        let before: Vec<i64> = self.times.iter().copied().filter(|at| *at < tail).collect();
        let mut holes: Vec<(i64, i64)> = Vec::new();
        let (mut last, mut between) = (recent, 0);
        for at in before.into_iter().chain([tail]) {
            if at - last > HOLE_MS {
                match holes.last_mut() {
                    Some(hole) if between <= self.at_once => hole.1 = at,
                    _ => holes.push((last, at)),
                }
                between = 0;
            }
            between += 1;
            last = at;
        }
        // The row that ends a hole is asked for too: some leave out what lies on the border.
        holes.into_iter().rev().map(|(from, to)| (from, (to + 1000).min(tail))).collect()
    }

    /// The slice of the dense part whose turn it is.
    pub(super) fn turn(recent: i64, tail: i64, now_ms: i64) -> Option<(i64, i64)> {
        let days = (tail - recent + DAY_MS - 1) / DAY_MS;
        if days <= 0 {
            return None;
        }
        // An odd number of turns: who syncs at the same hour every day comes by all of them as well.
        let place = now_ms.div_euclid(TURN_MS).rem_euclid(days | 1) % days;
        let to = tail - place * DAY_MS;
        Some(((to - DAY_MS).max(recent), to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 100 * DAY_MS;
    const RECENT: i64 = NOW - 14 * DAY_MS;

    /// A row every five minutes from one hour before now to another, hours before now.
    fn worn(from: i64, to: i64) -> Vec<i64> {
        (0..(from - to) * 12).map(|place| NOW - from * HOUR_MS + place * 300_000).collect()
    }

    fn hours(span: (i64, i64)) -> (i64, i64) {
        ((NOW - span.0) / HOUR_MS, (NOW - span.1) / HOUR_MS)
    }

    #[test]
    fn what_is_read_again() {
        let nights = (1..=13).flat_map(|day| worn(24 * (14 - day) + 9, 24 * (14 - day) + 1)).collect();
        for (name, times, tail, holes) in [
            ("nothing ever came", vec![], 336, vec![]),
            ("worn all the time", worn(336, 0), 75, vec![]),
            ("the phone away since", worn(336, 144), 219, vec![]),
            (
                "the newest came before the rest",
                [worn(336, 144), worn(12, 0)].concat(),
                // As much as one request gives is read in any case.
                207,
                vec![],
            ),
            (
                "a hole behind what one request gives",
                [worn(336, 240), worn(140, 0)].concat(),
                75,
                vec![(240, 139)],
            ),
            ("rows of nights alone", nights, 244, vec![(336, 248)]),
            ("set up a week ago", worn(168, 0), 75, vec![(336, 167)]),
        ] {
            let rows = Rows { times: &times, at_once: 900 };
            let from = rows.tail(RECENT, NOW);
            assert_eq!((NOW - from) / HOUR_MS, tail, "{name}");
            let found: Vec<_> = rows.holes(RECENT, from).into_iter().map(hours).collect();
            assert_eq!(found, holes, "{name}");
        }
    }

    #[test]
    fn holes_with_much_between_them_are_read_one_by_one() {
        let times = [worn(330, 320), worn(310, 200), worn(190, 0)].concat();
        let rows = Rows { times: &times, at_once: 900 };
        let found: Vec<_> = rows.holes(RECENT, rows.tail(RECENT, NOW)).into_iter().map(hours).collect();
        assert_eq!(found, [(200, 189), (336, 309)]);
    }

    #[test]
    fn each_day_of_the_dense_part_has_its_turn() {
        let tail = NOW - 3 * DAY_MS;
        for (name, every) in [("every two hours", TURN_MS), ("once a day", DAY_MS)] {
            let mut seen = std::collections::BTreeSet::new();
            for run in 0..26 {
                seen.extend(Rows::turn(RECENT, tail, NOW + run * every));
            }
            assert_eq!(seen.len(), 11, "{name}");
            assert_eq!(seen.first().map(|(from, _)| *from), Some(RECENT), "{name}");
            assert_eq!(seen.last().map(|(_, to)| *to), Some(tail), "{name}");
        }
        assert_eq!(Rows::turn(RECENT, RECENT, NOW), None);
    }
}
