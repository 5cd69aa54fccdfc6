//! `explain`: why something is not there, and what mends it.

use std::fmt::Write as _;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::Result,
    query::{Answer, ExplainArgs, Explained, Span},
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A day or a period: 2026-03-29, yesterday, "last week"; the last seven days if nothing is given.
    #[arg(value_name = "DATE", conflicts_with_all = ["start", "end"])]
    date: Option<String>,
    /// First day, or a period such as "last week".
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Last day, included.
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// This metric instead of the main ones; `describe` names all.
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    /// No days that have a value, and no evidence: totals, and the days that lack it.
    #[arg(long)]
    brief: bool,
    /// Go on where an earlier answer stopped.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

pub fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let asked = ExplainArgs {
        date: args.date,
        start: args.start,
        end: args.end,
        metric: args.metric,
        cursor: args.cursor,
        detail: !args.brief,
        with_values: !args.brief,
        max_bytes: None,
    };
    out.answer(&service.explain(&asked)?, human)
}

fn human(explained: &Answer<Explained>) -> String {
    let rows = explained.spans.iter().map(|span| {
        [days(span), span.kind.clone(), span.metrics.join(", "), span.reason.to_owned()].to_vec()
    });
    let mut text = format!("{}\n", format::range(&explained.range));
    for total in &explained.totals.metrics {
        let _ = writeln!(text, "{}: {} of {} days", total.metric, total.with_value, explained.totals.days);
    }
    let _ = writeln!(text, "{}", output::table(&["days", "kind", "metrics", "reason"], rows));
    // Each reason and each mend once, however many days it is true of.
    let mut lines: Vec<String> = Vec::new();
    for span in explained.spans.iter().filter(|span| span.reason != "has_value") {
        lines.extend(span.text.iter().map(|text| format!("{}: {text}", span.reason)));
    }
    lines.extend(explained.reasons.iter().map(|(reason, text)| format!("{reason}: {text}")));
    for span in &explained.spans {
        lines.extend(span.mend.iter().map(|mend| format!("{}: {mend}", span.provider)));
        if let Some(evidence) = &span.evidence {
            lines.extend(evidence.notes.iter().cloned());
            let error = evidence.last_error.iter();
            lines.extend(error.map(|error| format!("{}: {}", span.provider, error.message)));
        }
    }
    lines.extend(explained.demo_note.iter().map(|note| (*note).to_owned()));
    let mut said: Vec<&String> = Vec::new();
    for line in &lines {
        if !said.contains(&line) {
            said.push(line);
            let _ = writeln!(text, "{line}");
        }
    }
    if let Some(cursor) = &explained.next_cursor {
        let _ = writeln!(text, "There is more: add --cursor {cursor}");
    }
    text
}

fn days(span: &Span) -> String {
    if span.days == 1 { span.start.clone() } else { format!("{} to {}", span.start, span.end) }
}
