//! How a person starts this program for the profile that this process serves: what an answer tells them to run
//! must not act on another person's files.
//!
//! A process serves one profile from its start to its end, so that the name is kept once, here, instead of being
//! handed to everything that has advice to give.

use std::sync::OnceLock;

const PROGRAM: &str = "vitals-mcp ";

static PROFILE: OnceLock<String> = OnceLock::new();

/// Called once, before the first answer. Without it commands are those of the profile that has no name.
pub fn serves(profile: &str) {
    let _ = PROFILE.set(profile.to_owned());
}

/// The command with these arguments, as it is typed.
pub fn command(arguments: &str) -> String {
    match PROFILE.get() {
        Some(profile) => format!("{PROGRAM}--profile {profile} {arguments}"),
        None => format!("{PROGRAM}{arguments}"),
    }
}

/// A text of ours with the commands in it as they are typed.
pub fn in_profile(text: &str) -> String {
    named(text, PROFILE.get().map(String::as_str))
}

/// Puts the profile before each command's name; options such as `--help` are the same in every profile, and the end
/// of a path is no command.
fn named(text: &str, profile: Option<&str>) -> String {
    let Some(profile) = profile else { return text.to_owned() };
    let mut parts = text.split(PROGRAM);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_path = out.ends_with(['/', '\\']);
        out.push_str(PROGRAM);
        if !is_path && part.starts_with(|first: char| first.is_ascii_lowercase()) {
            out.push_str("--profile ");
            out.push_str(profile);
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

/// A word as a POSIX shell takes it literally.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '+' | ',');
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_in_a_text_names_the_profile() {
        for (text, expected) in [
            ("vitals-mcp sync", "vitals-mcp --profile anna sync"),
            (
                "Run `vitals-mcp auth x`, then `vitals-mcp sync`.",
                "Run `vitals-mcp --profile anna auth x`, then `vitals-mcp --profile anna sync`.",
            ),
            ("`vitals-mcp --help` says more.", "`vitals-mcp --help` says more."),
            ("/home/anna/bin/vitals-mcp is there", "/home/anna/bin/vitals-mcp is there"),
            ("Correct the argument.", "Correct the argument."),
        ] {
            assert_eq!(named(text, Some("anna")), expected);
            assert_eq!(named(text, None), text);
        }
    }

    #[test]
    fn words_for_a_shell() {
        for (word, shell) in [
            ("/tmp/x.csv", "/tmp/x.csv"),
            ("/tmp/my file.csv", "'/tmp/my file.csv'"),
            ("it's; rm -rf /", "'it'\\''s; rm -rf /'"),
            ("$(x)", "'$(x)'"),
            ("--to", "'--to'"),
            ("", "''"),
            ("/a b/it's", r"'/a b/it'\''s'"),
        ] {
            assert_eq!(quoted(word), shell, "{word}");
        }
    }
}
