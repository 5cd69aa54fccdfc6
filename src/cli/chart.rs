//! `chart`: a picture of days or of a night.

use std::path::PathBuf;

use serde::Serialize;

use super::output::Output;
use crate::{
    charts::metrics::png,
    error::Result,
    query::{Answer, Chart, ChartArgs, Charted},
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to draw, for example `resting_heart_rate`; `describe` names all metrics. A hypnogram and an ECG take none.
    #[arg(value_name = "METRIC")]
    metrics: Vec<String>,
    /// line, bar, scatter, hypnogram or ecg (the newest of the range).
    #[arg(long, value_name = "CHART", default_value = "line")]
    chart: String,
    /// First day, or a period such as "last week"; the last thirty days if nothing is given.
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Last day, included; of a hypnogram the day the night ended on.
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Where the picture goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace a file that is there.
    #[arg(long)]
    overwrite: bool,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

#[derive(Serialize)]
struct Drawn<'a> {
    path: String,
    bytes: usize,
    #[serde(flatten)]
    charted: &'a Answer<Charted>,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let asked = ChartArgs {
        metrics: args.metrics,
        start: args.start,
        end: args.end,
        chart: Chart::parse(&args.chart)?,
        max_bytes: None,
    };
    let charted = service.ask(&asked, args.fresh).await?;
    let picture = png(&charted)?;
    let path = std::path::absolute(&args.out).unwrap_or(args.out);
    service.put(&path, &picture, args.overwrite)?;
    let drawn = Drawn { path: path.display().to_string(), bytes: picture.len(), charted: &charted };
    out.answer(&drawn, |drawn| format!("Drew {}.", drawn.path))
}
