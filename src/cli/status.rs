//! `status`: is it working, who is signed in, and the command that mends what is not.

use std::fmt::Write as _;

use super::output::{self, Output};
use crate::{
    error::Result,
    query::{Answer, ProviderStatus, Status, Verdict},
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ask each connected provider once.
    #[arg(long)]
    live: bool,
}

pub async fn run(args: &Args, service: &Service, out: Output) -> Result<()> {
    out.answer(&service.status(args.live).await?, human)
}

fn human(status: &Answer<Status>) -> String {
    let verdict = match status.verdict {
        Verdict::Healthy => "healthy",
        Verdict::Degraded => "degraded",
        Verdict::Unhealthy => "unhealthy",
    };
    let mut text = output::pairs([
        ("verdict", verdict.to_owned()),
        ("version", status.version.to_owned()),
        ("time zone", status.timezone.clone()),
        ("database", status.database.clone()),
    ]);
    let _ = writeln!(text, "\n{}", providers(&status.providers));
    for check in status.checks.iter().filter(|check| !check.ok) {
        let mend = check.mend.as_deref().unwrap_or_default();
        let _ = writeln!(text, "{}: {} {mend}", check.name, output::clean(&check.detail));
    }
    for provider in &status.providers {
        if let Some(error) = &provider.last_error {
            let _ = writeln!(text, "{}: {}", provider.provider, output::clean(&error.message));
        }
        if let Some(mend) = &provider.mend {
            let _ = writeln!(text, "{}: {mend}", provider.provider);
        }
    }
    if let Some(note) = status.demo_note {
        let _ = writeln!(text, "{note}");
    }
    text
}

fn providers(providers: &[ProviderStatus]) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    output::table(
        &["provider", "sign-in", "records", "last sync", "not granted"],
        providers.iter().map(|provider| {
            let state = provider.state.replace('_', " ");
            let records = provider.records.to_string();
            [
                provider.provider.clone(),
                state,
                records,
                or_dash(&provider.last_sync),
                provider.missing_scopes.join(" "),
            ]
        }),
    )
}
