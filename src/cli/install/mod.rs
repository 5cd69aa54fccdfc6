//! `install`: puts what a client or an agent needs where it looks for it. One file for each kind of target.

mod client;
mod place;
mod program;
mod registration;
mod skill;

use super::output::Output;
use crate::{config::Config, error::Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    target: Target,
}

#[derive(Debug, clap::Subcommand)]
enum Target {
    /// Print the command that registers the server with Claude Code.
    ClaudeCode(client::Args),
    /// Register the server with Claude Desktop.
    ClaudeDesktop(client::Args),
    /// Register the server with Codex.
    Codex(client::Args),
    /// Register the server with Cursor.
    Cursor(client::Args),
    /// Register the server with the Gemini CLI.
    Gemini(client::Args),
    /// Register the server with VS Code.
    Vscode(client::Args),
    /// The skill `health-insights`: how an agent reviews health data, and what it must never say.
    Skill(skill::Args),
}

pub fn run(args: Args, config: &Config, out: Output) -> Result<()> {
    let (client, args) = match args.target {
        Target::ClaudeCode(args) => (&client::CLAUDE_CODE, args),
        Target::ClaudeDesktop(args) => (&client::CLAUDE_DESKTOP, args),
        Target::Codex(args) => (&client::CODEX, args),
        Target::Cursor(args) => (&client::CURSOR, args),
        Target::Gemini(args) => (&client::GEMINI, args),
        Target::Vscode(args) => (&client::VSCODE, args),
        Target::Skill(args) => return skill::run(args, out),
    };
    client::run(client, args, config, out)
}
