//! `doctor`: looks at everything that can be wrong on this machine, and says how to mend it.
//!
//! Shows paths, modes and counts, never a record or a token, so that its output can be shown to others. Only
//! providers that are signed in are contacted, with one request each.

use std::{fs, path::Path};

use jiff::Timestamp;
use serde::Serialize;

use super::output::{self, Output};
use crate::{
    answers::Answers,
    app::App,
    clock,
    error::{self, Code, Error, Result},
    query::Check,
    store,
};

/// Less room than this on the disk is worth a warning: ten years of data fit, a migration's backup may not.
const ROOM_WANTED: u64 = 200 * 1024 * 1024;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not contact the providers.
    #[arg(long)]
    offline: bool,
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
        self.checks.push(Check { name: name.to_owned(), ok: true, detail: detail.into(), mend: None });
    }

    fn bad(&mut self, name: &str, code: Code, detail: impl Into<String>, mend: impl Into<String>) {
        self.ok = false;
        // The first finding is the one nearest to the machine, and the cause of later ones.
        self.worst.get_or_insert(code);
        self.checks.push(Check {
            name: name.to_owned(),
            ok: false,
            detail: detail.into(),
            mend: Some(mend.into()),
        });
    }
}

pub async fn run(args: &Args, answers: &Answers, out: Output) -> Result<()> {
    let app = &answers.app;
    let mut findings = Findings {
        ok: true,
        version: env!("CARGO_PKG_VERSION"),
        sqlite: store::sqlite_version(),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        checks: Vec::new(),
        worst: None,
    };
    // Modes first: opening the database narrows them.
    modes(app, &mut findings);
    room(app, &mut findings);
    time(app, &mut findings);
    database(app, &mut findings);
    sign_ins(answers, args.offline, &mut findings).await?;
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

/// Files that others could read, or that are not there though they belong together.
fn modes(app: &App, findings: &mut Findings) {
    let paths = &app.config.paths;
    let files = [
        ("data directory", paths.data.clone()),
        ("key directory", paths.config.clone()),
        ("key file", paths.key()),
        ("token directory", paths.tokens()),
        ("database file", paths.database()),
    ];
    for (name, path) in files {
        match open_to_others(&path) {
            None => findings.good(name, format!("{} is not there yet", path.display())),
            Some(false) => findings.good(name, format!("{} is yours only", path.display())),
            Some(true) => findings.bad(
                name,
                Code::CacheError,
                format!("{} can be read by others", path.display()),
                format!("chmod -R go= {}", quoted(&path)),
            ),
        }
    }
}

/// `None` where there is no such file.
fn open_to_others(path: &Path) -> Option<bool> {
    let found = fs::symlink_metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        Some(false)
    }
}

/// A path as a POSIX shell takes it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn room(app: &App, findings: &mut Findings) {
    #[cfg(unix)]
    {
        // The directory may not exist yet; its nearest parent is on the same disk.
        let there = app.config.paths.data.ancestors().find(|path| path.exists());
        let Some(stat) = there.and_then(|path| rustix::fs::statvfs(path).ok()) else { return };
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let detail = format!("{} MB free", free / (1024 * 1024));
        if free < ROOM_WANTED {
            findings.bad(
                "disk",
                Code::CacheError,
                detail,
                "Make room; a full disk stops the sync, never the reading.",
            );
        } else {
            findings.good("disk", detail);
        }
    }
    #[cfg(not(unix))]
    let _ = (app, findings, ROOM_WANTED);
}

fn time(app: &App, findings: &mut Findings) {
    let now = clock::now();
    let built: Timestamp = Timestamp::from_second(OLDEST_NOW).unwrap_or(Timestamp::UNIX_EPOCH);
    let newest = app.store().ok().flatten().and_then(|store| store.newest_event_at().ok().flatten());
    let newest = newest.and_then(|at| Timestamp::from_millisecond(at).ok());
    let mend = "Set the clock, then run `vitals-mcp sync`.";
    if now < built {
        findings.bad("clock", Code::Internal, format!("{now} is before this program was written"), mend);
    } else if let Some(newest) = newest.filter(|newest| *newest > now) {
        findings.bad(
            "clock",
            Code::Internal,
            format!("{now} is before the newest stored event, {newest}"),
            mend,
        );
    } else {
        findings.good("clock", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    match app.zone.iana_name() {
        Some(zone) => findings.good("time zone", zone),
        None if app.zone.is_unknown() => findings.bad(
            "time zone",
            Code::ValidationError,
            "the system has none; 'today' means the UTC day",
            "Set VITALS_TZ, for example VITALS_TZ=Europe/Berlin.",
        ),
        None => findings.good("time zone", "the system's, without a name"),
    }
}

/// 2026-01-01: a clock before that has lost its battery.
const OLDEST_NOW: i64 = 1_767_225_600;

fn database(app: &App, findings: &mut Findings) {
    let path = app.config.paths.database();
    let store = match app.store() {
        Ok(Some(store)) => store,
        Ok(None) => return findings.good("database", "nothing has been synced yet"),
        Err(error) => return findings.bad("database", error.code, error.message, error.hint),
    };
    match store.first_fault() {
        Ok(None) => {
            let size = fs::metadata(&path).map_or(0, |found| found.len());
            findings.good("database", format!("sound, {:.1} MB", size as f64 / (1024.0 * 1024.0)));
        }
        Ok(Some(fault)) => findings.bad(
            "database",
            Code::CacheError,
            format!("{} is damaged: {fault}", path.display()),
            "Move the file away and run `vitals-mcp sync`; `backups` beside it may hold a copy.",
        ),
        Err(error) => findings.bad("database", error.code, error.message, error.hint),
    }
}

/// Who is signed in and, unless offline, whether one real request of each succeeds.
async fn sign_ins(answers: &Answers, offline: bool, findings: &mut Findings) -> Result<()> {
    for provider in &answers.status(!offline).await?.providers {
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
                findings.good(&name, format!("connected, {} scopes", provider.scopes.len()));
            }
            ("needs_login", error) => {
                let detail =
                    error.as_ref().map_or("the sign-in is no longer accepted", |error| &error.message);
                let mend = provider.mend.clone().unwrap_or_else(|| Code::AuthFailed.row().hint.to_owned());
                findings.bad(&name, Code::AuthFailed, detail, mend);
            }
            _ => findings
                .good(&name, format!("not connected; `vitals-mcp auth {}` connects it", provider.provider)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mend_can_be_pasted_into_a_shell() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_found() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        assert_eq!(open_to_others(&file), None);
        fs::write(&file, "").unwrap();
        for (mode, open) in [(0o600, false), (0o640, true), (0o604, true), (0o400, false)] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(open_to_others(&file), Some(open), "{mode:o}");
        }
    }

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
