//! A day in pieces of five minutes: where its steps, distance, floors and energy fall.
//!
//! Made for one day when asked; ten years of it would be a million pieces.

use super::calendar::{add_days, day_number, local_instant};
use super::{Day, Person};
use crate::demo::random::Random;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// The length of a piece, seconds.
pub const PIECE_SECONDS: i64 = 300;

/// What happened in one piece of a day in which the person moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Movement {
    /// First second.
    pub start: Timestamp,
    /// Steps.
    pub steps: i64,
    /// Metres.
    pub distance_meters: f64,
    /// Floors climbed.
    pub floors: i64,
    /// Energy above rest, kilocalories.
    pub active_kilocalories: f64,
}

impl Person {
    /// The pieces of `date` with movement, earliest first; together they are the [`Day`].
    pub fn movement_on(&self, date: Date) -> Vec<Movement> {
        let Some(day) = self.day(date) else { return Vec::new() };
        let (from, to) = self.awake_on(day);
        let count = usize::try_from(to.duration_since(from).as_secs() / PIECE_SECONDS).unwrap_or(0);
        if count == 0 {
            return Vec::new();
        }
        let mut random = Random::new(self.seed(), "movement", day_number(date));
        let starts: Vec<Timestamp> = (0..count as i64)
            .map(|piece| from.saturating_add(SignedDuration::from_secs(piece * PIECE_SECONDS)).unwrap_or(to))
            .collect();
        // Most of a day is spent sitting; a walk takes a few pieces in a row.
        let mut weights = vec![0.0; count];
        let mut walking = 0;
        for weight in &mut weights {
            if walking == 0 && random.chance(0.12) {
                walking = random.whole(1, 5);
            }
            *weight = if walking > 0 { random.between(0.4, 1.6) } else { 0.0 };
            walking = (walking - 1).max(0);
        }
        weights[count / 2] += 0.5;
        let mut steps = vec![0; count];
        let trained = self.place_training(&starts, &mut steps);
        spread(day.steps - trained, &weights, &mut steps);
        let mut floors = vec![0; count];
        spread(day.floors, &weights, &mut floors);
        let moved = (0..count).filter(|piece| steps[*piece] > 0 || floors[*piece] > 0);
        moved
            .map(|piece| {
                let share = steps[piece] as f64 / day.steps.max(1) as f64;
                Movement {
                    start: starts[piece],
                    steps: steps[piece],
                    distance_meters: day.distance_meters * share,
                    floors: floors[piece],
                    active_kilocalories: day.active_kilocalories * share,
                }
            })
            .collect()
    }

    /// From getting up to going to bed, within the local date.
    fn awake_on(&self, day: &Day) -> (Timestamp, Timestamp) {
        let midnight = local_instant(&day.zone, day.date, 0);
        let next = local_instant(&day.zone, add_days(day.date, 1), 0);
        let up = self.night_on(day.date).map(super::Night::end);
        let bed = self.night_on(add_days(day.date, 1)).map(super::Night::start);
        let within = |at: &Timestamp| (midnight..next).contains(at);
        let up = up.filter(within).unwrap_or_else(|| local_instant(&day.zone, day.date, 8 * 3600));
        let bed = bed.filter(|bed| *bed > up && *bed <= next).unwrap_or(next);
        (up, bed)
    }

    /// Puts the steps of workouts where they were made; returns how many.
    fn place_training(&self, starts: &[Timestamp], steps: &mut [i64]) -> i64 {
        let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return 0 };
        let workouts = self.workouts();
        let from = workouts.partition_point(|workout| workout.start < *first);
        let mut placed = 0;
        for workout in workouts[from..].iter().take_while(|workout| workout.start < *last) {
            let inside: Vec<usize> = (0..starts.len())
                .filter(|piece| starts[*piece] >= workout.start && starts[*piece] < workout.end)
                .collect();
            let made = (workout.sport.steps_per_minute * workout.seconds() as f64 / 60.0) as i64;
            let mut even = vec![0.0; starts.len()];
            for piece in &inside {
                even[*piece] = 1.0;
            }
            if !inside.is_empty() && made > 0 {
                spread(made, &even, steps);
                placed += made;
            }
        }
        placed
    }
}

/// Adds `total` to `pieces` in proportion to `weights`; the heaviest takes what rounding leaves.
fn spread(total: i64, weights: &[f64], pieces: &mut [i64]) {
    let sum: f64 = weights.iter().sum();
    let mut left = total.max(0);
    let mut heaviest = 0;
    for (index, weight) in weights.iter().enumerate() {
        let part = (total.max(0) as f64 * weight / sum) as i64;
        pieces[index] += part;
        left -= part;
        if *weight > weights[heaviest] {
            heaviest = index;
        }
    }
    pieces[heaviest] += left;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::person::dates;
    use jiff::civil::date;

    #[test]
    fn the_pieces_of_a_day_are_the_day() {
        let person = Person::new(1, date(2025, 2, 20), date(2025, 10, 20)).unwrap();
        for date in dates(date(2025, 3, 1), date(2025, 10, 10)) {
            let day = person.day(date).unwrap();
            let pieces = person.movement_on(date);
            assert_eq!(pieces.iter().map(|piece| piece.steps).sum::<i64>(), day.steps, "{date}");
            assert_eq!(pieces.iter().map(|piece| piece.floors).sum::<i64>(), day.floors, "{date}");
            let meters: f64 = pieces.iter().map(|piece| piece.distance_meters).sum();
            assert!((meters - day.distance_meters).abs() < 1.0, "{date}");
            assert!(pieces.windows(2).all(|pair| pair[0].start < pair[1].start));
            assert!(pieces.iter().all(|piece| day.zone.to_datetime(piece.start).date() == date));
            assert!(pieces.len() > 5 && pieces.len() < 220, "{} pieces", pieces.len());
        }
    }

    #[test]
    fn a_run_shows_as_steps() {
        let person = Person::new(1, date(2025, 2, 20), date(2025, 10, 20)).unwrap();
        let run = person.workouts().iter().find(|workout| workout.sport.name == "running").unwrap();
        let pieces = person.movement_on(run.day());
        let running = pieces.iter().filter(|piece| piece.start >= run.start && piece.start < run.end);
        assert!(running.map(|piece| piece.steps).min().unwrap() > 600);
    }
}
