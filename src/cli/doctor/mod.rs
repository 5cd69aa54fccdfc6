//! `doctor`: looks at everything that can be wrong on this machine, and says how to mend it.
//!
//! Shows paths, modes and counts, never a record or a token, so that its output can be shown to others. Only
//! providers that are signed in are contacted, with one request each; with `--live` the others too, without
//! telling them anything.

mod clients;
mod database;
mod self_test;
mod system;

use serde::Serialize;

use super::output::{self, Output};
use crate::{
    error::{self, Code, Error, Result},
    http::{Http, Origin},
    invocation, providers,
    query::{Check, ProviderStatus},
    service::Service,
    store,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not contact the providers.
    #[arg(long, conflicts_with = "live")]
    offline: bool,
    /// Look also whether the providers that are not connected can be reached from here.
    #[arg(long)]
    live: bool,
    /// Try it on this machine with invented data: sign-in, sync, racing refreshes, kills. About half a minute.
    #[arg(long)]
    self_test: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Findings {
    ok: bool,
    version: &'static str,
    sqlite: &'static str,
    system: String,
    checks: Vec<Check>,
    #[serde(skip)]
    worst: Option<Code>,
}

impl Findings {
    fn good(&mut self, name: &str, detail: impl Into<String>) {
        self.checks.push(Check {
            name: name.to_owned(),
            ok: true,
            detail: invocation::in_profile(&detail.into()),
            mend: None,
        });
    }

    fn bad(&mut self, name: &str, code: Code, detail: impl Into<String>, mend: impl Into<String>) {
        self.ok = false;
        // The first finding is the one nearest to the machine, and the cause of later ones.
        self.worst.get_or_insert(code);
        self.checks.push(Check {
            name: name.to_owned(),
            ok: false,
            detail: detail.into(),
            mend: Some(invocation::in_profile(&mend.into())),
        });
    }
}

pub async fn run(args: &Args, service: &Service, out: Output) -> Result<()> {
    let app = &service.app;
    let mut findings = Findings {
        ok: true,
        version: env!("CARGO_PKG_VERSION"),
        sqlite: store::sqlite_version(),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        checks: Vec::new(),
        worst: None,
    };
    // Modes first: opening the database narrows them.
    system::check(app, &mut findings);
    database::check(app, &mut findings);
    database::days(app, &mut findings);
    let status = service.status(!args.offline).await?;
    for provider in &status.providers {
        sign_in(provider, &mut findings);
        database::history(app, provider, &mut findings);
    }
    system::redirect(&status.providers, &mut findings);
    if args.live {
        reach(&status.providers, &mut findings).await?;
    }
    clients::check(&mut findings);
    if args.self_test {
        self_test::run(&mut findings)?;
    }
    out.answer(&findings, human)?;
    let failed = findings.checks.iter().filter(|check| !check.ok).count();
    match findings.worst {
        None => Ok(()),
        Some(code) => Err(Error::new(code, format!("{failed} of {} checks failed", findings.checks.len()))
            .hint("Each line above that is not ok says how to mend it.")),
    }
}

fn human(findings: &Findings) -> String {
    let head = output::pairs([
        ("vitals-mcp", findings.version.to_owned()),
        ("SQLite", findings.sqlite.to_owned()),
        ("system", findings.system.clone()),
    ]);
    let rows = findings.checks.iter().map(|check| {
        let state = if check.ok { "ok" } else { "not ok" };
        let mend = check.mend.clone().unwrap_or_default();
        [check.name.clone(), state.to_owned(), check.detail.clone(), mend]
    });
    format!("{head}\n{}", output::table(&["check", "", "found", "what to do"], rows))
}

/// Who is signed in and, unless offline, whether one real request of each succeeded.
fn sign_in(provider: &ProviderStatus, findings: &mut Findings) {
    let name = format!("{} sign-in", provider.provider);
    match (provider.state.as_str(), &provider.last_error) {
        ("connected", Some(error)) => {
            let code = error::TABLE
                .iter()
                .find(|row| row.name == error.code)
                .map_or(Code::UpstreamError, |row| row.code);
            findings.bad(&name, code, error.message.clone(), error.hint.clone());
        }
        ("connected", None) => {
            let until = provider.expires_at.as_ref().map_or_else(String::new, |at| format!(", until {at}"));
            let missing = match provider.missing_scopes.as_slice() {
                [] => String::new(),
                missing => format!("; not granted: {}", missing.join(", ")),
            };
            findings.good(&name, format!("connected, {} scopes{until}{missing}", provider.scopes.len()));
        }
        ("needs_login", error) => {
            let detail = error.as_ref().map_or("the sign-in is no longer accepted", |error| &error.message);
            let mend = provider.mend.clone().unwrap_or_else(|| Code::AuthFailed.row().hint.to_owned());
            findings.bad(&name, Code::AuthFailed, detail, mend);
        }
        ("no_sign_in", _) => findings.good(&name, "not needed: its records are brought"),
        _ => findings
            .good(&name, format!("not connected; `vitals-mcp auth {}` connects it", provider.provider)),
    }
}

/// Whether a provider that nobody is signed in to answers at all, and tells the same time.
async fn reach(statuses: &[ProviderStatus], findings: &mut Findings) -> Result<()> {
    let http = Http::new();
    for provider in providers::ALL {
        let connected = |status: &ProviderStatus| status.provider == provider.id && status.connected;
        if statuses.iter().any(connected) || !provider.signs_in() {
            continue;
        }
        let name = format!("{} network", provider.id);
        let origin = Origin::of(provider)?;
        match http.knock(provider, &origin).await {
            Ok(()) => findings.good(&name, format!("{} answers", origin.base())),
            Err(failure) => findings.bad(
                &name,
                Code::UpstreamError,
                format!("{}: {}", origin.base(), failure.describe()),
                "Look at the network, a firewall or a proxy (HTTPS_PROXY); reading works without it.",
            ),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_finding_decides_the_exit_code() {
        let mut findings = Findings {
            ok: true,
            version: "",
            sqlite: "",
            system: String::new(),
            checks: Vec::new(),
            worst: None,
        };
        findings.good("a", "");
        assert!(findings.ok && findings.worst.is_none());
        findings.bad("b", Code::CacheError, "", "do this");
        findings.bad("c", Code::AuthFailed, "", "do that");
        assert_eq!((findings.ok, findings.worst), (false, Some(Code::CacheError)));
        assert!(human(&findings).contains("do that"));
    }
}
