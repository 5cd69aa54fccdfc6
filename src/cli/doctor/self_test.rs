//! `doctor --self-test`: the promises tried on this very machine, with an invented person, a simulated provider
//! and a home of its own that is deleted afterwards. Nothing of the person's is read or changed.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::Findings;
use crate::{
    clock,
    config::{ProviderVariable, SETTINGS, provider_env},
    demo::{Clock, Person, STRICTEST, Simulation, browser, random::Random},
    error::{Code, Error, Result},
    providers,
};
use jiff::{ToSpan as _, Zoned, tz::TimeZone};
use std::io::{BufRead as _, BufReader};
use std::sync::Arc;

const DAYS: i64 = 120;
const RACERS: usize = 8;
const KILLS: u32 = 20;

/// A home that is not the person's, and this program in it.
struct Stage {
    home: tempfile::TempDir,
    simulation: Simulation,
}

pub(super) fn run(findings: &mut Findings) -> Result<()> {
    let stage = Stage::set()?;
    stage.sign_in()?;
    let fetched = stage.sync_whole();
    tell(findings, "self-test: sync", fetched.is_ok(), || {
        format!("{} invented records came whole", fetched.unwrap_or(0))
    });
    let posts = stage.race();
    tell(findings, "self-test: refresh", posts == 1, || {
        format!("{RACERS} processes with one expired token made {posts} token request(s)")
    });
    let survived = stage.kills();
    tell(findings, "self-test: kills", survived == KILLS, || {
        format!("{survived} of {KILLS} killed syncs were whole with the next one")
    });
    let open = open_files(stage.home.path());
    tell(findings, "self-test: modes", open == 0, || format!("{open} files could be read by others"));
    Ok(())
}

fn tell(findings: &mut Findings, name: &str, fine: bool, detail: impl FnOnce() -> String) {
    if fine {
        findings.good(name, detail());
    } else {
        findings.bad(
            name,
            Code::Internal,
            detail(),
            "This machine breaks a promise of the program: a network file system, a scanner, or a fault. Please report it.",
        );
    }
}

impl Stage {
    fn set() -> Result<Self> {
        let failed = |what: String| Error::internal(format!("the self-test could not begin: {what}"));
        let home = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        let now = clock::now();
        let today = Zoned::new(now, TimeZone::UTC).date();
        let first = today.checked_sub(DAYS.days()).map_err(|error| failed(error.to_string()))?;
        let person = Person::new(5, first, today).map_err(|_| failed("no time zones".to_owned()))?;
        let clock: Clock = Arc::new(clock::now);
        let simulation = Simulation::start(person, now, &clock).map_err(|error| failed(error.to_string()))?;
        simulation.without_limits();
        simulation.whoop.set_quirk(|quirks| quirks.oauth.reuse_revokes_all = true);
        Ok(Self { home, simulation })
    }

    /// This program there, with none of the person's settings.
    #[allow(clippy::disallowed_methods, reason = "this program, in a home of its own")]
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap_or_else(|_| "vitals-mcp".into()));
        for setting in SETTINGS {
            command.env_remove(setting.env);
        }
        for provider in providers::ALL {
            for what in ProviderVariable::ALL {
                command.env_remove(provider_env(provider.id, what));
            }
        }
        command
            .args(arguments)
            .env("VITALS_HOME", self.home.path().join("vitals"))
            .env("VITALS_PACE", "off")
            .env("VITALS_LOG_FILE", "")
            .env(provider_env(STRICTEST, ProviderVariable::Url), self.simulation.whoop.url())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn start(&self, arguments: &[&str]) -> Option<Child> {
        self.command(arguments).spawn().ok()
    }

    fn succeeds(&self, arguments: &[&str]) -> bool {
        self.command(arguments).status().is_ok_and(|status| status.success())
    }

    #[allow(clippy::disallowed_methods, reason = "a port is taken and given back, never listened on")]
    fn sign_in(&self) -> Result<()> {
        let failed = || Error::internal("the self-test could not sign in to its own simulation");
        let (id, secret) = ("self-test", "not-a-secret");
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .map_err(|_| failed())?
            .port();
        self.simulation.register_app(id, secret, &format!("http://localhost:{port}/callback"));
        let mut child = self
            .command(&["auth", STRICTEST, "--no-browser", "--port", &port.to_string()])
            .env(provider_env(STRICTEST, ProviderVariable::ClientId), id)
            .env(provider_env(STRICTEST, ProviderVariable::ClientSecret), secret)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|_| failed())?;
        let mut address = String::new();
        let mut pipe = child.stdout.take().map(BufReader::new).ok_or_else(failed)?;
        let _ = pipe.read_line(&mut address);
        let page = address.trim().parse().ok().and_then(|url| browser::visit(&url).ok());
        if page != Some(200) {
            let _ = child.kill();
        }
        // Read to its end, so that it is not ended by a pipe that nobody reads.
        let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        match child.wait() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(failed()),
        }
    }

    /// Syncs, and counts what is there afterwards; an error when it is not what the provider has.
    fn sync_whole(&self) -> std::result::Result<usize, ()> {
        if !self.succeeds(&["sync"]) {
            return Err(());
        }
        let asked = self.command(&["status", "--json"]).stdout(Stdio::piped()).output().map_err(drop)?;
        let status: serde_json::Value = serde_json::from_slice(&asked.stdout).map_err(drop)?;
        let rows = status["providers"].as_array().ok_or(())?;
        let row = rows.iter().find(|row| row["provider"] == STRICTEST).ok_or(())?;
        let here = row["records"].as_u64().ok_or(())? as usize;
        if here == self.there() { Ok(here) } else { Err(()) }
    }

    /// How many records the provider has: four collections, a profile and a body.
    fn there(&self) -> usize {
        use crate::demo::whoop::Kind;
        let whoop = &self.simulation.whoop;
        Kind::ALL.into_iter().map(|kind| whoop.records(kind).len()).sum::<usize>() + 2
    }

    /// Several processes meet one expired token; answers how many token requests that took.
    fn race(&self) -> usize {
        self.simulation.whoop.expire_access_tokens();
        let before = self.simulation.whoop.token_posts();
        let racers: Vec<Child> =
            (0..RACERS).filter_map(|_| self.start(&["sync", "--resource", "profile"])).collect();
        for mut racer in racers {
            let _ = racer.wait();
        }
        self.simulation.whoop.token_posts() - before
    }

    /// Kills syncs of an empty mirror at random moments; answers how many were whole with the next one.
    fn kills(&self) -> u32 {
        let begun = clock::Stopwatch::start();
        self.forget();
        self.succeeds(&["sync"]);
        let whole = begun.elapsed();
        let mut random = Random::new(3, "self-test", 0);
        let mut survived = 0;
        for _ in 0..KILLS {
            self.forget();
            self.simulation.whoop.expire_access_tokens();
            if let Some(mut child) = self.start(&["sync"]) {
                // Any moment will do.
                thread::sleep(whole.mul_f64(random.unit()).min(Duration::from_secs(2)));
                let _ = child.kill();
                let _ = child.wait();
            }
            survived += u32::from(self.sync_whole().is_ok());
        }
        survived
    }

    /// An empty mirror, still signed in.
    fn forget(&self) {
        for file in ["vitals.db", "vitals.db-wal", "vitals.db-shm"] {
            let _ = fs::remove_file(self.home.path().join("vitals").join(file));
        }
    }
}

/// How many files below could be read by others.
fn open_files(folder: &Path) -> usize {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut open = 0;
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let mode = fs::symlink_metadata(&path).map_or(0, |found| found.permissions().mode());
            open += usize::from(mode & 0o077 != 0);
            if path.is_dir() {
                open += open_files(&path);
            }
        }
        open
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        0
    }
}
