//! Which records there are: ids, days and instants, without what the records say.

use super::{RingTruth, rings};
use crate::demo::oura::kind::Collection;
use crate::demo::person::{add_days, day_number, local_instant};
use crate::demo::random::Random;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;

/// Days before this one have records with ids in the older form.
const NEW_IDS_SINCE: Date = date(2023, 1, 1);

/// A record, not yet written.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What [`RingTruth::body`] makes it from.
    pub key: i64,
    /// Its id.
    pub id: String,
    /// The day it is filed under.
    pub day: Date,
    /// The instant it is filtered by, epoch milliseconds.
    pub start: i64,
}

impl RingTruth {
    /// The records of a collection that exist at `now`, oldest first.
    pub fn entries(&self, collection: Collection, now: Timestamp) -> Vec<Entry> {
        let mut entries = match collection {
            Collection::DailySleep
            | Collection::DailyReadiness
            | Collection::DailySpo2
            | Collection::SleepTime => self.nightly(collection, now, 0, |_| true),
            Collection::DailyResilience | Collection::DailyCardiovascularAge => {
                self.nightly(collection, now, super::scores::BASELINE_DAYS, |_| true)
            }
            Collection::Vo2Max => self.nightly(collection, now, 21, |day| day.weekday() == Weekday::Monday),
            Collection::DailyActivity => self.daily(collection, now, 4),
            Collection::DailyStress => self.daily(collection, now, 12),
            Collection::Sleep => (0..)
                .zip(&self.sleeps)
                .filter(|(_, sleep)| sleep.sleep.end <= now)
                .map(|(key, sleep)| {
                    self.entry(collection, key, sleep.sleep.key, sleep.day, sleep.sleep.start)
                })
                .collect(),
            Collection::Workout => (0..)
                .zip(self.person.workouts())
                .filter(|(_, workout)| workout.end <= now)
                .map(|(key, workout)| self.entry(collection, key, workout.key, workout.day(), workout.start))
                .collect(),
            Collection::Session => (0..)
                .zip(&self.sittings)
                .filter(|(_, sitting)| sitting.end <= now)
                .map(|(key, sitting)| {
                    let day = sitting.offset.to_datetime(sitting.start).date();
                    self.entry(collection, key, sitting.key, day, sitting.start)
                })
                .collect(),
            Collection::EnhancedTag | Collection::Tag => (0..)
                .zip(&self.notes)
                .filter(|(_, note)| note.at <= now)
                // The old collection shows some of what the new one shows, under ids of its own.
                .filter(|(_, note)| collection == Collection::EnhancedTag || note.key % 3 == 0)
                .map(|(key, note)| {
                    let day = note.offset.to_datetime(note.at).date();
                    self.entry(collection, key, note.key, day, midnight(day))
                })
                .collect(),
            Collection::RestModePeriod => (0..)
                .zip(&self.illnesses)
                .filter(|(_, (first, _))| midnight(*first) <= now)
                .map(|(key, (first, _))| {
                    self.entry(collection, key, day_number(*first), *first, midnight(*first))
                })
                .collect(),
            Collection::RingConfiguration => (0..rings::COUNT)
                .map(|key| (key, rings::set_up_at(&self.person, key)))
                .filter(|(_, at)| *at <= now)
                .map(|(key, at)| self.entry(collection, key, key, at.to_zoned(TimeZone::UTC).date(), at))
                .collect(),
            Collection::HeartRate | Collection::RingBatteryLevel => Vec::new(),
        };
        entries.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.id.cmp(&b.id)));
        entries
    }

    fn entry(&self, collection: Collection, key: i64, id_key: i64, day: Date, start: Timestamp) -> Entry {
        Entry { key, id: self.id_on(collection, id_key, day), day, start: start.as_millisecond() }
    }

    /// The id of a record of `day`: a UUID, or for old records what Oura used before.
    fn id_on(&self, collection: Collection, key: i64, day: Date) -> String {
        let mut random = Random::new(self.person.seed(), collection.path(), key);
        if day >= NEW_IDS_SINCE {
            return random.uuid();
        }
        format!("2-{:016x}{:016x}{:02x}", random.bits(), random.bits(), random.bits() & 0xff)
    }

    /// One record per day whose night is over and was seen by the ring, after some days with a ring.
    fn nightly(
        &self,
        collection: Collection,
        now: Timestamp,
        after_days: i64,
        happens_on: fn(Date) -> bool,
    ) -> Vec<Entry> {
        let days = self.nights.iter().filter(|(day, _)| self.days_with_ring(**day) >= after_days);
        days.filter(|(day, night)| happens_on(**day) && self.person.nights()[**night].end() <= now)
            .map(|(day, _)| self.entry(collection, day_number(*day), day_number(*day), *day, midnight(*day)))
            .collect()
    }

    /// One record per day that has begun (at this local hour). Some days after a night without the ring have none.
    fn daily(&self, collection: Collection, now: Timestamp, hour: i64) -> Vec<Entry> {
        let mut entries = Vec::new();
        for day in self.person.days() {
            let key = day_number(day.date);
            let begins = local_instant(&day.zone, day.date, hour * 3600);
            let is_worn = self.nights.contains_key(&day.date)
                || Random::new(self.person.seed(), "oura worn by day", key).chance(0.6);
            if begins > now || !is_worn {
                continue;
            }
            let start = if collection == Collection::DailyActivity { begins } else { midnight(day.date) };
            entries.push(self.entry(collection, key, key, day.date, start));
        }
        entries
    }

    /// When the activity day after `day` begins; travel moves it.
    pub(super) fn next_activity_start(&self, day: Date) -> Option<Timestamp> {
        let next = self.person.day(add_days(day, 1))?;
        Some(local_instant(&next.zone, next.date, 4 * 3600))
    }
}

/// 00:00 in Greenwich: the stamp of the daily records, whatever the wearer's zone.
pub fn midnight(day: Date) -> Timestamp {
    local_instant(&TimeZone::UTC, day, 0)
}
