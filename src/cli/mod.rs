//! The command line: one file per command, one printer, one table of exit codes.
//!
//! Commands ask the desk in `service` and act through `sync` and `auth`, exactly as the tools do. `mcp` and
//! `cli` do not know each other: what `serve` starts is handed in by the crate's root.

mod analyze;
mod auth;
mod backup;
mod chart;
mod client_files;
mod completions;
mod dashboard;
mod day;
mod demo;
mod describe;
mod disconnect;
mod docs;
mod doctor;
mod events;
mod explain;
mod export;
mod forget;
mod format;
mod insights;
mod install;
pub mod output;
mod profile;
mod progress;
mod query;
mod rebuild;
mod records;
mod refresh;
mod restore;
mod series;
mod serve;
mod signal;
mod sql;
mod status;
mod summary;
mod sync;

use std::{
    ffi::OsString,
    fmt::Write as _,
    future::Future,
    io::{self, IsTerminal as _},
    process::ExitCode,
    sync::Arc,
};

use self::output::Output;
pub use self::serve::Server;
use crate::{
    app::App,
    config::Config,
    error::{self, Code, Error, Result},
    http::Http,
    invocation, logging,
    providers::{self, catalogue::Provider},
    service::Service,
};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

/// One private SQLite mirror of your wearable health data, answered over MCP.
///
/// Without a command it serves MCP on stdin and stdout, which is what an MCP client starts.
#[derive(Debug, Parser)]
#[command(name = "vitals-mcp", version, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Args)]
struct Global {
    /// Print answers as JSON, and errors as JSON on stderr.
    #[arg(long, global = true)]
    json: bool,
    /// A separate person with separate files; see also `VITALS_PROFILE`.
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// Log more to stderr: -v what is done, -vv each step.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve MCP on stdin and stdout.
    Serve(serve::Args),
    /// Connect a provider: opens its sign-in page and stores the login, sealed, on this machine.
    Auth(auth::Args),
    /// Fetch what is new from the connected providers.
    Sync(sync::Args),
    /// Whether it works, who is signed in, and what mends what does not.
    Status(status::Args),
    /// Check files, database, clock and connections, and say how to mend what is wrong.
    Doctor(doctor::Args),
    /// What is known of a day, or of each day of a period.
    Day(day::Args),
    /// List the records of one kind.
    Records(records::Args),
    /// Why a day, or a metric of it, is missing, and what mends it.
    Explain(explain::Args),
    /// One recorded ECG or stethoscope signal: what it is, its picture, its samples.
    Signal(signal::Args),
    /// Metrics through time, such as heart rate by the hour.
    Series(series::Args),
    /// The feed of new, changed and removed records.
    Events(events::Args),
    /// What stands out: baselines, anomalies, trends, and the few correlations that survive correction.
    Insights(insights::Args),
    /// One statistic of one metric: baseline, trend, compare, correlate, regularity, load or agreement.
    Analyze(analyze::Args),
    /// Who the data is about.
    Profile(profile::Args),
    /// What there is: kinds, fields, metrics and how much of each is stored.
    Describe(describe::Args),
    /// Ask in SQL, read-only, over documented views.
    Query(query::Args),
    /// A picture of days or of a night, as PNG.
    Chart(chart::Args),
    /// The last year as one HTML file that asks nobody for anything.
    Dashboard(dashboard::Args),
    /// Revoke the access at the provider and delete the stored login; synced data stays.
    Disconnect(disconnect::Args),
    /// Write records, days or series into files: CSV, JSON Lines, Parquet or FHIR.
    Export(export::Args),
    /// Copy the whole database into one file, also while it is written to.
    Backup(backup::Args),
    /// Go back to a backup; the database of now is kept.
    Restore(restore::Args),
    /// Derive columns and daily values again from the stored records, without the network.
    Rebuild(rebuild::Args),
    /// End a sign-in and delete everything stored of its provider.
    Forget(forget::Args),
    /// Print the completion script of a shell.
    Completions(completions::Args),
    /// Print the manual page.
    Man(completions::ManArgs),
    /// Register with an MCP client, or put the skill where an agent looks for it.
    Install(install::Args),
    /// Renews a login in a process of its own.
    #[command(name = "__refresh", hide = true)]
    Refresh(refresh::Args),
    /// Runs one statement in a process of its own.
    #[command(name = "__sql", hide = true)]
    Sql,
    /// Show everything with an invented person and simulated providers; no account is needed.
    Demo(demo::Args),
    /// The facts the documentation repeats, for its tests.
    #[command(name = "__docs", hide = true)]
    Docs,
}

/// Parses, runs, prints the error, and answers with the exit code of its row.
pub fn run(server: Server) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(refusal) => return refused(&refusal, &arguments),
    };
    let out = Output { json: cli.global.json };
    match dispatch(cli, server, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out.error(&error);
            ExitCode::from(error.code.row().exit)
        }
    }
}

fn dispatch(cli: Cli, server: Server, out: Output) -> Result<()> {
    let Some(command) = cli.command.or_else(default_command) else {
        return output::print(&command_with_exit_codes().render_help().to_string()).map(|_| ());
    };
    // What describes the program works whatever the configuration is like.
    match &command {
        Command::Completions(args) => return completions::run(args, &command_with_exit_codes()),
        Command::Man(args) => return completions::man(args, &command_with_exit_codes()),
        _ => {}
    }
    let config = Config::load(cli.global.profile.as_deref())?;
    // Signing in to the demo's profile would mix the invented with the real: there, commands are for their own.
    if let Some(profile) = config.profile.as_deref().filter(|name| *name != demo::PROFILE) {
        invocation::serves(profile);
    }
    logging::start(&config, cli.global.verbose)?;
    // Started for each statement, so that it builds nothing but what a statement needs.
    if let Command::Sql = command {
        return sql::run(&config);
    }
    let app = Arc::new(App::new(config)?);
    let service = Service::new(Arc::clone(&app));
    match command {
        Command::Serve(_) => (server.serve)(app),
        Command::Auth(args) => {
            let report = block_on(auth::run(args, &app, &Http::new(), out.json))?;
            out.answer(&report, ToString::to_string)
        }
        Command::Disconnect(args) => {
            let report = block_on(disconnect::run(args, &app.config, &Http::new()))?;
            out.answer(&report, ToString::to_string)
        }
        Command::Refresh(args) => block_on(refresh::run(args, &app.config, &Http::new())),
        Command::Sync(args) => block_on(sync::run(args, &app, out)),
        Command::Status(args) => block_on(status::run(&args, &service, out)),
        Command::Doctor(args) => block_on(doctor::run(&args, &service, out)),
        Command::Day(args) => block_on(day::run(args, &service, out)),
        Command::Records(args) => block_on(records::run(args, &service, out)),
        Command::Explain(args) => explain::run(args, &service, out),
        Command::Signal(args) => block_on(signal::run(args, &service, out)),
        Command::Series(args) => block_on(series::run(args, &service, out)),
        Command::Events(args) => block_on(events::run(args, &service, out)),
        Command::Insights(args) => block_on(insights::run(args, &service, out)),
        Command::Analyze(args) => block_on(analyze::run(args, &service, out)),
        Command::Profile(args) => block_on(profile::run(args, &service, out)),
        Command::Chart(args) => block_on(chart::run(args, &service, out)),
        Command::Dashboard(args) => block_on(dashboard::run(args, &service, out)),
        Command::Query(args) => block_on(query::run(args, &service, out)),
        Command::Describe(args) => describe::run(args, &service, out),
        Command::Export(args) => block_on(export::run(args, &service, out)),
        Command::Backup(args) => block_on(backup::run(args, &app, out)),
        Command::Restore(args) => block_on(restore::run(args, &app, out)),
        Command::Rebuild(_) => rebuild::run(&app, out),
        Command::Install(args) => install::run(args, &app.config, out),
        Command::Forget(args) => block_on(forget::run(args, &app, out)),
        Command::Demo(_) => demo::run(out),
        Command::Completions(_) | Command::Man(_) | Command::Sql => Ok(()),
        Command::Docs => Output { json: true }
            .answer(&docs::facts(&(server.tools)(), &(server.offered)()), |_| String::new()),
    }
}

/// An MCP client starts the program with a pipe; a person who typed only its name wants to know what it can do.
fn default_command() -> Option<Command> {
    (!io::stdin().is_terminal()).then(|| Command::Serve(serve::Args::default()))
}

fn parse(arguments: &[OsString]) -> std::result::Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command_with_exit_codes().try_get_matches_from(arguments)?)
}

fn command_with_exit_codes() -> clap::Command {
    let mut text = String::from("Exit codes:\n   0  Everything that was asked for was done.\n");
    let mut rows: Vec<_> = error::TABLE.iter().collect();
    rows.sort_by_key(|row| row.exit);
    for row in rows {
        let _ = writeln!(text, "{:4}  {}: {}", row.exit, row.name, row.meaning);
    }
    Cli::command().after_help(text.trim_end().to_owned())
}

/// Help and version are answers; anything else is a usage error, with `--json` in the common envelope.
fn refused(refusal: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let code = Code::ValidationError.row().exit;
    if refusal.use_stderr() && arguments.iter().any(|argument| argument == "--json") {
        let text = refusal.render().to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        Output { json: true }.error(&Error::invalid(first).hint("Run it with --help to see what it takes."));
        return ExitCode::from(code);
    }
    // A closed pipe is all that can go wrong here.
    let _ = refusal.print();
    if refusal.use_stderr() { ExitCode::from(code) } else { ExitCode::SUCCESS }
}

/// Runs a command that waits for something, on one thread.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::internal(format!("no runtime could be started: {error}")))?;
    let result = runtime.block_on(work);
    // A thread may still sit in a read of stdin, which nothing can interrupt; it is not waited for.
    runtime.shutdown_background();
    result
}

/// The provider a person named.
fn provider(name: &str) -> Result<&'static Provider> {
    providers::find(&name.to_ascii_lowercase()).ok_or_else(|| {
        let known: Vec<&str> = providers::ALL.iter().map(|provider| provider.id).collect();
        Error::invalid("there is no provider of that name").hint(format!("Providers: {}.", known.join(", ")))
    })
}
