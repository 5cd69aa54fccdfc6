//! Stress and recovery by day, and the slow state of heart and vessels.

use super::Person;
use super::calendar::{day_number, wave};
use super::vitals::is_ill;
use crate::demo::random::Random;
use jiff::civil::Date;

/// The waking hours of one day, as far as the body took them hard or easy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tension {
    /// High stress, seconds; whole quarters of an hour.
    pub stress_seconds: i64,
    /// Deep recovery, seconds; whole quarters of an hour.
    pub recovery_seconds: i64,
}

/// How fit heart and vessels are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeartFitness {
    /// Most oxygen the body can use, millilitres per minute and kilogram.
    pub vo2_max: f64,
    /// The age the vessels look, years.
    pub vascular_age_years: f64,
    /// How fast the pulse travels, metres per second.
    pub pulse_wave_velocity: f64,
}

impl Person {
    /// Stress and recovery on `date`.
    pub fn tension_on(&self, date: Date) -> Tension {
        let mut random = Random::new(self.seed(), "tension", day_number(date));
        let ill = if is_ill(self.seed(), date) { 10.0 } else { 0.0 };
        let quarters = |value: f64| (value.max(0.0) as i64) * 900;
        Tension {
            stress_seconds: quarters(random.normal(6.0, 3.5) + ill),
            recovery_seconds: quarters(random.normal(7.0, 3.5) - ill / 2.0),
        }
    }

    /// Heart and vessels on `date`.
    pub fn heart_fitness_on(&self, date: Date) -> HeartFitness {
        let mut random = Random::new(self.seed(), "heart fitness", day_number(date));
        let fitness = wave(date, 1460.0, 200.0);
        let age = date.duration_since(self.profile().born).as_hours() as f64 / 24.0 / 365.25;
        let vascular_age_years = age - 3.0 - 2.0 * fitness + random.normal(0.0, 0.4);
        HeartFitness {
            vo2_max: 47.0 + 3.0 * fitness + random.normal(0.0, 0.5),
            vascular_age_years,
            pulse_wave_velocity: 4.6 + 0.06 * vascular_age_years + random.normal(0.0, 0.05),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::dates;
    use jiff::civil::date;

    #[test]
    fn illness_is_stressful_and_fitness_moves_slowly() {
        let person = Person::new(1, date(2025, 1, 1), date(2025, 12, 31)).unwrap();
        let ill: i64 = person.ill_days().iter().map(|day| person.tension_on(*day).stress_seconds).sum();
        let all: i64 = person.days().iter().map(|day| person.tension_on(day.date).stress_seconds).sum();
        assert!(ill / 3 > all / 365 + 3600);
        for day in dates(date(2025, 1, 2), date(2025, 12, 31)) {
            let (before, now) =
                (person.heart_fitness_on(day.yesterday().unwrap()), person.heart_fitness_on(day));
            assert!((before.vo2_max - now.vo2_max).abs() < 4.0);
            assert!((4.0..10.0).contains(&now.pulse_wave_velocity));
            assert!((25.0..60.0).contains(&now.vascular_age_years));
        }
    }
}
