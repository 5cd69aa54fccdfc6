//! What a metric is called in LOINC, and in which unit (UCUM) a value under that code is given.
//!
//! Only codes that were verified to mean exactly this stand here; all others get a code of this program's own
//! system. Known look-alikes that are wrong: 80404-7 for RMSSD (it is SDNN), 73707-2 for a visceral fat index
//! (it is an area), 60842-2 for VO2 max by weight (it is absolute), 73706-4 for extracellular water in kg (it
//! is a volume), {beats}/min for a heart rate, m for a body height.

use crate::model::metric::{Metric, Section};

pub(super) const LOINC: &str = "http://loinc.org";
pub(super) const UCUM: &str = "http://unitsofmeasure.org";
/// Codes of this program: the ids of its metrics.
pub(super) const LOCAL: &str = "urn:vitals-mcp:metric";
pub(super) const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// Panel of a blood pressure, with the systolic and the diastolic one as components.
pub(super) const PRESSURE: &str = "85354-9";
pub(super) const SYSTOLIC: &str = "blood_pressure_systolic";
pub(super) const DIASTOLIC: &str = "blood_pressure_diastolic";

/// An exercise, and what is said of one.
pub(super) const EXERCISE: &str = "73985-4";
/// Column of a workout, LOINC, unit.
pub(super) const EXERCISE_PARTS: &[(&str, &str, &str)] =
    &[("calories", "55424-6", "kcal"), ("avg_hr_bpm", "55425-3", "/min"), ("max_hr_bpm", "55426-1", "/min")];
pub(super) const EXERCISE_DURATION: &str = "55411-3";
/// Columns that name the sport.
pub(super) const SPORTS: [&str; 2] = ["sport_name", "activity"];

/// A recording of an ECG: `MDC_ECG_ELEC_POTL`, an electric potential of no named lead.
pub(super) const MDC: &str = "urn:iso:std:iso:11073:10101";
pub(super) const ELECTRIC_POTENTIAL: &str = "131328";

/// Findings of a device as words, by column: a code of its own, never a diagnosis.
pub(super) const FINDINGS: &[&str] = &["afib"];

/// How a value under a LOINC code is written.
struct Form {
    code: &'static str,
    unit: &'static str,
    /// From the metric's unit.
    factor: f64,
    vital_sign: bool,
    /// The total of a calendar day: for records of a whole day and no others.
    whole_day: bool,
}

const fn form(code: &'static str, unit: &'static str) -> Form {
    Form { code, unit, factor: 1.0, vital_sign: false, whole_day: false }
}

impl Form {
    const fn times(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    const fn vital_sign(mut self) -> Self {
        self.vital_sign = true;
        self
    }

    const fn whole_day(mut self) -> Self {
        self.whole_day = true;
        self
    }
}

const MINUTE: f64 = 1.0 / 60.0;

const FORMS: &[Form] = &[
    // Sleep; the durations are in minutes.
    form("93832-4", "min").times(MINUTE),
    form("93831-6", "min").times(MINUTE),
    form("93830-8", "min").times(MINUTE),
    form("93829-0", "min").times(MINUTE),
    form("103210-1", "min").times(MINUTE),
    form("103212-7", "min").times(MINUTE),
    form("9279-1", "/min").vital_sign(),
    form("103222-6", "/min").vital_sign(),
    // Recovery.
    form("40443-4", "/min").vital_sign(),
    form("8867-4", "/min").vital_sign(),
    form("80404-7", "ms"),
    form("59408-5", "%").vital_sign(),
    form("39106-0", "Cel"),
    // Activity.
    form("41950-7", "/d").whole_day(),
    form("41979-6", "kcal/d").whole_day(),
    form("41981-2", "kcal"),
    form("100304-5", "{count}"),
    // Body; height in centimetres, as the profile of vital signs wants it.
    form("29463-7", "kg").vital_sign(),
    form("8302-2", "cm").times(100.0).vital_sign(),
    form("41982-0", "%"),
    form("73708-0", "kg"),
    form("91557-9", "kg"),
    form("73964-9", "kg"),
    form("101685-6", "kg"),
    form("8480-6", "mm[Hg]").vital_sign(),
    form("8462-4", "mm[Hg]").vital_sign(),
    form("8310-5", "Cel").vital_sign(),
    form("94122-9", "mL/kg/min"),
    form("77196-4", "m/s"),
];

/// Codes that a profile wants beside another one.
const BESIDE: &[(&str, &str)] = &[("59408-5", "2708-6")];

/// A metric as FHIR says it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) loinc: Vec<&'static str>,
    pub(super) unit: &'static str,
    pub(super) factor: f64,
    pub(super) category: Option<&'static str>,
}

/// How a metric is said of a record; `whole_day`: it is of a calendar day.
pub(super) fn said(metric: &Metric, whole_day: bool) -> Said {
    let form = metric.loinc.and_then(|code| FORMS.iter().find(|form| form.code == code));
    let of_section = matches!(metric.section, Section::Sleep | Section::Activity).then_some("activity");
    match form.filter(|form| whole_day || !form.whole_day) {
        Some(form) => Said {
            loinc: std::iter::once(form.code)
                .chain(BESIDE.iter().filter(|(code, _)| *code == form.code).map(|(_, other)| *other))
                .collect(),
            unit: form.unit,
            factor: form.factor,
            category: if form.vital_sign { Some("vital-signs") } else { of_section },
        },
        None => Said { loinc: Vec::new(), unit: metric.unit, factor: 1.0, category: of_section },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::{METRICS, find};

    #[test]
    fn every_loinc_code_of_a_metric_has_its_form() {
        for metric in METRICS {
            let Some(code) = metric.loinc else { continue };
            let form = FORMS.iter().find(|form| form.code == code);
            let form = form.unwrap_or_else(|| panic!("{}: {code} has no unit in the table", metric.id));
            // The same quantity: only these conversions are known here.
            let factor = match (metric.unit, form.unit) {
                (one, other) if one == other => 1.0,
                ("1", "/d" | "{count}") | ("kcal", "kcal/d") => 1.0,
                ("s", "min") => MINUTE,
                ("m", "cm") => 100.0,
                (one, other) => panic!("{}: {one} to {other}", metric.id),
            };
            assert!((form.factor - factor).abs() < 1e-12, "{}: {}", metric.id, form.factor);
        }
    }

    #[test]
    fn the_rules_of_vital_signs() {
        let of = |id: &str, whole_day| said(find(id).unwrap(), whole_day);
        assert_eq!((of("heart_rate", false).unit, of("height", false).unit), ("/min", "cm"));
        assert_eq!(of("oxygen_saturation", false).loinc, ["59408-5", "2708-6"]);
        for id in ["heart_rate", "weight", "height", "body_temperature", "respiratory_rate"] {
            assert_eq!(of(id, false).category, Some("vital-signs"), "{id}");
        }
        // The code of 24 hours is for a calendar day only; a cycle from sleep to sleep is none.
        assert_eq!(of("total_energy", true).loinc, ["41979-6"]);
        assert!(of("total_energy", false).loinc.is_empty());
        // Nothing is guessed.
        for id in ["heart_rate_variability_rmssd", "sleep_efficiency", "whoop_recovery_score"] {
            assert!(of(id, true).loinc.is_empty(), "{id}");
        }
        assert_eq!(of("whoop_recovery_score", true).unit, "{score}");
    }
}
