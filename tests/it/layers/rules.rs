//! Which part of the source may import which, and which words stand in one part only.

use std::{collections::BTreeSet, fs, path::Path};

use super::{
    paths::{Named, named},
    source::{Source, files, part, words},
};

/// What everybody may use. `clock` and `files` are not here: reading the time or a file is a privilege.
const BASICS: &[&str] = &["error", "invocation", "model"];

/// A folder or file of `src`, and what it may import besides itself and [`BASICS`].
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("analytics", &[]),
    ("app", &["clock", "config", "days", "query", "store", "sync"]),
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
            "days",
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
    ("days", &["providers", "store"]),
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
    ("mcp", &["app", "charts", "export", "insight", "providers", "query", "service", "sync"]),
    ("model", &[]),
    ("process", &["cli"]),
    ("providers", &[]),
    ("query", &["days", "providers", "store"]),
    (
        "service",
        &["app", "auth", "clock", "config", "export", "files", "providers", "query", "store", "sync"],
    ),
    ("store", &["clock", "config", "files"]),
    ("sync", &["auth", "clock", "config", "days", "files", "http", "ingest", "lock", "providers", "store"]),
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
    let found: Vec<String> = Source::all().iter().flat_map(violations).collect();
    assert!(found.is_empty(), "{} lines break the map:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_import_that_is_allowed_is_used() {
    let parts: Vec<&str> = MAY_IMPORT.iter().map(|(part, _)| *part).collect();
    let used: BTreeSet<(String, String)> = Source::all()
        .iter()
        .flat_map(|source| {
            // The root names its parts without `crate`.
            let children = if source.part() == "lib" { &parts[..] } else { &[] };
            let named = named(source, children).into_iter().filter(|one| !source.is_test(one.position));
            named
                .filter_map(|one| Some((source.part().to_owned(), one.path.first()?.clone())))
                .collect::<Vec<_>>()
        })
        .collect();
    let unused = |part: &&str, allowed: &&str| !used.contains(&((*part).to_owned(), (*allowed).to_owned()));
    let found: Vec<String> = MAY_IMPORT
        .iter()
        .flat_map(|(part, allowed)| allowed.iter().map(move |allowed| (part, allowed)))
        .filter(|(part, allowed)| unused(part, allowed))
        .map(|(part, allowed)| format!("{part} need not import {allowed}"))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_part_of_the_source_has_its_row() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let part = part(&name);
        assert!(MAY_IMPORT.iter().any(|(known, _)| *known == part), "{name} has no row in MAY_IMPORT");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "tests/it", "examples"] {
        for file in files(&root.join(folder)) {
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
        let found = violations(&Source::new(file, text));
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
        assert_eq!(violations(&Source::new(file, text)), Vec::<String>::new(), "{file}: {text}");
    }
}

/// Every line of one file that breaks a rule, as `src/file:line: why`.
fn violations(source: &Source) -> Vec<String> {
    let here = source.part();
    let allowed = MAY_IMPORT.iter().find(|(name, _)| *name == here).map_or(&[][..], |(_, allowed)| *allowed);
    let mut found = Vec::new();
    for Named { position, path, .. } in named(source, &[]) {
        let module = path.first().map_or("", String::as_str);
        let known = MAY_IMPORT.iter().any(|(name, _)| *name == module);
        let may = module == here || BASICS.contains(&module) || allowed.contains(&module);
        if source.is_test(position) {
            continue;
        }
        if known && !may {
            found.push((position, format!("{here} may not import {module}")));
        } else if here == "http"
            && module == "providers"
            && path.get(1).is_none_or(|name| name != "catalogue")
        {
            found.push((position, "http may import the catalogue, not a provider".to_owned()));
        }
    }
    for (word, places, why) in ONLY_IN {
        if !places.iter().any(|place| source.file.starts_with(place)) {
            // What a test prints is captured with it.
            let stands = words(&source.code, word);
            let stands = stands.filter(|position| !(word.ends_with('!') && source.is_test(*position)));
            found.extend(stands.map(|position| (position, format!("{word}: {why}"))));
        }
    }
    found.sort();
    found.into_iter().map(|(position, why)| format!("{}: {why}", source.line(position))).collect()
}
