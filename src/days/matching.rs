//! Which records of several sources are of one and the same session.

use crate::{
    model::Route,
    providers::catalogue::{Provider, Resource},
};

/// Whose word it is: one provider's, by one way. What came by another way may be a copy of the same session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    pub provider: &'static str,
    pub route: Route,
}

impl Source {
    pub fn of(provider: &Provider, resource: &Resource) -> Self {
        Self { provider: provider.id, route: resource.route }
    }
}

/// A record of a session: who recorded it, and when it was, UTC milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub source: Source,
    pub from: i64,
    pub to: i64,
}

/// Groups records, given with the preferred source first: each group is one session, its first record the
/// preferred one.
///
/// A record joins the group with whose records it shares the most time, if it shares at least half of the
/// shorter with one of another source. Otherwise it begins a group. Groups are never joined: what one source told
/// apart stays apart, however long a record of another lies over both.
pub fn groups(seen: &[Seen], alike: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    grouped(seen.len(), |group, new| {
        let others = group.iter().filter(|known| seen[**known].source != seen[new].source);
        // Most records share no time at all, which is quicker to see than what they are of.
        others.filter_map(|known| mostly(seen[*known], seen[new]).filter(|_| alike(*known, new))).max()
    })
}

/// The same for whatever there are so many of: `shared` says how much one has in common with a group, if it may
/// join it.
pub fn grouped(count: usize, shared: impl Fn(&[usize], usize) -> Option<i64>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for new in 0..count {
        // Of equal ones the first.
        let best = groups.iter_mut().rev().filter_map(|group| Some((shared(group, new)?, group)));
        match best.max_by_key(|(shared, _)| *shared) {
            Some((_, group)) => group.push(new),
            None => groups.push(vec![new]),
        }
    }
    groups
}

/// The common time, if it is at least half of the shorter one's.
fn mostly(one: Seen, other: Seen) -> Option<i64> {
    most_of((one.to - one.from).min(other.to - other.from), common(one, other))
}

/// The time that two share, or less than nothing.
pub fn common(one: Seen, other: Seen) -> i64 {
    one.to.min(other.to) - one.from.max(other.from)
}

/// The common time, if it is at least half of the shorter one.
pub fn most_of(shorter: i64, common: i64) -> Option<i64> {
    (common > 0 && 2 * common >= shorter).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(provider: &'static str, from: i64, to: i64) -> Seen {
        Seen { source: Source { provider, route: Route::Api }, from, to }
    }

    fn copy(provider: &'static str, from: i64, to: i64) -> Seen {
        Seen { source: Source { provider, route: Route::File }, from, to }
    }

    #[test]
    fn half_of_the_shorter_is_the_same_hour() {
        for (one, other, same) in [
            ((0, 60), (5, 62), true),
            ((0, 60), (10, 20), true),
            ((0, 60), (30, 90), true),
            ((0, 60), (31, 91), false),
            ((0, 60), (40, 100), false),
            ((0, 60), (60, 90), false),
            ((0, 60), (80, 90), false),
            ((0, 0), (0, 0), false),
        ] {
            let (one, other) = (seen("a", one.0, one.1), seen("b", other.0, other.1));
            assert_eq!(mostly(one, other).is_some(), same, "{one:?} {other:?}");
            assert_eq!(mostly(other, one).is_some(), same, "{other:?} {one:?}");
        }
    }

    #[test]
    fn records_of_one_session_are_one_group() {
        for (name, records, expected) in [
            (
                "three devices",
                vec![seen("a", 0, 60), seen("b", 5, 62), seen("c", -4, 58)],
                vec![vec![0, 1, 2]],
            ),
            ("one device twice", vec![seen("a", 0, 60), seen("a", 5, 62)], vec![vec![0], vec![1]]),
            ("its copy out of a file", vec![seen("a", 0, 60), copy("a", 0, 60)], vec![vec![0, 1]]),
            ("two copies of one file", vec![copy("a", 0, 60), copy("a", 5, 62)], vec![vec![0], vec![1]]),
            (
                "a chain: the third shares half with the second only",
                vec![seen("a", 0, 60), seen("b", 25, 85), seen("c", 50, 110)],
                vec![vec![0, 1, 2]],
            ),
            (
                "what one device saw in two halves",
                vec![seen("a", 0, 60), seen("b", 0, 28), seen("b", 32, 60)],
                vec![vec![0, 1, 2]],
            ),
            (
                "one long record over two that were told apart joins the one it shares more with",
                vec![seen("a", 0, 40), seen("a", 60, 120), seen("b", 0, 120)],
                vec![vec![0], vec![1, 2]],
            ),
            (
                "of equal ones the first",
                vec![seen("a", 0, 40), seen("a", 60, 100), seen("b", 0, 100)],
                vec![vec![0, 2], vec![1]],
            ),
            (
                "two sessions of two devices",
                vec![seen("a", 0, 60), seen("a", 100, 160), seen("b", 2, 61), seen("b", 99, 150)],
                vec![vec![0, 2], vec![1, 3]],
            ),
            ("nothing in common", vec![seen("a", 0, 60), seen("b", 90, 120)], vec![vec![0], vec![1]]),
        ] {
            assert_eq!(groups(&records, |_, _| true), expected, "{name}");
        }
        let unlike = [seen("a", 0, 60), seen("b", 0, 60)];
        assert_eq!(groups(&unlike, |_, _| false).len(), 2, "a ride is no run");
    }
}
