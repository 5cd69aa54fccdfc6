//! A line that a person draws through the values of a metric, as they write it: `6h30m`, `6:30` or 6.5 for a
//! duration, `23:30` or `11:30 pm` for a time of day, a number in the metric's unit for anything else.

use jiff::{Span, SpanRelativeTo};

use super::human::{Kind, kind};
use crate::{
    error::{Error, Result},
    model::{metric::Metric, units},
    query::brief,
};

/// Durations of minutes: a bare number of them is never hours.
const OF_MINUTES: &[&str] = &[
    "sleep_latency",
    "latency_to_arising",
    "wake_after_sleep_onset",
    "awake_duration",
    "snoring_duration",
    "high_activity_duration",
    "medium_activity_duration",
];

/// A bare number up to here is hours, below the second minutes, from there on seconds.
const HOURS: f64 = 24.0;
const MINUTES: f64 = 1000.0;

/// Metres below which a bare number is kilometres: nobody asks for days on which less than 200 m were walked.
const KILOMETRES: f64 = 200.0;

/// The line in the unit of the metric; a time of day in hours after midnight.
pub(super) fn read(argument: &str, text: &str, metric: &Metric) -> Result<f64> {
    let (found, form) = match kind(metric) {
        Kind::Clock => (time_of_day(text), "a time of day such as 23:30".to_owned()),
        Kind::Duration => (
            duration(text, OF_MINUTES.contains(&metric.id)),
            "a duration such as 6h30m, 6:30 or 390min".to_owned(),
        ),
        Kind::Number => {
            let unit = units::shown(metric.unit);
            let unit = if unit.is_empty() { String::new() } else { format!(" in {unit}") };
            (number(text, metric), format!("a number{unit}"))
        }
    };
    found.ok_or_else(|| refused(argument, text, metric.id, &form))
}

/// The same for the length of a session, seconds.
pub(super) fn read_length(argument: &str, text: &str, what: &str) -> Result<f64> {
    let found = duration(text, what != "sleep");
    found.ok_or_else(|| refused(argument, text, what, "a duration such as 45min, 1h30m or 1:30"))
}

fn refused(argument: &str, text: &str, what: &str, form: &str) -> Error {
    Error::invalid(format!("{argument}: '{}' is no value of {what}", brief(text)))
        .hint(format!("For {what} give {form}."))
}

/// Of a time of day the writing that is nearest to what is usual: 23:30 of a night is half an hour before midnight.
pub(super) fn nearest(hours: f64, usual: f64) -> f64 {
    hours + 24.0 * ((usual - hours) / 24.0).round()
}

/// Seconds.
fn duration(text: &str, of_minutes: bool) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let text = text.strip_suffix(" h").filter(|rest| rest.contains(':')).unwrap_or(&text);
    if let Ok(number) = text.parse::<f64>() {
        let seconds = match number {
            _ if of_minutes && number < MINUTES => number * 60.0,
            _ if number <= HOURS => number * 3600.0,
            _ if number < MINUTES => number * 60.0,
            _ => number,
        };
        return (0.0..=1e7).contains(&seconds).then_some(seconds);
    }
    if let Some((hours, minutes)) = text.split_once(':') {
        let (minutes, seconds) = minutes.split_once(':').unwrap_or((minutes, "0"));
        return Some(whole(hours, 1000)? * 3600.0 + whole(minutes, 59)? * 60.0 + whole(seconds, 59)?);
    }
    // `6h30` lacks what a person leaves out.
    let text = match text.split_once('h') {
        Some((_, rest)) if whole(rest, 59).is_some() => format!("{text}m"),
        _ => text.to_owned(),
    };
    let span: Span = text.parse().ok()?;
    let seconds = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.as_secs_f64();
    (0.0..=1e7).contains(&seconds).then_some(seconds)
}

/// Hours after midnight.
fn time_of_day(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let (clock, add) = match (text.strip_suffix("pm"), text.strip_suffix("am")) {
        (Some(rest), _) => (rest.trim(), Some(12.0)),
        (_, Some(rest)) => (rest.trim(), Some(0.0)),
        _ => (text.as_str(), None),
    };
    let hours = match clock.split_once(':') {
        Some((hours, minutes)) => {
            let minutes = minutes.split(':').next()?;
            whole(hours, 24)? + whole(minutes, 59)? / 60.0
        }
        None => clock.parse::<f64>().ok().filter(|hours| (0.0..=24.0).contains(hours))?,
    };
    match add {
        // Twelve is the hour that begins each half of the day.
        Some(add) => (hours < 13.0).then_some(hours % 12.0 + add),
        None => Some(hours),
    }
}

fn whole(text: &str, most: u32) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number: &u32| plain && *number <= most).map(f64::from)
}

fn number(text: &str, metric: &Metric) -> Option<f64> {
    let text = text.trim().to_lowercase().replace(['_', ','], "");
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(text.len());
    let (value, unit) = (text[..end].parse::<f64>().ok()?, text[end..].trim());
    let in_words = metric.id.rsplit('_').next().unwrap_or_default();
    let scale = match (unit, metric.unit) {
        ("", "m") if metric.id == "distance" && value < KILOMETRES => 1000.0,
        ("km", "m") | ("k", "1") => 1000.0,
        ("", _) | ("bpm", "/min") | ("°c" | "c", "Cel" | "K") | ("mmhg", "mm[Hg]") => 1.0,
        _ if unit == units::shown(metric.unit).to_lowercase() || unit == in_words => 1.0,
        _ if metric.unit == "1" && metric.id.starts_with(unit) => 1.0,
        _ => return None,
    };
    Some(value * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::find;

    #[test]
    fn a_line_as_a_person_writes_it() {
        for (metric, text, expected) in [
            ("total_sleep_time", "6h30m", Some(23_400.0)),
            ("total_sleep_time", "6:30", Some(23_400.0)),
            ("total_sleep_time", "6:30 h", Some(23_400.0)),
            ("total_sleep_time", "6h30", Some(23_400.0)),
            ("total_sleep_time", "6 h 30 min", Some(23_400.0)),
            ("total_sleep_time", "6.5", Some(23_400.0)),
            ("total_sleep_time", "6.5h", Some(23_400.0)),
            ("total_sleep_time", "6.5 hours", Some(23_400.0)),
            ("total_sleep_time", "390 minutes", Some(23_400.0)),
            ("total_sleep_time", "390", Some(23_400.0)),
            ("total_sleep_time", "23400", Some(23_400.0)),
            ("total_sleep_time", "23400s", Some(23_400.0)),
            ("total_sleep_time", "long", None),
            ("total_sleep_time", "-1", None),
            ("total_sleep_time", "6:75", None),
            ("sleep_latency", "20", Some(1200.0)),
            ("sleep_start", "23:30", Some(23.5)),
            ("sleep_start", "11:30 pm", Some(23.5)),
            ("sleep_start", "12 am", Some(0.0)),
            ("sleep_start", "23.5", Some(23.5)),
            ("sleep_start", "23:30:00", Some(23.5)),
            ("sleep_start", "6h30m", None),
            ("steps", "10000", Some(10_000.0)),
            ("steps", "10,000 steps", Some(10_000.0)),
            ("steps", "10k", Some(10_000.0)),
            ("distance", "5 km", Some(5000.0)),
            ("distance", "5", Some(5000.0)),
            ("distance", "5000", Some(5000.0)),
            ("weight", "80 kg", Some(80.0)),
            ("weight", "80 lb", None),
            ("resting_heart_rate", "60bpm", Some(60.0)),
            ("oxygen_saturation", "95%", Some(95.0)),
            ("skin_temperature_deviation", "-0.5", Some(-0.5)),
            ("heart_rate_variability_rmssd", "6h30m", None),
            ("steps", "", None),
        ] {
            let found = read("below", text, find(metric).unwrap());
            assert_eq!(found.as_ref().ok().copied(), expected, "{metric} {text:?}");
            if let Err(error) = found {
                assert!(error.hint.contains(metric), "{}", error.hint);
            }
        }
        assert_eq!(read_length("above", "45", "workout").unwrap().to_string(), "2700");
        assert_eq!(read_length("above", "6.5", "sleep").unwrap().to_string(), "23400");
    }

    #[test]
    fn a_time_of_day_is_near_what_is_usual() {
        for (hours, usual, expected) in
            [(23.5, -0.4, -0.5), (0.5, -0.4, 0.5), (0.5, 23.0, 24.5), (7.0, 7.5, 7.0), (22.0, 14.0, 22.0)]
        {
            assert!((nearest(hours, usual) - expected).abs() < 1e-12, "{hours} {usual}");
        }
    }
}
