//! Which MCP clients on this machine have this program in their configuration, and whether that can work.
//!
//! Read only, and only what concerns this program: a client's file is its own. Nothing of it is shown but the
//! path, the name of the entry, and the names of variables; a value may be a secret.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::Findings;
use crate::{cli::install::place, error::Code};

/// Where a client keeps its servers: below the home directory, and under which key.
struct Known {
    client: &'static str,
    files: &'static [&'static str],
    servers: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        client: "Claude Desktop",
        files: &[
            "Library/Application Support/Claude/claude_desktop_config.json",
            ".config/Claude/claude_desktop_config.json",
            "AppData/Roaming/Claude/claude_desktop_config.json",
        ],
        servers: "mcpServers",
    },
    Known { client: "Claude Code", files: &[".claude.json"], servers: "mcpServers" },
    Known { client: "Cursor", files: &[".cursor/mcp.json"], servers: "mcpServers" },
    Known { client: "Windsurf", files: &[".codeium/windsurf/mcp_config.json"], servers: "mcpServers" },
    Known { client: "Gemini CLI", files: &[".gemini/settings.json"], servers: "mcpServers" },
    Known {
        client: "VS Code",
        files: &[
            "Library/Application Support/Code/User/mcp.json",
            ".config/Code/User/mcp.json",
            "AppData/Roaming/Code/User/mcp.json",
        ],
        servers: "servers",
    },
];

/// What one entry says that matters here.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    command: String,
    /// Names of its variables.
    variables: Vec<String>,
}

pub(super) fn check(findings: &mut Findings) {
    let Some(home) = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE")).map(PathBuf::from) else {
        return;
    };
    let before = findings.checks.len();
    for known in KNOWN {
        for file in known.files.iter().map(|file| home.join(file)) {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            file_of(known, &file, &text, findings);
        }
    }
    // Where a variable or a store has put them, these lie elsewhere.
    let usual = home.join("AppData/Roaming");
    if let Some(settings) = place::of_store("Claude_", "Claude", &usual) {
        let file = settings.join("Claude/claude_desktop_config.json");
        if let Ok(text) = fs::read_to_string(&file) {
            file_of(&KNOWN[0], &file, &text, findings);
        }
    }
    let codex_home = place::named("CODEX_HOME").unwrap_or_else(|| home.join(".codex"));
    codex(&codex_home.join("config.toml"), findings);
    if findings.checks.len() == before {
        findings.good("clients", "no known MCP client has this program in its configuration");
    }
}

fn file_of(known: &Known, file: &Path, text: &str, findings: &mut Findings) {
    let name = format!("{} configuration", known.client);
    let Ok(config) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
        // A file with comments is valid for some of them; it is ours to judge only if it is about us.
        if text.contains("vitals-mcp") {
            findings.bad(
                &name,
                Code::ValidationError,
                format!("{} is not valid JSON", file.display()),
                "Mend the file: with a mistake in it the client starts no server, or not this one.",
            );
        }
        return;
    };
    for entry in entries(&config, known.servers) {
        match fault(&entry, &|program| is_found(program)) {
            None => {
                findings.good(&name, format!("'{}' in {} starts this program", entry.name, file.display()));
            }
            Some((what, mend)) => findings.bad(
                &name,
                Code::ValidationError,
                format!("'{}' in {}: {what}", entry.name, file.display()),
                mend,
            ),
        }
    }
}

/// The entries that start this program, in the file itself and, as Claude Code has them, in its projects.
fn entries(config: &Value, servers: &str) -> Vec<Entry> {
    let projects = config["projects"].as_object().into_iter().flat_map(|projects| projects.values());
    std::iter::once(config)
        .chain(projects)
        .filter_map(|place| place[servers].as_object())
        .flatten()
        .filter_map(|(name, entry)| {
            let command = entry["command"].as_str()?;
            let stem = Path::new(command).file_stem()?.to_str()?;
            let variables = entry["env"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
            (stem == "vitals-mcp").then(|| Entry {
                name: name.clone(),
                command: command.to_owned(),
                variables: variables.collect(),
            })
        })
        .collect()
}

/// Why an entry will not work, or should not be so; with the mend.
fn fault(entry: &Entry, found: &dyn Fn(&str) -> bool) -> Option<(String, String)> {
    if !found(&entry.command) {
        let mend = "Put the full path of the program there; `which vitals-mcp` prints it.".to_owned();
        return Some(("its command is not there".to_owned(), mend));
    }
    let secret = |name: &&String| {
        ["_CLIENT_SECRET", "_ACCESS_TOKEN", "_REFRESH_TOKEN", "VITALS_KEY"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let secret = entry.variables.iter().find(secret)?;
    Some((
        format!("it holds {secret} in plain text"),
        "Run `vitals-mcp auth PROVIDER` once, which stores it sealed, and take the variable out.".to_owned(),
    ))
}

/// A path that exists, or a name on the search path of this process: a client's may be another.
fn is_found(program: &str) -> bool {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return path.exists();
    }
    env::var_os("PATH").is_some_and(|dirs| {
        env::split_paths(&dirs)
            .any(|dir| dir.join(program).exists() || dir.join(format!("{program}.exe")).exists())
    })
}

/// Codex keeps TOML; the one line that matters can be told without reading all of it.
fn codex(file: &Path, findings: &mut Findings) {
    let Ok(text) = fs::read_to_string(file) else { return };
    let starts_us = |line: &str| {
        let line = line.trim();
        let command = line.trim_end_matches(['"', '\'']);
        line.starts_with("command") && command.strip_suffix(".exe").unwrap_or(command).ends_with("vitals-mcp")
    };
    if text.lines().any(starts_us) {
        findings.good("Codex configuration", format!("{} starts this program", file.display()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_that_start_this_program_are_found_wherever_they_stand() {
        let config = json!({
            "mcpServers": {
                "vitals": { "command": "/usr/local/bin/vitals-mcp", "args": ["serve"], "env": { "VITALS_TZ": "UTC" } },
                "other": { "command": "npx", "args": ["vitals-mcp"] },
                "broken": 7,
            },
            "projects": { "/x": { "mcpServers": { "v": { "command": "vitals-mcp.exe" } } }, "/y": null },
        });
        let found: Vec<_> = entries(&config, "mcpServers").into_iter().map(|entry| entry.name).collect();
        assert_eq!(found, ["vitals", "v"]);
        for odd in [json!(null), json!([]), json!({ "mcpServers": [] }), json!("vitals-mcp")] {
            assert_eq!(entries(&odd, "mcpServers"), []);
        }
    }

    #[test]
    fn what_is_wrong_with_an_entry_is_told_without_a_value() {
        let entry = |variables: &[&str]| Entry {
            name: "v".to_owned(),
            command: "vitals-mcp".to_owned(),
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(fault(&entry(&["VITALS_TZ"]), &|_| true), None);
        assert!(fault(&entry(&[]), &|_| false).unwrap().1.contains("which vitals-mcp"));
        let (what, mend) = fault(&entry(&["WHOOP_CLIENT_SECRET"]), &|_| true).unwrap();
        assert!(what.contains("WHOOP_CLIENT_SECRET") && mend.contains("auth"), "{what} {mend}");
    }
}
