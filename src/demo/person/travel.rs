//! Where the person is: a home, and several trips a year that move their clock.
//!
//! A stay is counted in mornings, because a night belongs to the date on which one wakes.
//! Trips of a year are drawn from that year alone, and none crosses New Year.

use super::calendar::{add_days, dates, local_instant};
use crate::demo::random::Random;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

/// The zone of the person's home unless another is asked for.
pub const HOME: &str = "Europe/Berlin";

/// A run of mornings in one zone.
#[derive(Debug, Clone)]
pub struct Stay {
    /// The zone on the phone during the stay.
    pub zone: TimeZone,
    /// True when the person is at home (a scale or a bed sensor only exists there).
    pub at_home: bool,
    /// Local date of the first awakening there.
    pub first_morning: Date,
    /// Local date of the last awakening there: the day of departure.
    pub last_morning: Date,
}

/// One leg of a trip. `goes_on` means the next leg starts where this one ends, without going home.
struct Leg {
    zone: &'static str,
    departs: Date,
    mornings: i64,
    goes_on: bool,
}

/// All stays that touch `first..=last`, oldest first, for a person who travels.
pub fn travelling(seed: u64, home: &TimeZone, first: Date, last: Date) -> Vec<Stay> {
    let mut stays = Vec::new();
    let mut morning = date(first.year(), 1, 1);
    let mut from: Option<Stay> = None;
    for leg in (first.year()..=last.year()).flat_map(|year| legs_of_year(seed, year)) {
        let Ok(zone) = TimeZone::get(leg.zone) else { continue };
        let (left, departs) = if let Some(stay) = from.take() {
            (stay.zone, stay.last_morning)
        } else {
            stays.push(staying(home, morning, leg.departs));
            (home.clone(), leg.departs)
        };
        let first_morning = first_morning_after(&left, departs, &zone);
        let stay = Stay {
            zone,
            at_home: false,
            first_morning,
            last_morning: add_days(first_morning, leg.mornings - 1),
        };
        stays.push(stay.clone());
        if leg.goes_on {
            from = Some(stay);
        } else {
            morning = first_morning_after(&stay.zone, stay.last_morning, home);
        }
    }
    stays.push(staying(home, morning, date(last.year(), 12, 31)));
    stays.retain(|stay| stay.first_morning <= last && stay.last_morning >= first);
    stays
}

/// A single stay, for a person who never leaves `zone`.
pub fn staying(zone: &TimeZone, first: Date, last: Date) -> Stay {
    Stay { zone: zone.clone(), at_home: true, first_morning: first, last_morning: last }
}

/// The trips of one year: west in March (across the American change of clocks), an hour west in June, around
/// the world in September and October, and a half-hour zone in December.
/// Around the world goes over Brisbane to Los Angeles in even years (a date comes twice) and the other way
/// round in odd ones (a date is lost).
fn legs_of_year(seed: u64, year: i16) -> Vec<Leg> {
    let mut random = Random::new(seed, "trips", i64::from(year));
    let mut leg = |zone, month, day, low, high, goes_on| Leg {
        zone,
        departs: add_days(date(year, month, day), random.whole(0, 9)),
        mornings: random.whole(low, high),
        goes_on,
    };
    let (outward, homeward) = if year % 2 == 0 {
        ("Australia/Brisbane", "America/Los_Angeles")
    } else {
        ("America/Los_Angeles", "Australia/Brisbane")
    };
    vec![
        leg("America/Los_Angeles", 3, 2, 7, 11, false),
        leg("Europe/Lisbon", 6, 8, 4, 6, false),
        leg(outward, 9, 18, 7, 12, true),
        leg(homeward, 9, 18, 5, 8, false),
        leg("Asia/Kolkata", 12, 1, 6, 9, false),
    ]
}

/// The first morning in the new zone: the earliest whose evening before lies at least eight and a half hours
/// after waking for the last time in the old zone.
///
/// Flying west over the date line this is the same local date again; flying far east a night is lost.
fn first_morning_after(old: &TimeZone, last_morning: Date, new: &TimeZone) -> Date {
    let woke = local_instant(old, last_morning, 7 * 3600);
    dates(add_days(last_morning, -1), add_days(last_morning, 3))
        .find(|morning| {
            let to_bed = local_instant(new, *morning, -3600);
            to_bed.duration_since(woke) >= SignedDuration::from_mins(8 * 60 + 30)
        })
        .unwrap_or(add_days(last_morning, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn long_flights_lose_or_repeat_a_morning() {
        let day = date(2026, 10, 1);
        let next = |old: &str, new: &str| first_morning_after(&zone(old), day, &zone(new));
        assert_eq!(next("Australia/Brisbane", "America/Los_Angeles"), day, "the date comes twice");
        assert_eq!(next("America/Los_Angeles", "Australia/Brisbane"), date(2026, 10, 3), "a date is lost");
        assert_eq!(next("Europe/Berlin", "Australia/Brisbane"), date(2026, 10, 3), "a night in the air");
        assert_eq!(next("Europe/Berlin", "America/Los_Angeles"), date(2026, 10, 2));
        assert_eq!(next("Europe/Berlin", "Asia/Kolkata"), date(2026, 10, 2));
    }

    #[test]
    fn stays_follow_each_other_and_end_at_home() {
        let stays = travelling(1, &zone(HOME), date(2024, 1, 1), date(2026, 12, 31));
        assert_eq!(stays.iter().filter(|stay| !stay.at_home).count(), 15);
        for pair in stays.windows(2) {
            let gap = pair[0].last_morning.duration_since(pair[1].first_morning).as_hours() / 24;
            assert!((-2..=0).contains(&gap), "{} days between stays", -gap);
        }
        assert!(stays.first().unwrap().at_home && stays.last().unwrap().at_home);
    }

    #[test]
    fn the_trips_of_a_year_do_not_depend_on_the_range_asked_for() {
        let shown = |first, last| {
            let stays = travelling(5, &zone(HOME), first, last);
            let away = stays.into_iter().filter(|stay| !stay.at_home && stay.first_morning.year() == 2025);
            away.map(|stay| (stay.first_morning, stay.last_morning)).collect::<Vec<_>>()
        };
        assert_eq!(shown(date(2016, 1, 1), date(2025, 12, 31)), shown(date(2025, 1, 1), date(2026, 6, 30)));
    }
}
