//! Registering with clients: files are merged and kept, and nothing that is not understood is touched.

use std::fs;

use serde_json::{Value, json};

use crate::harness::Home;

#[test]
fn a_client_is_registered_once_and_what_else_it_has_stays() {
    let home = Home::new();
    let file = home.path().parent().unwrap().join(".cursor/mcp.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, r#"{"mcpServers":{"files":{"command":"npx"}}}"#).unwrap();
    let first = home.run(&["install", "cursor", "--json"]).expect(0).json();
    assert_eq!(first["file"]["status"], "replaced", "{first}");
    let kept = fs::read_to_string(first["file"]["backup"].as_str().unwrap()).unwrap();
    assert_eq!(kept, r#"{"mcpServers":{"files":{"command":"npx"}}}"#);
    let registered: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let servers = &registered["mcpServers"];
    assert_eq!(servers["files"], json!({ "command": "npx" }));
    assert_eq!(servers["vitals"]["args"], json!(["serve"]));
    assert!(servers["vitals"]["command"].as_str().unwrap().ends_with("vitals-mcp"), "{servers}");
    let again = home.run(&["install", "cursor", "--json"]).expect(0).json();
    assert_eq!((&again["file"]["status"], &again["file"]["backup"]), (&json!("unchanged"), &Value::Null));
    let other = home.run(&["--profile", "demo", "install", "cursor", "--json"]).expect(0).json();
    assert_eq!(other["name"], "vitals-demo", "{other}");
    let registered: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(registered["mcpServers"]["vitals-demo"]["args"], json!(["--profile", "demo", "serve"]));
    assert_eq!(registered["mcpServers"]["vitals"]["args"], json!(["serve"]));
}

#[test]
fn every_client_can_be_shown_and_registered() {
    let home = Home::new();
    let command = home.run(&["install", "claude-code"]).expect(0).stdout;
    assert!(command.starts_with("claude mcp add -s user vitals -- "), "{command}");
    for client in ["claude-desktop", "codex", "cursor", "gemini", "vscode"] {
        let file = home.path().join(format!("{client}.conf"));
        let file = file.to_str().unwrap();
        let printed = home.run(&["install", client, "--print", "--config", file]).expect(0).stdout;
        assert!(printed.contains("vitals-mcp") && fs::metadata(file).is_err(), "{client}: {printed}");
        home.run(&["install", client, "--config", file]).expect(0);
        let written = fs::read_to_string(file).unwrap();
        assert_eq!(written.trim_end(), printed.trim_end(), "{client}");
    }
}

#[test]
fn a_file_with_comments_or_another_server_of_the_name_is_left_alone() {
    let home = Home::new();
    fs::create_dir_all(home.path()).unwrap();
    let file = home.path().join("mcp.json");
    for (before, code) in
        [("{ // mine\n}", "VALIDATION_ERROR"), (r#"{"servers":{"vitals":{"command":"x"}}}"#, "FILE_EXISTS")]
    {
        fs::write(&file, before).unwrap();
        let arguments = ["install", "vscode", "--config", file.to_str().unwrap(), "--json"];
        let ran = home.run(&arguments);
        assert_eq!(ran.error()["code"], code, "{ran:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), before);
        assert_eq!(
            fs::read_dir(home.path())
                .unwrap()
                .filter(|one| one.as_ref().unwrap().path().extension().is_some())
                .count(),
            1
        );
    }
}
