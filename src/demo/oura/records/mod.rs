//! The person's truth as Oura's records: which there are (cheap, at start) and what they say (when asked).
//!
//! Ten years of series would take seconds and a hundred megabytes to write out, so a record is an [`Entry`] until
//! somebody lists it.

mod activity;
mod days;
mod draft;
mod entries;
mod events;
mod heart;
mod nulls;
mod rings;
mod scores;
mod sleep;
mod tags;
mod text;

pub use entries::Entry;
pub use heart::{BATTERY_SLOT_SECONDS, HeartRow, SLOT_SECONDS, battery_rows, heart_rows};
pub use rings::personal_info;
pub use sleep::in_progress;

use super::kind::Collection;
use super::quirks::RecordQuirks;
use crate::demo::person::{Night, Note, Person, Sitting, Sleep, day_number};
use draft::Draft;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use std::collections::HashMap;
use std::sync::Arc;

/// What the rings of one person recorded, arranged for making records.
#[derive(Debug)]
pub struct RingTruth {
    person: Arc<Person>,
    sleeps: Vec<RingSleep>,
    nights: HashMap<Date, usize>,
    sittings: Vec<Sitting>,
    notes: Vec<Note>,
    illnesses: Vec<(Date, Date)>,
}

/// A period of sleep as the ring's app files it.
#[derive(Debug)]
struct RingSleep {
    sleep: Sleep,
    /// Oura's `type`.
    kind: &'static str,
    /// Offset from UTC when it began.
    start_offset: Offset,
    /// The day it is filed under.
    day: Date,
    /// The night it is part of; none for naps and what was no sleep.
    night: Option<usize>,
    /// Its number within its day.
    period: i64,
}

impl RingTruth {
    /// Arranges the truth about `person`; what happened after "now" is hidden later.
    pub fn new(person: Arc<Person>) -> Self {
        let seen = |index: &usize| person.nights()[*index].seen_by.ring;
        let nights: HashMap<Date, usize> = (0..person.nights().len())
            .filter(seen)
            .map(|index| (person.nights()[index].day, index))
            .collect();
        let mut illnesses: Vec<(Date, Date)> = Vec::new();
        for day in person.ill_days() {
            match illnesses.last_mut() {
                Some((_, last)) if day_number(*last) + 1 == day_number(*day) => *last = *day,
                _ => illnesses.push((*day, *day)),
            }
        }
        Self {
            sleeps: sleep::ring_sleeps(&person),
            nights,
            sittings: person.sittings(),
            notes: person.notes(),
            illnesses,
            person,
        }
    }

    /// The JSON of a record, as sent while it is `now`.
    pub fn body(
        &self,
        collection: Collection,
        key: i64,
        id: &str,
        quirks: &RecordQuirks,
        now: Timestamp,
    ) -> String {
        let (lot, mut draft) = self.draft(collection, key, id, now);
        nulls::apply(&mut draft, collection, lot, quirks);
        draft.into_body()
    }

    /// A record before it is dressed, and the number of its day, which decides how.
    fn draft(&self, collection: Collection, key: i64, id: &str, now: Timestamp) -> (i64, Draft) {
        let index = key as usize;
        match collection {
            Collection::DailySleep => (key, days::daily_sleep(self, id, key)),
            Collection::DailyReadiness => (key, days::daily_readiness(self, id, key)),
            Collection::DailyActivity => (key, activity::daily_activity(self, id, key, now)),
            Collection::DailyStress => (key, days::daily_stress(self, id, key)),
            Collection::DailySpo2 => (key, days::daily_spo2(self, id, key)),
            Collection::DailyResilience => (key, days::daily_resilience(self, id, key)),
            Collection::DailyCardiovascularAge => (key, days::daily_cardiovascular_age(self, id, key)),
            Collection::Vo2Max => (key, days::vo2_max(self, id, key)),
            Collection::SleepTime => (key, days::sleep_time(self, id, key)),
            Collection::Sleep => {
                let sleep = &self.sleeps[index];
                (day_number(sleep.day), sleep::sleep(self, id, sleep))
            }
            Collection::Workout => {
                let workout = &self.person.workouts()[index];
                (day_number(workout.day()), events::workout(self, id, workout))
            }
            Collection::Session => {
                let sitting = &self.sittings[index];
                (sitting.key, events::session(self, id, sitting))
            }
            Collection::EnhancedTag | Collection::Tag => {
                let note = &self.notes[index];
                let is_new = collection == Collection::EnhancedTag;
                let draft = if is_new { tags::enhanced_tag(id, note) } else { tags::tag(id, note) };
                (note.key.div_euclid(8), draft)
            }
            Collection::RestModePeriod => {
                let illness = self.illnesses[index];
                (day_number(illness.0), tags::rest_mode_period(self, id, illness, now))
            }
            Collection::RingConfiguration | Collection::HeartRate | Collection::RingBatteryLevel => {
                (key, rings::ring_configuration(self, id, key))
            }
        }
    }

    /// The last night that ended on `day` with the ring on.
    fn night_on(&self, day: Date) -> Option<&Night> {
        self.nights.get(&day).map(|index| &self.person.nights()[*index])
    }

    /// How many days the person had had a ring on `day`.
    fn days_with_ring(&self, day: Date) -> i64 {
        day_number(day) - day_number(self.person.first_day())
    }
}
