//! The synthetic person: what really happened, before any device looked at it.
//!
//! Pure and deterministic: the same seed gives the same nights, workouts and illnesses, and a day is the same
//! whatever range is asked for. Invariant: nothing here knows a provider's format, reads a clock or does I/O.
//! Simulated providers turn this truth into their own records; tests ask it what the right answer is.

mod body;
mod calendar;
mod charging;
mod checkups;
mod days;
mod dozes;
mod hypnogram;
mod mindfulness;
mod movement;
mod nights;
mod profile;
mod pulse;
mod sleep;
pub mod sports;
mod strain;
#[cfg(test)]
mod tests;
mod travel;
mod vitals;
mod workouts;

pub use body::WeighIn;
pub use calendar::{add_days, dates, day_number, local_instant};
pub use charging::{Battery, Charge};
pub use checkups::{BloodPressure, Checkups, Electrocardiogram, Finding};
pub use days::Day;
pub use hypnogram::{Stage, hypnogram};
pub use mindfulness::{Note, Practice, Sitting};
pub use movement::{Movement, PIECE_SECONDS};
pub use nights::{Night, SeenBy};
pub use profile::Profile;
pub use sleep::{EPOCH_SECONDS, Sleep, Stages};
pub use strain::{HeartFitness, Tension};
pub use travel::{HOME, Stay};
pub use vitals::Vitals;
pub use workouts::{Workout, is_training_day};

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A person's life between two dates.
#[derive(Debug, Clone)]
pub struct Person {
    seed: u64,
    first_day: Date,
    last_day: Date,
    profile: Profile,
    stays: Vec<Stay>,
    nights: Vec<Night>,
    naps: Vec<Sleep>,
    workouts: Vec<Workout>,
    days: Vec<Day>,
    weigh_ins: Vec<WeighIn>,
    ill_days: Vec<Date>,
}

impl Person {
    /// A person who lives in [`HOME`] and travels several times a year, over the date line once.
    ///
    /// Both days are local dates, included. Fails only where the zone database lacks the home zone.
    pub fn new(seed: u64, first_day: Date, last_day: Date) -> Result<Self, jiff::Error> {
        let stays = travel::travelling(seed, &TimeZone::get(HOME)?, first_day, last_day);
        Ok(Self::with_stays(seed, stays, first_day, last_day))
    }

    /// A person who never leaves `zone` (an IANA name), for tests of days at one offset or one daylight rule.
    pub fn living_in(seed: u64, zone: &str, first_day: Date, last_day: Date) -> Result<Self, jiff::Error> {
        let stays = vec![travel::staying(&TimeZone::get(zone)?, first_day, last_day)];
        Ok(Self::with_stays(seed, stays, first_day, last_day))
    }

    fn with_stays(seed: u64, stays: Vec<Stay>, first_day: Date, last_day: Date) -> Self {
        let nights = nights::nights(seed, &stays, first_day, last_day);
        let mut person = Self {
            seed,
            first_day,
            last_day,
            profile: profile::demo_profile(),
            weigh_ins: nights.iter().filter_map(|night| body::weigh_in(seed, night)).collect(),
            stays,
            nights,
            naps: Vec::new(),
            workouts: Vec::new(),
            days: Vec::new(),
            ill_days: (first_day.year()..=last_day.year())
                .flat_map(|year| vitals::ill_days_of_year(seed, year))
                .filter(|day| (first_day..=last_day).contains(day))
                .collect(),
        };
        let mut zone = person.stays.first().map_or(TimeZone::UTC, |stay| stay.zone.clone());
        for date in dates(first_day, last_day) {
            let mut settled = false;
            if let Some(stay) = person
                .stays
                .iter()
                .rev()
                .find(|stay| (stay.first_morning..=stay.last_morning).contains(&date))
            {
                zone = stay.zone.clone();
                settled = person.stays.len() == 1 || (stay.first_morning..stay.last_morning).contains(&date);
            }
            // Days of departure are spent on the way: no training, no nap.
            let workouts = if settled { workouts::workouts_on(seed, &zone, date) } else { Vec::new() };
            if settled {
                person.naps.extend(nights::nap(seed, &zone, date));
            }
            person.days.push(days::day(seed, &zone, date, &workouts, body::weight_on(seed, date)));
            person.workouts.extend(workouts);
        }
        person
    }

    /// The seed the person was made from; providers draw their own noise from it.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// First local date of the person's data.
    pub fn first_day(&self) -> Date {
        self.first_day
    }

    /// Last local date of the person's data.
    pub fn last_day(&self) -> Date {
        self.last_day
    }

    /// Name, address, height, maximum heart rate.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Where the person was, oldest first.
    pub fn stays(&self) -> &[Stay] {
        &self.stays
    }

    /// Every night, oldest first, worn or not. A date may lack a night, or have two, around long flights.
    pub fn nights(&self) -> &[Night] {
        &self.nights
    }

    /// The last night that ends on the local date `day`.
    pub fn night_on(&self, day: Date) -> Option<&Night> {
        let after = self.nights.partition_point(|night| night.day <= day);
        self.nights[..after].last().filter(|night| night.day == day)
    }

    /// Every nap, oldest first.
    pub fn naps(&self) -> &[Sleep] {
        &self.naps
    }

    /// Every workout, oldest first.
    pub fn workouts(&self) -> &[Workout] {
        &self.workouts
    }

    /// Every calendar day, oldest first.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The day `date`.
    pub fn day(&self, date: Date) -> Option<&Day> {
        usize::try_from(day_number(date) - day_number(self.first_day))
            .ok()
            .and_then(|index| self.days.get(index))
    }

    /// Every step on the scale, oldest first.
    pub fn weigh_ins(&self) -> &[WeighIn] {
        &self.weigh_ins
    }

    /// The weight on the morning of `day`, kilograms, weighed or not.
    pub fn weight_on(&self, day: Date) -> f64 {
        body::weight_on(self.seed, day)
    }

    /// The planted illness: dates on which the person woke up ill, oldest first, three in a row each spring.
    pub fn ill_days(&self) -> &[Date] {
        &self.ill_days
    }
}
