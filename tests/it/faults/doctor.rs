//! `doctor`: each thing that can be wrong is found, and each finding says how to mend it.

use std::fs;

use serde_json::{Value, json};
use vitals_mcp::demo::whoop::Kind;

use crate::{
    harness::{Home, Ran},
    world::World,
};

fn checks(ran: &Ran) -> Vec<Value> {
    let found = ran.json();
    let checks = found["checks"].as_array().unwrap().clone();
    for check in &checks {
        let mend = check["mend"].as_str().unwrap_or_default();
        assert_eq!(check["ok"] == false, !mend.is_empty(), "a finding without a mend: {check}");
    }
    checks
}

fn check<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name} in {checks:?}"))
}

#[test]
fn a_sound_home_passes_every_check() {
    let world = World::connected(10);
    let before = checks(&world.home.run(&["doctor", "--json"]).expect(8));
    assert!(check(&before, "whoop history")["mend"].as_str().unwrap().contains("vitals-mcp sync whoop"));
    world.home.run(&["sync"]).expect(0);
    let found = checks(&world.home.run(&["doctor", "--live", "--json"]).expect(0));
    for name in ["data directory", "key", "disk", "clock", "time zone", "database", "redirect", "clients"] {
        assert_eq!(check(&found, name)["ok"], true, "{name}");
    }
    for provider in ["whoop", "oura", "withings"] {
        let sign_in = check(&found, &format!("{provider} sign-in"));
        assert!(sign_in["detail"].as_str().unwrap().contains("scopes"), "{sign_in}");
        let history = check(&found, &format!("{provider} history"));
        assert!(history["detail"].as_str().unwrap().contains("records"), "{history}");
    }
    assert!(check(&found, "database")["detail"].as_str().unwrap().contains("schema"), "{found:?}");
}

#[test]
fn a_provider_that_nobody_is_signed_in_to_is_knocked_at_only_when_asked() {
    let world = World::new(3);
    world.home.run(&["doctor", "--json"]).expect(0);
    assert_eq!(world.simulation.whoop.request_count(), 0);
    let found = checks(&world.home.run(&["doctor", "--live", "--json"]).expect(0));
    assert_eq!(check(&found, "whoop network")["ok"], true);
    assert_eq!(world.simulation.whoop.request_count(), 1);
    let nowhere = Home::new().with("VITALS_WHOOP_URL", "http://127.0.0.1:1");
    let nowhere = nowhere
        .with("VITALS_OURA_URL", "http://127.0.0.1:1")
        .with("VITALS_WITHINGS_URL", "http://127.0.0.1:1");
    let found = checks(&nowhere.run(&["doctor", "--live", "--json"]).expect(6));
    assert!(
        check(&found, "whoop network")["detail"].as_str().unwrap().contains("no connection"),
        "{found:?}"
    );
}

#[test]
fn each_fault_is_found_by_the_check_that_is_named_for_it() {
    let world = World::connected_to(&["whoop"], 10);
    world.home.run(&["sync"]).expect(0);
    let home = world.home.path();
    let doctor = || checks(&world.home.run(&["doctor", "--offline", "--json"]));
    let key = fs::read(home.join("config/key")).unwrap();
    fs::write(home.join("config/key"), "no key").unwrap();
    assert_eq!(check(&doctor(), "key")["ok"], false);
    fs::remove_file(home.join("config/key")).unwrap();
    assert!(check(&doctor(), "key")["mend"].as_str().unwrap().contains("Put the key file back"));
    fs::write(home.join("config/key"), key).unwrap();
    assert_eq!(check(&doctor(), "key")["ok"], true);

    let mut broken = world.simulation.whoop.records(Kind::Workout)[1].clone();
    broken["id"] = json!("0000aaaa-0000-4000-8000-000000000000");
    broken["start"] = json!("sometime");
    world.simulation.whoop.insert(Kind::Workout, broken);
    world.home.run(&["sync"]).expect(11);
    assert_eq!(check(&doctor(), "whoop records")["ok"], false);

    world.simulation.whoop.revoke_all();
    world.home.run(&["sync"]).expect(3);
    let found = doctor();
    assert!(check(&found, "whoop sign-in")["mend"].as_str().unwrap().contains("vitals-mcp auth whoop"));

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::create_dir_all(home.join("backups")).unwrap();
        fs::set_permissions(home.join("backups"), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(check(&doctor(), "other files")["detail"].as_str().unwrap().contains("backups"));
    }
}

#[test]
fn clients_that_start_this_program_are_found_and_judged_without_a_value() {
    let home = Home::new();
    let person = home.path().parent().unwrap().to_owned();
    let program = env!("CARGO_BIN_EXE_vitals-mcp");
    let entry =
        |command: &str, env: Value| json!({ "mcpServers": { "vitals": { "command": command, "env": env } } });
    let desktop = if cfg!(target_os = "macos") {
        "Library/Application Support/Claude/claude_desktop_config.json"
    } else {
        ".config/Claude/claude_desktop_config.json"
    };
    for (file, text) in [
        (".claude.json", entry(program, json!({})).to_string()),
        (".cursor/mcp.json", entry("/nowhere/vitals-mcp", json!({})).to_string()),
        (".gemini/settings.json", entry(program, json!({ "WHOOP_CLIENT_SECRET": "hush" })).to_string()),
        (desktop, format!("{{\"mcpServers\": {{\"v\": {program:?}, }} // vitals-mcp")),
        (".codex/config.toml", format!("[mcp_servers.vitals]\ncommand = \"{program}\"\n")),
        (
            ".codeium/windsurf/mcp_config.json",
            json!({ "mcpServers": { "other": { "command": "npx" } } }).to_string(),
        ),
    ] {
        let path = person.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let ran = home.run(&["doctor", "--offline", "--json"]).expect(2);
    let found = checks(&ran);
    let is_ok = |client: &str| check(&found, &format!("{client} configuration"))["ok"].clone();
    assert_eq!((is_ok("Claude Code"), is_ok("Codex")), (json!(true), json!(true)));
    for client in ["Cursor", "Gemini CLI", "Claude Desktop"] {
        assert_eq!(is_ok(client), false, "{client}");
    }
    assert!(!ran.stdout.contains("hush") && !ran.stdout.contains("Windsurf"), "{}", ran.stdout);
}

#[test]
fn the_self_test_tries_the_promises_and_touches_nothing() {
    let home = Home::new();
    let ran = home.run(&["doctor", "--offline", "--self-test", "--json"]).expect(0);
    let found = checks(&ran);
    for name in ["sync", "refresh", "kills", "modes"] {
        assert_eq!(check(&found, &format!("self-test: {name}"))["ok"], true);
    }
    assert!(!home.path().exists(), "the self-test touched the person's own home");
}
