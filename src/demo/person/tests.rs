//! What must hold for the whole of a person's life.

use super::*;
use jiff::Timestamp;
use jiff::civil::date;

fn decade() -> Person {
    Person::new(1, date(2016, 1, 1), date(2025, 12, 31)).unwrap()
}

#[test]
fn a_day_is_the_same_whatever_range_is_asked_for() {
    let long = decade();
    let short = Person::new(1, date(2025, 3, 10), date(2025, 3, 20)).unwrap();
    for night in short.nights() {
        let same = long.night_on(night.day).unwrap();
        assert_eq!((night.start(), night.end(), night.vitals), (same.start(), same.end(), same.vitals));
    }
    let starts = |person: &Person| -> Vec<Timestamp> {
        let workouts = person.workouts().iter();
        let within = |day: Date| (date(2025, 3, 10)..=date(2025, 3, 20)).contains(&day);
        workouts.filter(|workout| within(workout.day())).map(|workout| workout.start).collect()
    };
    assert!(!starts(&short).is_empty());
    assert_eq!(starts(&short), starts(&long));
    assert_ne!(
        Person::new(2, date(2025, 3, 10), date(2025, 3, 20)).unwrap().nights()[0].start(),
        short.nights()[0].start()
    );
}

#[test]
fn nobody_sleeps_or_trains_twice_at_once() {
    let person = decade();
    let mut busy: Vec<(Timestamp, Timestamp)> = Vec::new();
    busy.extend(person.nights().iter().flat_map(|night| &night.sleeps).map(|sleep| (sleep.start, sleep.end)));
    busy.extend(person.naps().iter().map(|nap| (nap.start, nap.end)));
    busy.extend(person.workouts().iter().map(|workout| (workout.start, workout.end)));
    busy.sort_unstable();
    for pair in busy.windows(2) {
        assert!(pair[0].1 < pair[1].0, "{pair:?} overlap");
    }
}

#[test]
fn every_sleep_ends_on_the_day_its_night_is_named_after() {
    let person = decade();
    for night in person.nights() {
        assert_eq!(night.sleeps.last().unwrap().day(), night.day);
        assert_eq!(night.zone.to_datetime(night.end()).date(), night.day);
    }
}

#[test]
fn the_planted_shapes_are_there() {
    let person = decade();
    let nights = person.nights();
    let share = |count: usize| count as f64 / nights.len() as f64;
    let after_midnight =
        nights.iter().filter(|night| night.zone.to_datetime(night.start()).date() == night.day);
    assert!((0.1..0.5).contains(&share(after_midnight.count())), "bedtimes on both sides of midnight");
    assert!((0.005..0.04).contains(&share(nights.iter().filter(|night| !night.seen_by.strap).count())));
    assert!((0.005..0.04).contains(&share(nights.iter().filter(|night| night.sleeps.len() == 2).count())));
    assert!((0.05..0.25).contains(&share(person.naps().len())));
    assert!((0.5..1.0).contains(&share(person.workouts().len())));
    assert_eq!(person.ill_days().len(), 30);
    assert!(person.ill_days().iter().all(|day| person.day(*day).unwrap().ill));
}

#[test]
fn flights_repeat_and_lose_dates() {
    let person = decade();
    let mut repeated = 0;
    let mut lost = 0;
    for pair in person.nights().windows(2) {
        match day_number(pair[1].day) - day_number(pair[0].day) {
            0 => repeated += 1,
            1 => (),
            2 => lost += 1,
            other => panic!("{other} days between {} and {}", pair[0].day, pair[1].day),
        }
    }
    assert!(repeated >= 4, "{repeated} dates with two nights");
    assert!(lost >= 15, "{lost} dates without a night");
    let offsets: std::collections::BTreeSet<i32> =
        person.nights().iter().map(|night| night.offset().seconds()).collect();
    for hours in [-8.0, -7.0, 0.0, 1.0, 2.0, 5.5, 10.0] {
        let seconds = (hours * 3600.0) as i32;
        assert!(offsets.contains(&seconds) || hours == 0.0, "{hours} h missing from {offsets:?}");
    }
}

#[test]
fn a_night_across_the_change_of_clocks_keeps_its_real_length() {
    // 2026-03-29 02:00 becomes 03:00 in Berlin, 2026-10-25 03:00 becomes 02:00.
    for (day, wall_minus_real_hours) in [(date(2026, 3, 29), 1), (date(2026, 10, 25), -1)] {
        let person = (1..200)
            .map(|seed| Person::living_in(seed, "Europe/Berlin", day, day).unwrap())
            .find(|person| {
                let night = &person.nights()[0];
                let to_bed = night.zone.to_datetime(night.start());
                night.sleeps.len() == 1 && to_bed.date() < day
            })
            .unwrap();
        let sleep = &person.nights()[0].sleeps[0];
        let wall = person.nights()[0]
            .zone
            .to_datetime(sleep.end)
            .duration_since(person.nights()[0].zone.to_datetime(sleep.start));
        let real = sleep.end.duration_since(sleep.start);
        assert_eq!((wall - real).as_hours(), wall_minus_real_hours);
        assert_eq!(sleep.stages.in_bed_seconds(), real.as_secs());
        assert_eq!(sleep.day(), day);
    }
}

#[test]
fn a_resident_keeps_one_zone() {
    for (zone, offset_hours) in [("Australia/Brisbane", 10), ("Pacific/Pitcairn", -8)] {
        let person = Person::living_in(1, zone, date(2026, 1, 1), date(2026, 12, 31)).unwrap();
        assert_eq!(person.nights().len(), 365);
        assert!(person.nights().iter().all(|night| night.offset().seconds() == offset_hours * 3600));
    }
    assert!(Person::living_in(1, "Mars/Olympus", date(2026, 1, 1), date(2026, 1, 2)).is_err());
}
