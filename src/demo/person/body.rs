//! The body on the scale: a slow trend, and weigh-ins on most mornings at home.

use super::calendar::{day_number, local_instant, wave};
use super::nights::Night;
use crate::demo::random::Random;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// One step on the scale.
#[derive(Debug, Clone)]
pub struct WeighIn {
    /// When.
    pub at: Timestamp,
    /// The offset from UTC at home.
    pub offset: Offset,
    /// Kilograms.
    pub weight_kilograms: f64,
    /// Body fat, percent of the weight.
    pub fat_pct: f64,
}

/// The weight on the morning of `day`, kilograms: three years up and down by 2.5 kg, a little more in winter,
/// and the day's water.
pub fn weight_on(seed: u64, day: Date) -> f64 {
    let mut random = Random::new(seed, "weight", day_number(day));
    79.0 + 2.5 * wave(day, 1096.0, 300.0) + 0.6 * wave(day, 365.25, 10.0) + random.normal(0.0, 0.35)
}

/// The weigh-in a few minutes after `night`, if there was one.
pub fn weigh_in(seed: u64, night: &Night) -> Option<WeighIn> {
    let mut random = Random::new(seed, "weigh-in", night.key);
    if !night.seen_by.mattress || !random.chance(0.7) {
        return None;
    }
    let up = night.end().max(local_instant(&night.zone, night.day, 0));
    let at = up.saturating_add(SignedDuration::from_secs(random.whole(180, 1500))).ok()?;
    let weight_kilograms = weight_on(seed, night.day);
    Some(WeighIn {
        at,
        offset: night.zone.to_offset(at),
        weight_kilograms,
        fat_pct: 10.0 + 0.12 * weight_kilograms + random.normal(0.0, 0.4),
    })
}
