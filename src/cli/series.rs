//! `series`: metrics through time.

use std::fmt::Write as _;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::Result,
    query::{Answer, Resolution, Series, SeriesAnswer, SeriesArgs},
    service::Service,
};

/// Rows in one answer: months of heart rate as it was recorded, and no more memory than that takes.
const MOST_ROWS: usize = 100_000;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to read, for example `heart_rate`; `describe` names all metrics. Several stand below each other.
    #[arg(value_name = "METRIC", required = true, value_delimiter = ',')]
    metrics: Vec<String>,
    /// First day, or a period such as "last week"; the last seven days if nothing is given.
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Last day, included.
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Width of a row: raw, 5m, 1h, 1d or 1w; as fine as is readable if not given.
    #[arg(long, value_name = "WIDTH")]
    resolution: Option<String>,
    /// Only what this provider tells.
    #[arg(long, value_name = "PROVIDER")]
    source: Option<String>,
    /// Go on where an earlier answer stopped.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let asked = SeriesArgs {
        metrics: args.metrics,
        start: args.start,
        end: args.end,
        resolution: args.resolution.as_deref().map(Resolution::read).transpose()?,
        source: args.source,
        cursor: args.cursor,
        max_bytes: None,
        max_rows: Some(MOST_ROWS),
    };
    let series = service.ask(&asked, args.fresh).await?;
    out.answer(&series, human)
}

fn human(answer: &Answer<SeriesAnswer>) -> String {
    let mut text = String::new();
    for series in &answer.series {
        let _ = writeln!(text, "{}", heading(series));
        if let Some(reason) = series.reason {
            let latest =
                series.latest.as_ref().map(|latest| format!("; {}", format::latest(latest, series.unit)));
            let _ = writeln!(text, "{reason}{}\n", latest.unwrap_or_default());
            continue;
        }
        let rows = series.rows.iter().map(|row| row.iter().map(format::plain).collect::<Vec<_>>());
        let _ = writeln!(text, "{}", output::table(&series.columns, rows));
        if let Some(all) = &series.overall {
            let [mean, min, max] = [&all.mean, &all.min, &all.max].map(format::plain);
            let _ = writeln!(text, "overall: mean {mean}, min {min}, max {max}, n {}", all.n);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", format::range(&answer.range));
    for (reason, meaning) in &answer.reasons {
        let _ = writeln!(text, "{reason}: {meaning}");
    }
    format::notes(&mut text, answer.demo_note, Some(&answer.coverage), &answer.freshness);
    if let Some(cursor) = &answer.next_cursor {
        let _ = writeln!(text, "There is more: add --cursor {cursor}");
    }
    text
}

/// `heart_rate (per min), oura, 1h`, and what was not used.
fn heading(series: &Series) -> String {
    let mut text = match format::unit(series.unit) {
        // Durations are shown as they are counted.
        "" if series.unit == "s" => format!("{} (s)", series.metric),
        "" => series.metric.to_owned(),
        unit => format!("{} ({unit})", series.metric),
    };
    let source = series.source.as_deref();
    for part in source.into_iter().chain([series.resolution.as_str()]) {
        let _ = write!(text, ", {part}");
    }
    if !series.left_out.is_empty() {
        let _ = write!(text, "; without {}", series.left_out.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Question as _, SeriesArgs, testkit::context};

    #[test]
    fn a_series_without_rows_says_why_and_has_no_empty_table() {
        let args = SeriesArgs { metrics: vec!["heart_rate".to_owned()], ..SeriesArgs::default() };
        let answer = args.ask(&context(&[], None, "2026-03-18T09:05:00Z")).unwrap();
        let text = human(&answer);
        assert!(text.contains("heart_rate (per min), oura, 1d\nnot_connected"), "{text}");
        assert!(text.contains("not_connected: No provider"), "{text}");
        assert!(!text.contains("mean"), "{text}");
    }
}
