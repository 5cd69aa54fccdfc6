//! What the dashboard shows: a year of days as columns of numbers, with what was usual at the time.

use serde::Serialize;

use crate::{
    charts::baseline::usual_of,
    model::metric::{self, Metric, Section},
    query::{Answer, Daily, DailyArgs, DaySummary, Detail},
};

/// The longest range that can be chosen.
const DAYS: i64 = 365;

/// What is shown of each section: the metric, its title, and whether its days are bars.
const SHOWN: &[(&str, &str, bool)] = &[
    ("total_sleep_time", "Time asleep", true),
    ("deep_sleep_duration", "Deep sleep", true),
    ("rem_sleep_duration", "REM sleep", true),
    ("sleep_efficiency", "Sleep efficiency", false),
    ("respiratory_rate", "Respiratory rate", false),
    ("whoop_sleep_score", "WHOOP sleep score", false),
    ("oura_sleep_score", "Oura sleep score", false),
    ("withings_sleep_score", "Withings sleep score", false),
    ("resting_heart_rate", "Resting heart rate", false),
    ("heart_rate_variability_rmssd", "Heart rate variability (RMSSD)", false),
    ("oxygen_saturation", "Blood oxygen", false),
    ("skin_temperature", "Skin temperature", false),
    ("skin_temperature_deviation", "Skin temperature deviation", false),
    ("whoop_recovery_score", "WHOOP recovery", false),
    ("oura_readiness_score", "Oura readiness", false),
    ("steps", "Steps", true),
    ("active_energy", "Active energy", true),
    ("total_energy", "Total energy", true),
    ("distance", "Distance", true),
    ("whoop_day_strain", "WHOOP day strain", true),
    ("oura_activity_score", "Oura activity score", false),
    ("weight", "Weight", false),
    ("body_fat_percentage", "Body fat", false),
    ("muscle_mass", "Muscle mass", false),
    ("blood_pressure_systolic", "Systolic blood pressure", false),
    ("blood_pressure_diastolic", "Diastolic blood pressure", false),
    ("vo2_max", "VO2 max", false),
];

#[derive(Debug, Serialize)]
pub struct Data {
    /// First and last day, `YYYY-MM-DD`.
    start: String,
    end: String,
    zone: String,
    demo: bool,
    sections: Vec<ShownSection>,
    /// What a reader must know: how old it is, and what it lacks.
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ShownSection {
    title: &'static str,
    metrics: Vec<ShownMetric>,
}

/// One metric; each list has a place for each day.
#[derive(Debug, Serialize)]
struct ShownMetric {
    title: &'static str,
    unit: &'static str,
    about: &'static str,
    decimals: u8,
    bars: bool,
    /// Names that `from` points to.
    sources: Vec<String>,
    values: Vec<Option<f64>>,
    from: Vec<Option<usize>>,
    median: Vec<Option<f64>>,
    low: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    /// Days out of the ordinary.
    unusual: Vec<usize>,
}

/// The question whose answer it is made of.
pub fn question() -> DailyArgs {
    DailyArgs {
        start: Some(format!("last {DAYS} days")),
        metrics: SHOWN.iter().map(|(id, ..)| (*id).to_owned()).collect(),
        detail: Some(Detail::Full),
        ..DailyArgs::default()
    }
}

impl Data {
    pub fn new(daily: &Answer<Daily>) -> Self {
        let days = daily.days.as_deref().unwrap_or_default();
        let titles = [
            (Section::Sleep, "Sleep"),
            (Section::Recovery, "Recovery"),
            (Section::Activity, "Activity"),
            (Section::Body, "Body"),
        ];
        let sections = titles
            .into_iter()
            .map(|(section, title)| ShownSection {
                title,
                metrics: SHOWN
                    .iter()
                    .filter_map(|(id, title, bars)| Some((metric::find(id)?, *title, *bars)))
                    .filter(|(metric, ..)| metric.section == section)
                    .filter_map(|(metric, title, bars)| shown(metric, title, bars, days))
                    .collect(),
            })
            .filter(|section| !section.metrics.is_empty())
            .collect();
        Self {
            start: daily.range.start.clone(),
            end: daily.range.end.clone(),
            zone: daily.range.timezone.clone(),
            demo: daily.demo,
            sections,
            notes: notes(daily),
        }
    }
}

/// Nothing, where no day has a value.
fn shown(metric: &Metric, title: &'static str, bars: bool, days: &[DaySummary]) -> Option<ShownMetric> {
    let mut sources: Vec<String> = Vec::new();
    let found: Vec<Option<(f64, usize)>> = days
        .iter()
        .map(|day| {
            let cells = day.section(metric.section)?;
            let (_, cell) = cells.0.iter().find(|(id, _)| *id == metric.id)?;
            let (value, source) = (cell.value.as_f64()?, cell.source.as_ref()?);
            let place = sources.iter().position(|known| known == source).unwrap_or_else(|| {
                sources.push(source.clone());
                sources.len() - 1
            });
            Some((value, place))
        })
        .collect();
    if found.iter().all(Option::is_none) {
        return None;
    }
    let usual = usual_of(metric, &found);
    let scale = 10f64.powi(i32::from(metric.decimals));
    let rounded = |value: f64| (value * scale).round() / scale;
    Some(ShownMetric {
        title,
        unit: metric.unit,
        about: metric.about,
        decimals: metric.decimals,
        bars,
        sources,
        values: found.iter().map(|one| one.map(|(value, _)| value)).collect(),
        from: found.iter().map(|one| one.map(|(_, place)| place)).collect(),
        median: usual.iter().map(|one| one.map(|usual| rounded(usual.median))).collect(),
        low: usual.iter().map(|one| one.map(|usual| rounded(usual.low))).collect(),
        high: usual.iter().map(|one| one.map(|usual| rounded(usual.high))).collect(),
        unusual: usual
            .iter()
            .enumerate()
            .filter(|(_, one)| one.is_some_and(|usual| usual.is_unusual()))
            .map(|(place, _)| place)
            .collect(),
    })
}

fn notes(daily: &Answer<Daily>) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(daily.demo_note.map(str::to_owned));
    for one in daily.freshness.iter() {
        let last = one.last_sync.as_deref().unwrap_or("never");
        let stale = if one.stale { "; newer data may be there" } else { "" };
        notes.push(format!("{}: last synced {last}{stale}.", one.provider));
    }
    if !daily.coverage.complete {
        notes.push("Parts of the year were never fetched; days are missing there.".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_are_metrics_of_a_day() {
        for (id, ..) in SHOWN {
            let metric = metric::find(id).unwrap_or_else(|| panic!("{id}"));
            assert!(metric.per_day != metric::PerDay::Series && metric.unit != "instant", "{id}");
        }
    }
}
