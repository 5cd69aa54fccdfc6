//! Quiet minutes and notes: what the person does on purpose or writes down besides training.
//!
//! Made from the days when asked. On ill days there is a note about it.

use super::calendar::{day_number, local_instant};
use super::{Day, Person};
use crate::demo::random::Random;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// Some minutes of sitting still.
#[derive(Debug, Clone)]
pub struct Sitting {
    /// Unlike for every sitting of the person.
    pub key: i64,
    /// What was done.
    pub practice: Practice,
    /// First second.
    pub start: Timestamp,
    /// Last second.
    pub end: Timestamp,
    /// The offset from UTC on the phone.
    pub offset: Offset,
    /// How the person felt afterwards, 0 (bad) to 4 (great), when they said.
    pub mood: Option<usize>,
}

/// A way of sitting still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Practice {
    /// Breathing to a rhythm.
    Breathing,
    /// Meditation.
    Meditation,
    /// Relaxing, with a story or music.
    Relaxation,
    /// Doing nothing.
    Rest,
}

/// Something the person wrote down.
#[derive(Debug, Clone)]
pub struct Note {
    /// Unlike for every note of the person.
    pub key: i64,
    /// When, or when it began.
    pub at: Timestamp,
    /// When it ended, for what lasts.
    pub end: Option<Timestamp>,
    /// The offset from UTC on the phone.
    pub offset: Offset,
    /// What it is about; none for words alone.
    pub subject: Option<&'static str>,
    /// Words.
    pub text: Option<&'static str>,
}

/// One line of the habit of writing down: subject, words, probability, local hour, minutes it lasts.
type Habit = (Option<&'static str>, Option<&'static str>, f64, f64, Option<i64>);

static HABITS: [Habit; 7] = [
    (Some("coffee"), None, 0.2, 9.9, None),
    (Some("alcohol"), Some("Two glasses of wine"), 0.1, 19.9, None),
    (Some("late meal"), None, 0.06, 21.2, None),
    (Some("party"), Some("Out with friends"), 0.02, 22.5, Some(240)),
    (Some("reading"), None, 0.08, 20.6, Some(35)),
    (Some("red light"), None, 0.04, 20.9, Some(15)),
    (None, Some("Slept with the window open"), 0.05, 10.1, None),
];

impl Person {
    /// Every sitting, oldest first.
    pub fn sittings(&self) -> Vec<Sitting> {
        self.days().iter().filter_map(|day| self.sitting_on(day)).collect()
    }

    /// Every note, oldest first.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.days().iter().flat_map(|day| self.notes_on(day)).collect();
        notes.sort_by_key(|note| note.at);
        notes
    }

    fn sitting_on(&self, day: &Day) -> Option<Sitting> {
        let key = day_number(day.date);
        let mut random = Random::new(self.seed(), "sitting", key);
        if !random.chance(0.35) {
            return None;
        }
        let start = local_instant(&day.zone, day.date, 20 * 3600 + 45 * 60 + random.whole(-360, 360));
        let end = start.saturating_add(SignedDuration::from_secs(random.whole(300, 1200))).unwrap_or(start);
        let practices = [Practice::Breathing, Practice::Meditation, Practice::Relaxation, Practice::Rest];
        let practice = practices[random.whole(0, 3) as usize];
        let mood = random.chance(0.6).then(|| random.whole(0, 4) as usize);
        let offset = day.zone.to_offset(start);
        // On days of departure the evening may already be a night elsewhere.
        self.is_free(start, end).then_some(Sitting { key, practice, start, end, offset, mood })
    }

    fn notes_on(&self, day: &Day) -> impl Iterator<Item = Note> {
        let number = day_number(day.date);
        let mut random = Random::new(self.seed(), "notes", number);
        let mut notes = Vec::new();
        let ill: Habit = (Some("ill"), Some("Sore throat, fever"), 1.0, 10.4, None);
        let habits = HABITS.iter().chain(day.ill.then_some(&ill));
        for (place, (subject, text, probability, hour, minutes)) in (0..).zip(habits) {
            let written = random.chance(*probability);
            let second_of_day = (random.normal(*hour, 0.1) * 3600.0) as i64;
            if !written {
                continue;
            }
            let at = local_instant(&day.zone, day.date, second_of_day);
            let length = minutes.map(SignedDuration::from_mins);
            notes.push(Note {
                key: number * 8 + place,
                at,
                end: length.and_then(|length| at.saturating_add(length).ok()),
                offset: day.zone.to_offset(at),
                subject: *subject,
                text: *text,
            });
        }
        notes.into_iter()
    }

    /// True when the person neither sleeps nor trains between the two instants.
    pub(super) fn is_free(&self, start: Timestamp, end: Timestamp) -> bool {
        let nights = self.nights();
        let begun = nights.partition_point(|night| night.start() < end);
        let at_night = begun.checked_sub(1).is_some_and(|last| nights[last].end() > start);
        let begun = self.naps().partition_point(|nap| nap.start < end);
        let napping = begun.checked_sub(1).is_some_and(|last| self.naps()[last].end > start);
        let begun = self.workouts().partition_point(|workout| workout.start < end);
        let training = begun.checked_sub(1).is_some_and(|last| self.workouts()[last].end > start);
        !at_night && !napping && !training
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn sittings_fill_free_evenings_and_notes_speak_of_illness() {
        let person = Person::new(1, date(2025, 1, 1), date(2026, 12, 31)).unwrap();
        let sittings = person.sittings();
        assert!((180..300).contains(&sittings.len()), "{}", sittings.len());
        assert!(sittings.iter().all(|sitting| person.is_free(sitting.start, sitting.end)));
        assert!(sittings.windows(2).all(|pair| pair[0].end < pair[1].start));
        let notes = person.notes();
        assert!((250..600).contains(&notes.len()), "{}", notes.len());
        let ill = notes.iter().filter(|note| note.subject == Some("ill"));
        let days: Vec<_> = ill.map(|note| note.offset.to_datetime(note.at).date()).collect();
        assert_eq!(days, person.ill_days());
        let over_midnight = |note: &&Note| {
            let day = |at| note.offset.to_datetime(at).date();
            note.end.is_some_and(|end| day(end) > day(note.at))
        };
        assert!(notes.iter().filter(over_midnight).count() > 3);
    }
}
