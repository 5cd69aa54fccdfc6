//! Metrics of moving, and of the energy spent.

use super::{
    A_DAY, FROM_ONE, Metric,
    PerDay::{Largest, Series},
    Section,
};

pub(super) const ROWS: &[Metric] = &[
    row("steps", "1", 0, (0.0, 200_000.0), "Steps.").per_day(Largest).loinc("41950-7").always().adds_up(),
    row("distance", "m", 0, (0.0, 400_000.0), "Distance covered on foot, as the vendor computes it.")
        .per_day(Largest)
        .adds_up(),
    row("floors_climbed", "1", 0, (0.0, 5_000.0), "Floors climbed.")
        .per_day(Largest)
        .loinc("100304-5")
        .adds_up(),
    row("active_energy", "kcal", 0, (0.0, 20_000.0), "Energy spent by moving, rest not included.")
        .per_day(Largest)
        .loinc("41981-2")
        .always()
        .adds_up(),
    row("total_energy", "kcal", 0, (1.0, 30_000.0), "All energy spent over the day, rest included.")
        .loinc("41979-6")
        .always()
        .adds_up(),
    row("low_activity_duration", "s", 0, A_DAY, "Time of light activity, as the vendor draws the line.")
        .per_day(Largest)
        .on_request()
        .adds_up(),
    row(
        "medium_activity_duration",
        "s",
        0,
        A_DAY,
        "Time of moderate activity, as the vendor draws the line.",
    )
    .per_day(Largest)
    .on_request()
    .adds_up(),
    row("high_activity_duration", "s", 0, A_DAY, "Time of intense activity, as the vendor draws the line.")
        .per_day(Largest)
        .on_request()
        .adds_up(),
    row("whoop_day_strain", "{score}", 1, (0.0, 21.0), "WHOOP strain of the cycle, 0 to 21.").always(),
    row("oura_activity_score", "{score}", 0, FROM_ONE, "Oura activity score, 1 to 100.").always(),
    row("met", "[MET]", 1, (0.0, 30.0), "Metabolic equivalents, by the minute.").per_day(Series),
    row(
        "activity_class",
        "{class}",
        0,
        (1.0, 5.0),
        "Intensity of five minutes with the ring: 1 rest, 2 inactive, 3 low, 4 medium, 5 high.",
    )
    .per_day(Series)
    .names(),
    row("motion_count", "1", 0, (0.0, 100_000.0), "Movements counted during a session.")
        .per_day(Series)
        .adds_up(),
    row("swim_strokes", "1", 0, (0.0, 100_000.0), "Strokes swum.").per_day(Series).adds_up(),
    row("pool_laps", "1", 0, (0.0, 5_000.0), "Laps of a pool swum.").per_day(Series).adds_up(),
    row("activity_duration", "s", 0, A_DAY, "How long the activity of a moment of a series lasted.")
        .per_day(Series)
        .adds_up(),
];

const fn row(
    id: &'static str,
    unit: &'static str,
    decimals: u8,
    plausible: (f64, f64),
    about: &'static str,
) -> Metric {
    Metric::row(Section::Activity, id, unit, decimals, plausible, about)
}
