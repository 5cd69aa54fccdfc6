//! The sleep regularity index of Phillips and others 2017 (doi:10.1038/s41598-017-03171-4): how often the same
//! minute a day later finds the sleeper in the same state, asleep or awake. 100 is the same every day, 0 is
//! chance.
//!
//! Only minutes count of which both days are known; what is not covered by a record is neither asleep nor awake.

/// The length of an epoch, milliseconds.
const EPOCH_MS: i64 = 60_000;
const EPOCHS_A_DAY: usize = 24 * 60;

/// Covered days that an index needs.
pub const LEAST_DAYS: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regularity {
    /// −100 to 100.
    pub index: f64,
    /// Minutes that were compared with the same minute a day later.
    pub compared_minutes: usize,
    /// Compared minutes of all the minutes that have one a day later.
    pub covered_share: f64,
}

/// From and to, UTC milliseconds, to exclusive.
pub type Span = (i64, i64);

/// The index over a span of time, given when it is known what the sleeper did, and when they were asleep.
/// `None` where fewer than six days' worth of minutes can be compared, which is what seven covered days in a
/// row give.
pub fn regularity(whole: Span, known: &[Span], asleep: &[Span]) -> Option<Regularity> {
    const UNKNOWN: u8 = 0;
    const AWAKE: u8 = 1;
    const ASLEEP: u8 = 2;
    let first = whole.0.div_euclid(EPOCH_MS);
    let epochs = usize::try_from(whole.1.div_euclid(EPOCH_MS) - first).ok()?;
    let mut states = vec![UNKNOWN; epochs];
    // An epoch belongs to the span that holds its first moment.
    let place = |at: i64| {
        let epoch = at.div_euclid(EPOCH_MS) + i64::from(at.rem_euclid(EPOCH_MS) > 0) - first;
        usize::try_from(epoch.max(0)).unwrap_or(epochs).min(epochs)
    };
    for (from, to) in known {
        let (from, to) = (place(*from), place(*to));
        states[from.min(to)..to].fill(AWAKE);
    }
    for (from, to) in asleep {
        let (from, to) = (place(*from), place(*to));
        for state in &mut states[from.min(to)..to] {
            if *state == AWAKE {
                *state = ASLEEP;
            }
        }
    }
    let comparable = epochs.checked_sub(EPOCHS_A_DAY)?;
    let (mut compared, mut same) = (0, 0);
    for (now, later) in states.iter().zip(&states[EPOCHS_A_DAY..]) {
        if *now != UNKNOWN && *later != UNKNOWN {
            compared += 1;
            same += usize::from(now == later);
        }
    }
    (compared >= (LEAST_DAYS - 1) * EPOCHS_A_DAY).then(|| Regularity {
        index: -100.0 + 200.0 * same as f64 / compared as f64,
        compared_minutes: compared,
        covered_share: compared as f64 / comparable as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    fn nights(count: i64, start_hour: impl Fn(i64) -> i64) -> Vec<Span> {
        (0..count)
            .map(|day| (day * DAY + start_hour(day) * HOUR, day * DAY + (start_hour(day) + 8) * HOUR))
            .collect()
    }

    #[test]
    fn the_same_every_day_is_100_and_shifted_nights_are_less() {
        let whole = (0, 10 * DAY);
        let known = [whole];
        let index = |asleep: &[Span]| regularity(whole, &known, asleep).map(|found| found.index);
        assert_eq!(index(&nights(10, |_| 10)), Some(100.0));
        // Every other night two hours later: four of 24 hours differ.
        let shifted = index(&nights(10, |day| 10 + 2 * (day % 2))).unwrap();
        assert!((shifted - (100.0 - 200.0 * 4.0 / 24.0)).abs() < 1e-9, "{shifted}");
        // Asleep on every other day only, round the clock.
        let alternating: Vec<Span> = (0..5).map(|pair| (2 * pair * DAY, (2 * pair + 1) * DAY)).collect();
        assert_eq!(index(&alternating), Some(-100.0));
    }

    #[test]
    fn days_with_gaps_are_left_out_and_too_few_give_nothing() {
        let whole = (0, 10 * DAY);
        let asleep = nights(10, |_| 10);
        // The fifth day is missing: neither it nor its comparisons with its neighbours count.
        let found = regularity(whole, &[(0, 4 * DAY), (5 * DAY, 10 * DAY)], &asleep).unwrap();
        assert_eq!((found.index, found.compared_minutes), (100.0, 7 * 1440));
        assert!((found.covered_share - 7.0 / 9.0).abs() < 1e-9);
        assert_eq!(regularity(whole, &[(0, 6 * DAY)], &asleep), None);
        assert_eq!(regularity((0, HOUR), &[(0, HOUR)], &[]), None);
        assert_eq!(regularity((0, 0), &[], &[]), None);
    }

    #[test]
    fn sleep_outside_of_what_is_covered_does_not_count() {
        let whole = (0, 8 * DAY);
        let known = [(0, 7 * DAY)];
        let found = regularity(whole, &known, &[(7 * DAY + HOUR, 8 * DAY)]).unwrap();
        assert_eq!((found.index, found.compared_minutes), (100.0, 6 * 1440));
    }
}
