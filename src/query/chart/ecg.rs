//! The newest ECG of a range, as something that is drawn.

use serde_json::json;

use super::{Chart, ChartArgs, ChartSeries, Charted};
use crate::{
    error::{Code, Error, Result},
    query::{Answer, Context, Range, signal::newest_signal},
};

pub(super) const ECG: &str = "ecg";

/// The newest recording of the range, with what is known of it as rows; its samples are read with another tool.
pub(super) fn ecg(context: &Context<'_>, args: &ChartArgs) -> Result<Answer<Charted>> {
    let start = args.start.as_deref().or(args.end.is_none().then_some("last 365 days"));
    let range = Range::read_days(start, args.end.as_deref(), context.now, &context.zone)?;
    let days = (range.first.to_string(), range.last.to_string());
    let found = newest_signal(context, ECG, days)?.ok_or_else(|| {
        Error::new(Code::NotFound, format!("there is no ECG from {} to {}", range.first, range.last))
            .hint("Ask for another range; describe_data says which recordings there are.")
    })?;
    let signal = found.body;
    let summary = &signal.signal;
    let facts = [
        ("id", json!(summary.id)),
        ("start", json!(summary.start)),
        ("duration_seconds", json!(summary.duration_seconds)),
        ("sampling_frequency_hz", json!(summary.sampling_frequency_hz)),
        ("heart_rate_bpm", summary.heart_rate_bpm.clone()),
        ("classification", json!(summary.classification)),
    ];
    let series = ChartSeries {
        metric: ECG,
        unit: summary.unit,
        sources: vec![summary.provider.to_owned()],
        n: summary.sample_count,
        mean: None,
        min: summary.min,
        max: summary.max,
        columns: vec!["fact", "value"],
        rows: facts.into_iter().map(|(name, value)| vec![json!(name), value]).collect(),
        points: Vec::new(),
        lead: 0,
    };
    let charted = Charted {
        range: Range::days(range.first, range.last, &context.zone).shown(),
        chart: Chart::Ecg,
        series: vec![series],
        band: None,
        truncated: false,
        freshness: signal.freshness.clone(),
        night: None,
        recording: Some(signal),
        invented: found.demo,
    };
    Answer::new(context, charted)
}
