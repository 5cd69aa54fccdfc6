//! Workouts: a weekly habit of training and rest days, kept most of the time and dropped when ill or on the road.

use super::calendar::{day_number, local_instant};
use super::profile::MAX_HEART_RATE_BPM;
use super::sports::{self, Sport};
use super::vitals::{is_ill, vitals_on};
use crate::demo::random::Random;
use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// A workout as it happened, whoever measured it.
#[derive(Debug, Clone)]
pub struct Workout {
    /// Unlike for every workout of the person.
    pub key: i64,
    /// What was done.
    pub sport: &'static Sport,
    /// First second.
    pub start: Timestamp,
    /// Last second.
    pub end: Timestamp,
    /// The offset from UTC on the phone.
    pub offset: Offset,
    /// Mean heart rate, beats per minute.
    pub average_heart_rate_bpm: i64,
    /// Highest heart rate, beats per minute.
    pub max_heart_rate_bpm: i64,
    /// Seconds in the six heart rate zones (0 very light – 5 maximal); they add up to the duration.
    pub zone_seconds: [i64; 6],
    /// Energy spent, kilocalories.
    pub energy_kilocalories: f64,
    /// Distance covered, metres; none when not recorded.
    pub distance_meters: Option<f64>,
    /// Metres climbed; none when not recorded.
    pub altitude_gain_meters: Option<f64>,
    /// Altitude at the end less altitude at the start, metres; none when not recorded.
    pub altitude_change_meters: Option<f64>,
}

impl Workout {
    /// The local calendar date on which it started: the day it belongs to.
    pub fn day(&self) -> Date {
        self.offset.to_datetime(self.start).date()
    }

    /// Duration in seconds.
    pub fn seconds(&self) -> i64 {
        self.end.duration_since(self.start).as_secs()
    }
}

/// One line of the weekly habit: sport, probability, local starting hour, minutes.
type Habit = (&'static Sport, f64, f64, f64);

/// What the person usually does on a weekday. Monday and Friday are rest days: at most a walk or yoga.
fn habits(weekday: Weekday) -> &'static [Habit] {
    static MONDAY: [Habit; 1] = [(&sports::WALKING, 0.3, 11.8, 32.0)];
    static TUESDAY: [Habit; 1] = [(&sports::RUNNING, 0.86, 17.8, 46.0)];
    static WEDNESDAY: [Habit; 2] =
        [(&sports::STRENGTH, 0.82, 17.6, 55.0), (&sports::SAUNA, 0.35, 19.6, 22.0)];
    static THURSDAY: [Habit; 1] = [(&sports::SPIN, 0.75, 18.0, 48.0)];
    static FRIDAY: [Habit; 1] = [(&sports::YOGA, 0.25, 19.2, 40.0)];
    static SATURDAY: [Habit; 2] = [(&sports::CYCLING, 0.6, 10.2, 105.0), (&sports::HIKING, 0.35, 16.6, 95.0)];
    static SUNDAY: [Habit; 2] = [(&sports::SWIMMING, 0.4, 10.8, 42.0), (&sports::WALKING, 0.4, 16.5, 50.0)];
    match weekday {
        Weekday::Monday => &MONDAY,
        Weekday::Tuesday => &TUESDAY,
        Weekday::Wednesday => &WEDNESDAY,
        Weekday::Thursday => &THURSDAY,
        Weekday::Friday => &FRIDAY,
        Weekday::Saturday => &SATURDAY,
        Weekday::Sunday => &SUNDAY,
    }
}

/// True on the weekdays that carry training.
pub fn is_training_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Monday | Weekday::Friday)
}

/// The workouts of `day`, earliest first; none on ill days.
pub fn workouts_on(seed: u64, zone: &TimeZone, day: Date) -> Vec<Workout> {
    if is_ill(seed, day) {
        return Vec::new();
    }
    let mut workouts = Vec::new();
    for (place, (sport, probability, hour, minutes)) in (0..).zip(habits(day.weekday())) {
        let key = day_number(day) * 4 + place;
        let mut random = Random::new(seed, "workout", key);
        if random.chance(*probability) {
            let second_of_day = (random.normal(*hour, 0.2) * 3600.0) as i64;
            let seconds = (random.normal(*minutes, minutes * 0.14) * 60.0).max(600.0) as i64;
            let start = local_instant(zone, day, second_of_day);
            workouts.push(workout(&mut random, seed, key, sport, zone, start, seconds));
        }
    }
    workouts
}

fn workout(
    random: &mut Random,
    seed: u64,
    key: i64,
    sport: &'static Sport,
    zone: &TimeZone,
    start: Timestamp,
    seconds: i64,
) -> Workout {
    let offset = zone.to_offset(start);
    let rest = vitals_on(seed, offset.to_datetime(start).date()).resting_heart_rate_bpm;
    let reserve = MAX_HEART_RATE_BPM as f64 - rest;
    let effort = random.normal(sport.effort, 0.035);
    let average = rest + reserve * effort;
    let minutes = seconds as f64 / 60.0;
    let distance = sport.speed.map(|speed| speed * seconds as f64 * random.normal(1.0, 0.06));
    let climb = sport.climb_per_kilometer.zip(distance).map(|(climb, meters)| climb * meters / 1000.0);
    Workout {
        key,
        sport,
        start,
        end: start.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(start),
        offset,
        average_heart_rate_bpm: average as i64,
        max_heart_rate_bpm: (average + reserve * random.between(0.1, 0.2)).min(MAX_HEART_RATE_BPM as f64)
            as i64,
        zone_seconds: zone_seconds(random, sport.zone, seconds),
        energy_kilocalories: sport.kilocalories_per_minute * minutes * random.normal(1.0, 0.07),
        distance_meters: distance,
        altitude_gain_meters: climb.map(|meters| meters * random.between(0.7, 1.4)),
        altitude_change_meters: climb.map(|_| random.normal(0.0, 3.0)),
    }
}

/// Time falls off by about two thirds with each zone away from the main one; the rest goes to the main zone.
fn zone_seconds(random: &mut Random, main: usize, seconds: i64) -> [i64; 6] {
    let mut weights = [0.0; 6];
    for (zone, weight) in weights.iter_mut().enumerate() {
        *weight = random.between(0.6, 1.4) * [1.0, 0.34, 0.12, 0.04, 0.01, 0.003][zone.abs_diff(main)];
    }
    let sum: f64 = weights.iter().sum();
    let mut divided = weights.map(|weight| (weight / sum * seconds as f64) as i64);
    divided[main] += seconds - divided.iter().sum::<i64>();
    divided
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::calendar::dates;
    use crate::demo::person::vitals::ill_days_of_year;
    use jiff::civil::date;

    #[test]
    fn zones_add_up_and_heart_rates_are_ordered() {
        for day in dates(date(2025, 1, 1), date(2025, 12, 31)) {
            for workout in workouts_on(1, &TimeZone::UTC, day) {
                assert_eq!(workout.zone_seconds.iter().sum::<i64>(), workout.seconds());
                assert!(workout.average_heart_rate_bpm <= workout.max_heart_rate_bpm);
                assert!(workout.max_heart_rate_bpm <= MAX_HEART_RATE_BPM);
                assert_eq!(workout.day(), day);
            }
        }
    }

    #[test]
    fn training_days_carry_more_than_rest_days_and_ill_days_nothing() {
        let energy = |training| -> f64 {
            dates(date(2020, 1, 1), date(2025, 12, 31))
                .filter(|day| is_training_day(*day) == training)
                .flat_map(|day| workouts_on(1, &TimeZone::UTC, day))
                .map(|workout| workout.energy_kilocalories)
                .sum()
        };
        assert!(energy(true) > 10.0 * energy(false));
        assert!(
            (2016..2027)
                .flat_map(|year| ill_days_of_year(1, year))
                .all(|day| { workouts_on(1, &TimeZone::UTC, day).is_empty() })
        );
    }
}
