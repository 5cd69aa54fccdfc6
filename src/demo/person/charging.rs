//! When the ring lies in its charger, and how full its battery is.
//!
//! Every third day after lunch, when nobody sleeps or trains. Made for one day when asked.

use super::Person;
use super::calendar::{day_number, local_instant};
use crate::demo::random::Random;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// Percent of a full battery used in a day of wearing.
const USED_PER_DAY: f64 = 21.0;

/// The last minutes in the charger, when the battery is full already.
const FULL_BEFORE_TAKEN: SignedDuration = SignedDuration::from_mins(4);

/// A stay of the ring in its charger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// When it was put in.
    pub start: Timestamp,
    /// When it was taken out, full.
    pub end: Timestamp,
}

/// The battery at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Battery {
    /// Percent.
    pub level_pct: i64,
    /// True while it fills.
    pub charging: bool,
    /// True while the ring lies in the charger, full or not.
    pub in_charger: bool,
}

impl Person {
    /// The charge of `date`, if there was one.
    pub fn charge_on(&self, date: Date) -> Option<Charge> {
        let number = day_number(date);
        let day = self.day(date).filter(|_| number % 3 == 0)?;
        let mut random = Random::new(self.seed(), "charge", number);
        let start = local_instant(&day.zone, date, 12 * 3600 + 35 * 60 + random.whole(0, 480));
        let minutes = SignedDuration::from_mins(random.whole(30, 38));
        Some(Charge { start, end: start.saturating_add(minutes).unwrap_or(start) })
    }

    /// The last charge that began at or before `at`, if any did.
    pub fn charge_before(&self, at: Timestamp) -> Option<Charge> {
        // Local dates lie at most a day from the date in Greenwich, charges three days apart.
        let greenwich = date(1970, 1, 1).saturating_add(at.as_second().div_euclid(86_400).days());
        (-1..=4)
            .filter_map(|back: i64| self.charge_on(greenwich.saturating_sub(back.days())))
            .find(|charge| charge.start <= at)
    }

    /// True while the ring lies in its charger.
    pub fn is_charging_ring(&self, at: Timestamp) -> bool {
        self.charge_before(at).is_some_and(|charge| at < charge.end)
    }

    /// The ring's battery at `at`.
    pub fn ring_battery_at(&self, at: Timestamp) -> Battery {
        let Some(charge) = self.charge_before(at) else {
            return Battery { level_pct: 90, charging: false, in_charger: false };
        };
        let hours = |span: SignedDuration| span.as_secs_f64() / 3600.0;
        if at >= charge.end {
            let level = 100.0 - USED_PER_DAY / 24.0 * hours(at.duration_since(charge.end));
            return Battery { level_pct: level.max(3.0) as i64, charging: false, in_charger: false };
        }
        let full = charge.end.saturating_sub(FULL_BEFORE_TAKEN).unwrap_or(charge.end);
        let before = (100.0 - USED_PER_DAY * 3.0).max(3.0);
        let share = hours(at.duration_since(charge.start)) / hours(full.duration_since(charge.start));
        let level = before + (100.0 - before) * share.min(1.0);
        Battery { level_pct: level as i64, charging: at < full, in_charger: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::dates;

    #[test]
    fn the_battery_empties_slowly_and_fills_fast() {
        let person = Person::new(1, date(2026, 1, 1), date(2026, 12, 31)).unwrap();
        let mut charges = 0;
        for day in dates(date(2026, 2, 1), date(2026, 12, 1)) {
            let Some(charge) = person.charge_on(day) else { continue };
            charges += 1;
            assert!(!person.is_asleep(charge.start) && !person.is_asleep(charge.end), "{day}");
            let at = |minutes: i64| person.ring_battery_at(charge.start + SignedDuration::from_mins(minutes));
            assert!(at(-1).level_pct < 60 && !at(-1).in_charger, "{day} {:?}", at(-1));
            assert!(at(10).charging && at(10).level_pct > at(5).level_pct);
            let end = charge.end.duration_since(charge.start).as_mins();
            let full = Battery { level_pct: 100, charging: false, in_charger: true };
            assert_eq!(at(end - 2), full);
            assert!(!at(end + 1).in_charger && at(end + 1).level_pct >= 99);
            assert!(person.is_charging_ring(charge.start) && !person.is_charging_ring(charge.end));
        }
        assert!((95..=105).contains(&charges));
    }
}
