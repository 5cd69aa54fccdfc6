//! `insights`: what stands out in the days up to today.

use std::fmt::Write as _;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::Result,
    insight::{Insights, InsightsArgs},
    query::Answer,
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// So many days up to today, 7 to 365.
    #[arg(long, value_name = "N", default_value_t = 30)]
    days: usize,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let found = service.ask(&InsightsArgs { days: Some(args.days) }, args.fresh).await?;
    out.answer(&found, human)
}

fn human(found: &Answer<Insights>) -> String {
    let mut text = format!("{}\n\n", format::range(&found.range));
    let optional =
        |value: Option<f64>, unit: &str| value.map_or_else(|| "–".to_owned(), |v| format::measure(v, unit));
    let baselines = found.baselines.iter().map(|one| {
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
    let headings = ["metric", "newest", "value", "baseline", "usual", "z", "n", "source"];
    let _ = writeln!(text, "{}\n", output::table(&headings, baselines));
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
    for one in &found.trends {
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
    for one in &found.correlations {
        let _ = writeln!(text, "{}: rho {}, q {}, {} pairs", one.in_words, one.rho, one.q_value, one.n);
    }
    let tried = &found.tried;
    let _ = writeln!(
        text,
        "{} of {} trends and {} of {} pairs survive ({} correlations tried).",
        found.trends.len(),
        tried.trends,
        found.correlations.len(),
        tried.pairs,
        tried.correlations
    );
    for lack in &found.too_few {
        let _ = writeln!(text, "{}: {} values, a {} needs {}", lack.metric, lack.have, lack.what, lack.need);
    }
    for line in &found.caveats {
        let _ = writeln!(text, "{line}");
    }
    format::notes(&mut text, found.demo_note, Some(&found.coverage), &found.freshness);
    text
}
