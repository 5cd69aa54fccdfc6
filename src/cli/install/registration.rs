//! A registration put into the text of a client's configuration: pure, and the rest of the file stays as it is.

use serde_json::{Map, Value, json};
use toml_edit::{DocumentMut, Item, Table, value};

use crate::cli::client_files::{Format, file_of, is_this_program};

/// One server under one name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Registration {
    pub(super) name: String,
    /// Full path of the program: clients do not read a shell's `PATH`.
    pub(super) command: String,
    pub(super) args: Vec<String>,
}

/// What becomes of the file.
#[derive(Debug, PartialEq)]
pub(super) enum Merged {
    Unchanged,
    New(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It cannot be read as what it should be; where, if that is known.
    NotReadable(String),
    /// Another server has the name.
    Taken,
}

impl Registration {
    fn json(&self, typed: bool) -> Value {
        let mut server = Map::new();
        if typed {
            server.insert("type".to_owned(), "stdio".into());
        }
        server.insert("command".to_owned(), self.command.clone().into());
        server.insert("args".to_owned(), json!(self.args));
        Value::Object(server)
    }

    /// Whether what stands under our name starts this program: by its own name, through another program that starts
    /// it, or by a link of another name with the arguments that only we have.
    fn is_ours(command: &str, args: &[String]) -> bool {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let our_way = matches!(args[..], ["serve"] | ["--profile", _, "serve"]);
        is_this_program(command)
            || args.iter().any(|arg| is_this_program(arg))
            || our_way && file_of(command).starts_with("vitals")
    }

    /// The lines that a person would add by hand.
    pub(super) fn alone(&self, format: Format) -> String {
        let merged = self.merge(format, "");
        match merged {
            Ok(Merged::New(text)) => text,
            _ => String::new(),
        }
    }

    /// Adds itself to the text of a configuration, which may be empty.
    pub(super) fn merge(&self, format: Format, text: &str) -> Result<Merged, Refusal> {
        match format {
            Format::Json { key, typed } => self.merge_json(key, typed, text),
            Format::Toml { key } => self.merge_toml(key, text),
        }
    }

    fn merge_json(&self, key: &str, typed: bool, text: &str) -> Result<Merged, Refusal> {
        let mut root: Value = if text.trim().is_empty() {
            json!({})
        } else {
            serde_json::from_str(text)
                .map_err(|error| Refusal::NotReadable(format!("line {} is not plain JSON", error.line())))?
        };
        let Some(object) = root.as_object_mut() else {
            return Err(Refusal::NotReadable("it is not a JSON object".to_owned()));
        };
        let servers = object.entry(key).or_insert_with(|| json!({}));
        let Some(servers) = servers.as_object_mut() else {
            return Err(Refusal::NotReadable(format!("`{key}` is not a JSON object")));
        };
        let wanted = self.json(typed);
        match servers.get_mut(&self.name) {
            None => {
                servers.insert(self.name.clone(), wanted);
            }
            Some(found) if found["command"] == wanted["command"] && found["args"] == wanted["args"] => {
                return Ok(Merged::Unchanged);
            }
            // Another version or profile of ourselves: what else stands there, such as `env`, stays.
            Some(found)
                if Self::is_ours(found["command"].as_str().unwrap_or_default(), &texts(&found["args"])) =>
            {
                found["command"] = wanted["command"].clone();
                found["args"] = wanted["args"].clone();
            }
            Some(_) => return Err(Refusal::Taken),
        }
        Ok(Merged::New(format!("{root:#}\n")))
    }

    fn merge_toml(&self, key: &str, text: &str) -> Result<Merged, Refusal> {
        let mut root: DocumentMut =
            text.parse().map_err(|_| Refusal::NotReadable("it is not TOML".to_owned()))?;
        let servers = root.entry(key).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let Some(servers) = servers.as_table_like_mut() else {
            return Err(Refusal::NotReadable(format!("`{key}` is not a table")));
        };
        let mut args = toml_edit::Array::new();
        args.extend(self.args.iter().cloned());
        match servers.get_mut(&self.name) {
            None => {
                let mut server = Table::new();
                server["command"] = value(&self.command);
                server["args"] = value(args);
                servers.insert(&self.name, Item::Table(server));
            }
            Some(found) => {
                let command = found.get("command").and_then(Item::as_str).unwrap_or_default().to_owned();
                let same_args = found.get("args").and_then(Item::as_array).is_some_and(|found| {
                    found.iter().map(|one| one.as_str().unwrap_or_default()).eq(self.args.iter())
                });
                if command == self.command && same_args {
                    return Ok(Merged::Unchanged);
                }
                let args_before = found.get("args").and_then(Item::as_array).map(|args| {
                    args.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect::<Vec<_>>()
                });
                if !Self::is_ours(&command, &args_before.unwrap_or_default()) {
                    return Err(Refusal::Taken);
                }
                found["command"] = value(&self.command);
                found["args"] = value(args);
            }
        }
        Ok(Merged::New(root.to_string()))
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESKTOP: Format = Format::Json { key: "mcpServers", typed: false };
    const CODEX: Format = Format::Toml { key: "mcp_servers" };

    fn ours(args: &[&str]) -> Registration {
        Registration {
            name: "vitals".to_owned(),
            command: "/bin/vitals-mcp".to_owned(),
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
        }
    }

    fn merged(format: Format, text: &str) -> String {
        match ours(&["serve"]).merge(format, text) {
            Ok(Merged::New(text)) => {
                assert_eq!(ours(&["serve"]).merge(format, &text), Ok(Merged::Unchanged), "a second time");
                text
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn everything_else_in_the_file_stays() {
        let text = r#"{"theme":"dark","mcpServers":{"files":{"command":"npx","args":["x"]}},"n":1.50}"#;
        let after: Value = serde_json::from_str(&merged(DESKTOP, text)).unwrap();
        assert_eq!(after["theme"], "dark");
        assert_eq!(after["mcpServers"]["files"]["args"], json!(["x"]));
        assert_eq!(after["mcpServers"]["vitals"], json!({ "command": "/bin/vitals-mcp", "args": ["serve"] }));
        let text = "# mine\nmodel = \"x\" # kept\n\n[mcp_servers.files]\ncommand = \"npx\"\n";
        let after = merged(CODEX, text);
        assert!(after.starts_with(text), "{after}");
        assert!(
            after.ends_with("[mcp_servers.vitals]\ncommand = \"/bin/vitals-mcp\"\nargs = [\"serve\"]\n"),
            "{after}"
        );
    }

    #[test]
    fn an_empty_file_is_begun() {
        let typed = Format::Json { key: "servers", typed: true };
        let after: Value = serde_json::from_str(&merged(typed, " \n")).unwrap();
        assert_eq!(after["servers"]["vitals"]["type"], "stdio");
        assert!(merged(CODEX, "").starts_with("[mcp_servers.vitals]"));
    }

    #[test]
    fn an_older_registration_of_ours_is_brought_up_to_date() {
        let old = r#"{"mcpServers":{"vitals":{"command":"C:\\old\\vitals-mcp.exe","args":[],"env":{"VITALS_TZ":"UTC"}}}}"#;
        let after: Value = serde_json::from_str(&merged(DESKTOP, old)).unwrap();
        assert_eq!(
            after["mcpServers"]["vitals"],
            json!({ "command": "/bin/vitals-mcp", "args": ["serve"], "env": { "VITALS_TZ": "UTC" } })
        );
        let old = "[mcp_servers.vitals]\ncommand = \"vitals-mcp\"\nargs = []\nstartup_timeout_sec = 20\n";
        let after = merged(CODEX, old);
        assert!(after.contains("startup_timeout_sec = 20") && after.contains("\"serve\""), "{after}");
    }

    #[test]
    fn an_entry_of_ours_is_known_under_any_path() {
        for (command, args, own) in [
            ("/opt/Cellar/vitals-mcp/1.2/bin/vitals-mcp", json!(["serve"]), true),
            ("/usr/local/bin/vitals-mcp-0.9.1", json!([]), true),
            (r"C:\Program Files\Vitals-MCP.EXE", json!(["serve"]), true),
            ("/home/ada/bin/vitals", json!(["--profile", "ada", "serve"]), true),
            ("npx", json!(["-y", "@ada/vitals-mcp", "serve"]), true),
            ("cmd", json!(["/c", r"C:\x\vitals-mcp.exe", "serve"]), true),
            ("/home/ada/bin/vitals", json!(["--listen"]), false),
            ("/usr/bin/vitalsigns-mcp", json!([]), false),
            ("/usr/bin/node", json!(["serve"]), false),
            ("vitals-mcpx", json!([]), false),
        ] {
            let text =
                json!({ "mcpServers": { "vitals": { "command": command, "args": args } } }).to_string();
            let merged = ours(&["serve"]).merge(DESKTOP, &text);
            assert_eq!(merged != Err(Refusal::Taken), own, "{command} {args}");
            let toml = format!("[mcp_servers.vitals]\ncommand = '{command}'\nargs = {args}\n");
            let merged = ours(&["serve"]).merge(CODEX, &toml);
            assert_eq!(merged != Err(Refusal::Taken), own, "{toml}");
        }
    }

    #[test]
    fn what_is_somebody_elses_or_not_understood_is_left_alone() {
        for (format, text, refusal) in [
            (DESKTOP, r#"{"mcpServers":{"vitals":{"command":"python"}}}"#, Refusal::Taken),
            (CODEX, "[mcp_servers.vitals]\ncommand = \"python\"\n", Refusal::Taken),
            (DESKTOP, "{\n // mine\n}", Refusal::NotReadable("line 2 is not plain JSON".to_owned())),
            (DESKTOP, "[]", Refusal::NotReadable("it is not a JSON object".to_owned())),
            (
                DESKTOP,
                r#"{"mcpServers":[]}"#,
                Refusal::NotReadable("`mcpServers` is not a JSON object".to_owned()),
            ),
            (CODEX, "= 1", Refusal::NotReadable("it is not TOML".to_owned())),
            (CODEX, "mcp_servers = 1", Refusal::NotReadable("`mcp_servers` is not a table".to_owned())),
        ] {
            assert_eq!(ours(&["serve"]).merge(format, text), Err(refusal), "{text}");
        }
    }
}
