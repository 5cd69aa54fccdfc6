//! Social jetlag: how much later the middle of sleep lies on free days (Wittmann and others 2006,
//! doi:10.1080/07420520500545979; Roenneberg and others 2019, doi:10.3390/biology8030054).
//!
//! Which days are free is the wearer's to say; it is never guessed here. Times of day are averaged on the
//! circle, so that 23:50 and 00:10 have midnight between them.

use std::f64::consts::TAU;

const DAY_MINUTES: f64 = 24.0 * 60.0;

/// Nights that each kind of day needs.
pub const LEAST_FREE: usize = 2;
pub const LEAST_WORK: usize = 3;

/// A night, by the day on which it ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Night {
    /// Local minutes after midnight at which half of the sleep was over.
    pub middle_minutes: f64,
    pub duration_minutes: f64,
    pub free: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jetlag {
    pub free_nights: usize,
    pub work_nights: usize,
    /// Middle of sleep, minutes after midnight (0 to 1440).
    pub free_middle: f64,
    pub work_middle: f64,
    /// Free minus work, −720 to 720 minutes.
    pub difference: f64,
    /// The middle of sleep on free days, earlier by half of what was slept longer than in an average night.
    pub free_middle_corrected: f64,
}

/// `Err` says how many nights there were before free and before working days.
pub fn jetlag(nights: &[Night]) -> Result<Jetlag, (usize, usize)> {
    let of = |free: bool| nights.iter().filter(move |night| night.free == free);
    let counted = (of(true).count(), of(false).count());
    if counted.0 < LEAST_FREE || counted.1 < LEAST_WORK {
        return Err(counted);
    }
    let middle = |free| circular_mean(of(free).map(|night| night.middle_minutes)).ok_or(counted);
    let (free_middle, work_middle) = (middle(true)?, middle(false)?);
    let length = |free, count: usize| of(free).map(|n| n.duration_minutes).sum::<f64>() / count as f64;
    let (free_length, work_length) = (length(true, counted.0), length(false, counted.1));
    let all = (counted.0 + counted.1) as f64;
    let average = (free_length * counted.0 as f64 + work_length * counted.1 as f64) / all;
    let overslept = if free_length > work_length { (free_length - average) / 2.0 } else { 0.0 };
    Ok(Jetlag {
        free_nights: counted.0,
        work_nights: counted.1,
        free_middle,
        work_middle,
        difference: apart(free_middle, work_middle),
        free_middle_corrected: (free_middle - overslept).rem_euclid(DAY_MINUTES),
    })
}

/// The mean of times of day; `None` of none, and where they cancel out.
pub fn circular_mean(minutes: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sine, mut cosine, mut count) = (0.0, 0.0, 0.0);
    for minute in minutes {
        let angle = minute / DAY_MINUTES * TAU;
        sine += angle.sin();
        cosine += angle.cos();
        count += 1.0;
    }
    // Spread evenly around the clock there is no middle.
    let direction = count > 0.0 && f64::hypot(sine, cosine) / count > 1e-9;
    direction.then(|| (sine.atan2(cosine) / TAU * DAY_MINUTES).rem_euclid(DAY_MINUTES))
}

/// How much later the first is than the second, the short way round.
pub fn apart(first: f64, second: f64) -> f64 {
    let forward = (first - second).rem_euclid(DAY_MINUTES);
    if forward > DAY_MINUTES / 2.0 { forward - DAY_MINUTES } else { forward }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_averaged_on_the_circle() {
        let mean = |minutes: &[f64]| circular_mean(minutes.iter().copied());
        let around = mean(&[1430.0, 10.0]).unwrap();
        assert!(apart(around, 0.0).abs() < 1e-9, "{around}");
        assert!((mean(&[180.0, 240.0]).unwrap() - 210.0).abs() < 1e-9);
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[0.0, 720.0]), None, "opposite times have no middle");
        for (first, second, later) in [(10.0, 1430.0, 20.0), (1430.0, 10.0, -20.0), (300.0, 200.0, 100.0)] {
            assert!((apart(first, second) - later).abs() < 1e-9);
        }
    }

    #[test]
    fn two_free_and_three_working_nights_are_needed() {
        let night = |middle, free| Night { middle_minutes: middle, duration_minutes: 480.0, free };
        let nights = [night(180.0, false), night(190.0, false), night(200.0, false), night(270.0, true)];
        assert_eq!(jetlag(&nights), Err((1, 3)));
        let found = jetlag(&[&nights[..], &[night(290.0, true)]].concat()).unwrap();
        assert!((found.difference - 90.0).abs() < 0.01, "{found:?}");
        assert_eq!((found.free_nights, found.work_nights), (2, 3));
    }
}
