//! Metrics of rest, temperature, oxygen and stress.

use super::{A_DAY, FROM_ONE, HUNDRED, Join, Metric, PULSE, PerDay::Series, Section};

/// Against the wearer's usual temperature.
const DEVIATION: (f64, f64) = (-10.0, 10.0);

pub(super) const ROWS: &[Metric] = &[
    row("resting_heart_rate", "/min", 0, PULSE, "Resting heart rate as the vendor reports it for the day.")
        .loinc("40443-4")
        .always(),
    row(
        "heart_rate_variability_rmssd",
        "ms",
        1,
        (2.0, 350.0),
        "RMSSD of the night. Not comparable with SDNN.",
    )
    .night(Join::Mean)
    .always(),
    row(
        "heart_rate_variability_sdnn",
        "ms",
        1,
        (2.0, 350.0),
        "SDNN over a minute. Not comparable with RMSSD.",
    )
    .loinc("80404-7"),
    row("withings_hrv_quality", "{score}", 0, (0.0, 1_000.0), "How good the signal behind a variability is.")
        .per_day(Series),
    row(
        "oxygen_saturation",
        "%",
        1,
        (50.0, 100.0),
        "Blood oxygen saturation of the night, or a single reading of it.",
    )
    .loinc("59408-5")
    .always(),
    row(
        "skin_temperature",
        "Cel",
        1,
        (15.0, 45.0),
        "Absolute skin temperature of the night, not a deviation.",
    )
    .always(),
    row(
        "skin_temperature_deviation",
        "K",
        2,
        DEVIATION,
        "Skin temperature of the night against the wearer's usual one, not an absolute \
         temperature.",
    )
    .always(),
    row(
        "skin_temperature_trend_deviation",
        "K",
        2,
        DEVIATION,
        "Skin temperature against the wearer's usual one, over several days.",
    )
    .on_request(),
    row("whoop_recovery_score", "{score}", 0, HUNDRED, "WHOOP recovery, 0 to 100.").always(),
    row("oura_readiness_score", "{score}", 0, FROM_ONE, "Oura readiness score, 1 to 100.").always(),
    row(
        "stress_high_duration",
        "s",
        0,
        A_DAY,
        "Time of high stress over the day, as the vendor draws the line.",
    )
    .all_day()
    .adds_up(),
    row(
        "recovery_high_duration",
        "s",
        0,
        A_DAY,
        "Time of high recovery over the day, as the vendor draws the line.",
    )
    .all_day()
    .on_request()
    .adds_up(),
];

const fn row(
    id: &'static str,
    unit: &'static str,
    decimals: u8,
    plausible: (f64, f64),
    about: &'static str,
) -> Metric {
    Metric::row(Section::Recovery, id, unit, decimals, plausible, about)
}
