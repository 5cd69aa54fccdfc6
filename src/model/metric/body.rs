//! Metrics of the body: its weight and what it is made of, blood pressure, temperature, fitness.
//!
//! They are measured now and then. What an account's settings say of weight and height is no measurement.

use super::{
    HUNDRED, Metric, PULSE,
    PerDay::{Last, Mean, Series},
    Section,
};

/// Years.
const AGE: (f64, f64) = (5.0, 130.0);

pub(super) const ROWS: &[Metric] = &[
    row("weight", "kg", 2, (10.0, 500.0), "Body weight.").per_day(Last).loinc("29463-7").always(),
    row("height", "m", 2, (0.4, 2.8), "Body height.").per_day(Last).loinc("8302-2").on_request(),
    row("body_fat_percentage", "%", 1, (1.0, 80.0), "Share of fat in the body weight.")
        .per_day(Last)
        .loinc("41982-0")
        .always(),
    row("fat_mass", "kg", 2, (0.2, 350.0), "Mass of fat.").per_day(Last).loinc("73708-0").on_request(),
    row("fat_free_mass", "kg", 2, (5.0, 250.0), "Mass of everything but fat.").per_day(Last).loinc("91557-9"),
    row("muscle_mass", "kg", 2, (2.0, 200.0), "Mass of muscle.").per_day(Last).loinc("73964-9"),
    row("bone_mass", "kg", 2, (0.1, 15.0), "Mass of bone.").per_day(Last).on_request(),
    row("hydration", "kg", 2, (2.0, 200.0), "Mass of water in the body.").per_day(Last).on_request(),
    row("extracellular_water", "kg", 2, (0.5, 100.0), "Mass of water outside the cells.")
        .per_day(Last)
        .on_request(),
    row("intracellular_water", "kg", 2, (0.5, 150.0), "Mass of water inside the cells.")
        .per_day(Last)
        .on_request(),
    row(
        "visceral_fat_index",
        "{score}",
        1,
        (0.0, 60.0),
        "Index of fat around the organs, as the vendor computes it.",
    )
    .per_day(Last)
    .on_request(),
    row(
        "basal_metabolic_rate",
        "kcal/d",
        0,
        (200.0, 6_000.0),
        "Energy a day at complete rest, as the vendor computes it.",
    )
    .per_day(Last)
    .on_request(),
    row("withings_metabolic_age", "a", 0, AGE, "Metabolic age as Withings computes it.")
        .per_day(Last)
        .on_request(),
    row("blood_pressure_systolic", "mm[Hg]", 0, (40.0, 300.0), "Systolic blood pressure.")
        .per_day(Mean)
        .loinc("8480-6"),
    row("blood_pressure_diastolic", "mm[Hg]", 0, (20.0, 200.0), "Diastolic blood pressure.")
        .per_day(Mean)
        .loinc("8462-4"),
    row(
        "heart_rate",
        "/min",
        0,
        PULSE,
        "Heart rate. A day's value is the mean of single readings (scale, cuff), not a \
         resting heart rate.",
    )
    .per_day(Mean)
    .loinc("8867-4")
    .on_request(),
    row("body_temperature", "Cel", 1, (28.0, 45.0), "Body temperature by a thermometer.")
        .per_day(Mean)
        .loinc("8310-5"),
    row("core_body_temperature", "Cel", 1, (28.0, 45.0), "Core temperature as a watch estimates it.")
        .per_day(Series),
    row("vo2_max", "mL/kg/min", 1, (5.0, 100.0), "Maximal oxygen uptake, as the vendor estimates it.")
        .per_day(Last)
        .loinc("94122-9"),
    row("pulse_wave_velocity", "m/s", 2, (1.0, 30.0), "Pulse wave velocity.").per_day(Last).loinc("77196-4"),
    row("oura_vascular_age", "a", 0, AGE, "Vascular age as Oura estimates it, 18 to 100.")
        .per_day(Last)
        .on_request(),
    row("withings_vascular_age", "a", 0, AGE, "Vascular age as Withings computes it.")
        .per_day(Last)
        .on_request(),
    row("withings_nerve_health_score", "{score}", 0, HUNDRED, "Withings nerve health score of the feet.")
        .per_day(Last)
        .on_request(),
    row("ring_battery_level", "%", 0, HUNDRED, "Charge of the ring's battery.").per_day(Series),
];

const fn row(
    id: &'static str,
    unit: &'static str,
    decimals: u8,
    plausible: (f64, f64),
    about: &'static str,
) -> Metric {
    Metric::row(Section::Body, id, unit, decimals, plausible, about)
}
