//! Metrics of the night, of naps, and of the series within either.
//!
//! A night may have several parts. Each row says how they are joined; a row that says nothing is of the longest
//! part alone, as a vendor's score is.

use super::{
    A_DAY, FROM_ONE, HUNDRED, Join, Metric, PULSE,
    PerDay::{Series, Sum},
    Section,
};

/// Milliseconds since the epoch, until the year 2100.
const EVER: (f64, f64) = (0.0, 4_102_444_800_000.0);

pub(super) const ROWS: &[Metric] = &[
    row("total_sleep_time", "s", 0, A_DAY, "Time asleep in the night: light, deep and REM.")
        .night(Join::Sum)
        .loinc("93832-4")
        .always(),
    row("time_in_bed", "s", 0, A_DAY, "Time in bed in the night, without the time between its parts.")
        .night(Join::Sum),
    row("deep_sleep_duration", "s", 0, A_DAY, "Deep (slow-wave) sleep of the night.")
        .night(Join::Sum)
        .loinc("93831-6")
        .always(),
    row("rem_sleep_duration", "s", 0, A_DAY, "REM sleep of the night.")
        .night(Join::Sum)
        .loinc("93829-0")
        .always(),
    row("light_sleep_duration", "s", 0, A_DAY, "Light sleep of the night.").night(Join::Sum).loinc("93830-8"),
    row("awake_duration", "s", 0, A_DAY, "Time awake in bed in the night.")
        .night(Join::Sum)
        .loinc("103210-1"),
    row(
        "sleep_efficiency",
        "%",
        1,
        HUNDRED,
        "Share of the time in bed spent asleep, as the vendor computes it.",
    )
    .night(Join::Mean)
    .always(),
    row("sleep_latency", "s", 0, A_DAY, "Time in bed before falling asleep.")
        .night(Join::First)
        .loinc("103212-7"),
    row("sleep_start", "instant", 0, EVER, "When the night began.").night(Join::First).names(),
    row("sleep_end", "instant", 0, EVER, "When the night ended; its local date is the day.")
        .night(Join::Last)
        .names(),
    row("nap_time", "s", 0, A_DAY, "Time asleep in naps that ended on the day; not part of the night.")
        .per_day(Sum)
        .always()
        .adds_up(),
    row("respiratory_rate", "/min", 1, (4.0, 60.0), "Breaths per minute during the night.")
        .night(Join::Mean)
        .loinc("9279-1")
        .always(),
    row(
        "whoop_sleep_score",
        "%",
        0,
        HUNDRED,
        "WHOOP sleep performance, 0 to 100: sleep obtained against sleep needed.",
    )
    .always(),
    row("oura_sleep_score", "{score}", 0, FROM_ONE, "Oura sleep score, 1 to 100.").always(),
    row("withings_sleep_score", "{score}", 0, HUNDRED, "Withings sleep score, 0 to 100.").always(),
    row(
        "breathing_disturbance_index",
        "{score}",
        0,
        HUNDRED,
        "Oura's index of drops in blood oxygen during the night, 0 to 100.",
    )
    .on_request(),
    row("sleep_average_heart_rate", "/min", 0, PULSE, "Average heart rate of the night.")
        .night(Join::Mean)
        .on_request(),
    row("lowest_heart_rate", "/min", 0, PULSE, "Lowest heart rate of the night. Not a resting heart rate.")
        .night(Join::Least)
        .loinc("103222-6"),
    row(
        "wake_after_sleep_onset",
        "s",
        0,
        A_DAY,
        "Time awake in bed between first falling asleep and the last waking.",
    )
    .night(Join::Sum)
    .on_request(),
    row("latency_to_arising", "s", 0, A_DAY, "Time in bed after the last waking.")
        .night(Join::Last)
        .on_request(),
    row("number_of_awakenings", "1", 0, (0.0, 500.0), "How often awake in bed in the night.")
        .night(Join::Sum)
        .on_request(),
    row(
        "whoop_disturbance_count",
        "1",
        0,
        (0.0, 500.0),
        "Disturbances as WHOOP counts them. Not awakenings.",
    )
    .night(Join::Sum)
    .on_request(),
    row(
        "oura_restless_periods",
        "1",
        0,
        (0.0, 2_000.0),
        "Restless periods as Oura counts them. Not awakenings.",
    )
    .night(Join::Sum)
    .on_request(),
    row(
        "apnea_hypopnea_index",
        "/h",
        1,
        (0.0, 200.0),
        "Apnoeas and hypopnoeas per hour, as the device finds them. No diagnosis.",
    )
    .night(Join::Mean)
    .on_request(),
    row(
        "withings_breathing_disturbances",
        "{score}",
        0,
        (0.0, 1_000.0),
        "Intensity of breathing disturbances, as Withings rates it.",
    )
    .night(Join::Mean)
    .on_request(),
    row(
        "whoop_sleep_consistency",
        "%",
        0,
        HUNDRED,
        "How alike the times of recent sleeps are, as WHOOP computes it.",
    )
    .on_request(),
    row(
        "whoop_sleep_need_baseline",
        "s",
        0,
        A_DAY,
        "Sleep that WHOOP holds necessary, without what was added.",
    )
    .on_request(),
    row(
        "whoop_sleep_need_from_debt",
        "s",
        0,
        A_DAY,
        "What WHOOP adds to the need for sleep that was missed.",
    )
    .on_request(),
    row("whoop_sleep_need_from_strain", "s", 0, A_DAY, "What WHOOP adds to the need for recent strain.")
        .on_request(),
    row(
        "whoop_sleep_need_from_naps",
        "s",
        0,
        (-86_400.0, 0.0),
        "What WHOOP takes off the need for recent naps: zero or less.",
    )
    .on_request(),
    row(
        "sleep_stage",
        "1",
        0,
        (0.0, 5.0),
        "From each moment to the next: 0 awake, 1 light, 2 deep, 3 REM, 4 asleep \
         without a stage, 5 out of bed or not recorded.",
    )
    .per_day(Series)
    .names(),
    row(
        "sleep_movement",
        "{class}",
        0,
        (1.0, 4.0),
        "Movement in sleep: 1 none, 2 restless, 3 turning, 4 active.",
    )
    .per_day(Series)
    .names(),
    row("whoop_sleeping", "1", 0, (0.0, 1.0), "Whether WHOOP took the person for asleep: 1 asleep, 0 not.")
        .per_day(Series)
        .names(),
    row("whoop_charging", "1", 0, (0.0, 1.0), "Whether the strap was being charged: 1 charging, 0 not.")
        .per_day(Series)
        .names(),
    row("snoring_duration", "s", 0, A_DAY, "Time of snoring in the night; as a series, in each minute.")
        .night(Join::Sum)
        .on_request()
        .adds_up(),
    row("breathing_sounds_duration", "s", 0, A_DAY, "Time with breathing sounds in each minute.")
        .per_day(Series)
        .adds_up(),
    row("withings_movement_score", "{score}", 0, (0.0, 255.0), "Movement in bed in each minute, 0 to 255.")
        .per_day(Series),
    row("withings_chest_movement_rate", "/min", 1, (0.0, 120.0), "Movements of the chest.").per_day(Series),
    row("withings_breathing_index", "/h", 1, (0.0, 200.0), "Breathing events per hour (Withings index).")
        .per_day(Series),
];

const fn row(
    id: &'static str,
    unit: &'static str,
    decimals: u8,
    plausible: (f64, f64),
    about: &'static str,
) -> Metric {
    Metric::row(Section::Sleep, id, unit, decimals, plausible, about)
}
