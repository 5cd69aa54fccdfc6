//! The reviews: which days, which tools, what to write.

use jiff::{ToSpan as _, civil::Weekday};
use serde_json::{Value, json};

use super::{
    Asked, Draft,
    steps::{back, begin, chart, daily, days_between, missing, records, span, step, summary, text},
};
use crate::{
    error::{Error, Result},
    model::time::Day,
    query,
};

/// What a doctor asks for first, of what wearables and scales measure.
const VITAL_SIGNS: &[&str] = &[
    "resting_heart_rate",
    "heart_rate_variability_rmssd",
    "oxygen_saturation",
    "respiratory_rate",
    "blood_pressure_systolic",
    "blood_pressure_diastolic",
    "body_temperature",
    "weight",
    "total_sleep_time",
];

/// Metrics that one summary tells of.
const MOST_METRICS: usize = 8;

pub(super) fn weekly_report(asked: &Asked<'_>) -> Result<Draft> {
    let (start, end) = week(asked)?;
    let before = back(start, 28);
    // A week has too few days for a test against other weeks; each day has its own four weeks before it.
    let baseline = |metric: &str| {
        let arguments =
            json!({ "method": "baseline", "metric": metric, "start": text(start), "end": text(end) });
        step("analyze", arguments, &format!("{metric}: each day against the 28 before it"))
    };
    let mut steps = begin();
    steps.extend([
        daily(json!({ "start": text(start), "end": text(end), "detail": "compact" }), "the days of the week"),
        summary(
            json!({
                "metrics": [
                    "total_sleep_time", "resting_heart_rate", "heart_rate_variability_rmssd", "steps", "workout",
                ],
                "start": text(start), "end": text(end),
                "other_start": text(before), "other_end": text(back(start, 1)),
            }),
            "the week beside the four weeks before it",
        ),
        missing(start, end, None),
        baseline("total_sleep_time"),
        baseline("resting_heart_rate"),
        step("get_insights", json!({ "days": 30 }), "what stands out; of it only what concerns this week"),
        chart(&["total_sleep_time", "resting_heart_rate"], before, end),
    ]);
    Ok(Draft {
        task: format!(
            "Write my health report for the week of {} in the time zone {}.",
            span(start, end),
            zone(asked)
        ),
        steps,
        parts: vec![
            "Three lines that sum up the week.",
            "Sleep, recovery, activity and body: what was usual, and what differed from the weeks before.",
            "The best and the hardest day, with the numbers that make them so.",
            "What is missing or uncertain.",
        ],
    })
}

#[allow(clippy::unnecessary_wraps, reason = "one signature for every prompt")]
pub(super) fn sleep_review(asked: &Asked<'_>) -> Result<Draft> {
    let (start, end) = last_days(asked, 30);
    let provider = asked.given.text("provider");
    let analyze = |mut arguments: Value, why: &str| {
        arguments["start"] = text(start).into();
        arguments["end"] = text(end).into();
        step("analyze", arguments, why)
    };
    let mut steps = begin();
    steps.extend([
        daily(
            json!({ "start": text(start), "end": text(end), "sections": ["sleep"], "detail": "compact" }),
            "every night; a sleep belongs to the day it ended on",
        ),
        missing(start, end, Some("total_sleep_time")),
        summary(
            json!({
                "metrics": [
                    "total_sleep_time", "deep_sleep_duration", "rem_sleep_duration", "sleep_latency",
                    "sleep_efficiency", "sleep_start", "sleep_end", "nap",
                ],
                "start": text(start), "end": text(end), "by": "weekend",
            }),
            "what is usual, and weekdays beside weekends",
        ),
        analyze(
            json!({ "method": "baseline", "metric": "total_sleep_time" }),
            "what is usual, and the nights that are not",
        ),
        analyze(json!({ "method": "regularity" }), "how regular the hours are"),
        analyze(
            json!({ "method": "trend", "metric": "total_sleep_time" }),
            "whether the length of sleep changes",
        ),
    ]);
    let week = back(end, 6).max(start);
    steps.extend(
        asked
            .kinds("sleep")
            .into_iter()
            .filter(|kind| {
                let owner = kind.split_once('.').map(|(owner, _)| owner);
                provider.is_none() || owner == provider.as_deref()
            })
            .map(|kind| records(&kind, week, end, "the last nights with all their fields, naps included")),
    );
    steps.push(chart(&["total_sleep_time", "sleep_efficiency"], start, end));
    Ok(Draft {
        task: format!("Review my sleep of {} in the time zone {}.", span(start, end), zone(asked)),
        steps,
        parts: vec![
            "Length, stages, latency and efficiency: what is usual here, as medians over the nights that have them.",
            "Regularity: hours of going to bed and waking up, weekdays against free days.",
            "The nights that stand out, each with its date and numbers, and what else was so on that day.",
            "What is missing or uncertain.",
        ],
    })
}

#[allow(clippy::unnecessary_wraps, reason = "one signature for every prompt")]
pub(super) fn training_load(asked: &Asked<'_>) -> Result<Draft> {
    let (start, end) = last_days(asked, 42);
    let metric = asked.given.text("metric").unwrap_or_else(|| "active_energy".to_owned());
    let analyze = |mut arguments: Value, why: &str| {
        arguments["start"] = text(start).into();
        arguments["end"] = text(end).into();
        step("analyze", arguments, why)
    };
    let mut steps = begin();
    steps.extend([
        daily(
            json!({ "start": text(start), "end": text(end), "sections": ["activity", "recovery"], "detail": "compact" }),
            "load and recovery day by day",
        ),
        missing(start, end, Some(&metric)),
    ]);
    steps.extend([
        summary(
            json!({ "metrics": ["workout", metric], "start": text(start), "end": text(end), "by": "week" }),
            "the workouts and the load, week by week",
        ),
        analyze(json!({ "method": "load", "metric": metric }), "the last week against the last four"),
        analyze(
            json!({ "method": "trend", "metric": "resting_heart_rate" }),
            "whether the resting heart rate moves",
        ),
        analyze(
            json!({ "method": "correlate", "metric": metric, "other": "heart_rate_variability_rmssd" }),
            "whether load and variability go together",
        ),
        chart(&[&metric, "resting_heart_rate"], start, end),
    ]);
    Ok(Draft {
        task: format!("Describe my training load of {} in the time zone {}.", span(start, end), zone(asked)),
        steps,
        parts: vec![
            "The workouts: how many, how long, which sports, week by week.",
            "Load of the last week against the last four, as description and not as a threshold.",
            "How resting heart rate, variability and sleep went along, with dates.",
            "What is missing or uncertain.",
        ],
    })
}

pub(super) fn before_and_after(asked: &Asked<'_>) -> Result<Draft> {
    let date = asked.service.one_day("date", &asked.given.text("date").unwrap_or_default())?;
    let days = asked.given.number("days").unwrap_or(28) as i64;
    let metric = asked.given.text("metric").unwrap_or_default();
    if date >= asked.today {
        return Err(Error::invalid(format!("date: there is no day after {date} yet"))
            .hint("Give a day of the past, the first one of the change."));
    }
    let (before, until) = (back(date, days), back(date, 1));
    let end = date.saturating_add((days - 1).days()).min(asked.today);
    let arguments = json!({
        "method": "compare", "metric": metric, "start": text(date), "end": text(end),
        "other_start": text(before), "other_end": text(until),
    });
    let mut steps = begin();
    steps.extend([
        summary(
            json!({
                "metrics": [metric], "start": text(date), "end": text(end),
                "other_start": text(before), "other_end": text(until),
            }),
            "the plain figures of both spans",
        ),
        missing(before, end, Some(&metric)),
        step("analyze", arguments, "after against before"),
        chart(&[&metric], before, end),
    ]);
    Ok(Draft {
        task: format!(
            "Compare {metric} from {} (before) with {} (after) in the time zone {}.",
            span(before, until),
            span(date, end),
            zone(asked)
        ),
        steps,
        parts: vec![
            "The means and medians before and after, their difference, and how many days each rests on.",
            "How large the difference is against the usual day-to-day scatter.",
            "What else differed between the two spans that the data shows: travel, workouts, missing days.",
            "That a difference after a date is not yet an effect of what happened on it.",
        ],
    })
}

#[allow(clippy::unnecessary_wraps, reason = "one signature for every prompt")]
pub(super) fn doctor_visit(asked: &Asked<'_>) -> Result<Draft> {
    let (start, end) = last_days(asked, 90);
    let analyze = |method: &str, metric: &str, why: &str| {
        let arguments = json!({ "method": method, "metric": metric, "start": text(start), "end": text(end) });
        step("analyze", arguments, why)
    };
    let mut steps = begin();
    // More than one call answers.
    steps.extend(VITAL_SIGNS.chunks(MOST_METRICS).map(|metrics| {
        let arguments = json!({ "metrics": metrics, "start": text(start), "end": text(end) });
        summary(arguments, "days measured, median, lowest and highest with their dates")
    }));
    steps.extend([
        missing(start, end, None),
        analyze("baseline", "resting_heart_rate", "what is usual, and the days that are not"),
        analyze("trend", "weight", "whether the weight changes"),
        analyze("trend", "resting_heart_rate", "whether the resting heart rate changes"),
        step(
            "get_insights",
            json!({ "days": days_between(start, end).min(365) }),
            "what stands out, of a year at most",
        ),
        chart(&["blood_pressure_systolic", "blood_pressure_diastolic", "resting_heart_rate"], start, end),
        step(
            "export_data",
            json!({
                "kind": "all", "format": "fhir", "path": format!("doctor-visit-{start}-{end}"),
                "start": text(start), "end": text(end),
            }),
            "only if I ask for a file to hand over",
        ),
    ]);
    Ok(Draft {
        task: format!(
            "Prepare one page of facts about {} for a doctor's visit, in the time zone {}.",
            span(start, end),
            zone(asked)
        ),
        steps,
        parts: vec![
            "A table: metric, unit, days measured, median, lowest and highest with their dates, device.",
            "What changed over the period, with dates and numbers.",
            "What was measured by a consumer device and how, so that the doctor can weigh it.",
            "Questions that I could ask, drawn from the data and without an answer.",
        ],
    })
}

/// The days of the week asked for, no further than today.
fn week(asked: &Asked<'_>) -> Result<(Day, Day)> {
    let written = asked.given.text("week").unwrap_or_else(|| "last week".to_owned());
    let range = asked.service.period("week", &written)?;
    let (mut start, mut end) = (range.first, range.last);
    if start == end {
        start = back(start, i64::from(start.weekday().since(Weekday::Monday)));
        end = start.saturating_add(6.days());
    }
    if days_between(start, end) > 7 {
        return Err(Error::invalid(format!("week: '{}' is longer than a week", query::brief(&written)))
            .hint("Give a week: last week, this week, 2026-W12, or any day of it."));
    }
    if start > asked.today {
        return Err(Error::invalid("week: it has not begun yet")
            .hint("Give a week that has: last week, this week, 2026-W12, or any day of it."));
    }
    Ok((start, end.min(asked.today)))
}

/// The last days up to today, as many as asked for.
fn last_days(asked: &Asked<'_>, default: usize) -> (Day, Day) {
    let days = asked.given.number("days").unwrap_or(default) as i64;
    (back(asked.today, days - 1), asked.today)
}

fn zone(asked: &Asked<'_>) -> String {
    query::zone_name(asked.zone)
}
