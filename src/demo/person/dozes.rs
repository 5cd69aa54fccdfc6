//! What looks like sleep or hardly is: short evening naps, and lying still that a device may take for sleep.
//!
//! Neither is among [`Person::naps`]: an evening nap belongs to the night that follows it by some reckonings, and
//! lying still is no sleep at all.

use super::Person;
use super::calendar::{day_number, local_instant};
use super::nights::is_weekend;
use super::sleep::{Sleep, SleepingBody};
use super::vitals::vitals_on;
use crate::demo::random::Random;
use jiff::civil::Weekday;

impl Person {
    /// Real naps that end between half past six and seven in the evening, on a few Mondays; oldest first.
    pub fn evening_naps(&self) -> Vec<Sleep> {
        self.dozes("evening nap", 0.12, 18.35, (20.0, 32.0), 2, |weekday| weekday == Weekday::Monday)
    }

    /// Lying still in the afternoon without sleeping, laid out as a device would that takes it for sleep; oldest
    /// first.
    pub fn quiet_rests(&self) -> Vec<Sleep> {
        self.dozes("quiet rest", 0.05, 15.9, (20.0, 32.0), 6, |weekday| weekday != Weekday::Saturday)
    }

    fn dozes(
        &self,
        stream: &str,
        probability: f64,
        hour: f64,
        minutes: (f64, f64),
        place: i64,
        happens_on: fn(Weekday) -> bool,
    ) -> Vec<Sleep> {
        let mut found = Vec::new();
        for day in self.days().iter().filter(|day| happens_on(day.date.weekday()) && !is_weekend(day.date)) {
            let number = day_number(day.date);
            let mut random = Random::new(self.seed(), stream, number);
            if !random.chance(probability) {
                continue;
            }
            let start = local_instant(&day.zone, day.date, (random.normal(hour, 0.05) * 3600.0) as i64);
            let seconds = random.between(minutes.0 * 60.0, minutes.1 * 60.0) as i64;
            let vitals = vitals_on(self.seed(), day.date);
            let body = SleepingBody {
                respiratory_rate: vitals.respiratory_rate,
                resting_heart_rate_bpm: vitals.resting_heart_rate_bpm,
            };
            let doze = Sleep::lay_out(&mut random, number * 8 + place, &day.zone, start, seconds, body);
            if self.is_free(doze.start, doze.end) {
                found.push(doze);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dozes_are_short_rare_and_at_their_hour() {
        let person = Person::new(1, date(2024, 1, 1), date(2026, 12, 31)).unwrap();
        let (evening, quiet) = (person.evening_naps(), person.quiet_rests());
        assert!((8..40).contains(&evening.len()) && (15..80).contains(&quiet.len()));
        let hour = |sleep: &Sleep| sleep.offset.to_datetime(sleep.end).hour();
        assert!(evening.iter().all(|nap| hour(nap) == 18), "after six, before seven");
        assert!(quiet.iter().all(|rest| (16..=17).contains(&hour(rest)) || hour(rest) == 15));
        let keys: std::collections::HashSet<i64> =
            evening.iter().chain(&quiet).map(|doze| doze.key).collect();
        assert_eq!(keys.len(), evening.len() + quiet.len());
        let nights = person.nights().iter().flat_map(|night| &night.sleeps);
        assert!(nights.chain(person.naps()).all(|sleep| !keys.contains(&sleep.key)));
    }
}
