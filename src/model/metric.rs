//! The table of metrics: what a number means, in which unit, and how a day is made of several.
//!
//! Names follow the field's terms. Two quantities that differ in meaning are two rows, however alike
//! they look: RMSSD is not SDNN, a deviation is not a temperature, a vendor's score keeps the vendor's name.

use super::Session;

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
    /// The value of the longest session: the main sleep, and what hangs on it.
    Longest,
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
    /// A day's value out of the readings of one source, oldest first. What was relayed from another cloud
    /// counts only if there is nothing else.
    pub fn of(self, readings: &[Reading]) -> Option<f64> {
        let own = readings.iter().any(|one| one.session != Session::Relayed);
        let mut values = readings.iter().filter(|one| !own || one.session != Session::Relayed);
        match self {
            Self::Series => None,
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

pub struct Metric {
    pub id: &'static str,
    pub section: Section,
    /// UCUM, or `instant` for a moment shown with its offset.
    pub unit: &'static str,
    pub per_day: PerDay,
    /// Decimals worth showing.
    pub decimals: u8,
    pub about: &'static str,
}

const fn row(
    id: &'static str,
    section: Section,
    unit: &'static str,
    decimals: u8,
    about: &'static str,
) -> Metric {
    Metric { id, section, unit, per_day: PerDay::Longest, decimals, about }
}

impl Metric {
    const fn per_day(mut self, per_day: PerDay) -> Self {
        self.per_day = per_day;
        self
    }
}

use PerDay::{Largest, Last, Mean, Series, Sum};
use Section::{Activity, Body, Recovery, Sleep};

/// Metrics of which nobody alive has a 0: there it means that nothing was measured.
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
    "weight",
];

/// Every metric, section by section, in the order a daily summary shows them.
pub const METRICS: &[Metric] = &[
    row("total_sleep_time", Sleep, "s", 0, "Time asleep in the main sleep: light, deep and REM."),
    row("time_in_bed", Sleep, "s", 0, "From the start to the end of the main sleep."),
    row("deep_sleep_duration", Sleep, "s", 0, "Deep (slow-wave) sleep of the main sleep."),
    row("rem_sleep_duration", Sleep, "s", 0, "REM sleep of the main sleep."),
    row("light_sleep_duration", Sleep, "s", 0, "Light sleep of the main sleep."),
    row("awake_duration", Sleep, "s", 0, "Time awake within the main sleep."),
    row(
        "sleep_efficiency",
        Sleep,
        "%",
        1,
        "Share of the time in bed spent asleep, as the vendor computes it.",
    ),
    row("sleep_latency", Sleep, "s", 0, "Time in bed before falling asleep."),
    row("sleep_start", Sleep, "instant", 0, "When the main sleep began."),
    row("sleep_end", Sleep, "instant", 0, "When the main sleep ended; its local date is the day."),
    row(
        "nap_time",
        Sleep,
        "s",
        0,
        "Time asleep in naps that ended on the day; not part of the main sleep.",
    )
    .per_day(Sum),
    row("respiratory_rate", Sleep, "/min", 1, "Breaths per minute during the main sleep."),
    row(
        "whoop_sleep_score",
        Sleep,
        "%",
        0,
        "WHOOP sleep performance, 0 to 100: sleep obtained against sleep needed.",
    ),
    row("oura_sleep_score", Sleep, "{score}", 0, "Oura sleep score, 1 to 100."),
    row("withings_sleep_score", Sleep, "{score}", 0, "Withings sleep score, 0 to 100."),
    row(
        "breathing_disturbance_index",
        Sleep,
        "{score}",
        0,
        "Oura's index of drops in blood oxygen during the night, 0 to 100.",
    ),
    row("sleep_average_heart_rate", Sleep, "/min", 0, "Average heart rate of the main sleep."),
    row(
        "lowest_heart_rate",
        Sleep,
        "/min",
        0,
        "Lowest heart rate of the main sleep. Not a resting heart rate.",
    ),
    row(
        "sleep_stage",
        Sleep,
        "1",
        0,
        "From each moment to the next: 0 awake, 1 light, 2 deep, 3 REM, 4 asleep without a stage, 5 out of bed or not recorded.",
    )
    .per_day(Series),
    row("sleep_movement", Sleep, "{class}", 0, "Movement in sleep: 1 none, 2 restless, 3 turning, 4 active.")
        .per_day(Series),
    row("snoring_duration", Sleep, "s", 0, "Time of snoring in the main sleep; as a series, in each minute."),
    row("breathing_sounds_duration", Sleep, "s", 0, "Time with breathing sounds in each minute.")
        .per_day(Series),
    row("withings_movement_score", Sleep, "{score}", 0, "Movement in bed in each minute, 0 to 255.")
        .per_day(Series),
    row("withings_chest_movement_rate", Sleep, "/min", 1, "Movements of the chest.").per_day(Series),
    row("withings_breathing_index", Sleep, "/h", 1, "Breathing events per hour (Withings index).")
        .per_day(Series),
    row(
        "resting_heart_rate",
        Recovery,
        "/min",
        0,
        "Resting heart rate as the vendor reports it for the day.",
    ),
    row("heart_rate_variability_rmssd", Recovery, "ms", 1, "RMSSD of the night. Not comparable with SDNN."),
    row("heart_rate_variability_sdnn", Recovery, "ms", 1, "SDNN over a minute. Not comparable with RMSSD.")
        .per_day(Series),
    row("withings_hrv_quality", Recovery, "{score}", 0, "How good the signal behind a variability is.")
        .per_day(Series),
    row("oxygen_saturation", Recovery, "%", 1, "Blood oxygen saturation of the night."),
    row("skin_temperature", Recovery, "Cel", 1, "Absolute skin temperature of the night, not a deviation."),
    row(
        "skin_temperature_deviation",
        Recovery,
        "K",
        2,
        "Skin temperature of the night against the wearer's usual one, not an absolute temperature.",
    ),
    row(
        "skin_temperature_trend_deviation",
        Recovery,
        "K",
        2,
        "Skin temperature against the wearer's usual one, over several days.",
    ),
    row("whoop_recovery_score", Recovery, "{score}", 0, "WHOOP recovery, 0 to 100."),
    row("oura_readiness_score", Recovery, "{score}", 0, "Oura readiness score, 1 to 100."),
    row(
        "stress_high_duration",
        Recovery,
        "s",
        0,
        "Time of high stress over the day, as the vendor draws the line.",
    ),
    row(
        "recovery_high_duration",
        Recovery,
        "s",
        0,
        "Time of high recovery over the day, as the vendor draws the line.",
    ),
    row("steps", Activity, "1", 0, "Steps.").per_day(Largest),
    row("distance", Activity, "m", 0, "Distance covered on foot, as the vendor computes it.").per_day(Largest),
    row("floors_climbed", Activity, "1", 0, "Floors climbed.").per_day(Largest),
    row("active_energy", Activity, "kcal", 0, "Energy spent by moving, rest not included.").per_day(Largest),
    row("total_energy", Activity, "kcal", 0, "All energy spent over the day, rest included."),
    row("whoop_day_strain", Activity, "{score}", 1, "WHOOP strain of the cycle, 0 to 21."),
    row("oura_activity_score", Activity, "{score}", 0, "Oura activity score, 1 to 100."),
    row("met", Activity, "[MET]", 1, "Metabolic equivalents, by the minute.").per_day(Series),
    row(
        "activity_class",
        Activity,
        "{class}",
        0,
        "Intensity of five minutes: 0 not worn, 1 rest, 2 inactive, 3 low, 4 medium, 5 high.",
    )
    .per_day(Series),
    row("motion_count", Activity, "1", 0, "Movements counted during a session.").per_day(Series),
    row("swim_strokes", Activity, "1", 0, "Strokes swum.").per_day(Series),
    row("pool_laps", Activity, "1", 0, "Laps of a pool swum.").per_day(Series),
    row("activity_duration", Activity, "s", 0, "How long the activity of a moment of a series lasted.")
        .per_day(Series),
    row("weight", Body, "kg", 2, "Body weight.").per_day(Last),
    row("height", Body, "m", 2, "Body height.").per_day(Last),
    row("body_fat_percentage", Body, "%", 1, "Share of fat in the body weight.").per_day(Last),
    row("fat_mass", Body, "kg", 2, "Mass of fat.").per_day(Last),
    row("fat_free_mass", Body, "kg", 2, "Mass of everything but fat.").per_day(Last),
    row("muscle_mass", Body, "kg", 2, "Mass of muscle.").per_day(Last),
    row("bone_mass", Body, "kg", 2, "Mass of bone.").per_day(Last),
    row("hydration", Body, "kg", 2, "Mass of water in the body.").per_day(Last),
    row("extracellular_water", Body, "kg", 2, "Mass of water outside the cells.").per_day(Last),
    row("intracellular_water", Body, "kg", 2, "Mass of water inside the cells.").per_day(Last),
    row("visceral_fat_index", Body, "{score}", 1, "Index of fat around the organs, as the vendor computes it.")
        .per_day(Last),
    row("basal_metabolic_rate", Body, "kcal/d", 0, "Energy a day at complete rest, as the vendor computes it.")
        .per_day(Last),
    row("withings_metabolic_age", Body, "a", 0, "Metabolic age as Withings computes it.").per_day(Last),
    row("blood_pressure_systolic", Body, "mm[Hg]", 0, "Systolic blood pressure.").per_day(Mean),
    row("blood_pressure_diastolic", Body, "mm[Hg]", 0, "Diastolic blood pressure.").per_day(Mean),
    row(
        "heart_rate",
        Body,
        "/min",
        0,
        "Heart rate. A day's value is the mean of single readings (scale, cuff), not a resting heart rate.",
    )
    .per_day(Mean),
    row("body_temperature", Body, "Cel", 1, "Body temperature by a thermometer.").per_day(Mean),
    row("core_body_temperature", Body, "Cel", 1, "Core temperature as a watch estimates it.").per_day(Series),
    row("vo2_max", Body, "mL/kg/min", 1, "Maximal oxygen uptake, as the vendor estimates it.").per_day(Last),
    row("pulse_wave_velocity", Body, "m/s", 2, "Pulse wave velocity.").per_day(Last),
    row("oura_vascular_age", Body, "a", 0, "Vascular age as Oura estimates it, 18 to 100.").per_day(Last),
    row("withings_vascular_age", Body, "a", 0, "Vascular age as Withings computes it.").per_day(Last),
    row("withings_nerve_health_score", Body, "{score}", 0, "Withings nerve health score of the feet.")
        .per_day(Last),
    row("ring_battery_level", Body, "%", 0, "Charge of the ring's battery.").per_day(Series),
];

/// The metric of that id.
pub fn find(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(NEVER_ZERO.iter().all(|id| find(id).is_some()));
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
