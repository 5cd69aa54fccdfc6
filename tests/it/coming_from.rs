//! The tables "Coming from another server" of README: no question of theirs is forgotten, and every row that is not
//! marked as planned is asked and answered.

use std::fs;

use serde_json::{Value, json};
use vitals_mcp::demo::withings::Kind;

use crate::{
    harness::{Server, root},
    world::World,
};

/// What the users of each server can ask there.
const ASKED: &[(&str, &[&str])] = &[
    (
        "whoop-mcp",
        &[
            "get_whoop_auth_status",
            "get_whoop_profile",
            "get_whoop_body_measurement",
            "list_whoop_cycles",
            "get_whoop_cycle",
            "get_whoop_cycle_sleep",
            "get_whoop_cycle_recovery",
            "list_whoop_recoveries",
            "list_whoop_sleeps",
            "get_whoop_sleep",
            "list_whoop_workouts",
            "get_whoop_workout",
            "get_whoop_daily_summary",
            "sync_whoop",
            "get_whoop_events",
            "export_whoop",
            "health_check",
            "whoop://db/cycles/{start}/{end}",
            "whoop://db/recoveries/{start}/{end}",
            "whoop://db/sleeps/{start}/{end}",
            "whoop://db/workouts/{start}/{end}",
            "whoop://db/profile",
            "whoop://db/body_measurement",
            "whoop://db/sync_runs/{limit}",
            "whoop://db/events/{since}",
            "whoop://db/events/{since}/{until}",
        ],
    ),
    (
        "oura-mcp",
        &[
            "get_daily_sleep",
            "get_daily_activity",
            "get_daily_readiness",
            "get_daily_stress",
            "get_sleep_periods",
            "get_sleep_time",
            "get_workouts",
            "get_sessions",
            "get_heartrate",
            "get_daily_spo2",
            "get_vo2_max",
            "get_daily_resilience",
            "get_cardiovascular_age",
            "get_personal_info",
            "get_ring_configuration",
            "get_enhanced_tags",
            "get_rest_mode_periods",
            "oura://summary/today",
            "oura://summary/yesterday",
            "oura://personal/info",
            "oura://recent/sleep",
            "oura://recent/activity",
            "start_date=\"today\"",
            "start_date=\"yesterday\"",
            "start_date=\"last week\"",
            "start_date=\"2024-01-01\", end_date=\"2024-01-31\"",
        ],
    ),
    (
        "oura-mcp-server",
        &[
            "get_personal_info",
            "get_sleep_summary",
            "get_readiness_score",
            "get_activity_summary",
            "get_heart_rate",
            "get_workouts",
            "get_sleep_detailed",
            "get_tags",
            "get_health_insights",
        ],
    ),
    (
        "withings-mcp",
        &[
            "get_sleep_summary",
            "get_activity",
            "get_intraday_activity",
            "get_workouts",
            "get_measures",
            "get_user_devices",
            "get_user_goals",
            "list_heart_records",
            "get_heart_signal",
            "list_stetho_records",
            "get_stetho_signal",
        ],
    ),
    (
        "The Withings orchestrator",
        &["GET /health", "POST /workflows/withings/sync", "GET /workflows/withings/observations"],
    ),
];

const CHAPTER: &str = "## Coming from another server\n";
/// Behind the name of a tool that is yet to come.
const PLANNED: &str = " (planned)";

struct Row {
    server: String,
    there: String,
    tool: String,
    planned: bool,
    arguments: Value,
}

fn chapter(readme: &str) -> &str {
    let start = readme.find(CHAPTER).expect("README has the chapter") + CHAPTER.len();
    readme[start..].split("\n## ").next().unwrap()
}

fn rows(chapter: &str) -> Vec<Row> {
    let mut server = String::new();
    let mut rows = Vec::new();
    for line in chapter.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            title.clone_into(&mut server);
        }
        let Some(cells) = line.strip_prefix("| `").and_then(|line| line.strip_suffix("` |")) else {
            continue;
        };
        let cells: Vec<&str> = cells.split(" | ").collect();
        let [there, tool, arguments] = cells[..] else { panic!("a row of three cells: {line}") };
        let planned = tool.ends_with(PLANNED);
        let arguments = arguments.trim_start_matches('`');
        rows.push(Row {
            server: server.clone(),
            there: there.trim_end_matches('`').to_owned(),
            tool: tool.trim_end_matches(PLANNED).trim_matches('`').to_owned(),
            planned,
            arguments: serde_json::from_str(arguments).unwrap_or_else(|error| panic!("{error}: {line}")),
        });
    }
    rows
}

#[test]
fn no_question_of_theirs_is_forgotten() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let rows = rows(chapter(&readme));
    for (server, asked) in ASKED {
        let answered: Vec<&str> =
            rows.iter().filter(|row| row.server == *server).map(|row| row.there.as_str()).collect();
        assert_eq!(&answered, asked, "{server}");
    }
    let known: usize = ASKED.iter().map(|(_, asked)| asked.len()).sum();
    assert_eq!(rows.len(), known, "a table of a server that nobody knows");
}

/// The id of some record that an argument `<id>` may stand for; of recordings, which the person makes as it comes,
/// there may be none.
fn id_for(server: &mut Server, row: &Row) -> Option<String> {
    let (kind, column) = match (row.tool.as_str(), row.arguments["kind"].as_str().unwrap()) {
        ("get_signal", "ecg") => ("withings.heart", "signal_id"),
        ("get_signal", _) => ("withings.stetho", "id"),
        ("list_records", "whoop.recovery") => ("whoop.recovery", "cycle_id"),
        (_, kind) => (kind, "id"),
    };
    let asked = json!({ "kind": kind, "start": "last 90 days", "fields": [column] });
    let found = server.call("list_records", &asked)["structuredContent"]["rows"].clone();
    let ids = found.as_array().into_iter().flatten().map(|row| &row[0]).find(|id| !id.is_null());
    assert!(ids.is_some() || row.tool == "get_signal", "{}: no {kind} has a {column}", row.there);
    ids.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
}

#[test]
fn every_question_that_is_not_planned_is_answered() {
    let world = World::connected(60);
    world.home.run(&["sync"]).expect(0);
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut server = world.home.serve();
    server.initialize();
    let listed = server.request("tools/list", &json!({}))["result"]["tools"].clone();
    let is_here = |tool: &str| listed.as_array().unwrap().iter().any(|listed| listed["name"] == tool);
    let mut to_turn_on = Vec::new();
    let mut answered = 0;
    for row in rows(chapter(&readme)) {
        let Row { server: peer, there, tool, planned, arguments } = &row;
        if *planned && is_here(tool) {
            to_turn_on.push((format!("`{tool}`{PLANNED}"), format!("`{tool}`")));
        }
        if !is_here(tool) {
            assert!(
                *planned,
                "{peer}, {there}: there is no tool {tool}, and the row is not marked as planned"
            );
            continue;
        }
        let mut text = arguments.to_string();
        if text.contains("<id>") {
            let Some(id) = id_for(&mut server, &row) else {
                let (kind, signal) = match arguments["kind"].as_str() {
                    Some("ecg") => (Kind::Heart, "/ecg/signalid"),
                    _ => (Kind::Stetho, "/signalid"),
                };
                let upstream = world.simulation.withings.records(kind);
                let made = upstream.iter().any(|record| record.pointer(signal).is_some());
                assert!(!made, "{there}: a recording that was made is not listed");
                continue;
            };
            text = text.replace("<id>", &id);
        }
        let arguments: Value = serde_json::from_str(&text).unwrap();
        let answer = server.call(tool, &arguments);
        assert_ne!(answer["isError"], true, "{peer}, {there}: {tool} {arguments}: {answer}");
        let count = &answer["structuredContent"]["count"];
        let may_be_empty =
            ["stetho", "rest_mode", "2024-01-01", "enhanced_tag", "resilience", "today", "goal"];
        if tool == "list_records" && !may_be_empty.iter().any(|part| text.contains(part)) {
            assert!(
                count.as_u64().is_some_and(|count| count > 0),
                "{peer}, {there}: {tool} {arguments}: {answer}"
            );
        }
        answered += 1;
    }
    assert!(answered > 60, "{answered} rows were asked");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        // Read again: other tests rewrite other parts of it at the same time.
        let mut readme = fs::read_to_string(&path).unwrap();
        for (planned, here) in &to_turn_on {
            readme = readme.replace(planned, here);
        }
        fs::write(&path, readme).unwrap();
    } else {
        assert!(to_turn_on.is_empty(), "no longer planned, UPDATE_DOCS=1 says so: {to_turn_on:?}");
    }
    server.close().expect(0);
}
