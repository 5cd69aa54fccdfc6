//! The course of one sleep: a stage for each scored epoch, adding up to exactly the sleep's totals.

use super::sleep::{EPOCH_SECONDS, Sleep};
use crate::demo::random::Random;

/// A stage of sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Awake in bed.
    Awake,
    /// N1 and N2.
    Light,
    /// N3.
    Deep,
    /// Rapid eye movement.
    Rem,
}

/// The stages of `sleep`, one for each [`EPOCH_SECONDS`]: falling asleep, then cycles in which deep sleep comes
/// early and REM sleep late, short awakenings between them.
pub fn hypnogram(seed: u64, sleep: &Sleep) -> Vec<Stage> {
    let mut random = Random::new(seed, "hypnogram", sleep.key);
    let epochs = |seconds: i64| usize::try_from(seconds / EPOCH_SECONDS).unwrap_or(0);
    let cycles = usize::try_from(sleep.sleep_cycle_count).unwrap_or(0).max(1);
    let early: Vec<f64> = (0..cycles).map(|cycle| random.between(0.8, 1.2) / (cycle + 1) as f64).collect();
    let late: Vec<f64> = (0..cycles).map(|cycle| random.between(0.8, 1.2) * (cycle + 1) as f64).collect();
    let even: Vec<f64> = (0..cycles).map(|_| random.between(0.7, 1.3)).collect();
    let deep = shared(epochs(sleep.stages.deep_seconds), &early);
    let rem = shared(epochs(sleep.stages.rem_seconds), &late);
    let light = shared(epochs(sleep.stages.light_seconds), &even);
    let awake = shared(epochs(sleep.stages.awake_seconds - sleep.latency_seconds), &even);

    let mut stages = vec![Stage::Awake; epochs(sleep.latency_seconds)];
    for cycle in 0..cycles {
        let before = light[cycle] - light[cycle] / 3;
        let parts = [
            (Stage::Light, before),
            (Stage::Deep, deep[cycle]),
            (Stage::Light, light[cycle] - before),
            (Stage::Rem, rem[cycle]),
            (Stage::Awake, awake[cycle]),
        ];
        for (stage, count) in parts {
            stages.extend(std::iter::repeat_n(stage, count));
        }
    }
    stages
}

/// `total` divided in proportion to `weights`; the last takes what rounding leaves.
fn shared(total: usize, weights: &[f64]) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    let mut parts: Vec<usize> = weights.iter().map(|weight| (total as f64 * weight / sum) as usize).collect();
    let given: usize = parts.iter().sum();
    if let Some(last) = parts.last_mut() {
        *last += total - given;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::Person;
    use jiff::civil::date;

    #[test]
    fn stages_add_up_to_the_sleep() {
        let person = Person::new(1, date(2025, 1, 1), date(2025, 12, 31)).unwrap();
        let sleeps = person.nights().iter().flat_map(|night| &night.sleeps).chain(person.naps());
        for sleep in sleeps {
            let stages = hypnogram(person.seed(), sleep);
            let seconds =
                |wanted| stages.iter().filter(|stage| **stage == wanted).count() as i64 * EPOCH_SECONDS;
            assert_eq!(seconds(Stage::Awake), sleep.stages.awake_seconds);
            assert_eq!(seconds(Stage::Light), sleep.stages.light_seconds);
            assert_eq!(seconds(Stage::Deep), sleep.stages.deep_seconds);
            assert_eq!(seconds(Stage::Rem), sleep.stages.rem_seconds);
            let falling_asleep = stages.iter().take_while(|stage| **stage == Stage::Awake).count() as i64;
            assert_eq!(falling_asleep * EPOCH_SECONDS, sleep.latency_seconds);
        }
    }

    #[test]
    fn deep_sleep_comes_early_and_rem_sleep_late() {
        let person = Person::new(1, date(2025, 1, 1), date(2025, 1, 31)).unwrap();
        for night in person.nights() {
            let stages = hypnogram(person.seed(), night.main_sleep().unwrap());
            let mean = |wanted: Stage| {
                let places: Vec<f64> = (0..stages.len())
                    .filter(|place| stages[*place] == wanted)
                    .map(|place| place as f64)
                    .collect();
                places.iter().sum::<f64>() / places.len() as f64
            };
            assert!(mean(Stage::Deep) < mean(Stage::Rem));
        }
    }
}
