//! One period of sleep: when, and how it divides into stages.
//!
//! Durations are whole multiples of 30 seconds, the epoch in which sleep is scored, so that a device that
//! shows a hypnogram can lay one out that adds up exactly.

use crate::demo::random::Random;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The length of a scored epoch, seconds.
pub const EPOCH_SECONDS: i64 = 30;

/// A sleep as it happened, whoever measured it.
#[derive(Debug, Clone)]
pub struct Sleep {
    /// Unlike for every sleep of the person; the index of everything a provider draws about it.
    pub key: i64,
    /// When the person lay down.
    pub start: Timestamp,
    /// When the person got up.
    pub end: Timestamp,
    /// The offset from UTC on the phone at the end.
    pub offset: Offset,
    /// Time in each stage.
    pub stages: Stages,
    /// From lying down to falling asleep, seconds; part of `stages.awake_seconds`.
    pub latency_seconds: i64,
    /// How often the sleeper stirred.
    pub disturbance_count: i64,
    /// Completed cycles of about ninety minutes.
    pub sleep_cycle_count: i64,
    /// Breaths per minute.
    pub respiratory_rate: f64,
    /// Mean heart rate, beats per minute.
    pub average_heart_rate_bpm: f64,
}

/// Seconds in each stage; they add up to the time in bed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// Awake in bed, before falling asleep included.
    pub awake_seconds: i64,
    /// Light sleep (N1 and N2).
    pub light_seconds: i64,
    /// Deep or slow-wave sleep (N3).
    pub deep_seconds: i64,
    /// Rapid eye movement sleep.
    pub rem_seconds: i64,
}

impl Stages {
    /// Light, deep and REM sleep together, seconds.
    pub fn asleep_seconds(&self) -> i64 {
        self.light_seconds + self.deep_seconds + self.rem_seconds
    }

    /// All stages together, seconds.
    pub fn in_bed_seconds(&self) -> i64 {
        self.awake_seconds + self.asleep_seconds()
    }
}

impl Sleep {
    /// The local calendar date on which it ended: the day it belongs to.
    pub fn day(&self) -> Date {
        self.offset.to_datetime(self.end).date()
    }

    /// A sleep from `start` for about `seconds` (cut to whole epochs) in `zone`.
    pub(super) fn lay_out(
        random: &mut Random,
        key: i64,
        zone: &TimeZone,
        start: Timestamp,
        seconds: i64,
        body: SleepingBody,
    ) -> Self {
        let in_bed_seconds = whole_epochs(seconds as f64);
        let end = start.saturating_add(SignedDuration::from_secs(in_bed_seconds)).unwrap_or(start);
        let is_short = in_bed_seconds < 2 * 3600;
        let latency = if is_short { random.between(60.0, 420.0) } else { random.between(180.0, 1500.0) };
        let latency_seconds = whole_epochs(latency).min(in_bed_seconds / 3);
        let wakeful = in_bed_seconds as f64 * random.between(0.02, 0.09);
        let awake_seconds = latency_seconds + whole_epochs(wakeful);
        let asleep = (in_bed_seconds - awake_seconds) as f64;
        let (deep, rem) = if is_short {
            (random.between(0.0, 0.14), random.between(0.0, 0.10))
        } else {
            (random.between(0.14, 0.24), random.between(0.18, 0.27))
        };
        let deep_seconds = whole_epochs(asleep * deep);
        let rem_seconds = whole_epochs(asleep * rem);
        let light_seconds = in_bed_seconds - awake_seconds - deep_seconds - rem_seconds;
        Self {
            key,
            start,
            end,
            offset: zone.to_offset(end),
            stages: Stages { awake_seconds, light_seconds, deep_seconds, rem_seconds },
            latency_seconds,
            disturbance_count: (wakeful / 150.0) as i64 + random.whole(0, 3),
            sleep_cycle_count: in_bed_seconds / 5700,
            respiratory_rate: body.respiratory_rate,
            average_heart_rate_bpm: body.resting_heart_rate_bpm + random.between(2.0, 6.0),
        }
    }
}

/// What the body does during a sleep.
#[derive(Debug, Clone, Copy)]
pub(super) struct SleepingBody {
    pub respiratory_rate: f64,
    pub resting_heart_rate_bpm: f64,
}

fn whole_epochs(seconds: f64) -> i64 {
    (seconds as i64) / EPOCH_SECONDS * EPOCH_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_whole_epochs_and_add_up_to_the_time_in_bed() {
        let body = SleepingBody { respiratory_rate: 14.5, resting_heart_rate_bpm: 52.0 };
        for (index, seconds) in [1200, 5000, 12_345, 27_000, 34_567].into_iter().enumerate() {
            let mut random = Random::new(9, "stages", index as i64);
            let start = Timestamp::UNIX_EPOCH;
            let sleep = Sleep::lay_out(&mut random, 1, &TimeZone::UTC, start, seconds, body);
            let in_bed = sleep.end.duration_since(sleep.start).as_secs();
            assert_eq!(sleep.stages.in_bed_seconds(), in_bed);
            assert!(seconds - in_bed < EPOCH_SECONDS);
            let stages = sleep.stages;
            for part in [stages.awake_seconds, stages.light_seconds, stages.deep_seconds, stages.rem_seconds]
            {
                assert!(part >= 0 && part % EPOCH_SECONDS == 0);
            }
            assert!(sleep.latency_seconds <= stages.awake_seconds);
        }
    }
}
