//! What the mat under the mattress sees of a night: whole minutes, each with a state.
//!
//! Summaries and sleep detail are both made from this, so that their sums agree to the second.

use crate::demo::person::{Person, Sleep, Stage, hypnogram};
use crate::demo::random::Random;
use jiff::Timestamp;
use jiff::civil::Date;

/// Sleep states as Withings numbers them.
pub const AWAKE: u8 = 0;
/// N1 and N2.
pub const LIGHT: u8 = 1;
/// N3.
pub const DEEP: u8 = 2;
/// Rapid eye movement sleep.
pub const REM: u8 = 3;

/// A night or a nap on the mat. A night split by a long time out of bed is one, with a gap.
#[derive(Debug)]
pub struct MatNight<'a> {
    /// The `id` of its summary.
    pub id: i64,
    /// IANA name.
    pub zone: &'a str,
    /// Local date of its end.
    pub day: Date,
    /// The times in bed, earliest first; the last may still be to come.
    pub sleeps: Vec<&'a Sleep>,
    /// Root mean square of successive differences, milliseconds.
    pub rmssd_ms: f64,
    /// Beats per minute.
    pub resting_heart_rate_bpm: f64,
    /// A nap.
    pub is_nap: bool,
}

/// Every night and nap on the mat that began within `[from, to)`, oldest first by its start; naps after nights.
pub fn mat_nights(person: &Person, from: Timestamp, to: Timestamp) -> Vec<MatNight<'_>> {
    let mut found = Vec::new();
    let nights = person.nights();
    let first = nights.partition_point(|night| night.start() < from);
    for night in nights[first..].iter().take_while(|night| night.start() < to) {
        if night.seen_by.mattress {
            found.push(MatNight {
                id: summary_id(night.key * 4),
                zone: night.zone.iana_name().unwrap_or("UTC"),
                day: night.day,
                sleeps: night.sleeps.iter().collect(),
                rmssd_ms: night.vitals.hrv_rmssd_ms,
                resting_heart_rate_bpm: night.vitals.resting_heart_rate_bpm,
                is_nap: false,
            });
        }
    }
    let naps = person.naps();
    let first = naps.partition_point(|nap| nap.start < from);
    for nap in naps[first..].iter().take_while(|nap| nap.start < to) {
        // Half of the naps are taken on the sofa.
        let in_bed = Random::new(person.seed(), "nap in bed", nap.key).chance(0.5);
        let Some(day) = person.day(nap.day()).filter(|_| in_bed && person.is_at_home(nap.day())) else {
            continue;
        };
        found.push(MatNight {
            id: summary_id(nap.key + 2),
            zone: day.zone.iana_name().unwrap_or("UTC"),
            day: nap.day(),
            sleeps: vec![nap],
            rmssd_ms: 40.0,
            resting_heart_rate_bpm: nap.average_heart_rate_bpm - 4.0,
            is_nap: true,
        });
    }
    found
}

/// Keys of sleeps are eight a day; a nap takes the seventh.
fn summary_id(key: i64) -> i64 {
    2_000_000_000 + key
}

/// One time in bed: when it began, and the state of each minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InBed {
    /// Epoch seconds.
    pub start: i64,
    /// The state of each minute.
    pub minutes: Vec<u8>,
}

impl InBed {
    /// Epoch seconds.
    pub fn end(&self) -> i64 {
        self.start + self.minutes.len() as i64 * 60
    }

    /// Runs of equal states: first minute, minutes, state.
    pub fn runs(&self) -> Vec<(usize, usize, u8)> {
        let mut runs: Vec<(usize, usize, u8)> = Vec::new();
        for (minute, state) in self.minutes.iter().enumerate() {
            match runs.last_mut() {
                Some((_, length, held)) if held == state => *length += 1,
                _ => runs.push((minute, 1, *state)),
            }
        }
        runs
    }
}

impl MatNight<'_> {
    /// The times in bed that were over by `now`.
    pub fn in_bed(&self, seed: u64, now: Timestamp) -> Vec<InBed> {
        let over = self.sleeps.iter().filter(|sleep| sleep.end <= now);
        over.map(|sleep| InBed { start: sleep.start.as_second(), minutes: minutes(seed, sleep) }).collect()
    }

    /// The minutes in which the sleeper snored, as (first minute of the first time in bed, minutes).
    pub fn snoring(&self, seed: u64) -> Vec<(usize, usize)> {
        let mut random = Random::new(seed, "snoring", self.id);
        let length = self.sleeps.first().map_or(0, |sleep| sleep.stages.in_bed_seconds() / 60);
        let episodes = if self.is_nap || length < 120 { 0 } else { random.whole(0, 7) };
        let part = length / episodes.max(1);
        (0..episodes)
            .map(|episode| {
                let minutes = random.whole(1, 9).min(part - 2).max(1);
                let first = episode * part + random.whole(0, (part - minutes - 1).max(0));
                (first as usize, minutes as usize)
            })
            .collect()
    }
}

/// The state of each whole minute: that of its first half.
fn minutes(seed: u64, sleep: &Sleep) -> Vec<u8> {
    let halves = hypnogram(seed, sleep);
    halves
        .chunks_exact(2)
        .map(|minute| match minute[0] {
            Stage::Awake => AWAKE,
            Stage::Light => LIGHT,
            Stage::Deep => DEEP,
            Stage::Rem => REM,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::HashSet;

    fn person() -> Person {
        Person::new(1, date(2024, 1, 1), date(2025, 12, 31)).unwrap()
    }

    #[test]
    fn ids_are_unlike_and_snoring_lies_within_the_night() {
        let person = person();
        let nights = mat_nights(&person, Timestamp::MIN, Timestamp::MAX);
        let ids: HashSet<i64> = nights.iter().map(|night| night.id).collect();
        assert_eq!(ids.len(), nights.len());
        assert!(
            nights.iter().any(|night| night.is_nap) && nights.iter().any(|night| night.sleeps.len() == 2)
        );
        for night in &nights {
            let first = &night.in_bed(1, Timestamp::MAX)[0];
            let mut end = 0;
            for (start, minutes) in night.snoring(1) {
                assert!(start >= end && minutes > 0, "episodes overlap");
                end = start + minutes + 1;
                assert!(end <= first.minutes.len() + 1);
            }
        }
    }

    #[test]
    fn a_window_gives_the_nights_that_begin_in_it() {
        let person = person();
        let all = mat_nights(&person, Timestamp::MIN, Timestamp::MAX);
        let night = &all[100];
        let start = night.sleeps[0].start;
        let found = mat_nights(&person, start, start + jiff::SignedDuration::from_secs(1));
        assert_eq!(found.iter().map(|night| night.id).collect::<Vec<_>>(), [night.id]);
        assert!(mat_nights(&person, start + jiff::SignedDuration::from_secs(1), start).is_empty());
    }
}
