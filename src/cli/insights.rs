//! `insights`: what stands out in the days up to today.

use std::fmt::Write as _;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::Result,
    insight::{BaselineInsight, Insights, InsightsArgs},
    query::Answer,
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// So many days up to the end, 7 to 365; 30 if nothing is said.
    #[arg(long, value_name = "N")]
    days: Option<usize>,
    /// The last day; today if nothing is said.
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Go on with the anomalies, from `next_cursor` of an answer.
    #[arg(long)]
    cursor: Option<String>,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let found = service
        .ask(&InsightsArgs { days: args.days, end: args.end, cursor: args.cursor }, args.fresh)
        .await?;
    out.answer(&found, human)
}

fn human(found: &Answer<Insights>) -> String {
    let mut text = format!("{}\n\n", format::range(&found.range));
    if let Some(baselines) = &found.baselines {
        let _ = writeln!(text, "{}\n", table_of_baselines(baselines));
    }
    let unit = |metric: &str| crate::model::metric::find(metric).map_or("", |metric| metric.unit);
    if found.anomalies.is_empty() {
        let _ = writeln!(text, "No anomaly among {} values.\n", found.judged);
    } else {
        let rows = found.anomalies.iter().map(|one| {
            [
                one.date.clone(),
                one.metric.to_owned(),
                format::measure(one.value, unit(one.metric)),
                format::measure(one.baseline, unit(one.metric)),
                one.z.to_string(),
                one.source.clone(),
            ]
        });
        let table = output::table(&["day", "unusual", "value", "baseline", "z", "source"], rows);
        let _ = writeln!(text, "{table}\n{} of {} values.\n", found.anomalies_total, found.judged);
    }
    for shared in &found.shared_days {
        let metrics: Vec<String> =
            shared.metrics.iter().map(|(metric, side)| format!("{metric} {side}")).collect();
        let _ = writeln!(text, "{}: {}", shared.date, metrics.join(", "));
    }
    for (date, notes) in &found.context {
        for note in notes {
            let _ = writeln!(text, "{date}, noted: {} ({}, {})", note.what, note.when, note.source);
        }
    }
    for one in found.trends.iter().flatten() {
        let _ = writeln!(
            text,
            "{}: {} a week ({} to {}), q {}, {} days, {}",
            one.metric,
            format::measure(one.slope_per_week, one.unit),
            format::measure(one.low_per_week, one.unit),
            format::measure(one.high_per_week, one.unit),
            one.q_value,
            one.n,
            one.source
        );
    }
    for one in found.correlations.iter().flatten() {
        let _ = writeln!(text, "{}: rho {}, q {}, {} pairs", one.in_words, one.rho, one.q_value, one.n);
    }
    if let Some(tried) = &found.tried {
        let _ = writeln!(
            text,
            "{} of {} trends and {} of {} pairs survive ({} correlations tried).",
            found.trends.iter().flatten().count(),
            tried.trends,
            found.correlations.iter().flatten().count(),
            tried.pairs,
            tried.correlations
        );
    }
    for lack in &found.too_few {
        let _ = writeln!(text, "{}: {} {}, {} are needed", lack.metric, lack.have, lack.what, lack.need);
    }
    for line in &found.caveats {
        let _ = writeln!(text, "{line}");
    }
    format::notes(&mut text, found.demo_note, Some(&found.coverage), &found.freshness);
    text
}

fn table_of_baselines(baselines: &[BaselineInsight]) -> String {
    let optional =
        |value: Option<f64>, unit: &str| value.map_or_else(|| "–".to_owned(), |v| format::measure(v, unit));
    let rows = baselines.iter().map(|one| {
        [
            one.metric.to_owned(),
            one.date.clone(),
            format::measure(one.value, one.unit),
            format::measure(one.baseline, one.unit),
            format!("{} to {}", optional(one.low, one.unit), optional(one.high, one.unit)),
            one.z.map_or_else(|| "no spread".to_owned(), |z| z.to_string()),
            one.n.to_string(),
            one.source.clone(),
        ]
    });
    output::table(&["metric", "newest", "value", "baseline", "usual", "z", "n", "source"], rows)
}
