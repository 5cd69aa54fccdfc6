//! `sync`: fetches what is new, shows how far it is, and says resource by resource what came of it.

use std::{fmt::Write as _, pin::pin, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::{
    output::{self, Output},
    progress,
};
use crate::{
    app::App,
    clock,
    error::{Code, Error, Result},
    query::Range,
    sync::{Ask, Job, Progress, Report, ResourceReport, Status},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Providers to sync; all connected ones if none is named.
    #[arg(value_name = "PROVIDER")]
    providers: Vec<String>,
    /// List the whole history again.
    #[arg(long, conflicts_with = "since")]
    full: bool,
    /// List everything from this day on again, for example 2026-03-01.
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Only this resource, the second half of a kind such as whoop.sleep; may be repeated.
    #[arg(long = "resource", value_name = "NAME")]
    resources: Vec<String>,
}

pub async fn run(args: Args, app: &App, out: Output) -> Result<()> {
    let ask = ask(args, app)?;
    let mut job = app.engine.start(ask);
    let report = watch(&mut job).await?;
    out.answer(&report, human)?;
    match report.error() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn ask(args: Args, app: &App) -> Result<Ask> {
    let since = args.since.as_deref().map(|text| first_instant(text, app)).transpose()?;
    Ok(Ask { providers: args.providers, resources: args.resources, since, full: args.full, window: None })
}

/// The first moment of what a date, an instant or a phrase such as "last week" means.
fn first_instant(text: &str, app: &App) -> Result<Timestamp> {
    let range = Range::read(Some(text), None, clock::now(), &app.zone)?;
    if let Some((from, _)) = range.instants {
        return Ok(from);
    }
    let start = range
        .first
        .to_zoned(app.zone.clone())
        .map_err(|_| Error::invalid(format!("'{text}' is out of range")))?;
    Ok(start.timestamp())
}

/// Follows the job to its end. The first interrupt asks it to stop and waits for what it is storing; the
/// second one leaves.
async fn watch(job: &mut Job) -> Result<Report> {
    let bar = output::watched().then(bar);
    let mut interrupted = false;
    // One listener for the whole time: between two of them an interrupt would be lost.
    let mut interrupt = pin!(progress::interrupted());
    loop {
        if let Some(bar) = &bar {
            show(bar, &job.progress());
        }
        if let Some(outcome) = job.progress().outcome {
            if let Some(bar) = &bar {
                bar.finish_and_clear();
            }
            return outcome;
        }
        tokio::select! {
            more = job.changed() => if !more && job.progress().outcome.is_none() {
                return Err(Error::internal("the sync ended without an outcome"));
            },
            () = &mut interrupt => {
                if interrupted {
                    return Err(Error::new(Code::Cancelled, "the sync was left before it had stopped"));
                }
                interrupted = true;
                interrupt.set(progress::interrupted());
                job.cancel();
                output::tell("Stopping; what was fetched is kept. Interrupt again to leave at once.");
            },
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {pos} records, {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_position(progress.fetched);
    bar.set_message(output::clean(&progress.message));
}

/// The report as a table, and below it why something is not complete.
pub fn human(report: &Report) -> String {
    let rows =
        || report.providers.iter().flat_map(|p| p.resources.iter().map(move |r| (p.provider.as_str(), r)));
    let mut text = output::table(
        &["provider", "resource", "status", "fetched", "new", "changed", "removed"],
        rows().map(|(provider, r)| {
            let counts = [r.fetched, r.new, r.changed, r.removed].map(|n| n.to_string());
            [provider.to_owned(), r.resource.clone(), word(r.status).to_owned()].into_iter().chain(counts)
        }),
    );
    text.push('\n');
    for (provider, resource) in rows() {
        if let Some(line) = reason(provider, resource) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

fn reason(provider: &str, resource: &ResourceReport) -> Option<String> {
    let failure = resource.error.as_ref()?;
    Some(format!(
        "{provider} {}: {} {}",
        resource.resource,
        output::clean(&failure.message),
        output::clean(&failure.hint)
    ))
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Idle => "idle",
        Status::Partial => "partial",
        Status::Running => "running",
        Status::NotGranted => "not granted",
        Status::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Reported, sync::ProviderReport};

    #[test]
    fn a_report_names_every_resource_and_says_why_one_is_not_complete() {
        let resource = |name: &str, status, error| ResourceReport {
            resource: name.to_owned(),
            status,
            fetched: 12,
            new: 3,
            changed: 2,
            removed: 1,
            unreadable: 0,
            error,
        };
        let failure = Reported {
            code: "RATE_LIMITED".to_owned(),
            message: "the quota is used up.".to_owned(),
            hint: "Try again in a minute.".to_owned(),
            retry_after_seconds: Some(60),
        };
        let text = human(&Report {
            providers: vec![ProviderReport {
                provider: "p".to_owned(),
                resources: vec![
                    resource("one", Status::Ok, None),
                    resource("two", Status::Partial, Some(failure)),
                ],
            }],
        });
        assert!(text.contains("partial") && text.contains("12"), "{text}");
        assert!(text.ends_with("p two: the quota is used up. Try again in a minute.\n"), "{text}");
        assert!(!text.contains("p one:"), "{text}");
    }
}
