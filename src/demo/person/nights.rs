//! Nights and naps: when the person slept, and which devices were there to see it.

use super::calendar::{dates, day_number, local_instant};
use super::sleep::{Sleep, SleepingBody};
use super::travel::Stay;
use super::vitals::{Vitals, is_ill, vitals_on};
use crate::demo::random::Random;
use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// One night, named by the date on which the person woke up.
#[derive(Debug, Clone)]
pub struct Night {
    /// Unlike for every night of the person.
    pub key: i64,
    /// Local date of the last awakening: the day this night belongs to.
    pub day: Date,
    /// The zone on the phone in the morning.
    pub zone: TimeZone,
    /// The main sleeps, earliest first: one, or two when the night was split by a long time out of bed.
    pub sleeps: Vec<Sleep>,
    /// What the body showed.
    pub vitals: Vitals,
    /// Whether the person was ill on waking.
    pub ill: bool,
    /// Which devices recorded the night. The sleep happened all the same.
    pub seen_by: SeenBy,
}

/// The devices that recorded a night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenBy {
    /// The strap on the wrist (WHOOP).
    pub strap: bool,
    /// The ring (Oura).
    pub ring: bool,
    /// The sensor under the mattress at home (Withings).
    pub mattress: bool,
}

impl Night {
    /// When the person first lay down.
    pub fn start(&self) -> Timestamp {
        self.sleeps.first().map_or(Timestamp::MIN, |sleep| sleep.start)
    }

    /// When the person finally got up.
    pub fn end(&self) -> Timestamp {
        self.sleeps.last().map_or(Timestamp::MIN, |sleep| sleep.end)
    }

    /// The longest sleep of the night, the one that stands for it.
    pub fn main_sleep(&self) -> Option<&Sleep> {
        self.sleeps.iter().max_by_key(|sleep| sleep.stages.asleep_seconds())
    }

    /// The offset from UTC in the morning.
    pub fn offset(&self) -> Offset {
        self.zone.to_offset(self.end())
    }
}

/// The nights of `stays` that end within `first..=last`, oldest first.
pub fn nights(seed: u64, stays: &[Stay], first: Date, last: Date) -> Vec<Night> {
    let mut nights: Vec<Night> = Vec::new();
    let mut previous: Option<Date> = None;
    for stay in stays {
        for day in dates(stay.first_morning, stay.last_morning) {
            let again = previous == Some(day);
            previous = Some(day);
            if (first..=last).contains(&day) {
                nights.push(night(seed, stay, day, again));
            }
        }
    }
    nights
}

/// The nap of `day`, if there was one: more often at the weekend, and when ill.
pub fn nap(seed: u64, zone: &TimeZone, day: Date) -> Option<Sleep> {
    let mut random = Random::new(seed, "nap", day_number(day));
    let probability = match (is_ill(seed, day), is_weekend(day)) {
        (true, _) => 0.6,
        (false, true) => 0.2,
        (false, false) => 0.1,
    };
    if !random.chance(probability) {
        return None;
    }
    // After lunch, between the morning's and the afternoon's training.
    let second_of_day = random.normal(13.9 * 3600.0, 1200.0).clamp(13.4 * 3600.0, 14.3 * 3600.0);
    let start = local_instant(zone, day, second_of_day as i64);
    let seconds = random.between(20.0 * 60.0, 85.0 * 60.0) as i64;
    let vitals = vitals_on(seed, day);
    Some(Sleep::lay_out(&mut random, day_number(day) * 8 + 4, zone, start, seconds, body(&vitals)))
}

/// Bedtimes lie around 23:25 with a spread that puts one night in four after midnight; waking around 07:00.
fn night(seed: u64, stay: &Stay, day: Date, again: bool) -> Night {
    let key = day_number(day) * 2 + i64::from(again);
    let mut random = Random::new(seed, "night", key);
    let ill = is_ill(seed, day);
    let (later_to_bed, later_up) = if is_weekend(day) { (45.0, 75.0) } else { (0.0, 0.0) };
    let to_bed_minutes = (random.normal(-35.0, 42.0) + later_to_bed).clamp(-125.0, 110.0);
    let up_minutes =
        (random.normal(420.0, 22.0) + later_up + if ill { 45.0 } else { 0.0 }).clamp(345.0, 580.0);
    let start = local_instant(&stay.zone, day, (to_bed_minutes * 60.0) as i64);
    let end = local_instant(&stay.zone, day, (up_minutes * 60.0) as i64);
    let vitals = vitals_on(seed, day);
    Night {
        key,
        day,
        zone: stay.zone.clone(),
        sleeps: sleeps(&mut random, key, &stay.zone, start, end, body(&vitals)),
        vitals,
        ill,
        seen_by: SeenBy {
            // Of an ill night something is always seen: it is what analyses are asked to find.
            strap: random.chance(0.984) || ill,
            ring: random.chance(0.975) || ill,
            mattress: stay.at_home && random.chance(0.99),
        },
    }
}

/// One sleep, or on a few nights two with an hour or more out of bed between them.
fn sleeps(
    random: &mut Random,
    key: i64,
    zone: &TimeZone,
    start: Timestamp,
    end: Timestamp,
    body: SleepingBody,
) -> Vec<Sleep> {
    let seconds = end.duration_since(start).as_secs();
    let is_split = random.chance(0.015) && seconds > 6 * 3600;
    let first_part = random.between(2.5 * 3600.0, 3.5 * 3600.0) as i64;
    let out_of_bed = random.between(65.0 * 60.0, 110.0 * 60.0) as i64;
    let sleep = |key, start, seconds| Sleep::lay_out(&mut random.clone(), key, zone, start, seconds, body);
    if !is_split {
        return vec![sleep(key * 4, start, seconds)];
    }
    let again = start.saturating_add(SignedDuration::from_secs(first_part + out_of_bed)).unwrap_or(end);
    vec![sleep(key * 4, start, first_part), sleep(key * 4 + 1, again, seconds - first_part - out_of_bed)]
}

fn body(vitals: &Vitals) -> SleepingBody {
    SleepingBody {
        respiratory_rate: vitals.respiratory_rate,
        resting_heart_rate_bpm: vitals.resting_heart_rate_bpm,
    }
}

/// True on the mornings after which nobody has to go to work.
pub(super) fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}
