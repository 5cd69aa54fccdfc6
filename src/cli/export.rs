//! `export`: writes files, shows how far it is, and lists what was written. `--to -` writes to stdout.

use std::{fmt::Write as _, path::PathBuf};

use super::{
    format,
    output::{self, Output},
    progress::{self, Shown},
};
use crate::{
    config::in_home,
    error::Result,
    export::Exported,
    query::Answer,
    service::{ExportArgs, Service},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A kind such as whoop.sleep, or sleeps, workouts (of all providers, one row for each), daily, metrics, samples, or
    /// all of the records, daily, metrics and samples.
    #[arg(value_name = "KIND|all")]
    kind: String,
    /// csv, jsonl, parquet or fhir; by the extension of the path if not given, otherwise csv.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// A file, for `all` a directory, or - for standard output; a new name in the directory for exports if not
    /// given.
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,
    /// First day or period; from the beginning if not given.
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Last day, included.
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Only what changed after this cursor of the event feed, removed records included.
    #[arg(long, value_name = "CURSOR")]
    since: Option<String>,
    /// Replace files that are there.
    #[arg(long)]
    overwrite: bool,
    /// Parquet as a data set: provider=…/kind=…/year=…/part-….parquet. With --since files are added to it.
    #[arg(long)]
    partitioned: bool,
    /// FHIR as one Bundle instead of a line for each Observation.
    #[arg(long)]
    bundle: bool,
}

/// The path that means standard output.
const STDOUT: &str = "-";

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let to = args.to.map(|path| in_home(&path).to_string_lossy().into_owned());
    let asked = ExportArgs {
        kind: args.kind,
        format: args.format,
        path: to.clone(),
        start: args.start,
        end: args.end,
        since: args.since,
        overwrite: args.overwrite,
        partitioned: args.partitioned,
        bundle: args.bundle,
    };
    let service = service.clone();
    if to.as_deref() == Some(STDOUT) {
        let (sink, gone) = output::sink();
        let done = progress::run(Shown::Nothing, move |told| service.export_to(&asked, sink, told)).await;
        // A reader that closed the pipe has read enough.
        return match done {
            Err(_) if gone.is_set() => Ok(()),
            other => other.map(drop),
        };
    }
    let done = progress::run(Shown::Rows, move |told| service.export_anywhere(&asked, told)).await?;
    out.answer(&done, human)
}

fn human(done: &Answer<Exported>) -> String {
    let mut text = output::table(
        &["file", "rows", "bytes"],
        done.files.iter().map(|file| [file.path.clone(), file.rows.to_string(), file.bytes.to_string()]),
    );
    text.push('\n');
    if let Some(note) = &done.note {
        let _ = writeln!(text, "{note}");
    }
    format::notes(&mut text, done.demo_note, None, &done.freshness);
    let _ = writeln!(text, "For what changes from here on: --since {}", done.cursor);
    text
}
