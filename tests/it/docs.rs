//! Tripwires: what the documents claim and the program knows is compared, so that neither can drift.
//!
//! Tables between `<!-- generated: NAME -->` and `<!-- end -->` are made from the program;
//! `UPDATE_DOCS=1 cargo test --locked docs` rewrites them.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
};

use jiff::civil::date;
use serde_json::Value;

use crate::{
    harness::{Home, root},
    world::{World, now},
};

/// What the program says about itself.
fn facts() -> &'static Value {
    static FACTS: OnceLock<Value> = OnceLock::new();
    FACTS.get_or_init(|| Home::new().run(&["__docs"]).expect(0).json())
}

fn rows(of: &str) -> &'static [Value] {
    facts()[of].as_array().unwrap()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// Insists that the block of that name holds these lines, or rewrites it when asked to.
#[track_caller]
fn generated(file: &str, name: &str, wanted: &str) {
    /// Several blocks of one file are rewritten by tests that run at the same time.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = read(file);
    let open = format!("<!-- generated: {name} -->\n");
    let start = text.find(&open).unwrap_or_else(|| panic!("{file} has no block '{name}'")) + open.len();
    let end =
        start + text[start..].find("<!-- end -->").unwrap_or_else(|| panic!("'{name}' in {file} has no end"));
    let wanted = format!("\n{}\n\n", wanted.trim_end());
    if text[start..end] == wanted {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(file), [&text[..start], &wanted, &text[end..]].concat()).unwrap();
        return;
    }
    panic!("'{name}' in {file} is not what the program says; UPDATE_DOCS=1 rewrites it to:\n{wanted}");
}

fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", headings.join(" | "), "---|".repeat(headings.len()));
    for row in rows {
        let cells: Vec<_> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The first sentence of a text; a line of its own is one.
fn sentence(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default();
    text.split_once(". ").map_or_else(|| text.to_owned(), |(first, _)| format!("{first}."))
}

#[test]
fn what_is_mirrored_and_what_is_left_out_is_listed() {
    let mirrored = rows("providers").iter().flat_map(|provider| {
        let id = string(&provider["id"]);
        let (names, about) =
            (provider["resources"].as_array().unwrap(), provider["about"].as_array().unwrap());
        names
            .iter()
            .zip(about)
            .map(move |(name, about)| vec![format!("`{id}.{}`", string(name)), sentence(&string(about))])
    });
    generated("docs/MIRRORED.md", "mirrored", &table(&["Kind", "What it is"], mirrored));
    let left_out = rows("providers").iter().flat_map(|provider| {
        provider["not_mirrored"].as_array().unwrap().iter().map(|row| {
            let operations = row["operations"].as_array().unwrap().iter();
            let operations: Vec<String> =
                operations.map(|one| format!("`{}`", string(one).trim_end())).collect();
            vec![string(&provider["title"]), operations.join(", "), string(&row["why"])]
        })
    });
    generated("docs/MIRRORED.md", "left out", &table(&["Provider", "Operations", "Why"], left_out));
}

#[test]
fn readme_lists_the_tools() {
    let rows = rows("tools").iter().map(|tool| {
        let arguments = tool["inputSchema"]["properties"].as_object();
        let arguments: Vec<_> =
            arguments.into_iter().flatten().map(|(name, _)| format!("`{name}`")).collect();
        vec![
            format!("`{}`", string(&tool["name"])),
            sentence(&string(&tool["description"])),
            arguments.join(", "),
        ]
    });
    generated("README.md", "tools", &table(&["Tool", "What it answers", "Arguments"], rows));
}

/// What is asked of the invented person in README, and the command that answers it.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "How was the last week of March?",
        &[
            "day",
            "2026-W13",
            "--metric",
            "total_sleep_time",
            "--metric",
            "resting_heart_rate",
            "--metric",
            "steps",
        ],
    ),
    (
        "Do I sleep longer after a day with a workout?",
        &["analyze", "compare", "total_sleep_time", "workout", "--start", "2026-01", "--end", "2026-03"],
    ),
    ("Why is there no weight on 25 March?", &["explain", "2026-03-25", "--metric", "weight"]),
];

#[test]
fn readme_shows_answers_as_they_come() {
    // Days that are over: what is said of them stays the same.
    let world =
        World::at(now(), date(2026, 1, 1), date(2026, 3, 31)).signed_in_to(&["whoop", "oura", "withings"]);
    world.home.run(&["sync"]).expect(0);
    let mut text = String::new();
    for (question, arguments) in EXAMPLES {
        let answer = world.home.run(arguments).expect(0).stdout;
        let answer: Vec<_> = answer.trim_end().lines().map(str::trim_end).collect();
        let _ = writeln!(text, "*{question}*\n\n```text\n$ vitals-mcp {}", arguments.join(" "));
        let _ = writeln!(text, "{}\n```\n", answer.join("\n"));
    }
    generated("README.md", "answers", &text);
}

#[test]
fn readme_lists_the_resources() {
    let all = [("resources", "uri"), ("templates", "uriTemplate")].into_iter().flat_map(|(list, uri)| {
        rows(list)
            .iter()
            .map(move |row| vec![format!("`{}`", string(&row[uri])), string(&row["description"])])
    });
    generated("README.md", "resources", &table(&["Resource", "What it holds"], all));
}

#[test]
fn readme_lists_the_prompts() {
    let rows = rows("prompts").iter().map(|prompt| {
        let arguments = prompt["arguments"].as_array().unwrap().iter().map(|argument| {
            let required = if argument["required"] == true { " (required)" } else { "" };
            format!("`{}`{required}", string(&argument["name"]))
        });
        vec![
            format!("`{}`", string(&prompt["name"])),
            string(&prompt["description"]),
            arguments.collect::<Vec<_>>().join(", "),
        ]
    });
    generated("README.md", "prompts", &table(&["Prompt", "What it makes", "Arguments"], rows));
}

#[test]
fn readme_lists_the_views_that_are_of_no_single_kind() {
    let kinds: BTreeSet<String> = rows("providers")
        .iter()
        .flat_map(|provider| {
            let resources = provider["resources"].as_array().unwrap();
            resources.iter().map(|resource| format!("v_{}_{}", string(&provider["id"]), string(resource)))
        })
        .collect();
    let shown = rows("views").iter().filter(|view| !kinds.contains(&string(&view["name"]))).map(|view| {
        let columns: Vec<_> = view["columns"].as_array().unwrap().iter().map(string).collect();
        vec![format!("`{}`", string(&view["name"])), sentence(&string(&view["about"])), columns.join(", ")]
    });
    generated("README.md", "views", &table(&["View", "A row is", "Columns"], shown));
}

#[test]
fn readme_lists_the_settings() {
    let rows = rows("settings").iter().map(|setting| {
        let default = string(&setting["default"]);
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        vec![format!("`{}`", string(&setting["env"])), default, string(&setting["about"])]
    });
    generated("README.md", "settings", &table(&["Variable", "Default", "What it does"], rows));
}

#[test]
fn readme_lists_whose_value_counts_first() {
    let rows = rows("preferences").iter().map(|row| {
        let list = |of: &str, quote: &str| -> Vec<String> {
            row[of].as_array().unwrap().iter().map(|name| format!("{quote}{}{quote}", string(name))).collect()
        };
        let metrics = list("metrics", "`").join(", ");
        let metrics = if metrics.is_empty() { "everything else".to_owned() } else { metrics };
        vec![metrics, list("order", "").join(", "), string(&row["reason"])]
    });
    generated("README.md", "preferences", &table(&["What", "Order", "Why"], rows));
}

#[test]
fn readme_and_help_list_the_exit_codes() {
    let mut exits =
        vec![vec!["0".to_owned(), String::new(), "Everything that was asked for was done.".to_owned()]];
    let mut errors: Vec<_> = rows("errors").iter().collect();
    errors.sort_by_key(|error| error["exit"].as_u64());
    exits.extend(errors.iter().map(|error| {
        vec![error["exit"].to_string(), format!("`{}`", string(&error["name"])), string(&error["meaning"])]
    }));
    let help = Home::new().run(&["--help"]).expect(0).stdout;
    for exit in &exits {
        let name = exit[1].trim_matches('`');
        let line = help
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{} ", exit[0])) && line.contains(name));
        assert!(line.is_some(), "--help does not name {exit:?}");
    }
    generated("README.md", "exit codes", &table(&["Exit code", "Error code", "Meaning"], exits));
}

#[test]
fn privacy_lists_every_host() {
    let hosts = rows("providers").iter().flat_map(|provider| {
        let title = string(&provider["title"]);
        provider["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .map(move |host| vec![title.clone(), format!("`{}`", string(host))])
    });
    generated("PRIVACY.md", "hosts", &table(&["Provider", "Host"], hosts));
}

#[test]
fn privacy_lists_every_scope() {
    let scopes = rows("providers").iter().flat_map(|provider| {
        let title = string(&provider["title"]);
        let offline = provider["offline_scope"].as_str().map(|name| {
            vec![
                title.clone(),
                format!("`{name}`"),
                "no data; the refresh token that keeps you signed in".to_owned(),
            ]
        });
        let scopes: Vec<_> = provider["scopes"].as_array().unwrap().iter().collect();
        let named = scopes.into_iter().map(|scope| {
            vec![title.clone(), format!("`{}`", string(&scope["name"])), string(&scope["gives"])]
        });
        named.chain(offline).collect::<Vec<_>>()
    });
    generated("PRIVACY.md", "scopes", &table(&["Provider", "Scope", "What it gives"], scopes));
}

#[test]
fn the_map_has_every_part_of_the_source_and_agents_repeats_it() {
    let main = read("src/main.rs");
    let map: Vec<_> = main.lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
    let mapped: BTreeSet<_> = map.iter().filter_map(|row| Some(row.split_once('`')?.0.to_owned())).collect();
    let there: BTreeSet<_> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".rs").to_owned())
        .filter(|name| !matches!(name.as_str(), "main" | "lib"))
        .collect();
    assert_eq!(mapped, there, "the map in src/main.rs and the folder differ");
    assert_eq!(map.len(), there.len(), "a part is mapped twice");
    let block = map.join("\n| `");
    generated("AGENTS.md", "map", &format!("| Part | What it is |\n|---|---|\n| `{block}"));
}

#[test]
fn agents_can_be_read_in_one_go() {
    let lines = read("AGENTS.md").lines().count();
    assert!(lines < 120, "{lines} lines");
}

#[test]
fn the_changelog_is_at_the_version() {
    let text = read("CHANGELOG.md");
    let versions: Vec<_> =
        text.lines().filter_map(|line| line.strip_prefix("## [")?.split_once(']')).collect();
    assert_eq!(versions[0].0, "Unreleased");
    assert_eq!(versions[1].0, env!("CARGO_PKG_VERSION"));
}

#[test]
fn readme_and_the_checks_run_the_same_test_command() {
    let command = "cargo test --locked";
    assert!(code_lines(&read("README.md")).any(|line| line == command));
    assert!(read(".ci/run").lines().any(|line| line == command));
}

#[test]
fn no_provider_is_named_outside_its_folder() {
    let ids: Vec<_> =
        rows("providers").iter().map(|provider| format!("\"{}\"", string(&provider["id"]))).collect();
    let mut found = Vec::new();
    named(&root().join("src"), &ids, &mut found);
    assert!(found.is_empty(), "a provider's id is a literal in:\n{}", found.join("\n"));
}

/// Collects lines outside tests, `providers` and `demo` that hold one of the literals.
fn named(folder: &Path, ids: &[String], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if folder != root().join("src") || !matches!(name.as_str(), "providers" | "demo") {
                named(&path, ids, found);
            }
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs")
            || name == "tests"
            || name.ends_with("_tests")
            || name == "testkit"
            || name == "fixtures"
        {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            if ids.iter().any(|id| line.contains(id.as_str())) && !line.trim_start().starts_with("//") {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
}

/// Lines inside code fences.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        if line.starts_with("```") {
            inside = !inside;
            return false;
        }
        inside
    })
}
