//! Which MCP clients on this machine have this program in their configuration, and whether that can work.
//!
//! Read only, and only what concerns this program: a client's file is its own. Nothing of it is shown but the
//! path, the name of the entry, and the names of variables; a value may be a secret.

use std::{env, fs, path::Path};

use super::Findings;
use crate::{
    cli::client_files::{self, Client, Entry},
    error::Code,
};

pub(super) fn check(findings: &mut Findings) {
    let before = findings.checks.len();
    for client in client_files::ALL {
        let Some(file) = client.file() else { continue };
        let Ok(text) = fs::read_to_string(&file) else { continue };
        judge(client, &file, &text, findings);
    }
    if findings.checks.len() == before {
        findings.good("clients", "no known MCP client has this program in its configuration");
    }
}

fn judge(client: &Client, file: &Path, text: &str, findings: &mut Findings) {
    let name = format!("{} configuration", client.title);
    let Some(entries) = client.format.entries(text) else {
        // A file with comments is valid for some of them; it is ours to judge only if it is about us.
        if text.contains("vitals-mcp") {
            findings.bad(
                &name,
                Code::ValidationError,
                format!("{} is not valid {}", file.display(), client.format.name()),
                "Mend the file: with a mistake in it the client starts no server, or not this one.",
            );
        }
        return;
    };
    for entry in entries {
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

#[cfg(test)]
mod tests {
    use super::*;

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
