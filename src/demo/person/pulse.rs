//! The heart rate of any minute: low in sleep, up while moving, high in workouts.

use super::Person;
use crate::demo::random::Random;
use jiff::Timestamp;

impl Person {
    /// The mean heart rate of the minute that contains `at`, beats per minute.
    pub fn heart_rate_at(&self, at: Timestamp) -> i64 {
        let minute = at.as_second().div_euclid(60);
        let mut random = Random::new(self.seed(), "pulse", minute);
        let noise = random.normal(0.0, 2.5);
        if let Some((average, highest)) = self.training_pulse_at(at) {
            return ((average + 2.0 * noise) as i64).min(highest);
        }
        let nights = self.nights();
        let after = nights.partition_point(|night| night.start() <= at);
        let resting = match after.checked_sub(1).map(|before| &nights[before]) {
            Some(night) => night.vitals.resting_heart_rate_bpm,
            None => 54.0,
        };
        if self.is_asleep(at) {
            return (resting + 3.0 + noise) as i64;
        }
        // About one quarter of an hour in four is spent on one's feet.
        let on_foot = Random::new(self.seed(), "on foot", minute.div_euclid(15)).chance(0.25);
        let above_rest = if on_foot { 38.0 } else { 17.0 };
        (resting + above_rest + 2.0 * noise) as i64
    }

    /// True while the person lies in bed to sleep.
    pub fn is_asleep(&self, at: Timestamp) -> bool {
        let nights = self.nights();
        let after = nights.partition_point(|night| night.start() <= at);
        let in_night = after.checked_sub(1).is_some_and(|before| {
            nights[before].sleeps.iter().any(|sleep| sleep.start <= at && at < sleep.end)
        });
        let after = self.naps().partition_point(|nap| nap.start <= at);
        in_night || after.checked_sub(1).is_some_and(|before| at < self.naps()[before].end)
    }

    /// Average and highest heart rate of the workout that goes on at `at`; the first minutes lie lower.
    fn training_pulse_at(&self, at: Timestamp) -> Option<(f64, i64)> {
        let workouts = self.workouts();
        let after = workouts.partition_point(|workout| workout.start <= at);
        let workout = &workouts[after.checked_sub(1)?];
        if at >= workout.end {
            return None;
        }
        let warm_up = at.duration_since(workout.start).as_secs() as f64 / 300.0;
        let average = workout.average_heart_rate_bpm as f64;
        Some((average * (0.8 + 0.2 * warm_up.min(1.0)), workout.max_heart_rate_bpm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::date;

    #[test]
    fn sleep_is_low_and_training_is_high() {
        let person = Person::new(1, date(2025, 5, 1), date(2025, 6, 30)).unwrap();
        for night in &person.nights()[1..] {
            let sleep = night.main_sleep().unwrap();
            let middle = sleep.start + SignedDuration::from_mins(120);
            assert!(person.is_asleep(middle) && !person.is_asleep(night.end()));
            let resting = night.vitals.resting_heart_rate_bpm;
            assert!((person.heart_rate_at(middle) as f64 - resting).abs() < 20.0);
        }
        for workout in person.workouts() {
            let middle = workout.start + SignedDuration::from_secs(workout.seconds() / 2);
            let bpm = person.heart_rate_at(middle);
            assert!(bpm <= workout.max_heart_rate_bpm);
            assert!((bpm - workout.average_heart_rate_bpm).abs() < 40);
        }
    }
}
