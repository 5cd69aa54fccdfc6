//! Who may import whom: reads the source and names the line that breaks a rule of the map in `main.rs`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What everybody may use. `clock` and `files` are not here: reading the time or a file is a privilege.
const BASICS: &[&str] = &["error", "invocation", "model"];

/// A folder or file of `src`, and what it may import besides itself and [`BASICS`].
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("analytics", &[]),
    ("app", &["auth", "clock", "config", "http", "providers", "query", "store", "sync"]),
    ("auth", &["clock", "config", "files", "http", "lock", "providers", "store"]),
    ("charts", &["analytics", "query"]),
    (
        "cli",
        &[
            "app",
            "auth",
            "charts",
            "clock",
            "config",
            "demo",
            "export",
            "files",
            "http",
            "ingest",
            "insight",
            "logging",
            "providers",
            "query",
            "service",
            "store",
            "sync",
        ],
    ),
    ("clock", &[]),
    ("config", &[]),
    ("demo", &[]),
    ("error", &[]),
    ("export", &["files", "query"]),
    ("files", &[]),
    ("fuzzing", &["auth", "config", "ingest", "mcp", "providers", "query", "store"]),
    ("http", &["clock", "config", "providers"]),
    ("ingest", &["providers", "store"]),
    ("insight", &["analytics", "query"]),
    ("invocation", &[]),
    ("lib", &["cli", "mcp", "process"]),
    ("lock", &["clock", "files"]),
    ("logging", &["clock", "config", "files"]),
    ("main", &[]),
    (
        "mcp",
        &[
            "app",
            "auth",
            "charts",
            "clock",
            "config",
            "export",
            "insight",
            "providers",
            "query",
            "service",
            "store",
            "sync",
        ],
    ),
    ("model", &[]),
    ("process", &["cli"]),
    ("providers", &[]),
    ("query", &["clock", "providers", "store"]),
    (
        "service",
        &[
            "app",
            "auth",
            "clock",
            "config",
            "export",
            "files",
            "insight",
            "providers",
            "query",
            "store",
            "sync",
        ],
    ),
    ("store", &["clock", "config", "files"]),
    ("sync", &["auth", "clock", "config", "files", "http", "ingest", "lock", "providers", "store"]),
];

/// A word that may stand only in these places of `src`, and why.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("rusqlite", &["store/"], "only store knows SQL"),
    ("reqwest", &["http/"], "only http knows reqwest"),
    ("rmcp", &["mcp/"], "only mcp knows the protocol's library"),
    ("plotters", &["charts/"], "only charts draws"),
    ("tiny_http", &["auth/"], "only the sign-in answers a browser"),
    ("SystemTime::now", &["clock.rs"], "only clock reads the time"),
    ("Timestamp::now", &["clock.rs"], "only clock reads the time"),
    ("Zoned::now", &["clock.rs"], "only clock reads the time"),
    ("println!", &["cli/output.rs"], "stdout and stderr have one printer"),
    ("print!", &["cli/output.rs"], "stdout and stderr have one printer"),
    ("eprintln!", &["cli/output.rs"], "stdout and stderr have one printer"),
    ("eprint!", &["cli/output.rs"], "stdout and stderr have one printer"),
];

#[test]
fn imports_follow_the_map() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in sources(&src) {
        let name = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        found.extend(violations(&name, &fs::read_to_string(&file).unwrap()));
    }
    assert!(found.is_empty(), "{} lines break the map:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_part_of_the_source_has_its_row() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let layer = layer(&name);
        assert!(MAY_IMPORT.iter().any(|(known, _)| *known == layer), "{name} has no row in MAY_IMPORT");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "tests/it", "examples"] {
        for file in sources(&root.join(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//! "), "{} has no header", file.display());
        }
    }
}

#[test]
fn planted_violations_are_caught() {
    for (file, text, expected) in [
        ("cli/day.rs", "use crate::mcp::serve;", 1),
        ("cli/day.rs", "use crate::{\n    app::App,\n    query::{self, day},\n    mcp,\n};", 4),
        ("query/day.rs", "fn f() { crate::http::Http::new(); }", 1),
        ("cli/mod.rs", "use super::mcp;", 1),
        ("cli/day.rs", "\nuse super::super::{error, mcp::serve};", 2),
        ("mcp/tools/day.rs", "use crate::cli::output;", 1),
        ("query/day.rs", "use crate::sync::Engine;", 1),
        ("providers/whoop/mod.rs", "use crate::clock;", 1),
        ("model/time.rs", "use crate::store::Store;", 1),
        ("http/mod.rs", "use crate::providers::whoop;", 1),
        ("query/day.rs", "use rusqlite::Connection;", 1),
        ("auth/mod.rs", "let client = reqwest::Client::new();", 1),
        ("sync/plan.rs", "let now = jiff::Timestamp::now();", 1),
        ("mcp/mod.rs", "    eprintln!(\"hello\");", 1),
    ] {
        let found = violations(file, text);
        assert_eq!(found.len(), 1, "{file}: {text:?} gave {found:?}");
        assert!(found[0].starts_with(&format!("src/{file}:{expected}: ")), "{found:?}");
    }
}

#[test]
fn what_the_map_allows_passes() {
    for (file, text) in [
        ("cli/day.rs", "use crate::{app::App, query::{day, mcp_words}};"),
        ("cli/day.rs", "use super::output;"),
        ("cli/mod.rs", "mod mcp_words; // crate::mcp is not used here\n/// See [`crate::mcp`].\nfn f() {}"),
        ("cli/day.rs", "let text = \"crate::mcp and rusqlite and println!\";"),
        (
            "cli/day.rs",
            "let text = \"a \\\" crate::mcp\"; let c = '\"'; let l: &'static str = r#\"crate::mcp\"#;",
        ),
        ("http/mod.rs", "use crate::providers::catalogue::Reply;"),
        ("http/tests.rs", "use crate::providers;"),
        ("http/tests/timing.rs", "use crate::providers;"),
        ("http/limit.rs", "#[cfg(test)]\nmod tests {\n    use crate::providers;\n}"),
        ("http/mod.rs", "use crate::{clock, providers::catalogue::{Provider, Reply}};"),
        ("store/mod.rs", "use rusqlite::Connection;"),
        ("store/write.rs", "use super::relations;"),
        ("clock.rs", "pub fn now() -> Timestamp { Timestamp::now() }"),
        ("mcp/mod.rs", "my_println!(x); self.rmcp_like();"),
    ] {
        assert_eq!(violations(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}

/// Every line of one file that breaks a rule, as `src/file:line: why`.
fn violations(file: &str, text: &str) -> Vec<String> {
    let code = without_comments_and_strings(text);
    let here = layer(file);
    let allowed = MAY_IMPORT.iter().find(|(name, _)| *name == here).map_or(&[][..], |(_, allowed)| *allowed);
    // A test may build what it needs from anywhere.
    let first_test = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
    let in_test = |position: usize| position >= first_test || is_for_tests(file);
    let mut found = Vec::new();
    for (position, path) in imports(&code, depth(file)) {
        let module = path.split("::").next().unwrap_or_default();
        let known = MAY_IMPORT.iter().any(|(name, _)| *name == module);
        let may = module == here || BASICS.contains(&module) || allowed.contains(&module);
        if in_test(position) {
            continue;
        }
        if known && !may {
            found.push((position, format!("{here} may not import {module}")));
        } else if here == "http" && module == "providers" && !path.starts_with("providers::catalogue") {
            found.push((position, "http may import the catalogue, not a provider".to_owned()));
        }
    }
    for (word, places, why) in ONLY_IN {
        if !places.iter().any(|place| file.starts_with(place)) {
            // What a test prints is captured with it.
            let stands = words(&code, word).filter(|position| !(word.ends_with('!') && in_test(*position)));
            found.extend(stands.map(|position| (position, format!("{word}: {why}"))));
        }
    }
    found.sort();
    found
        .into_iter()
        .map(|(position, why)| format!("src/{file}:{}: {why}", code[..position].matches('\n').count() + 1))
        .collect()
}

/// Whether the whole file is compiled for tests only. By name, its own or its folder's, so that it is seen.
fn is_for_tests(file: &str) -> bool {
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rs");
    stem.ends_with("tests") || matches!(stem, "fixtures" | "stub" | "testkit") || file.contains("/tests/")
}

/// The part of the map a file belongs to: its first folder, or its own name.
fn layer(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// How many `super` lead from a file's module to the root of the crate.
fn depth(file: &str) -> usize {
    let parts = file.trim_end_matches(".rs").split('/');
    parts.filter(|part| !matches!(*part, "mod" | "lib" | "main")).count()
}

/// Paths that start at the crate's root, by `crate::` or by enough `super::`, with where they stand.
fn imports(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for position in words(code, "crate") {
        if let Some(rest) = code[position..].strip_prefix("crate::") {
            tree(code, code.len() - rest.len(), &mut found);
        }
    }
    for position in words(code, "super") {
        if code[..position].ends_with("super::") {
            continue;
        }
        let (mut at, mut supers) = (position, 0);
        while code[at..].starts_with("super::") {
            (at, supers) = (at + "super::".len(), supers + 1);
        }
        if supers >= depth.max(1) {
            tree(code, at, &mut found);
        }
    }
    found
}

/// Adds the path at `at`, or each path of the group in braces there, two names deep.
fn tree(code: &str, at: usize, found: &mut Vec<(usize, String)>) {
    if !code[at..].starts_with('{') {
        return found.push((at, path(&code[at..])));
    }
    let (mut level, mut expect) = (0, false);
    for (offset, c) in code[at..].char_indices() {
        match c {
            '{' => {
                level += 1;
                expect = level == 1;
            }
            '}' => level -= 1,
            ',' => expect = level == 1,
            c if c.is_whitespace() => {}
            _ if expect => {
                found.push((at + offset, path(&code[at + offset..])));
                expect = false;
            }
            _ => {}
        }
        if level == 0 {
            break;
        }
    }
}

/// The path a piece of code starts with; of a group after the first name, the first member stands for all.
fn path(code: &str) -> String {
    code.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect()
}

/// Where a word stands in the code, not as a part of another.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(position, _)| position).filter(move |&position| {
        let before = code[..position].chars().next_back();
        let after = code[position + word.len()..].chars().next();
        !before.is_some_and(inside) && (word.ends_with('!') || !after.is_some_and(inside))
    })
}

/// The code with comments and the insides of strings blanked out, line by line as long as before.
fn without_comments_and_strings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = raw_string(rest) {
            length
        } else if c == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        out.extend(rest[..skipped].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[skipped..];
    }
    out
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
    let open = 1 + hashes;
    text[open..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text[open + 1..].find(&end).map_or(text.len(), |at| open + 1 + at + end.len()))
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
