//! `install CLIENT`: registers this program with an MCP client.
//!
//! A client's configuration is merged, never replaced: what else is in it stays, the file before is kept beside
//! it, and a file that cannot be read as what it should be is left alone with the lines to add by hand. For
//! Claude Code, whose file is its own affair, the exact command is printed.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    place::{self, Written},
    program,
    registration::{Merged, Refusal, Registration},
};
use crate::{
    cli::{
        client_files::{self, Client, Format},
        output::{self, Output},
    },
    config::Config,
    error::{Code, Error, Result},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The name under which the client lists the server; vitals, or vitals-PROFILE.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Print what would be added instead of writing it.
    #[arg(long)]
    print: bool,
    /// The client's configuration file, if it is not where the client usually has it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A client that this program can be registered with.
pub(super) struct Target {
    client: &'static Client,
    /// A command of its own by which it is registered; otherwise its file is written.
    command: Option<&'static [&'static str]>,
    /// What the person has to do afterwards.
    then: &'static str,
}

pub(super) static CLAUDE_CODE: Target = Target {
    client: &client_files::CLAUDE_CODE,
    command: Some(&["claude", "mcp", "add", "-s", "user"]),
    then: "Run this command; the next conversation has the tools.",
};
pub(super) static CLAUDE_DESKTOP: Target = Target {
    client: &client_files::CLAUDE_DESKTOP,
    command: None,
    then: "Quit Claude Desktop and start it again.",
};
pub(super) static CODEX: Target =
    Target { client: &client_files::CODEX, command: None, then: "The next session has the tools." };
pub(super) static CURSOR: Target = Target {
    client: &client_files::CURSOR,
    command: None,
    then: "Switch the server on in Cursor's settings under MCP.",
};
pub(super) static GEMINI: Target =
    Target { client: &client_files::GEMINI, command: None, then: "The next session has the tools." };
pub(super) static VSCODE: Target = Target {
    client: &client_files::VSCODE,
    command: None,
    then: "Start the server from the list of MCP servers in VS Code.",
};

#[derive(Debug, Serialize)]
struct Report {
    client: &'static str,
    name: String,
    /// The command line that registers it, for a client that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// What was or would be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Written>,
    then: &'static str,
}

pub(super) fn run(target: &'static Target, args: Args, config: &Config, out: Output) -> Result<()> {
    let registration = registration(args.name, config)?;
    let Target { client, command, then } = target;
    let mut report = Report {
        client: client.title,
        name: registration.name.clone(),
        command: None,
        registration: None,
        file: None,
        then,
    };
    match command {
        Some(begin) => report.command = Some(command_line(begin, &registration)),
        None if args.print => report.registration = Some(registration.alone(client.format)),
        None => {
            let file = args.config.or_else(|| client.file()).ok_or_else(|| {
                Error::invalid("there is no home directory with a client's configuration")
                    .hint("Name the file with --config.")
            })?;
            report.file = Some(register(&registration, client.format, &file)?);
        }
    }
    out.answer(&report, human)
}

fn registration(name: Option<String>, config: &Config) -> Result<Registration> {
    let program = program::stable()?;
    let command = program.into_os_string().into_string().map_err(|_| {
        Error::invalid("the path of this program is not valid text").hint("Move it to a plain path.")
    })?;
    let mut args = Vec::new();
    if let Some(profile) = &config.profile {
        args.extend(["--profile".to_owned(), profile.clone()]);
    }
    args.push("serve".to_owned());
    let usual = config.profile.as_ref().map_or_else(|| "vitals".to_owned(), |one| format!("vitals-{one}"));
    let name = name.unwrap_or(usual);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
        return Err(
            Error::invalid("--name: letters, digits, - and _, at most 40").hint("For example --name vitals.")
        );
    }
    Ok(Registration { name, command, args })
}

/// Merges the registration into the file, through a link to where the file really lies.
fn register(registration: &Registration, format: Format, file: &Path) -> Result<Written> {
    let failed = |error: &io::Error| {
        Error::new(Code::ExportError, format!("{} could not be written: {error}", file.display()))
            .hint("With --print it shows what to add by hand.")
    };
    let real = place::behind_links(file);
    let before = match fs::read_to_string(&real) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(&error)),
    };
    // A mark of the byte order, which editors on Windows put there, is none of the format's and stays.
    let (mark, content) = match before.strip_prefix('\u{feff}') {
        Some(content) => ("\u{feff}", content),
        None => ("", before.as_str()),
    };
    match registration.merge(format, content) {
        Ok(Merged::Unchanged) => Ok(Written::unchanged(&real)),
        Ok(Merged::New(text)) => place::put(&real, &format!("{mark}{text}")).map_err(|error| failed(&error)),
        Err(Refusal::Taken) => Err(Error::new(
            Code::FileExists,
            format!("{} has another server named '{}'", file.display(), registration.name),
        )
        .hint("Choose another name with --name; the file was left as it is.")),
        Err(Refusal::NotReadable(reason)) => Err(Error::invalid(format!("{}: {reason}", file.display()))
            .hint(format!("The file was left as it is. Add this by hand:\n{}", registration.alone(format)))),
    }
}

fn command_line(begin: &[&str], registration: &Registration) -> String {
    let own = [registration.name.as_str(), "--", registration.command.as_str()];
    let words = begin.iter().copied().chain(own).chain(registration.args.iter().map(String::as_str));
    output::command_line(words)
}

fn human(report: &Report) -> String {
    let mut text = String::new();
    for line in report.command.iter().chain(&report.registration) {
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if let Some(file) = &report.file {
        let _ = writeln!(text, "{}", file.shown());
    }
    if report.registration.is_none() {
        text.push_str(report.then);
    }
    output::clean(&text)
}
