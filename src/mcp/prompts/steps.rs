//! The calls that reviews are made of, with their dates as the tools take them. Pure.

use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::write::Step;
use crate::model::time::Day;

/// First whether everything works, then what is new.
pub(super) fn begin() -> Vec<Step> {
    vec![
        step("get_status", json!({}), "whether everything works; say so if it does not"),
        step("sync_data", json!({}), "fetch what is new"),
    ]
}

pub(super) fn step(tool: &'static str, arguments: Value, why: &str) -> Step {
    Step { tool, arguments, why: why.to_owned() }
}

pub(super) fn daily(arguments: Value, why: &str) -> Step {
    step("get_daily_summary", arguments, why)
}

/// Means, sums, counts and extremes: nobody adds up what was answered.
pub(super) fn summary(mut arguments: Value, why: &str) -> Step {
    arguments["method"] = "summary".into();
    step("analyze", arguments, why)
}

pub(super) fn missing(start: Day, end: Day, metric: Option<&str>) -> Step {
    let mut arguments = json!({ "start": text(start), "end": text(end) });
    if let Some(metric) = metric {
        arguments["metric"] = metric.into();
    }
    step("explain_missing", arguments, "why days have no value")
}

pub(super) fn records(kind: &str, start: Day, end: Day, why: &str) -> Step {
    step("list_records", json!({ "kind": kind, "start": text(start), "end": text(end) }), why)
}

pub(super) fn chart(metrics: &[&str], start: Day, end: Day) -> Step {
    let arguments = json!({ "metrics": metrics, "start": text(start), "end": text(end) });
    step("render_chart", arguments, "a picture to go with it")
}

pub(super) fn back(day: Day, days: i64) -> Day {
    day.saturating_sub(days.days())
}

pub(super) fn days_between(start: Day, end: Day) -> i64 {
    i64::from(start.until(end).map_or(0, |span| span.get_days())) + 1
}

pub(super) fn text(day: Day) -> String {
    day.to_string()
}

pub(super) fn span(start: Day, end: Day) -> String {
    format!("{start} to {end}")
}
