//! `signal`: one recorded signal, as facts, as a picture in a file, or as its samples.

use std::{fmt::Write as _, path::PathBuf};

use serde_json::Value;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    charts::ecg,
    error::{Code, Error, Result},
    query::{Answer, Signal, SignalArgs, Wanted},
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What it is: ecg or stetho.
    #[arg(value_name = "KIND")]
    kind: String,
    /// Its id, or that of its recording; `records withings.heart` lists both.
    #[arg(value_name = "ID")]
    id: String,
    /// Write the picture, 25 mm/s and 10 mm/mV, to this file.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long, requires = "png")]
    overwrite: bool,
    /// Print the samples too: all of them, or at most so many.
    #[arg(long, value_name = "N", num_args = 0..=1)]
    #[allow(clippy::option_option, reason = "not given, given, and given with a number")]
    samples: Option<Option<usize>>,
    /// Go on where an earlier answer stopped.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let asked = SignalArgs {
        kind: args.kind.to_ascii_lowercase(),
        id: args.id,
        samples: match args.samples {
            None | Some(Some(0)) => Wanted::None,
            Some(None) => Wanted::All,
            Some(Some(most)) => Wanted::AtMost(most),
        },
        cursor: args.cursor,
        max_bytes: None,
    };
    let signal = service.ask(&asked, false).await?;
    if let Some(path) = &args.png {
        let png = ecg::picture(&signal)?.ok_or_else(|| {
            Error::new(Code::NotFound, "the recording has nothing that can be drawn")
                .hint("Without --png it says what is known of it.")
        })?;
        service.put(path, &png, args.overwrite)?;
    }
    out.answer(&signal, human)
}

fn human(signal: &Answer<Signal>) -> String {
    let summary = &signal.signal;
    let number = |value: Option<f64>, unit: &str| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{} {unit}", (value * 10.0).round() / 10.0))
    };
    let findings = summary.classification.findings.iter();
    let findings: Vec<String> =
        findings.map(|(name, value)| format!("{name} {}", format::plain(value))).collect();
    let with_unit = |value: &Value, unit: &str| match value {
        Value::Null => "–".to_owned(),
        value => format!("{} {unit}", format::plain(value)),
    };
    let mut text = format!("{} {} ({})\n", summary.title, summary.id, summary.provider);
    text += &output::pairs([
        ("recording", summary.recording_id.clone().unwrap_or_else(|| "–".to_owned())),
        ("start", summary.start.clone().unwrap_or_else(|| "–".to_owned())),
        ("device", format::plain(&summary.model)),
        ("position", format::plain(&summary.position)),
        ("duration", number(summary.duration_seconds, "s")),
        ("frequency", number(summary.sampling_frequency_hz, "Hz")),
        ("samples", summary.sample_count.to_string()),
        ("lowest", number(summary.min, summary.unit)),
        ("highest", number(summary.max, summary.unit)),
        ("median", number(summary.median, summary.unit)),
        ("heart rate", with_unit(&summary.heart_rate_bpm, "per min")),
        ("classified", format!("{} (by {})", findings.join(", "), summary.classification.by)),
    ]);
    let _ = writeln!(text, "{}", summary.classification.note);
    if let Some(samples) = &signal.samples {
        for sample in samples {
            let _ = writeln!(text, "{}", sample.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string));
        }
    }
    format::notes(&mut text, signal.demo_note, None, &signal.freshness);
    if let Some(cursor) = &signal.next_cursor {
        let _ = writeln!(text, "There is more: add --cursor {cursor}");
    }
    text
}
