//! `describe`: what there is to ask for, and how much of it is here.

use std::fmt::Write as _;

use super::output::{self, Output};
use crate::{
    error::Result,
    query::{
        Answer, DescribeArgs, Described, DescribedColumn, DescribedField, DescribedKind, DescribedMetric,
        DescribedSamples,
    },
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A kind such as `whoop.sleep`, with its fields, a metric such as `resting_heart_rate`, or a view of SQL such as
    /// `v_sleep`; everything if nothing is given.
    #[arg(value_name = "KIND|METRIC|VIEW")]
    what: Option<String>,
}

pub fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    // Kinds have a dot, views begin as one, metrics do neither.
    let asked = match args.what {
        Some(what) if what.contains('.') => DescribeArgs { kind: Some(what), ..DescribeArgs::default() },
        Some(what) if what.starts_with("v_") => DescribeArgs { view: Some(what), ..DescribeArgs::default() },
        metric => DescribeArgs { metric, ..DescribeArgs::default() },
    };
    out.answer(&service.describe(&asked)?, human)
}

fn human(described: &Answer<Described>) -> String {
    let mut text = String::new();
    if let Some(view) = &described.view {
        let _ = writeln!(text, "{}: {}\n\n{}", view.view, view.about, column_table(&view.columns));
    }
    if !described.kinds.is_empty() {
        let _ = writeln!(text, "{}\n", kinds(&described.kinds));
    }
    for kind in &described.kinds {
        if let Some(fields) = &kind.fields {
            let _ = writeln!(text, "{}\n{}\n", kind.about, field_table(fields));
            if !kind.series.is_empty() {
                let _ = writeln!(text, "series inside each record: {}\n", kind.series.join(", "));
            }
        }
    }
    if !described.metrics.is_empty() {
        let _ = writeln!(text, "{}", metrics(&described.metrics));
    }
    if !described.samples.is_empty() {
        let _ = writeln!(text, "{}", samples(&described.samples));
    }
    if let Some(note) = described.demo_note {
        let _ = writeln!(text, "{note}");
    }
    text
}

fn kinds(kinds: &[DescribedKind]) -> String {
    output::table(
        &["kind", "records", "first day", "last day", "complete since"],
        kinds.iter().map(|kind| {
            let count = kind.count.to_string();
            [
                kind.kind.clone(),
                count,
                day(kind.first_day.as_ref()),
                day(kind.last_day.as_ref()),
                day(kind.covered_since.as_ref()),
            ]
        }),
    )
}

fn field_table(fields: &[DescribedField]) -> String {
    output::table(
        &["field", "unit", "metric", "what it is"],
        fields.iter().map(|field| {
            [
                field.name.clone(),
                field.unit.clone(),
                field.metric.clone().unwrap_or_default(),
                field.about.clone(),
            ]
        }),
    )
}

fn column_table(columns: &[DescribedColumn]) -> String {
    output::table(
        &["column", "type", "unit", "what it is"],
        columns.iter().map(|column| {
            [column.name.clone(), column.value.to_owned(), column.unit.clone(), column.about.clone()]
        }),
    )
}

fn metrics(metrics: &[DescribedMetric]) -> String {
    output::table(
        &["metric", "section", "unit", "from", "what it is"],
        metrics.iter().map(|metric| {
            let sources = metric.sources.join(", ");
            [
                metric.metric.clone(),
                metric.section.unwrap_or_default().to_owned(),
                metric.unit.clone(),
                sources,
                metric.about.unwrap_or_default().to_owned(),
            ]
        }),
    )
}

fn samples(samples: &[DescribedSamples]) -> String {
    output::table(
        &["series", "source", "samples", "first", "last"],
        samples.iter().map(|series| {
            [
                series.metric.clone(),
                series.source.clone(),
                series.count.unwrap_or_default().to_string(),
                day(series.first.as_ref()),
                day(series.last.as_ref()),
            ]
        }),
    )
}

fn day(day: Option<&String>) -> String {
    day.map_or("–", String::as_str).to_owned()
}
