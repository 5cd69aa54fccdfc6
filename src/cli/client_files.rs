//! The files in which MCP clients keep their servers: where each lies, how it is written, and which entries of it start
//! this program. `install` adds one to them, `doctor` judges those that are there.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use toml_edit::{DocumentMut, Item};

/// A client and where it keeps its servers.
pub(super) struct Client {
    pub(super) title: &'static str,
    base: Base,
    path: &'static [&'static str],
    pub(super) format: Format,
}

/// The directory that a client's path starts from.
enum Base {
    Home,
    /// `~/.config`, `~/Library/Application Support`, `%APPDATA%`.
    Settings,
    /// The same, or the settings of the app from the Windows Store whose package begins so.
    SettingsOrStore(&'static str),
    /// The directory that this variable names, or this one below the home directory.
    Named(&'static str, &'static str),
}

/// How a client writes its servers down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A JSON object below this key; some say which transport it is.
    Json { key: &'static str, typed: bool },
    /// A TOML table below this key.
    Toml { key: &'static str },
}

const SERVERS: Format = Format::Json { key: "mcpServers", typed: false };

pub(super) static CLAUDE_CODE: Client =
    Client { title: "Claude Code", base: Base::Home, path: &[".claude.json"], format: SERVERS };
pub(super) static CLAUDE_DESKTOP: Client = Client {
    title: "Claude Desktop",
    base: Base::SettingsOrStore("Claude_"),
    path: &["Claude", "claude_desktop_config.json"],
    format: SERVERS,
};
pub(super) static CODEX: Client = Client {
    title: "Codex",
    base: Base::Named("CODEX_HOME", ".codex"),
    path: &["config.toml"],
    format: Format::Toml { key: "mcp_servers" },
};
pub(super) static CURSOR: Client =
    Client { title: "Cursor", base: Base::Home, path: &[".cursor", "mcp.json"], format: SERVERS };
pub(super) static GEMINI: Client =
    Client { title: "Gemini CLI", base: Base::Home, path: &[".gemini", "settings.json"], format: SERVERS };
pub(super) static VSCODE: Client = Client {
    title: "VS Code",
    base: Base::Settings,
    path: &["Code", "User", "mcp.json"],
    format: Format::Json { key: "servers", typed: true },
};
static WINDSURF: Client = Client {
    title: "Windsurf",
    base: Base::Home,
    path: &[".codeium", "windsurf", "mcp_config.json"],
    format: SERVERS,
};

pub(super) static ALL: [&Client; 7] =
    [&CLAUDE_DESKTOP, &CLAUDE_CODE, &CURSOR, &WINDSURF, &GEMINI, &VSCODE, &CODEX];

/// What an entry that starts this program says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) command: String,
    /// Names of its variables; a value may be a secret.
    pub(super) variables: Vec<String>,
}

impl Client {
    /// The file, whether it is there or not; `None` where nobody has a home directory.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let dirs = directories::BaseDirs::new()?;
        let settings = || dirs.config_dir().to_owned();
        let base = match self.base {
            Base::Home => dirs.home_dir().to_owned(),
            Base::Settings => settings(),
            Base::SettingsOrStore(package) => {
                of_store(package, self.path[0], dirs.config_dir()).unwrap_or_else(settings)
            }
            Base::Named(variable, usual) => named(variable).unwrap_or_else(|| dirs.home_dir().join(usual)),
        };
        Some(self.path.iter().fold(base, |folder, part| folder.join(part)))
    }
}

impl Format {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json { .. } => "JSON",
            Self::Toml { .. } => "TOML",
        }
    }

    /// The entries of a file that start this program; `None` where it cannot be read as what it should be.
    pub(super) fn entries(self, text: &str) -> Option<Vec<Entry>> {
        let text = text.trim_start_matches('\u{feff}');
        let found = match self {
            Self::Json { key, .. } => in_json(key, &serde_json::from_str(text).ok()?),
            Self::Toml { key } => in_toml(key, &text.parse().ok()?),
        };
        Some(found.into_iter().filter(|entry| is_this_program(&entry.command)).collect())
    }
}

/// In the file itself and, as Claude Code has them, in its projects.
fn in_json(key: &str, config: &Value) -> Vec<Entry> {
    let projects = config["projects"].as_object().into_iter().flat_map(|projects| projects.values());
    let entry = |(name, entry): (&String, &Value)| {
        Some(Entry {
            name: name.clone(),
            command: entry["command"].as_str()?.to_owned(),
            variables: entry["env"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect(),
        })
    };
    let servers = std::iter::once(config).chain(projects).filter_map(|place| place[key].as_object());
    servers.flatten().filter_map(entry).collect()
}

fn in_toml(key: &str, config: &DocumentMut) -> Vec<Entry> {
    let entry = |(name, entry): (&str, &Item)| {
        let variables = entry.get("env").and_then(Item::as_table_like);
        Some(Entry {
            name: name.to_owned(),
            command: entry.get("command")?.as_str()?.to_owned(),
            variables: variables
                .into_iter()
                .flat_map(|env| env.iter())
                .map(|(name, _)| name.to_owned())
                .collect(),
        })
    };
    let servers = config.get(key).and_then(Item::as_table_like).into_iter();
    servers.flat_map(|servers| servers.iter()).filter_map(entry).collect()
}

/// How a command's file is called, without its folder and its ending.
pub(super) fn file_of(command: &str) -> String {
    let file = command.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let ending = [".exe", ".cmd", ".bat"].into_iter().find(|ending| file.ends_with(ending));
    ending.map_or(file.as_str(), |ending| &file[..file.len() - ending.len()]).to_owned()
}

/// Whether a word names this program, wherever it lies and whatever version its name says.
pub(super) fn is_this_program(word: &str) -> bool {
    let file = file_of(word);
    let rest = file.strip_prefix(env!("CARGO_PKG_NAME"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '@', '_']))
}

/// The directory that a variable names.
pub(super) fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The settings of an app from the Windows Store, whose package has a folder of its own that stands in for the
/// usual one. One that was never started has none yet: then the usual one counts, if it is there.
fn of_store(package: &str, app: &str, usual: &Path) -> Option<PathBuf> {
    let packages = named("LOCALAPPDATA")?.join("Packages");
    let mut found: Vec<PathBuf> = fs::read_dir(packages)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(package))
        .map(|entry| entry.path().join("LocalCache").join("Roaming"))
        .collect();
    found.sort();
    let used = found.iter().find(|settings| settings.join(app).is_dir()).cloned();
    used.or_else(|| found.pop().filter(|_| !usual.join(app).is_dir()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_that_start_this_program_are_found_wherever_they_stand() {
        let names = |format: Format, text: &str| {
            let found = format.entries(text)?;
            Some(found.into_iter().map(|entry| (entry.name, entry.variables.join(" "))).collect::<Vec<_>>())
        };
        let one = |name: &str, variables: &str| (name.to_owned(), variables.to_owned());
        let config = json!({
            "mcpServers": {
                "vitals": { "command": "/usr/local/bin/vitals-mcp", "args": ["serve"], "env": { "VITALS_TZ": "UTC" } },
                "other": { "command": "npx", "args": ["vitals-mcp"] },
                "broken": 7,
            },
            "projects": { "/x": { "mcpServers": { "v": { "command": "vitals-mcp.exe" } } }, "/y": null },
        });
        let expected = vec![one("vitals", "VITALS_TZ"), one("v", "")];
        assert_eq!(names(SERVERS, &format!("\u{feff}{config}")), Some(expected));
        let config = "mcp_servers.plain = { command = 'vitals-mcp' }\n[mcp_servers.other]\ncommand = \"npx\"
            [mcp_servers.vitals]\nargs = []\ncommand = \"C:\\\\vitals-mcp.exe\" # ours\nenv = { VITALS_TZ = 'UTC' }\n";
        let expected = vec![one("plain", ""), one("vitals", "VITALS_TZ")];
        assert_eq!(names(CODEX.format, config), Some(expected));
        for odd in ["null", "[]", r#"{ "mcpServers": [] }"#, r#""vitals-mcp""#] {
            assert_eq!(names(SERVERS, odd), Some(Vec::new()), "{odd}");
        }
        assert_eq!(names(CODEX.format, "mcp_servers = 7"), Some(Vec::new()));
        assert_eq!((names(SERVERS, "{,}"), names(CODEX.format, "= 7")), (None, None));
    }
}
