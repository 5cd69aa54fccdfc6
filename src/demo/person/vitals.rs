//! What the body shows at night: resting heart rate, heart rate variability, temperature, oxygen, breathing.
//!
//! Each is a slow course (fitness over years, seasons) plus the noise of a day, shifted on ill days.
//! The three ill days of each spring are planted: analyses are tested by finding them.

use super::calendar::{add_days, day_number, wave};
use crate::demo::random::Random;
use jiff::civil::{Date, date};

/// How long the illness of each spring lasts, days.
pub const ILL_DAYS: i64 = 3;

/// The body on the morning of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vitals {
    /// Resting heart rate of the night, beats per minute.
    pub resting_heart_rate_bpm: f64,
    /// Heart rate variability of the night as RMSSD, milliseconds.
    pub hrv_rmssd_ms: f64,
    /// Mean blood oxygen saturation of the night, percent.
    pub spo2_pct: f64,
    /// Mean skin temperature of the night, degrees Celsius.
    pub skin_temperature_c: f64,
    /// Breaths per minute.
    pub respiratory_rate: f64,
}

/// The ill days of `year`: three in a row in April or early May, when no trip is planned.
pub fn ill_days_of_year(seed: u64, year: i16) -> impl Iterator<Item = Date> {
    let mut random = Random::new(seed, "illness", i64::from(year));
    let first = add_days(date(year, 4, 3), random.whole(0, 30));
    (0..ILL_DAYS).map(move |offset| add_days(first, offset))
}

/// True when the person wakes up ill on `day`.
pub fn is_ill(seed: u64, day: Date) -> bool {
    ill_days_of_year(seed, day.year()).any(|ill| ill == day)
}

/// The vitals measured during the night that ends on `day`.
pub fn vitals_on(seed: u64, day: Date) -> Vitals {
    let mut random = Random::new(seed, "vitals", day_number(day));
    // Training, stress and a late meal move both heart values together, in opposite directions.
    let load = usual(&mut random, 1.0);
    let fitness = wave(day, 1460.0, 200.0);
    let season = wave(day, 365.25, 30.0);
    let ill = f64::from(u8::from(is_ill(seed, day)));
    // Illness reaches further than any usual night: a device that sees the body sees it on each of the days.
    Vitals {
        resting_heart_rate_bpm: 53.0 - 2.0 * fitness
            + season
            + 1.4 * load
            + usual(&mut random, 0.7)
            + 14.0 * ill,
        hrv_rmssd_ms: (68.0 + 6.0 * fitness - 3.0 * season - 4.2 * load + usual(&mut random, 2.0)
            - 38.0 * ill)
            .max(15.0),
        spo2_pct: (96.4 + usual(&mut random, 0.6) - 1.2 * ill).clamp(90.0, 99.5),
        skin_temperature_c: 33.6 + usual(&mut random, 0.22) + 0.2 * season + 1.8 * ill,
        respiratory_rate: 14.6 + usual(&mut random, 0.3) + 2.6 * ill,
    }
}

/// What differs from night to night in health: spread evenly over a narrow band, without the rare far value that
/// a bell curve has, so that nothing stands out but what is planted.
fn usual(random: &mut Random, deviation: f64) -> f64 {
    // The band of a uniform draw is √12 deviations wide.
    (random.unit() - 0.5) * 12.0_f64.sqrt() * deviation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::calendar::dates;

    #[test]
    fn illness_shows_in_three_signals_every_spring() {
        for seed in [1, 2, 77] {
            for year in 2016..2027 {
                let ill: Vec<Date> = ill_days_of_year(seed, year).collect();
                assert_eq!(ill.len(), 3);
                let mean = |days: &[Date], value: fn(&Vitals) -> f64| {
                    days.iter().map(|day| value(&vitals_on(seed, *day))).sum::<f64>() / days.len() as f64
                };
                let well: Vec<Date> = dates(add_days(ill[0], -28), add_days(ill[0], -1)).collect();
                let shift = |value| mean(&ill, value) - mean(&well, value);
                assert!(shift(|vitals| vitals.resting_heart_rate_bpm) > 6.0);
                assert!(shift(|vitals| vitals.hrv_rmssd_ms) < -14.0);
                assert!(shift(|vitals| vitals.skin_temperature_c) > 0.8);
            }
        }
    }

    #[test]
    fn values_stay_plausible() {
        for day in dates(date(2016, 1, 1), date(2025, 12, 31)) {
            let vitals = vitals_on(4, day);
            assert!((40.0..80.0).contains(&vitals.resting_heart_rate_bpm));
            assert!((15.0..120.0).contains(&vitals.hrv_rmssd_ms));
            assert!((31.0..37.0).contains(&vitals.skin_temperature_c));
            assert!((12.0..20.0).contains(&vitals.respiratory_rate));
        }
    }
}
