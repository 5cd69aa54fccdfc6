//! What the person measures on purpose, besides weight: blood pressure, temperature, oxygen, the heart's traces.
//!
//! Made for one day when asked. At home only, except for what a watch can do.

use super::calendar::{day_number, local_instant, wave};
use super::{Day, Person};
use crate::demo::random::Random;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp};

/// Everything measured on purpose on one day, each list earliest first.
#[derive(Debug, Clone, Default)]
pub struct Checkups {
    /// Readings of the cuff.
    pub blood_pressures: Vec<BloodPressure>,
    /// Recordings of the heart's electricity.
    pub electrocardiograms: Vec<Electrocardiogram>,
    /// Recordings of the heart's sound.
    pub heart_sounds: Vec<Timestamp>,
    /// When a thermometer was used, and degrees Celsius.
    pub temperatures: Vec<(Timestamp, f64)>,
    /// When oxygen saturation was looked at, and percent.
    pub oxygen_saturations: Vec<(Timestamp, f64)>,
}

/// One reading of the cuff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BloodPressure {
    /// When.
    pub at: Timestamp,
    /// Millimetres of mercury.
    pub systolic_mmhg: i64,
    /// Millimetres of mercury.
    pub diastolic_mmhg: i64,
    /// Beats per minute.
    pub pulse_bpm: i64,
}

/// One recording of the heart's electricity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Electrocardiogram {
    /// When it began.
    pub at: Timestamp,
    /// Beats per minute.
    pub heart_rate_bpm: i64,
    /// What a device can tell from it.
    pub finding: Finding,
    /// Taken while measuring blood pressure, with the cuff's own electrodes.
    pub with_cuff: bool,
}

/// What a device can tell from an electrocardiogram. The person is healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// A regular rhythm.
    Regular,
    /// Too much movement to tell.
    Unclear,
}

impl Person {
    /// What was measured on purpose on `date`.
    pub fn checkups_on(&self, date: Date) -> Checkups {
        let mut found = Checkups::default();
        let Some(day) = self.day(date) else { return found };
        let mut random = Random::new(self.seed(), "checkups", day_number(date));
        let at_home = self.is_at_home(date);
        let at = |random: &mut Random, hour: f64| {
            local_instant(&day.zone, date, (random.normal(hour, 0.4) * 3600.0) as i64)
        };
        let morning = at(&mut random, 10.3);
        let evening = at(&mut random, 20.8);
        if at_home && matches!(date.weekday(), Weekday::Wednesday | Weekday::Sunday) {
            // Three readings a minute apart on Sundays, as physicians advise; one in mid-week.
            let readings = if date.weekday() == Weekday::Sunday { 3 } else { 1 };
            for reading in 0..readings {
                let at = morning.saturating_add(SignedDuration::from_mins(reading * 2)).unwrap_or(morning);
                found.blood_pressures.push(self.blood_pressure(day, at, &mut random));
            }
            if readings == 3 && random.chance(0.5) {
                let with_cuff = self.electrocardiogram(morning, &mut random, true);
                found.electrocardiograms.push(with_cuff);
                found.heart_sounds.push(morning);
            }
        }
        if date.weekday() == Weekday::Friday && random.chance(0.6) {
            found.electrocardiograms.push(self.electrocardiogram(evening, &mut random, false));
        }
        if at_home && (day.ill || random.chance(0.02)) {
            let fever = if day.ill { 1.6 } else { 0.0 };
            found.temperatures.push((evening, 36.6 + fever + random.normal(0.0, 0.2)));
        }
        if random.chance(0.08) {
            let oxygen = random.normal(96.8, 0.8) - if day.ill { 1.5 } else { 0.0 };
            found.oxygen_saturations.push((evening, oxygen.clamp(88.0, 100.0)));
        }
        found
    }

    /// True when the person woke up at home on `date`.
    pub fn is_at_home(&self, date: Date) -> bool {
        let stay =
            self.stays().iter().rev().find(|stay| (stay.first_morning..=stay.last_morning).contains(&date));
        stay.is_some_and(|stay| stay.at_home)
    }

    fn blood_pressure(&self, day: &Day, at: Timestamp, random: &mut Random) -> BloodPressure {
        let season = wave(day.date, 365.25, 10.0);
        let weight = self.weight_on(day.date) - 79.0;
        let systolic = 123.0 + 3.0 * season + 1.5 * weight + random.normal(0.0, 4.0);
        BloodPressure {
            at,
            systolic_mmhg: systolic as i64,
            diastolic_mmhg: (systolic * 0.64 + random.normal(0.0, 2.0)) as i64,
            pulse_bpm: self.heart_rate_at(at).min(110),
        }
    }

    fn electrocardiogram(&self, at: Timestamp, random: &mut Random, with_cuff: bool) -> Electrocardiogram {
        Electrocardiogram {
            at,
            heart_rate_bpm: self.heart_rate_at(at).min(110),
            finding: if random.chance(0.08) { Finding::Unclear } else { Finding::Regular },
            with_cuff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::dates;
    use jiff::civil::date;

    #[test]
    fn a_year_of_checkups_is_plausible_and_stays_at_home() {
        let person = Person::new(1, date(2024, 12, 1), date(2026, 1, 31)).unwrap();
        let mut totals = [0; 5];
        for day in dates(date(2025, 1, 1), date(2025, 12, 31)) {
            let found = person.checkups_on(day);
            for reading in &found.blood_pressures {
                assert!((95..165).contains(&reading.systolic_mmhg), "{reading:?}");
                assert!((55..110).contains(&reading.diastolic_mmhg), "{reading:?}");
                assert!(reading.diastolic_mmhg < reading.systolic_mmhg);
                assert!((40..=110).contains(&reading.pulse_bpm), "{reading:?}");
                assert!(person.is_at_home(day));
            }
            let counts = [
                found.blood_pressures.len(),
                found.electrocardiograms.len(),
                found.heart_sounds.len(),
                found.temperatures.len(),
                found.oxygen_saturations.len(),
            ];
            for (total, count) in totals.iter_mut().zip(counts) {
                *total += count;
            }
        }
        for (total, expected) in totals.into_iter().zip([100..220, 20..80, 8..45, 3..30, 10..60]) {
            assert!(expected.contains(&total), "{totals:?}");
        }
        for ill in person.ill_days() {
            assert!(person.checkups_on(*ill).temperatures.iter().any(|(_, celsius)| *celsius > 37.4));
        }
    }
}
