//! How a summary looks to a person: each metric with its figures, a line for each; the groups and sports as tables.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{format, output};

/// What of a metric stands in its heading.
const HEADING: [&str; 3] = ["metric", "unit", "source"];

pub(super) fn human<'a>(metrics: impl Iterator<Item = &'a Map<String, Value>>) -> String {
    let mut text = String::new();
    for one in metrics {
        let said = HEADING.iter().filter_map(|name| one.get(*name)?.as_str());
        let _ = writeln!(text, "{}", said.collect::<Vec<_>>().join(", "));
        let rest: Map<String, Value> = one
            .iter()
            .filter(|(name, _)| !HEADING.contains(&name.as_str()))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        text.push_str(&figures(&rest));
        text.push('\n');
    }
    text
}

fn figures(values: &Map<String, Value>) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut below = String::new();
    for (name, value) in values {
        match value {
            Value::Object(inner) if inner.contains_key("rows") => {
                let _ = write!(below, "\n{}", rows(inner));
            }
            Value::Object(inner) if name == "other_period" => {
                let _ = write!(below, "\nother period\n{}", figures(inner));
            }
            Value::Object(inner) => lines.push((name.clone(), together(inner))),
            Value::Array(rows) => {
                let rows = rows.iter().filter_map(Value::as_object).map(together).collect::<Vec<_>>();
                lines.push((name.clone(), rows.join("; ")));
            }
            _ if values.contains_key(&beside(name)) => {}
            value => lines.push((name.trim_end_matches("_h_mm").to_owned(), cell(name, value))),
        }
    }
    output::pairs(lines.iter().map(|(name, value)| (name.as_str(), value.clone()))) + &below
}

/// What stands in hours and minutes beside a value is shown in its stead.
fn beside(name: &str) -> String {
    if name == "value" { "h_mm".to_owned() } else { format!("{name}_h_mm") }
}

fn cell(name: &str, value: &Value) -> String {
    let hours = if name.ends_with("h_mm") { " h" } else { "" };
    format!("{}{hours}", format::plain(value))
}

/// The members of an object in one line: the value first, then what is said of it.
fn together(inner: &Map<String, Value>) -> String {
    let shown = inner.iter().filter(|(name, _)| !inner.contains_key(&beside(name)));
    let said = shown.map(|(name, value)| match value {
        Value::Array(items) => items.iter().map(format::plain).collect::<Vec<_>>().join(" "),
        value if matches!(name.as_str(), "value" | "h_mm" | "date" | "in_words" | "sport") => {
            cell(name, value)
        }
        value => format!("{} {}", name.trim_end_matches("_h_mm"), cell(name, value)),
    });
    said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

fn rows(table: &Map<String, Value>) -> String {
    let list = |name: &str| table.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let columns: Vec<String> = list("columns").iter().map(format::plain).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let rows = list("rows");
    let cells =
        rows.iter().filter_map(Value::as_array).map(|row| row.iter().map(format::plain).collect::<Vec<_>>());
    output::table(&columns, cells)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_metric_has_its_figures() {
        let metric = json!({
            "metric": "total_sleep_time", "unit": "s", "source": "whoop", "days": 7, "n": 7,
            "mean": 27_120, "mean_h_mm": "7:32",
            "min": { "value": 18_000, "h_mm": "5:00", "dates": ["2026-03-01", "2026-03-02"], "ties": 2 },
            "below": { "than": 23_400, "than_h_mm": "6:30", "count": 0, "dates": [] },
            "by": { "columns": ["weekday", "n"], "rows": [["Monday", 1]] },
            "other_period": { "start": "2026-02-01", "mean": null, "why": "no_record" },
            "difference": null,
        });
        let text = human(metric.as_object().into_iter());
        for line in [
            "total_sleep_time, s, whoop",
            "mean  7:32 h",
            "5:00 h, 2026-03-01 2026-03-02, ties 2",
            "than 6:30 h, count 0",
            "Monday",
            "other period",
            "no_record",
        ] {
            let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(plain.contains(&line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("27120"), "{text}");
    }
}
