//! `install skill`: writes the skill into an agent's folder of skills.
//!
//! A file that is there already and says something else is kept beside the new one, never overwritten.

use std::{
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::place::{self, Written};
use crate::{
    cli::output::{self, Output},
    error::{Code, Error, Result},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder of the skill; ~/.claude/skills/health-insights if not given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print the skill instead of writing it.
    #[arg(long, conflicts_with = "dir")]
    print: bool,
}

/// The files of the skill: path below its folder, and text.
const FILES: &[(&str, &str)] = &[
    ("SKILL.md", include_str!("../../../skills/health-insights/SKILL.md")),
    (
        "references/reading-statistics.md",
        include_str!("../../../skills/health-insights/references/reading-statistics.md"),
    ),
];

const DEFAULT: &str = ".claude/skills/health-insights";

#[derive(Debug, PartialEq, Serialize)]
struct Installed {
    files: Vec<Written>,
}

pub(super) fn run(args: Args, out: Output) -> Result<()> {
    if args.print {
        let skill = FILES.iter().map(|(path, text)| serde_json::json!({ "path": path, "text": text }));
        let skill = serde_json::json!({ "files": skill.collect::<Vec<_>>() });
        let whole = || FILES.iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n");
        return out.answer(&skill, |_| whole());
    }
    let dir = match args.dir {
        Some(dir) => dir,
        None => home()
            .ok_or_else(|| {
                Error::invalid("there is no home directory to install the skill into")
                    .hint("Name the folder with --dir.")
            })?
            .join(DEFAULT),
    };
    let installed = install(&dir)?;
    out.answer(&installed, human)
}

fn home() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned())
}

fn install(dir: &Path) -> Result<Installed> {
    let failed = |path: &Path, error: &io::Error| {
        Error::new(Code::ExportError, format!("{} could not be written: {error}", path.display()))
            .hint("Check that the folder is yours and has room, or name another with --dir.")
    };
    let mut written = Vec::new();
    for (name, text) in FILES {
        let path = dir.join(name);
        let one = place::put(&path, text).map_err(|error| failed(&path, &error))?;
        written.push(one);
    }
    Ok(Installed { files: written })
}

fn human(installed: &Installed) -> String {
    let mut text = String::new();
    for file in &installed.files {
        let _ = writeln!(text, "{}", file.shown());
    }
    text.push_str("Agents that read this folder know the skill from their next start.");
    output::clean(&text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_second_run_changes_nothing_and_an_edited_file_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("skills/health-insights");
        let status =
            |installed: &Installed| installed.files.iter().map(|file| file.status).collect::<Vec<_>>();
        assert_eq!(status(&install(&dir).unwrap()), ["created", "created"]);
        assert_eq!(status(&install(&dir).unwrap()), ["unchanged", "unchanged"]);
        for round in ["SKILL.md.backup", "SKILL.md.backup-1"] {
            fs::write(dir.join("SKILL.md"), format!("mine, {round}")).unwrap();
            let installed = install(&dir).unwrap();
            assert_eq!(status(&installed), ["replaced", "unchanged"]);
            assert_eq!(fs::read_to_string(dir.join(round)).unwrap(), format!("mine, {round}"));
            assert_eq!(installed.files[0].backup, Some(dir.join(round).display().to_string()));
            assert_eq!(fs::read_to_string(dir.join("SKILL.md")).unwrap(), FILES[0].1);
        }
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("a file");
        fs::write(&file, "x").unwrap();
        let error = install(&file).unwrap_err();
        assert_eq!(error.code, Code::ExportError);
        assert!(error.message.contains("SKILL.md"), "{}", error.message);
    }
}
