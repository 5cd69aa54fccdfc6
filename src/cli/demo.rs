//! `demo`: the whole way with an invented person, in a profile of its own.
//!
//! The simulated providers run in this process. Signing in, syncing and disconnecting are this program
//! itself, started again with the variables that point at them: the demo shows the real thing or nothing.
//! Nothing is left running, and no login is left behind.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Read as _},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use jiff::{Timestamp, ToSpan as _, Zoned};
use url::Url;

use super::{
    day,
    output::{self, Output},
};
use crate::{
    app::App,
    clock,
    config::{Config, ProviderVariable, provider_env},
    demo::{Clock, Person, Simulation, browser, whoop::Stream},
    error::{Code, Error, Result},
    providers,
    query::DailyArgs,
    service::Service,
    store::Store,
};

/// The profile that the demo owns.
pub const PROFILE: &str = "demo";

/// A whole year and what a baseline at its start looks back on.
const DAYS: i64 = 400;

/// The same person every time.
const SEED: u64 = 20_260_301;

#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the demo. Whatever profile was asked for, it is the demo's own that is used.
pub fn run(out: Output) -> Result<()> {
    let app = App::new(Config::load(Some(PROFILE))?)?;
    let started = clock::now();
    begin_anew(&app, started)?;
    let simulation = simulate(&app, started)?;
    let stand_ins = simulation.stand_ins().into_iter();
    for (provider, origin) in stand_ins.filter(|(id, _)| providers::find(id).is_some()) {
        let stage = Stage { simulation: &simulation, provider, origin };
        output::tell(&format!("Signing in to the simulated {} …", title(provider)));
        stage.sign_in()?;
        output::tell("Fetching everything …");
        stage.run(&["sync", provider], "the sync")?;
        stage.run(&["disconnect", provider], "the disconnecting")?;
    }
    clear_sign_ins(&app)?;
    let service = Service::new(Arc::new(app));
    let asked = DailyArgs { date: Some("last 7 days".to_owned()), ..DailyArgs::default() };
    let daily = super::block_on(service.ask(&asked, false))?;
    out.answer(&daily, |daily| {
        format!(
            "{}\nThis person is invented; your own profile was not touched. Look around:\n\
             \x20 vitals-mcp --profile {PROFILE} day yesterday\n\
             \x20 vitals-mcp --profile {PROFILE} describe\n\n\
             Let an MCP client ask about it:\n\
             \x20 {}",
            day::human(daily),
            output::command_line([
                "claude",
                "mcp",
                "add",
                "vitals-demo",
                "--",
                "vitals-mcp",
                "--profile",
                PROFILE,
                "serve"
            ])
        )
    })
}

/// Marks the profile as the demo's, and clears what an earlier demo left. A profile of that name that a
/// person made is left alone.
fn begin_anew(app: &App, now: Timestamp) -> Result<()> {
    let existed = app.config.paths.database().exists();
    let store = Store::open(&app.config.paths)?;
    let ours = store.is_demo()?;
    if existed && !ours && store.newest_event_at()?.is_some() {
        return Err(Error::new(
            Code::FileExists,
            format!("the profile '{PROFILE}' holds data that is not the demo's"),
        )
        .hint(format!("It was left alone. Rename {}, then run it again.", app.config.paths.data.display())));
    }
    // Before the first record: from here on everything in this file is invented.
    store.mark_as_demo(&now.to_string())?;
    for provider in providers::ALL {
        store.forget(provider.id)?;
    }
    Ok(())
}

/// The app's credentials are named after a port that nobody listens on any more. Lock files stay: one that
/// is deleted while somebody holds it locks nobody out.
fn clear_sign_ins(app: &App) -> Result<()> {
    let folder = app.config.paths.tokens();
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::new(Code::CacheError, format!("{} could not be removed: {error}", folder.display())))
        }
        _ => Ok(()),
    }
}

fn simulate(app: &App, now: Timestamp) -> Result<Simulation> {
    let today = Zoned::new(now, app.zone.clone()).date();
    let failed = |what: &str| Error::internal(format!("the simulation could not start: {what}"));
    let first = today.checked_sub(DAYS.days()).map_err(|_| failed("the clock is out of range"))?;
    let person = Person::new(SEED, first, today).map_err(|_| failed("no time zones"))?;
    let clock: Clock = Arc::new(clock::now);
    let simulation = Simulation::start(person, now, &clock).map_err(|error| failed(&error.to_string()))?;
    simulation.without_limits();
    // Not every account has it; this one has all there is.
    simulation.whoop.set_quirk(|quirks| quirks.stream = Stream::Offered);
    Ok(simulation)
}

fn title(provider: &str) -> &str {
    providers::find(provider).map_or(provider, |provider| provider.title)
}

/// One simulated provider, and this program run against it.
struct Stage<'a> {
    simulation: &'a Simulation,
    provider: &'static str,
    origin: String,
}

impl Stage<'_> {
    /// Signs in as a person would: the address that `auth` prints is opened, and the page says yes.
    fn sign_in(&self) -> Result<()> {
        let (id, secret) = ("vitals-demo", "not-a-secret");
        let port = free_port()?;
        self.simulation.register_app(id, secret, &format!("http://localhost:{port}/callback"));
        let mut command = self.command(&["auth", self.provider, "--no-browser", "--port", &port.to_string()]);
        command
            .env(provider_env(self.provider, ProviderVariable::ClientId), id)
            .env(provider_env(self.provider, ProviderVariable::ClientSecret), secret);
        let mut running = Running::start(&mut command)?;
        let address = running.first_line()?;
        let opened = Url::parse(address.trim()).ok().and_then(|url| browser::visit(&url).ok());
        running.finish("the sign-in", opened.is_some())
    }

    fn run(&self, arguments: &[&str], what: &str) -> Result<()> {
        Running::start(&mut self.command(arguments))?.finish(what, true)
    }

    /// This program in the demo's profile, pointed at the simulation.
    #[allow(clippy::disallowed_methods, reason = "this program, for the invented person")]
    fn command(&self, arguments: &[&str]) -> Command {
        let program = std::env::current_exe().unwrap_or_else(|_| "vitals-mcp".into());
        let mut command = Command::new(program);
        command
            .args(["--profile", PROFILE])
            .args(arguments)
            .env(provider_env(self.provider, ProviderVariable::Url), &self.origin)
            .env("VITALS_PACE", "off")
            // A token that the person has set for themselves must not be sent to a simulation.
            .env_remove(provider_env(self.provider, ProviderVariable::AccessToken))
            .env_remove(provider_env(self.provider, ProviderVariable::RefreshToken))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// A run of this program; killed if the demo ends before it.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        child
            .map(Self)
            .map_err(|error| Error::internal(format!("this program could not be started again: {error}")))
    }

    fn first_line(&mut self) -> Result<String> {
        let mut line = String::new();
        if let Some(stdout) = &mut self.0.stdout {
            // One line and no more: what follows stays in the pipe, which holds it easily.
            let mut reader = BufReader::with_capacity(1, stdout);
            reader.read_line(&mut line).map_err(|_| Error::internal("the sign-in printed no address"))?;
        }
        Ok(line)
    }

    /// Waits for the end. What went wrong is in what the run itself said.
    fn finish(mut self, what: &str, went_on: bool) -> Result<()> {
        if !went_on {
            let _ = self.0.kill();
        }
        let mut said = String::new();
        if let Some(stderr) = &mut self.0.stderr {
            let _ = stderr.read_to_string(&mut said);
        }
        let ended = self.0.wait().map_err(|error| Error::internal(error.to_string()))?;
        if went_on && ended.success() {
            return Ok(());
        }
        output::tell(&said);
        Err(Error::internal(format!("{what} of the demo did not succeed")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that is free now.
#[allow(clippy::disallowed_methods, reason = "taken and given back, never listened on")]
fn free_port() -> Result<u16> {
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    free.map(|address| address.port()).map_err(|error| Error::internal(format!("no free port: {error}")))
}
