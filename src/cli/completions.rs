//! `completions` and `man`: what a shell and a reader of manual pages want to know of this program. Both are
//! made from the same description as `--help`, need no configuration and touch no file.

use clap_complete::Shell;

use super::output;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to complete for.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {}

/// Prints the completion script of a shell.
pub fn run(args: &Args, command: &clap::Command) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut for_people(command), env!("CARGO_PKG_NAME"), &mut script);
    output::print(&String::from_utf8_lossy(&script)).map(drop)
}

/// Prints the manual page (roff), with every command in it.
pub fn man(_: &ManArgs, command: &clap::Command) -> Result<()> {
    let failed = |_| Error::internal("the manual page could not be made");
    let mut page = Vec::new();
    let mut command = for_people(command);
    command.build();
    let main = clap_mangen::Man::new(command.clone());
    main.render(&mut page).map_err(failed)?;
    for part in command.get_subcommands().filter(|part| part.get_name() != "help") {
        let part = part.clone();
        // As sections of one page: a person who looks up a program wants all of it.
        let title = format!(".SH COMMAND: {}\n", part.get_name().to_uppercase());
        page.extend_from_slice(title.as_bytes());
        let part = clap_mangen::Man::new(part);
        part.render_synopsis_section(&mut page).map_err(failed)?;
        part.render_description_section(&mut page).map_err(failed)?;
        part.render_options_section(&mut page).map_err(failed)?;
    }
    output::print(&String::from_utf8_lossy(&page)).map(drop)
}

/// The program without the commands that only it itself uses: completion scripts list hidden ones too.
fn for_people(command: &clap::Command) -> clap::Command {
    let mut shown = clap::Command::new(env!("CARGO_PKG_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .args(command.get_arguments())
        .subcommands(command.get_subcommands().filter(|part| !part.is_hide_set()));
    if let Some(about) = command.get_about() {
        shown = shown.about(about.clone());
    }
    if let Some(about) = command.get_long_about() {
        shown = shown.long_about(about.clone());
    }
    if let Some(after) = command.get_after_help() {
        shown = shown.after_help(after.clone());
    }
    shown
}
