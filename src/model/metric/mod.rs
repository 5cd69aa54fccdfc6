//! The table of metrics: what a number means, in which unit, how a day is made of several, and which values
//! no living person has.
//!
//! Names follow the field's terms. Two quantities that differ in meaning are two rows, however alike
//! they look: RMSSD is not SDNN, a deviation is not a temperature, a vendor's score keeps the vendor's name.
//! Which field of which record feeds a metric stands in the providers' tables; a weight or height from an
//! account's settings feeds none.
//!
//! The rows stand in a file for each section. This file has what a row is and how to find one.

mod activity;
mod body;
mod night;
mod recovery;
mod sleep;

use std::{collections::HashMap, sync::LazyLock};

use super::Session;

pub use self::night::{Join, Part};

/// The part of a daily summary in which a metric stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Sleep,
    Recovery,
    Activity,
    Body,
}

impl Section {
    pub const ALL: [Self; 4] = [Self::Sleep, Self::Recovery, Self::Activity, Self::Body];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Recovery => "recovery",
            Self::Activity => "activity",
            Self::Body => "body",
        }
    }
}

/// How the values of one day from one source become the day's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerDay {
    /// The value of the longest session: what belongs to one record and is no part of a whole, such as a score.
    Longest,
    /// Of all parts of the night together, in the way that the metric is joined.
    Night(Join),
    Sum,
    /// The largest: each device of one account counts the whole day, and adding them up would count a step
    /// twice.
    Largest,
    /// The last of the day, as on the vendors' own pages: a later weighing takes the place of an earlier one.
    Last,
    /// The mean: single readings of blood pressure scatter, and guidelines take the mean of several.
    Mean,
    /// None: it is read as a series.
    Series,
}

/// What one record says about a metric of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    pub value: f64,
    /// Length of its session, milliseconds.
    pub length: i64,
    pub session: Session,
}

impl PerDay {
    /// Whether it is of the night, so that it counts only where the record is of the night that the day is about.
    pub fn is_of_night(self) -> bool {
        matches!(self, Self::Longest | Self::Night(_))
    }

    /// In words, for those who ask what a day's value is.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Longest => "of the longest record of the day",
            Self::Night(join) => join.in_words(),
            Self::Sum => "sum of the day",
            Self::Largest => "largest of the day",
            Self::Last => "last of the day",
            Self::Mean => "mean of the day",
            Self::Series => "none: it is a series",
        }
    }

    /// A day's value out of the readings of one source, oldest first. What was relayed from another cloud
    /// counts only if there is nothing else.
    pub fn of(self, readings: &[Reading]) -> Option<f64> {
        let own = readings.iter().any(|one| one.session != Session::Relayed);
        let mut values = readings.iter().filter(|one| !own || one.session != Session::Relayed);
        match self {
            // A night is joined out of its parts, of which some may say nothing: see [`Join::of`].
            Self::Series | Self::Night(_) => None,
            // Of equally long ones the first counts.
            Self::Longest => values.rev().max_by_key(|one| one.length).map(|one| one.value),
            Self::Last => values.next_back().map(|one| one.value),
            Self::Largest => values.map(|one| one.value).max_by(f64::total_cmp),
            Self::Sum | Self::Mean => {
                let values: Vec<f64> = values.map(|one| one.value).collect();
                let sum: f64 = values.iter().sum();
                let parts = if self == Self::Sum { 1.0 } else { values.len() as f64 };
                (!values.is_empty()).then_some(sum / parts)
            }
        }
    }
}

/// Where a daily summary shows a metric that was not asked for by name. A section that is asked for shows all of
/// its metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Also in a table of many days.
    Always,
    /// For a day, and for as many as fit into an answer with all that is usually asked for.
    Usually,
    OnRequest,
}

/// What a day's value is about, and so when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The night that ended on the day: due that afternoon.
    Night,
    /// The whole day: due when it is over.
    Day,
    /// A moment or a nap: many days have none, and none is due.
    Moment,
}

/// What several moments of a metric come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// A mean, with the least and the most.
    Mean,
    /// Parts of a whole, such as steps: they add up.
    Sum,
    /// Nothing: its numbers are names, such as the phases of sleep, or moments on a clock.
    Nothing,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    pub id: &'static str,
    pub section: Section,
    /// UCUM, or `instant` for a moment shown with its offset.
    pub unit: &'static str,
    pub per_day: PerDay,
    pub combine: Combine,
    pub of: About,
    /// Lowest and highest value that can be true, in the unit. What lies outside is a glitch: it stays in its
    /// record, is named where it was left out, and counts in no day and no statistic.
    pub plausible: (f64, f64),
    /// The LOINC code, where a verified one means exactly this; everything else gets a local code.
    pub loinc: Option<&'static str>,
    pub shown: Shown,
    /// Decimals worth showing.
    pub decimals: u8,
    pub about: &'static str,
}

impl Metric {
    const fn row(
        section: Section,
        id: &'static str,
        unit: &'static str,
        decimals: u8,
        plausible: (f64, f64),
        about: &'static str,
    ) -> Self {
        Self {
            id,
            section,
            unit,
            per_day: PerDay::Longest,
            combine: Combine::Mean,
            of: match section {
                Section::Sleep | Section::Recovery => About::Night,
                Section::Activity => About::Day,
                Section::Body => About::Moment,
            },
            plausible,
            loinc: None,
            shown: Shown::Usually,
            decimals,
            about,
        }
    }

    const fn per_day(mut self, per_day: PerDay) -> Self {
        self.per_day = per_day;
        match per_day {
            // A series is looked at day by day.
            PerDay::Series => self.of = About::Day,
            // Of several naps, or readings, of a day.
            PerDay::Sum | PerDay::Last | PerDay::Mean => self.of = About::Moment,
            PerDay::Longest | PerDay::Night(_) | PerDay::Largest => {}
        }
        self
    }

    /// It is about the whole day, though it stands among what is of the night.
    const fn all_day(mut self) -> Self {
        self.of = About::Day;
        self
    }

    const fn night(self, join: Join) -> Self {
        self.per_day(PerDay::Night(join))
    }

    const fn adds_up(mut self) -> Self {
        self.combine = Combine::Sum;
        self
    }

    const fn names(mut self) -> Self {
        self.combine = Combine::Nothing;
        self
    }

    const fn loinc(mut self, code: &'static str) -> Self {
        self.loinc = Some(code);
        self
    }

    const fn always(mut self) -> Self {
        self.shown = Shown::Always;
        self
    }

    const fn on_request(mut self) -> Self {
        self.shown = Shown::OnRequest;
        self
    }

    /// Whether a day has a value of it.
    pub fn is_daily(&self) -> bool {
        self.per_day != PerDay::Series
    }

    /// Whether a value can be true; otherwise it is a glitch.
    pub fn is_plausible(&self, value: f64) -> bool {
        (self.plausible.0..=self.plausible.1).contains(&value)
    }
}

/// Seconds of a day: no part of one is longer.
const A_DAY: (f64, f64) = (0.0, 86_400.0);
/// Beats per minute: the heart of an athlete asleep, and that of a child at a sprint.
const PULSE: (f64, f64) = (20.0, 250.0);
/// A score or a share of 100.
const HUNDRED: (f64, f64) = (0.0, 100.0);
/// A score that begins at 1.
const FROM_ONE: (f64, f64) = (1.0, 100.0);

/// What a nap says, and nothing else does: time asleep that is no part of the night. A short sleep says both this
/// and what a night says, and which of the two counts hangs on what else there is of its day.
pub const OF_NAPS: &str = "nap_time";

/// Metrics of which nobody alive has a 0: there it means that nothing was measured. A person at rest spends energy,
/// too; floors, naps and strain of a day may truly be 0.
pub const NEVER_ZERO: &[&str] = &[
    "body_temperature",
    "core_body_temperature",
    "heart_rate",
    "heart_rate_variability_rmssd",
    "heart_rate_variability_sdnn",
    "lowest_heart_rate",
    "oxygen_saturation",
    "respiratory_rate",
    "resting_heart_rate",
    "skin_temperature",
    "sleep_average_heart_rate",
    "total_energy",
    "weight",
    // On a scale that begins at 1.
    "oura_activity_score",
    "oura_readiness_score",
    "oura_sleep_score",
];

const SECTIONS: [&[Metric]; 4] = [sleep::ROWS, recovery::ROWS, activity::ROWS, body::ROWS];

const COUNT: usize = {
    let (mut count, mut section) = (0, 0);
    while section < SECTIONS.len() {
        count += SECTIONS[section].len();
        section += 1;
    }
    count
};

/// Every metric, section by section, in the order a daily summary shows them.
pub static METRICS: &[Metric] = &{
    let mut all = [SECTIONS[0][0]; COUNT];
    let (mut count, mut section) = (0, 0);
    while section < SECTIONS.len() {
        let mut row = 0;
        while row < SECTIONS[section].len() {
            all[count] = SECTIONS[section][row];
            count += 1;
            row += 1;
        }
        section += 1;
    }
    all
};

/// The metric of that id.
pub fn find(id: &str) -> Option<&'static Metric> {
    // Asked for each value of each record and day.
    static BY_ID: LazyLock<HashMap<&str, &Metric>> =
        LazyLock::new(|| METRICS.iter().map(|metric| (metric.id, metric)).collect());
    BY_ID.get(id).copied()
}

#[cfg(test)]
mod tests {
    use super::{
        PerDay::{Largest, Last, Mean, Series, Sum},
        *,
    };

    #[test]
    fn a_day_out_of_several_readings() {
        let reading = |value, length, session| Reading { value, length, session };
        let main = |value, length| reading(value, length, Session::Main);
        let several = [main(3.0, 20), main(8.0, 20), main(1.0, 10)];
        for (per_day, value) in [
            (PerDay::Longest, Some(3.0)),
            (Sum, Some(12.0)),
            (Largest, Some(8.0)),
            (Last, Some(1.0)),
            (Mean, Some(4.0)),
            (Series, None),
        ] {
            assert_eq!(per_day.of(&several), value, "{per_day:?}");
            assert_eq!(per_day.of(&[]), None, "{per_day:?}");
            let relayed = reading(9.0, 99, Session::Relayed);
            let with_copy: Vec<Reading> = several.into_iter().chain([relayed]).collect();
            assert_eq!(per_day.of(&with_copy), value, "{per_day:?} beside a copy");
            let alone = (per_day != Series).then_some(9.0);
            assert_eq!(per_day.of(&[relayed]), alone, "{per_day:?} of a copy alone");
        }
    }

    #[test]
    fn what_is_never_zero_is_a_metric() {
        assert!(NEVER_ZERO.iter().all(|id| find(id).is_some_and(|metric| !metric.is_plausible(0.0))));
    }

    #[test]
    fn what_no_living_person_has_is_a_glitch() {
        for (id, glitches, plausible) in [
            ("heart_rate", [0.0, 400.0], [28.0, 215.0]),
            ("oxygen_saturation", [4.0, 130.0], [70.0, 100.0]),
            ("weight", [0.3, 7245.0], [40.0, 180.0]),
            ("steps", [-1.0, 4_000_000.0], [0.0, 60_000.0]),
            ("skin_temperature_deviation", [-34.0, 34.0], [-2.5, 2.5]),
            ("total_sleep_time", [-60.0, 100_000.0], [0.0, 40_000.0]),
        ] {
            let metric = find(id).unwrap();
            assert!(glitches.iter().all(|value| !metric.is_plausible(*value)), "{id}");
            assert!(plausible.iter().all(|value| metric.is_plausible(*value)), "{id}");
        }
        assert!(METRICS.iter().all(|metric| metric.plausible.0 < metric.plausible.1));
        assert!(!find("weight").unwrap().is_plausible(f64::NAN));
    }

    #[test]
    fn a_loinc_code_has_its_check_digit_and_one_meaning() {
        let codes: Vec<&str> = METRICS.iter().filter_map(|metric| metric.loinc).collect();
        for code in &codes {
            let (number, check) = code.split_once('-').unwrap();
            // The check digit of LOINC: Luhn's, as on bank cards.
            let sum: u32 = number
                .bytes()
                .rev()
                .enumerate()
                .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 })
                .map(|part| part / 10 + part % 10)
                .sum();
            assert_eq!(check.parse::<u32>().unwrap(), (10 - sum % 10) % 10, "{code}");
            assert_eq!(codes.iter().filter(|other| *other == code).count(), 1, "{code}");
        }
        // Look-alikes that have none of their own.
        for id in ["heart_rate_variability_rmssd", "skin_temperature_deviation", "sleep_efficiency"] {
            assert_eq!(find(id).unwrap().loinc, None, "{id}");
        }
    }

    #[test]
    fn ids_are_unique_and_snake_case() {
        let mut ids: Vec<_> = METRICS.iter().map(|m| m.id).collect();
        assert!(
            ids.iter()
                .all(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
        );
        ids.sort_unstable();
        let before = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), before);
    }
}
