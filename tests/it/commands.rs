//! Every command that the documents show is run, in the order in which a reader meets it, by a person with
//! simulated providers. What cannot be run here stands in [`ELSEWHERE`] with the place where it is.
//!
//! A command is a line of a `sh` block, or a span of code in the text that begins with a program of
//! [`PROGRAMS`]. A span that is only a command's name is a mention: it runs, or is shown in full elsewhere.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::json;
use vitals_mcp::demo::browser;

use crate::{
    harness::{Home, Ran, Server, finish, root},
    world::{CLIENT_ID, CLIENT_SECRET, World, free_port, now},
};

const DOCUMENTS: [&str; 10] = [
    "README.md",
    "docs/AGENT_INSTALL_PROMPT.md",
    "PRIVACY.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "AGENTS.md",
    "BENCHMARKS.md",
    "CHANGELOG.md",
    "skills/health-insights/SKILL.md",
    "skills/health-insights/references/reading-statistics.md",
];

const PROGRAMS: [&str; 13] = [
    "vitals-mcp",
    "cargo",
    "claude",
    "sqlite3",
    "duckdb",
    "python3",
    "brew",
    "curl",
    "git",
    "cc",
    ".ci/",
    "RUSTDOCFLAGS=",
    "UPDATE_DOCS=",
];

/// What is not run by this test: the command, the file that runs it or what comes to the same, and what must
/// stand there.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("cargo run --release -- demo", ".ci/fresh-install.sh", "cargo run --release --locked --quiet -- demo"),
    ("cargo install --path . --locked", ".ci/fresh-install.sh", "cargo install --path . --locked"),
    ("cargo build --release", ".ci/fresh-install.sh", "cargo run --release --locked"),
    ("cargo build --release --locked --bins --examples", "BENCHMARKS.md", "cargo build --release"),
    ("cargo test --locked", ".ci/run", "cargo test --locked"),
    ("UPDATE_DOCS=1 cargo test --locked docs", "tests/it/docs.rs", "UPDATE_DOCS"),
    ("cargo fmt", ".ci/run", "cargo fmt --check"),
    (
        "cargo clippy --all-targets --features internals --locked -- -D warnings",
        ".ci/run",
        "cargo clippy --all-targets --features internals --locked -- -D warnings",
    ),
    (
        "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps --document-private-items --locked",
        ".ci/run",
        "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps --document-private-items --locked",
    ),
    ("cargo deny", ".ci/run", "cargo deny --locked check"),
    ("cargo bench --features internals --locked", ".ci/run", "--all-targets --features internals"),
    // Needs nightly; every test run replays the corpus.
    (
        "cargo +nightly fuzz run TARGET fuzz/found fuzz/corpus/TARGET",
        "src/fuzzing.rs",
        "fn what_fuzzing_found_and_began_with_is_read_or_refused",
    ),
    ("cargo install cargo-fuzz", "fuzz/Cargo.toml", "cargo-fuzz = true"),
    ("python3 benches/whole.py --write", "benches/whole.py", "--write"),
    // Prints the version of a tool that building this test has shown to be there.
    ("cargo --version", ".ci/run", "cargo"),
    ("cc --version", "docs/AGENT_INSTALL_PROMPT.md", "C compiler"),
    (
        "sqlite3 -readonly ~/.local/share/vitals-mcp/data/vitals.db \"SELECT * FROM v_daily WHERE metric = 'weight'\"",
        "tests/it/sql.rs",
        "fn the_sqlite3_shell_reads_the_views",
    ),
    (
        "duckdb -c \"ATTACH 'vitals.db' AS vitals (TYPE sqlite, READ_ONLY); SELECT * FROM vitals.v_sleep\"",
        "tests/it/sql.rs",
        "fn duckdb_reads_the_views_with_their_types",
    ),
];

/// A command as a document shows it.
struct Shown {
    file: &'static str,
    text: String,
    /// A line of a block; otherwise a span inside the text.
    block: bool,
}

fn shown_in(file: &'static str) -> Vec<Shown> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let mut all = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language) };
            continue;
        }
        match fence {
            Some("sh") => all.push(Shown { file, text: line.trim().to_owned(), block: true }),
            Some(_) => {}
            None => {
                let spans = line.split('`').skip(1).step_by(2);
                let commands = spans.filter(|span| {
                    let first = span.split(' ').next().unwrap_or_default();
                    let setting = first.starts_with("VITALS_") && first.contains('=');
                    setting
                        || PROGRAMS.iter().any(|program| {
                            if program.ends_with(['/', '=']) {
                                first.starts_with(program)
                            } else {
                                first == *program && span.contains(' ')
                            }
                        })
                });
                all.extend(commands.map(|span| Shown { file, text: span.to_owned(), block: false }));
            }
        }
    }
    all
}

/// The words of a line as a shell reads them; quotes are double, and nothing is expanded.
fn words(line: &str) -> Vec<String> {
    line.split('"')
        .enumerate()
        .flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
#[cfg(target_os = "linux")]
fn the_database_lies_where_the_readme_opens_it() {
    let home = Home::new().with("VITALS_HOME", "");
    let status = home.run(&["status", "--json"]).expect(0).json();
    let path = Path::new(status["database"].as_str().unwrap());
    let below_home = path.strip_prefix(home.path().parent().unwrap()).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("sqlite3 -readonly ~/{} ", below_home.display())), "{status}");
}

#[test]
fn every_command_that_is_shown_runs() {
    let reader = Reader::new();
    let all: Vec<Shown> = DOCUMENTS.into_iter().flat_map(shown_in).collect();
    let mut seen = BTreeSet::new();
    let (mut run, mut elsewhere) = (0, BTreeSet::new());
    for shown in &all {
        if !seen.insert(shown.text.as_str()) {
            continue;
        }
        if ELSEWHERE.iter().any(|(command, ..)| *command == shown.text) {
            elsewhere.insert(shown.text.as_str());
        } else if shown.text.starts_with(".ci/") {
            let file = shown.text.split(' ').next().unwrap();
            assert!(root().join(file).is_file(), "{}: there is no {file}", shown.file);
        } else {
            reader.follow(shown, &all);
            run += 1;
        }
    }
    assert!(run > 60, "{run} commands were run");
    for (command, file, text) in ELSEWHERE {
        assert!(elsewhere.contains(command), "no document shows `{command}` any more");
        let covers = fs::read_to_string(root().join(file)).unwrap();
        assert!(covers.contains(text), "`{command}`: {file} has no `{text}`");
    }
}

/// Somebody who types what is written, in one directory, from the first page on.
struct Reader {
    world: World,
    directory: PathBuf,
    /// Stands in for programs that open a window; empty where that cannot be done.
    #[cfg(target_os = "linux")]
    stand_ins: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let world = World::new(60);
        let home = world.home.path().parent().unwrap().to_owned();
        let directory = home.join("here");
        fs::create_dir(&directory).unwrap();
        #[cfg(target_os = "linux")]
        let stand_ins = {
            use std::os::unix::fs::PermissionsExt as _;
            let folder = home.join("stand-ins");
            fs::create_dir(&folder).unwrap();
            let opener = folder.join("xdg-open");
            fs::write(&opener, "#!/bin/sh\nexit 0\n").unwrap();
            fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
            folder
        };
        Self {
            world,
            directory,
            #[cfg(target_os = "linux")]
            stand_ins,
        }
    }

    /// Does what a document shows, and insists that it works and says something.
    fn follow(&self, shown: &Shown, all: &[Shown]) {
        let line = shown.text.as_str();
        if line.starts_with("VITALS_") {
            return self.with_setting(line);
        }
        let words = words(line);
        let rest: Vec<&str> = words.iter().map(String::as_str).collect();
        match &rest[..] {
            ["claude", "mcp", "add", _, "--", "vitals-mcp", arguments @ ..] => self.serve(arguments),
            ["vitals-mcp", "auth", provider, options @ ..] => self.sign_in(provider, options),
            ["vitals-mcp", "events", arguments @ .., "--json"] if arguments.contains(&"--follow") => {
                self.watch(&rest[1..]);
            }
            ["vitals-mcp", name] if !shown.block => self.mention(name, shown, all),
            ["vitals-mcp", arguments @ ..] => {
                let ran = self.run(&self.directory, &self.filled_in(arguments));
                assert_eq!(ran.code, Some(0), "{}: `{line}`: {ran:?}", shown.file);
                assert!(!ran.stdout.trim().is_empty(), "{}: `{line}` says nothing", shown.file);
            }
            _ => panic!("{}: `{line}` is neither run by a test nor listed in ELSEWHERE", shown.file),
        }
    }

    fn command(&self, directory: &Path, arguments: &[String]) -> Command {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = self.world.home.command(&arguments);
        command.current_dir(directory).stdin(Stdio::null());
        #[cfg(target_os = "linux")]
        {
            let others = std::env::var_os("PATH").unwrap_or_default();
            let paths = std::iter::once(self.stand_ins.clone()).chain(std::env::split_paths(&others));
            command.env("PATH", std::env::join_paths(paths).unwrap());
        }
        command
    }

    fn run(&self, directory: &Path, arguments: &[String]) -> Ran {
        finish(&mut self.command(directory, arguments))
    }

    /// The arguments with what a reader puts in for examples, and what stands in for a terminal.
    fn filled_in(&self, arguments: &[&str]) -> Vec<String> {
        let day = now().to_zoned(TimeZone::UTC).date().saturating_sub(30.days()).to_string();
        let mut filled: Vec<String> = arguments
            .iter()
            .map(|word| match *word {
                // A day of last month, whenever this runs.
                "2026-01-01" | "2026" => day.clone(),
                "48" => self.recording(),
                "PROVIDER" => "whoop".to_owned(),
                "FILE" => "vitals-backup.db".to_owned(),
                other => other.to_owned(),
            })
            .collect();
        match arguments {
            // Where nobody can be asked.
            ["forget", ..] => filled.push("--yes".to_owned()),
            // Elsewhere than on Linux it would open a window.
            ["dashboard", ..] if cfg!(not(target_os = "linux")) => filled.retain(|word| word != "--open"),
            _ => {}
        }
        filled
    }

    /// The id of some ECG.
    fn recording(&self) -> String {
        let asked = ["records", "withings.heart", "--start", "last 90 days", "--json"];
        let found = self.world.home.run(&asked).expect(0).json();
        let columns = found["columns"].as_array().unwrap();
        let column = columns.iter().position(|column| column == "signal_id").unwrap();
        let ids = found["rows"].as_array().unwrap().iter().map(|row| &row[column]);
        let id = ids.into_iter().find(|id| !id.is_null()).expect("the person has recorded an ECG");
        id.as_str().map_or_else(|| id.to_string(), str::to_owned)
    }

    /// A setting is obeyed by a command that shows everything.
    fn with_setting(&self, assignment: &str) {
        let (name, value) = assignment.split_once('=').unwrap();
        let mut command = self.command(&self.directory, &["status".to_owned()]);
        let ran = finish(command.env(name, value.trim_matches('"')));
        assert_eq!(ran.code, Some(0), "{assignment}: {ran:?}");
    }

    /// A name alone: it runs somewhere else than here, or the documents show how.
    fn mention(&self, name: &str, shown: &Shown, all: &[Shown]) {
        let elsewhere = tempfile::tempdir().unwrap();
        let ran = self.run(elsewhere.path(), &[name.to_owned()]);
        let in_full = format!("vitals-mcp {name} ");
        let explained = ran.code == Some(2) && all.iter().any(|other| other.text.starts_with(&in_full));
        assert!(ran.code == Some(0) || explained, "{}: `{}`: {ran:?}", shown.file, shown.text);
    }

    /// As a client does: starts it, asks for the tools, goes away.
    fn serve(&self, arguments: &[&str]) {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let mut server = Server::start(self.command(&self.directory, &arguments));
        server.initialize();
        let listed = server.request("tools/list", &json!({}));
        assert!(!listed["result"]["tools"].as_array().unwrap().is_empty(), "{listed}");
        server.close().expect(0);
    }

    /// Something that goes on until it is stopped, and tells of what happens.
    fn watch(&self, arguments: &[&str]) {
        let mut arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        arguments.extend(["--since".to_owned(), "seq:0".to_owned()]);
        let mut watching = Server::start(self.command(&self.directory, &arguments));
        assert!(watching.line().starts_with('{'));
    }

    /// A sign-in as the document shows it, on a port that is free, by somebody who allows everything.
    fn sign_in(&self, provider: &str, options: &[&str]) {
        let provider = if provider == "PROVIDER" { "whoop" } else { provider };
        let port = free_port().to_string();
        let on_port: Vec<String> = options.iter().map(|word| word.replace("8765", &port)).collect();
        let named =
            on_port.iter().position(|word| word == "--redirect-uri").map(|at| on_port[at + 1].clone());
        let redirect = named.clone().unwrap_or_else(|| format!("http://localhost:{port}/callback"));
        self.world.simulation.register_app(CLIENT_ID, CLIENT_SECRET, &redirect);
        let mut arguments = vec!["auth".to_owned(), provider.to_owned()];
        arguments.extend(on_port.iter().cloned());
        let (pasted, brought) = (options.contains(&"--paste"), options.contains(&"--token-stdin"));
        if !pasted && !brought {
            arguments.push("--no-browser".to_owned());
        }
        if named.is_none() && !brought {
            arguments.extend(["--port".to_owned(), port]);
        }
        let upper = provider.to_uppercase();
        let mut child = self
            .command(&self.directory, &arguments)
            .env(format!("{upper}_CLIENT_ID"), CLIENT_ID)
            .env(format!("{upper}_CLIENT_SECRET"), CLIENT_SECRET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        if brought {
            writeln!(stdin, "{}", self.world.simulation.oura.issue_personal_token()).unwrap();
        } else {
            let mut page = String::new();
            stdout.read_line(&mut page).unwrap();
            let page = page.trim().parse().unwrap();
            if pasted {
                let back = browser::leads_to(&page).unwrap().expect("the page sends the browser back");
                writeln!(stdin, "{back}").unwrap();
            } else {
                assert_eq!(browser::visit(&page).unwrap(), 200, "{arguments:?}");
            }
        }
        drop(stdin);
        // Read to its end, so that it is not written into nothing.
        let rest: Vec<String> = stdout.lines().map_while(Result::ok).collect();
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{arguments:?}: {rest:?} {stderr}");
    }
}
