//! `install`: puts what an agent needs where it looks for it. One file for each target.

mod skill;

use super::output::Output;
use crate::error::Result;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    target: Target,
}

#[derive(Debug, clap::Subcommand)]
enum Target {
    /// The skill `health-insights`: how an agent reviews health data, and what it must never say.
    Skill(skill::Args),
}

pub fn run(args: Args, out: Output) -> Result<()> {
    match args.target {
        Target::Skill(args) => skill::run(args, out),
    }
}
