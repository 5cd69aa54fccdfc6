//! What was planted in the synthetic person is found, and only that.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::date, tz::TimeZone};

use super::{daily_series::Series, rounding::decimals, survivors::survivors, trend::slope};
use crate::{
    analytics::{Point, baseline, compare::compare, day_number, within},
    demo::{
        person::{Person, Vitals, is_training_day},
        random::Random,
    },
    model::{metric, time::Day},
    query::Range,
};

fn decade(seed: u64) -> Person {
    Person::new(seed, date(2016, 1, 1), date(2025, 12, 31)).unwrap()
}

fn points(values: BTreeMap<Day, f64>) -> Vec<Point> {
    values.into_iter().map(|(day, value)| Point { day, value }).collect()
}

/// What a device would tell of the nights: a value a day, in its decimals.
fn told(person: &Person, value: impl Fn(&Vitals) -> f64, places: u8) -> Vec<Point> {
    let nights = person.nights().iter().filter(|night| night.seen_by.strap);
    points(nights.map(|night| (night.day, decimals(value(&night.vitals), places))).collect())
}

fn series(id: &str, points: Vec<Point>) -> Series {
    Series {
        metric: metric::find(id).unwrap(),
        source: "truth".to_owned(),
        points,
        only_elsewhere: 0,
        implausible: 0,
    }
}

/// Everything that `get_insights` looks at, as devices would tell it.
fn all(person: &Person) -> Vec<Series> {
    let sleeps = |value: fn(&crate::demo::person::Sleep) -> f64| {
        let nights = person.nights().iter().filter_map(|night| Some((night.day, value(night.main_sleep()?))));
        points(nights.collect())
    };
    let days = |value: fn(&crate::demo::person::Day) -> f64| {
        points(person.days().iter().map(|day| (day.date, value(day))).collect())
    };
    let weight =
        person.weigh_ins().iter().map(|one| (one.offset.to_datetime(one.at).date(), one.weight_kilograms));
    vec![
        series("resting_heart_rate", told(person, |v| v.resting_heart_rate_bpm, 0)),
        series("heart_rate_variability_rmssd", told(person, |v| v.hrv_rmssd_ms, 1)),
        series("skin_temperature", told(person, |v| v.skin_temperature_c, 1)),
        series("respiratory_rate", told(person, |v| v.respiratory_rate, 1)),
        series("oxygen_saturation", told(person, |v| v.spo2_pct, 1)),
        series("total_sleep_time", sleeps(|sleep| sleep.stages.asleep_seconds() as f64)),
        series(
            "sleep_efficiency",
            sleeps(|sleep| {
                100.0 * sleep.stages.asleep_seconds() as f64 / sleep.stages.in_bed_seconds() as f64
            }),
        ),
        series("steps", days(|day| day.steps as f64)),
        series("active_energy", days(|day| day.active_kilocalories)),
        series("weight", points(weight.collect())),
    ]
}

fn flagged(points: &[Point]) -> Vec<Day> {
    let (judged, _) = baseline::judge(points, points[0].day, points[points.len() - 1].day);
    judged.iter().filter(|one| one.is_anomaly()).map(|one| one.point.day).collect()
}

#[test]
fn the_ill_days_of_each_spring_stand_out_and_nothing_else_does() {
    for seed in [1, 2, 7, 77, 20_260_301] {
        let person = decade(seed);
        let mut times: BTreeMap<Day, usize> = BTreeMap::new();
        let mut judged = 0;
        for one in &all(&person)[..3] {
            let found = flagged(&one.points);
            judged += one.points.len();
            for ill in person.ill_days() {
                assert!(found.contains(ill), "seed {seed}: {} does not show {ill}", one.metric.id);
            }
            for day in found {
                *times.entry(day).or_default() += 1;
            }
        }
        let together: Vec<Day> = times.iter().filter(|(_, times)| **times > 1).map(|(day, _)| *day).collect();
        assert_eq!(together, person.ill_days(), "seed {seed}");
        let alone = times.values().filter(|times| **times == 1).count();
        assert!(alone * 400 < judged, "seed {seed}: {alone} of {judged} usual values were flagged");
    }
}

/// Kilograms a week by which the weight was made to move, where it kept its direction all the time.
fn planted_slope(first: Day, last: Day) -> Option<f64> {
    // As `demo::person::body` has it: two waves with straight sides. A wave falls in the first half of its period.
    [(2.5, 1096.0, 300.0), (0.6, 365.25, 10.0)]
        .into_iter()
        .map(|(size, period, phase): (f64, f64, f64)| {
            let half = |day: Day| ((day_number(day) as f64 + phase) / (period / 2.0)).floor();
            let falls = half(first).rem_euclid(2.0) == 0.0;
            let slope = 4.0 * size / period * 7.0;
            (half(first).total_cmp(&half(last)).is_eq()).then_some(if falls { -slope } else { slope })
        })
        .sum()
}

#[test]
fn the_slope_of_the_weight_lies_within_its_interval() {
    let (mut windows, mut held) = (0, 0);
    for seed in [1, 7, 20_260_301] {
        let person = decade(seed);
        let weight = all(&person).pop().unwrap().points;
        let mut first = person.first_day();
        while first < date(2025, 9, 1) {
            let last = first.saturating_add(89.days());
            if let Some(planted) = planted_slope(first, last) {
                let found = slope(within(&weight, first, last)).unwrap();
                windows += 1;
                held += usize::from((found.low..=found.high).contains(&planted));
                if planted.abs() > 0.1 {
                    assert_eq!(found.verdict(), if planted > 0.0 { "rising" } else { "falling" }, "{first}");
                }
            }
            first = first.saturating_add(30.days());
        }
    }
    // 95 % intervals: a few of so many miss.
    assert!(windows > 100 && held * 100 >= windows * 92, "{held} of {windows}");
}

#[test]
fn training_days_differ_in_what_training_moves_and_in_nothing_else() {
    let person = Person::new(20_260_301, date(2025, 1, 1), date(2025, 12, 31)).unwrap();
    let all = all(&person);
    let sides = |id: &str, days_later: i64| {
        let points = &all.iter().find(|one| one.metric.id == id).unwrap().points;
        let about = |point: &&Point| is_training_day(point.day.saturating_sub(days_later.days()));
        let (on, off): (Vec<&Point>, Vec<&Point>) = points.iter().partition(about);
        let numbers = |side: Vec<&Point>| side.into_iter().map(|point| point.value).collect::<Vec<_>>();
        compare(&numbers(on), &numbers(off)).unwrap()
    };
    let energy = sides("active_energy", 0);
    assert!(energy.low > 100.0 && energy.cliffs_delta > 0.6, "{energy:?}");
    for id in ["resting_heart_rate", "heart_rate_variability_rmssd", "skin_temperature"] {
        let night = sides(id, 1);
        assert!(night.p_value > 0.05 && night.low <= 0.0 && night.high >= 0.0, "{id}: {night:?}");
    }
}

/// In how many of so many shuffled copies of a person's days any correlation survives.
fn survivors_by_chance(days: i64, copies: i64) -> usize {
    let person = Person::new(1, date(2025, 1, 1), date(2025, 12, 31)).unwrap();
    let first = date(2025, 8, 1);
    let last = first.saturating_add((days - 1).days());
    let window: Vec<Series> = all(&person)
        .into_iter()
        .map(|one| Series { points: within(&one.points, first, last).to_vec(), ..one })
        .collect();
    (0..copies)
        .filter(|copy| {
            let places = 100 * copy..;
            let copy: Vec<Series> =
                window.iter().zip(places).map(|(one, place)| shuffled(one, place)).collect();
            let (tried, _, found) = survivors(&copy);
            assert!(tried > 100, "{tried} correlations show little");
            !found.is_empty()
        })
        .count()
}

#[test]
fn of_two_hundred_shuffled_months_at_most_five_in_a_hundred_have_a_correlation() {
    let found = survivors_by_chance(30, 200);
    assert!(found <= 10, "{found} of 200");
}

#[test]
#[ignore = "half a minute; the same over three months"]
fn of_two_hundred_shuffled_quarters_at_most_five_in_a_hundred_have_a_correlation() {
    let found = survivors_by_chance(90, 200);
    assert!(found <= 10, "{found} of 200");
}

#[test]
fn a_planted_correlation_survives_with_its_lag() {
    let person = Person::new(1, date(2025, 1, 1), date(2025, 12, 31)).unwrap();
    let mut window = all(&person);
    for one in &mut window {
        one.points = within(&one.points, date(2025, 8, 1), date(2025, 10, 31)).to_vec();
    }
    // Each day's energy shows in the breathing of the second night after.
    let energy = window.iter().find(|one| one.metric.id == "active_energy").unwrap().points.clone();
    let breathing = window.iter_mut().find(|one| one.metric.id == "respiratory_rate").unwrap();
    let mut random = Random::new(1, "planted", 0);
    for point in &mut breathing.points {
        let cause = energy.iter().find(|other| other.day.saturating_add(2.days()) == point.day);
        point.value = cause.map_or(14.0, |cause| 12.0 + cause.value / 400.0) + random.normal(0.0, 0.6);
    }
    let (_, _, found) = survivors(&window);
    let strongest = found[0].shown(&window, &range(date(2025, 8, 1), date(2025, 10, 31)));
    assert_eq!(
        (strongest.metric, strongest.other, strongest.lag_days),
        ("respiratory_rate", "active_energy", -2),
        "{strongest:?}"
    );
}

fn range(first: Day, last: Day) -> Range {
    Range::days(first, last, &TimeZone::UTC)
}

/// The same values on other days.
fn shuffled(series: &Series, copy: i64) -> Series {
    let mut random = Random::new(1, "shuffle", copy);
    let mut points = series.points.clone();
    for place in (1..points.len()).rev() {
        let other = random.whole(0, place as i64) as usize;
        let value = points[place].value;
        points[place].value = points[other].value;
        points[other].value = value;
    }
    Series { points, ..series.clone() }
}
