//! `day`: what is known of a day, or of each day of a period.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::Result,
    model::metric,
    query::{Answer, Cell, Daily, DailyArgs, DaySummary, Workout},
    service::Service,
};

/// More days than this are shown a day to a line; fewer side by side.
const SIDE_BY_SIDE: usize = 8;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A day or a period: 2026-03-29, yesterday, "last week", 2026-03.
    #[arg(value_name = "DATE", default_value = "today")]
    date: String,
    /// Only this section: sleep, recovery, activity or body; may be repeated.
    #[arg(long = "section", value_name = "NAME")]
    sections: Vec<String>,
    /// Only this metric; may be repeated.
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<String>,
    /// Go on where an earlier answer stopped.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let asked = DailyArgs {
        date: Some(args.date),
        sections: args.sections,
        metrics: args.metrics,
        cursor: args.cursor,
        ..DailyArgs::default()
    };
    let daily = service.ask(&asked, args.fresh).await?;
    out.answer(&daily, human)
}

pub fn human(daily: &Answer<Daily>) -> String {
    let mut text = String::new();
    for day in daily.days.iter().flatten() {
        let _ = writeln!(text, "{}", full(day));
    }
    if let (Some(columns), Some(rows)) = (&daily.columns, &daily.rows) {
        let _ = writeln!(text, "{}\n{}", format::range(&daily.range), compact(columns, rows));
    }
    for line in notes(daily) {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn notes(daily: &Answer<Daily>) -> Vec<String> {
    let mut lines: Vec<String> = daily.demo_note.iter().map(|note| (*note).to_owned()).collect();
    lines.extend(daily.left_out.iter().map(|(metric, sources)| {
        let counts: Vec<String> = sources.iter().map(|(source, count)| format!("{source} {count}")).collect();
        format!("left out as implausible: {metric} ({})", counts.join(", "))
    }));
    lines.extend(daily.latest.iter().map(|(id, latest)| {
        let unit = metric::find(id).map_or("", |metric| metric.unit);
        format!("{id}, {}", format::latest(latest, unit))
    }));
    lines.extend(daily.reasons.iter().map(|(reason, meaning)| format!("{reason}: {meaning}")));
    lines.extend(format::caveats(Some(&daily.coverage), &daily.freshness));
    if let Some(cursor) = &daily.next_cursor {
        lines.push(format!("There is more: add --cursor {cursor}"));
    }
    lines
}

fn full(day: &DaySummary) -> String {
    let sections = [
        ("sleep", &day.sleep),
        ("recovery", &day.recovery),
        ("activity", &day.activity),
        ("body", &day.body),
    ];
    let mut rows = Vec::new();
    for (section, cells) in sections {
        for (name, cell) in cells.iter().flat_map(|cells| &cells.0) {
            let shown = match cell.reason {
                Some(reason) if cell.value.is_null() => reason.to_owned(),
                _ => format::value(&cell.value, cell.unit),
            };
            let mut source = cell.source.clone().unwrap_or_default();
            if cell.relayed {
                source.push_str(" (copy)");
            }
            if let Some(seconds) = cell.worn_seconds {
                let _ = write!(source, " (worn {}:{:02} h)", seconds / 3600, seconds / 60 % 60);
            }
            rows.push(
                [section, name, &shown, format::unit(cell.unit), &source, &others(cell)].map(str::to_owned),
            );
        }
    }
    for workout in day.workouts.iter().flatten() {
        rows.push([
            "workout".to_owned(),
            workout_name(workout),
            span(workout.record.start.as_ref(), workout.record.end.as_ref()),
            String::new(),
            workout.sources[..1].join(""),
            workout.sources[1..].join(", "),
        ]);
    }
    for part in &day.night_parts {
        rows.push([
            "night, a part".to_owned(),
            part.kind.clone(),
            span(part.start.as_ref(), part.end.as_ref()),
            String::new(),
            part.kind.split('.').next().unwrap_or_default().to_owned(),
            String::new(),
        ]);
    }
    for sleep in &day.other_sleeps {
        rows.push([
            if sleep.record.nap { "nap" } else { "other sleep" }.to_owned(),
            sleep.record.kind.clone(),
            span(sleep.record.start.as_ref(), sleep.record.end.as_ref()),
            String::new(),
            sleep.sources[..1].join(""),
            sleep.sources[1..].join(", "),
        ]);
    }
    format!(
        "{}\n{}",
        day.date,
        output::table(&["section", "what", "value", "unit", "source", "others"], rows)
    )
}

/// What other sources say, and what was left out as impossible.
fn others(cell: &Cell) -> String {
    let said =
        cell.others.iter().map(|(source, value)| format!("{source} {}", format::value(value, cell.unit)));
    let left_out = cell.implausible.iter().flat_map(|(source, values)| {
        values.iter().map(move |value| format!("{source} {} (left out)", format::value(value, cell.unit)))
    });
    said.chain(left_out).collect::<Vec<_>>().join(", ")
}

/// The sport where the record names one; otherwise the kind.
fn workout_name(workout: &Workout) -> String {
    let fields = &workout.record.fields;
    let name = ["sport_name", "activity", "category"].iter().find_map(|field| fields.get(*field)?.as_str());
    name.unwrap_or(&workout.record.kind).to_owned()
}

fn span(start: Option<&String>, end: Option<&String>) -> String {
    let time =
        |at: Option<&String>| format::value(&at.cloned().map_or(Value::Null, Value::String), "instant");
    format!("{} to {}", time(start), time(end))
}

/// A few days stand side by side, a metric to a line; more stand below each other.
fn compact(columns: &[String], rows: &[Vec<Value>]) -> String {
    let unit = |column: &str| metric::find(column).map_or("", |metric| metric.unit);
    let title = |column: &String| match format::unit(unit(column)) {
        "" => column.clone(),
        unit => format!("{column} ({unit})"),
    };
    let shown =
        |row: &[Value], at: usize| format::value(row.get(at).unwrap_or(&Value::Null), unit(&columns[at]));
    if rows.len() > SIDE_BY_SIDE {
        let headings: Vec<String> = columns.iter().map(title).collect();
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        return output::table(
            &headings,
            rows.iter().map(|row| (0..columns.len()).map(|at| shown(row, at)).collect::<Vec<_>>()),
        );
    }
    let dates: Vec<String> = rows.iter().map(|row| shown(row, 0)).collect();
    let headings: Vec<&str> = std::iter::once("").chain(dates.iter().map(String::as_str)).collect();
    output::table(
        &headings,
        (1..columns.len()).map(|at| {
            std::iter::once(title(&columns[at]))
                .chain(rows.iter().map(|row| shown(row, at)))
                .collect::<Vec<_>>()
        }),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(day: &str) -> Vec<Value> {
        vec![json!(day), json!(27_120), json!(48), json!(null)]
    }

    fn columns() -> Vec<String> {
        ["date", "total_sleep_time", "resting_heart_rate", "skin_temperature"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_week_stands_side_by_side_with_units() {
        let text = compact(&columns(), &[row("2026-03-29"), row("2026-03-30")]);
        let line = |word: &str| text.lines().find(|line| line.contains(word)).unwrap_or_default().to_owned();
        assert!(line("2026-03-29").contains("2026-03-30"), "{text}");
        assert_eq!(line("total_sleep_time").matches("7:32 h").count(), 2, "{text}");
        assert!(line("resting_heart_rate (per min)").contains("48"), "{text}");
        assert!(line("skin_temperature (°C)").contains('–'), "{text}");
    }

    #[test]
    fn many_days_stand_below_each_other() {
        let rows: Vec<_> = (1..=SIDE_BY_SIDE + 1).map(|day| row(&format!("2026-03-{day:02}"))).collect();
        let text = compact(&columns(), &rows);
        assert!(text.lines().any(|line| line.contains("2026-03-09") && line.contains("7:32 h")), "{text}");
    }
}
