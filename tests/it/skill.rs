//! Tripwires over the skill: every tool, argument, metric and command that it names exists.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

use crate::harness::{Home, root};

/// Tools that the skill already names and that are still to come, with the arguments it gives them. Once a tool
/// is there, it is asked itself, and its line here has had its day.
const TO_COME: &[(&str, &[&str])] =
    &[("explain_missing", &["date", "metric"]), ("render_chart", &["metrics", "start"])];

/// Commands that are still to come.
const COMMANDS_TO_COME: &[&str] = &[];

fn files() -> Vec<PathBuf> {
    let folder = root().join("skills/health-insights");
    vec![folder.join("SKILL.md"), folder.join("references/reading-statistics.md")]
}

/// Everything between backticks, outside of code fences.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// What a summary counts besides metrics.
const COUNTED: [&str; 3] = ["workout", "sleep", "nap"];

#[test]
fn every_tool_argument_and_metric_of_the_skill_exists() {
    let facts = Home::new().run(&["__docs"]).expect(0).json();
    let tools: BTreeMap<&str, &Value> = facts["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| (tool["name"].as_str().unwrap(), tool))
        .collect();
    let metrics: Vec<&str> = facts["metrics"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let mut calls = 0;
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        for quote in quoted(&text) {
            let Some((tool, arguments)) = quote.split_once(" {") else { continue };
            let arguments: Value = serde_json::from_str(&format!("{{{arguments}"))
                .unwrap_or_else(|error| panic!("{error} in `{quote}`"));
            calls += 1;
            let known: Vec<&str> = match (tools.get(tool), TO_COME.iter().find(|(name, _)| *name == tool)) {
                (Some(found), _) => {
                    let properties = found["inputSchema"]["properties"].as_object();
                    properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
                }
                (None, Some((_, arguments))) => arguments.to_vec(),
                (None, None) => panic!("there is no tool {tool} (`{quote}`)"),
            };
            for (argument, value) in arguments.as_object().unwrap() {
                assert!(known.contains(&argument.as_str()), "{tool} has no argument {argument} (`{quote}`)");
                let choices =
                    tools.get(tool).map(|tool| &tool["inputSchema"]["properties"][argument]["enum"]);
                if let Some(choices) = choices.and_then(Value::as_array) {
                    assert!(choices.contains(value), "{tool} {argument} takes no {value}");
                }
                let named = match (argument.as_str(), value) {
                    ("metric", Value::String(metric)) => vec![metric.as_str()],
                    ("metrics", Value::Array(metrics)) => metrics.iter().filter_map(Value::as_str).collect(),
                    _ => Vec::new(),
                };
                let counted = |name: &&str| arguments["method"] == "summary" && COUNTED.contains(name);
                for metric in named.into_iter().filter(|name| !counted(name)) {
                    assert!(metrics.contains(&metric), "there is no metric {metric} (`{quote}`)");
                }
            }
        }
    }
    assert!(calls > 12, "{calls} calls are not all of the skill");
}

#[test]
fn the_calls_that_the_skill_shows_for_analyses_are_understood() {
    // On an empty mirror a good question is refused for want of data, a bad one for what is wrong with it.
    let home = Home::new();
    let mut server = home.serve();
    server.initialize();
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        for quote in quoted(&text).filter(|quote| quote.starts_with("analyze {")) {
            let arguments = serde_json::from_str(quote.trim_start_matches("analyze ")).unwrap();
            let told = server.call("analyze", &arguments);
            let message = told["structuredContent"]["error"]["message"].as_str().unwrap_or_default();
            // A summary of nothing says that there is nothing.
            let empty = told["structuredContent"]["metrics"][0]["why"] == "not_connected";
            assert!(
                empty || message.contains("has a value") || message.starts_with("too little data"),
                "`{quote}`: {told}"
            );
        }
    }
}

#[test]
fn every_command_of_the_skill_exists() {
    let help = Home::new().run(&["--help"]).expect(0).stdout;
    let exists = |word: &str| help.lines().any(|line| line.trim_start().split(' ').next() == Some(word));
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        for quote in quoted(&text).filter_map(|quote| quote.strip_prefix("vitals-mcp ")) {
            let word = quote.split(' ').next().unwrap_or_default();
            assert!(exists(word) || COMMANDS_TO_COME.contains(&word), "there is no command {word}");
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(file.parent().unwrap().join(link).is_file(), "{link} is not there");
        }
    }
}

#[test]
fn the_skill_says_what_it_must_never_say() {
    let text = fs::read_to_string(&files()[0]).unwrap();
    assert!(text.starts_with("---\nname: health-insights\ndescription: "), "agents read the first lines");
    for never in
        ["No diagnosis", "No forecast", "No score of your own", "No cause", "No number without a source"]
    {
        assert!(text.contains(never), "{never}");
    }
}

#[test]
fn the_skill_is_installed_printed_and_never_overwrites_what_somebody_wrote() {
    let home = Home::new();
    let folder = home.path().parent().unwrap().join(".claude/skills/health-insights");
    let source = fs::read_to_string(&files()[0]).unwrap();
    let installed = home.run(&["install", "skill", "--json"]).expect(0).json();
    assert_eq!(installed["files"][0]["status"], "created", "{installed}");
    assert_eq!(fs::read_to_string(folder.join("SKILL.md")).unwrap(), source);
    fs::write(folder.join("SKILL.md"), "my own words").unwrap();
    let installed = home.run(&["install", "skill", "--json"]).expect(0).json();
    let backup = installed["files"][0]["backup"].as_str().unwrap();
    assert_eq!(fs::read_to_string(backup).unwrap(), "my own words");
    assert_eq!(fs::read_to_string(folder.join("SKILL.md")).unwrap(), source);
    let printed = home.run(&["install", "skill", "--print"]).expect(0).stdout;
    assert!(printed.starts_with(&source), "{printed}");
    let elsewhere = home.path().join("elsewhere");
    home.run(&["install", "skill", "--dir", elsewhere.to_str().unwrap()]).expect(0);
    assert!(elsewhere.join("references/reading-statistics.md").is_file());
    home.run(&["install", "nothing"]).expect(2);
}
