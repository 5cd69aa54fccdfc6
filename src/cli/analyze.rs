//! `analyze`: one statistic of one metric, or the plain figures of several.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{
    format,
    output::{self, Output},
    summary,
};
use crate::{
    error::Result,
    insight::{Analysis, AnalyzeArgs, Method},
    query::Answer,
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// summary, baseline, trend, compare, correlate, regularity, load or agreement.
    #[arg(value_name = "METHOD")]
    method: String,
    /// The metric, for example `resting_heart_rate`; regularity needs none. summary takes several, parted by commas,
    /// and workout, sleep and nap. `describe` names all.
    #[arg(value_name = "METRIC")]
    metric: Option<String>,
    /// correlate: another metric. compare: workout, weekend, weekdays or tag:NAME. agreement: two sources,
    /// "whoop,oura". regularity (also in the place of METRIC): free days and need of sleep,
    /// "saturday, sunday, need 7.5h".
    #[arg(value_name = "OTHER")]
    other: Option<String>,
    /// First day, or a period such as "last 90 days"; 28 to 90 days up to today, as the method needs, if
    /// nothing is given.
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Last day, included.
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// The second period of compare and summary; of compare the one just before if nothing is given.
    #[arg(long, value_name = "DATE")]
    other_start: Option<String>,
    /// Last day of that period, included.
    #[arg(long, value_name = "DATE")]
    other_end: Option<String>,
    /// summary: count and name the days above this: a number, 6h30m or 23:30.
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    above: Option<String>,
    /// summary: the days below this.
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    below: Option<String>,
    /// summary: rows of groups: week, month, weekday or weekend.
    #[arg(long, value_name = "GROUP")]
    by: Option<String>,
    /// correlate: only this many days by which OTHER is later, -3 to 3.
    #[arg(long, value_name = "DAYS", allow_hyphen_values = true)]
    lag: Option<i64>,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let method = Method::parse(&args.method)?;
    // Regularity has no metric: what stands in its place is what a person has to say of their sleep.
    let spoken = method == Method::Regularity && args.other.is_none();
    let is_metric = args.metric.as_deref().is_some_and(|id| crate::model::metric::find(id).is_some());
    let (metric, other) = if spoken && !is_metric { (None, args.metric) } else { (args.metric, args.other) };
    let asked = AnalyzeArgs {
        metric,
        other,
        above: args.above,
        below: args.below,
        by: args.by,
        lag: args.lag,
        start: args.start,
        end: args.end,
        other_start: args.other_start,
        other_end: args.other_end,
        ..AnalyzeArgs::new(method)
    };
    let found = service.ask(&asked, args.fresh).await?;
    out.answer(&found, human)
}

fn human(found: &Answer<Analysis>) -> String {
    let mut text = String::new();
    match &found.basis {
        Some(basis) => {
            let what = [basis.metric, basis.other].into_iter().flatten().collect::<Vec<_>>().join(" and ");
            let source = basis.source.as_deref().map_or_else(String::new, |source| format!(", {source}"));
            let _ = writeln!(
                text,
                "{}: {} values from {} to {}{source}\n",
                [values_name(found.method), what].join(" ").trim_end(),
                basis.n,
                basis.window.start,
                basis.window.end
            );
        }
        None => {
            let _ = writeln!(text, "summary from {} to {}\n", found.range.start, found.range.end);
        }
    }
    let unit = found.basis.as_ref().and_then(|basis| basis.unit).unwrap_or_default();
    if found.method == Method::Summary {
        let metrics = found.found.get("metrics").and_then(Value::as_array).into_iter().flatten();
        text.push_str(&summary::human(metrics.filter_map(Value::as_object)));
    } else {
        text.push_str(&statistic(&found.found, unit));
    }
    let _ = writeln!(text, "\n{}", found.how);
    for line in &found.caveats {
        let _ = writeln!(text, "{line}");
    }
    format::notes(&mut text, found.demo_note, Some(&found.coverage), &found.freshness);
    text
}

fn values_name(method: Method) -> String {
    serde_json::to_value(method).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Numbers and words as labelled lines, objects by their own labels, lists of objects as tables.
fn statistic(values: &Map<String, Value>, unit: &str) -> String {
    let mut text = String::new();
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut tables = String::new();
    // What stands beside a number in hours and minutes is how the number is shown here anyway.
    let shown = |name: &str| name != "h_mm" && !name.ends_with("_h_mm");
    for (name, value) in values.iter().filter(|(name, _)| shown(name)) {
        match value {
            Value::Object(inner) => {
                lines.extend(
                    inner
                        .iter()
                        .filter(|(name, _)| shown(name))
                        .map(|(key, value)| (format!("{name}.{key}"), cell(key, value, unit))),
                );
            }
            Value::Array(rows) if rows.is_empty() => lines.push((name.clone(), "none".to_owned())),
            Value::Array(rows) => {
                let _ = writeln!(tables, "\n{name}\n{}", table(rows, unit));
            }
            value => lines.push((name.clone(), cell(name, value, unit))),
        }
    }
    text.push_str(&output::pairs(lines.iter().map(|(name, value)| (name.as_str(), value.clone()))));
    text.push_str(&tables);
    text
}

fn table(rows: &[Value], unit: &str) -> String {
    let columns: Vec<&String> =
        rows.iter().filter_map(Value::as_object).flat_map(Map::keys).fold(Vec::new(), |mut known, name| {
            if !known.contains(&name) && !name.ends_with("h_mm") {
                known.push(name);
            }
            known
        });
    let headings: Vec<&str> = columns.iter().map(|name| name.as_str()).collect();
    let shown =
        rows.iter().map(|row| columns.iter().map(|name| cell(name, &row[*name], unit)).collect::<Vec<_>>());
    output::table(&headings, shown)
}

/// Names of what has the unit of the metric; everything else is a number of its own.
const IN_UNIT: &[&str] = &[
    "value",
    "baseline",
    "low",
    "high",
    "mean",
    "median",
    "median_difference",
    "median_first_quarter",
    "median_last_quarter",
    "shift",
    "slope_per_week",
    "low_per_week",
    "high_per_week",
    "mean_7",
    "mean_28_before",
    "difference",
    "weighted_mean_7",
    "weighted_mean_28",
    "low_5_pct",
    "high_95_pct",
    "mean_difference",
    "lower_limit",
    "upper_limit",
];

fn cell(name: &str, value: &Value, unit: &str) -> String {
    match value.as_f64() {
        Some(number) if IN_UNIT.contains(&name) => format::measure(number, unit),
        Some(number) if name.ends_with("_seconds") => format::measure(number, "s"),
        _ => format::plain(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_carry_the_unit_that_is_theirs() {
        for (name, value, unit, shown) in [
            ("value", json!(48.0), "/min", "48 per min"),
            ("z", json!(-3.72), "/min", "-3.72"),
            ("median", json!(27_120.0), "s", "7:32 h"),
            ("slope_per_week", json!(-12.5), "s", "-12.5 s"),
            ("debt_seconds", json!(3600.0), "", "1:00 h"),
            ("ratio", json!(null), "kcal", "–"),
            ("verdict", json!("rising"), "kg", "rising"),
        ] {
            assert_eq!(cell(name, &value, unit), shown, "{name}");
        }
    }

    #[test]
    fn lists_are_tables_and_objects_are_labelled() {
        let values = json!({
            "judged": 30,
            "latest": { "date": "2026-03-18", "value": 48.0 },
            "anomalies": [{ "date": "2026-03-10", "value": 62.0, "z": 5.1 }],
        });
        let text = statistic(values.as_object().unwrap(), "/min");
        assert!(text.contains("latest.value  48 per min"), "{text}");
        assert!(
            text.lines().any(|line| line.contains("2026-03-10") && line.contains("62 per min")),
            "{text}"
        );
    }
}
