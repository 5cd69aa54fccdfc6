//! What clients send that is odd and means something all the same, what they do with an error, where they keep their
//! settings, and what a browser brings back.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::Stdio,
};

use serde_json::{Value, json};

use crate::{
    harness::Home,
    world::{CLIENT_ID, CLIENT_SECRET, World, free_port},
};

/// What is structured fits the schema: no property of another type, and nothing that is required is left out.
fn fits(schema: &Value, content: &Value) -> bool {
    let required = schema["required"].as_array().into_iter().flatten();
    let of_type = |name: &str, value: &Value| match schema["properties"][name]["type"].as_str() {
        Some("object") => value.is_object(),
        _ => true,
    };
    required.into_iter().all(|name| content.get(name.as_str().unwrap()).is_some())
        && content.as_object().unwrap().iter().all(|(name, value)| of_type(name, value))
}

#[test]
fn an_error_of_every_tool_is_an_instance_of_its_schema() {
    let mut server = Home::new().serve();
    server.initialize();
    let tools = server.request("tools/list", &json!({}))["result"]["tools"].clone();
    for tool in tools.as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        let answer = server.call(name, &json!({ "no_such_argument": 1 }));
        let content = &answer["structuredContent"];
        assert_eq!(
            (&answer["isError"], &content["error"]["code"]),
            (&json!(true), &json!("VALIDATION_ERROR"))
        );
        assert!(content["error"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{answer}");
        assert!(tool["outputSchema"]["properties"]["error"].is_object(), "{name}");
        assert!(fits(&tool["outputSchema"], content), "{name}: {content}");
    }
    server.close().expect(0);
}

#[test]
fn whatever_says_nothing_is_left_out() {
    let world = World::connected_to(&["whoop"], 5);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    let plain =
        server.call("get_daily_summary", &json!({ "date": "yesterday" }))["structuredContent"].clone();
    for nothing in
        [json!("null"), json!("None"), json!([]), json!({}), json!(["null"]), json!(null), json!("[]")]
    {
        let asked = json!({ "date": "yesterday", "sections": nothing, "cursor": nothing, "metrics": nothing,
            "start": nothing, "detail": nothing, "fresh": nothing });
        let answer = server.call("get_daily_summary", &asked);
        assert_eq!(answer["structuredContent"], plain, "{asked}");
    }
    // The arguments as a whole.
    for nothing in [json!([]), json!(null), json!(""), json!("{}")] {
        let params = json!({ "name": "get_status", "arguments": nothing });
        let answer = server.request("tools/call", &params);
        assert!(answer["result"]["structuredContent"]["verdict"].is_string(), "{nothing}: {answer}");
    }
    server.close().expect(0);
}

#[test]
fn a_date_written_with_midnight_is_that_date_west_of_greenwich() {
    let home = Home::new().with("VITALS_TZ", "America/Los_Angeles");
    let mut server = home.serve();
    server.initialize();
    for (start, end) in [
        ("2026-03-10T00:00:00.000Z", "2026-03-11T00:00:00.000Z"),
        ("2026-03-10T00:00:00+00:00", "2026-03-11T23:59:59.999Z"),
        ("2026-03-10 00:00:00", "2026-03-11"),
    ] {
        for tool in ["get_daily_summary", "explain_missing"] {
            let answer =
                server.call(tool, &json!({ "start": start, "end": end }))["structuredContent"].clone();
            let range = (&answer["range"]["start"], &answer["range"]["end"]);
            assert_eq!(range, (&json!("2026-03-10"), &json!("2026-03-11")), "{tool} {start} {end}: {answer}");
        }
    }
    // An instant stays one where it may be one.
    let asked =
        json!({ "metrics": ["heart_rate"], "start": "2026-03-10T00:00:00Z", "end": "2026-03-11T00:00:00Z" });
    let range = server.call("get_series", &asked)["structuredContent"]["range"].clone();
    assert_eq!(range["start"], "2026-03-09T17:00:00-07:00", "{range}");
    server.close().expect(0);
}

#[test]
fn every_line_that_somebody_waits_on_is_answered() {
    let mut server = Home::new().serve();
    // Also before anybody has introduced themselves.
    server.send_text("{\"jsonrpc\":\"2.0\",\"id\":70,\"method\":");
    let early = server.receive();
    assert_eq!((&early["error"]["code"], &early["id"]), (&json!(-32700), &json!(70)), "{early}");
    server.initialize();
    let line = |params: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":"a7","method":"tools/call","params":{params}}}"#).into_bytes()
    };
    let mut torn = line(r#"{"name":"get_status","arguments":{"x":"y"}}"#);
    let at = torn.iter().rposition(|byte| *byte == b'y').unwrap();
    torn[at] = 0xff;
    let mut endless = line(r#"{"name":"get_status","arguments":{"x":"#);
    endless.resize(17 << 20, b'[');
    for (bytes, code, id) in [
        (line(r#"{"name":"query_sql","arguments":{"sql":"\ud800"}}"#), -32700, json!("a7")),
        (torn, -32700, json!("a7")),
        (b"hello".to_vec(), -32700, json!(null)),
        (b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]".to_vec(), -32600, json!(null)),
        (b"{\"id\":7}".to_vec(), -32600, json!(7)),
        (endless, -32600, json!("a7")),
        (line("[]"), -32602, json!("a7")),
        (line(r#""get_status""#), -32602, json!("a7")),
        (line(r#"{"arguments":{}}"#), -32602, json!("a7")),
        (line(r#"{"name":"get_status","arguments":["x"]}"#), -32602, json!("a7")),
        (b"{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"resources/read\"}".to_vec(), -32602, json!(8)),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"prompts/get\",\"params\":{\"name\":\"x\",\"arguments\":7}}"
                .to_vec(),
            -32602,
            json!(9),
        ),
    ] {
        server.send_bytes(&bytes);
        let answer = server.receive();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(100)]).into_owned();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{shown}: {answer}");
        assert!(answer["error"]["message"].as_str().is_some_and(|text| text.len() > 10), "{shown}: {answer}");
        // It goes on working.
        let status = server.call("get_status", &json!({}));
        assert_eq!(status["structuredContent"]["verdict"], "unhealthy", "{shown}");
    }
    let ran = server.close().expect(0);
    assert_eq!(ran.stderr, "");
}

/// Sends a request to the address of a sign-in and reads the whole answer.
fn call(port: u16, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_browser_with_many_cookies_signs_in_and_may_come_again() {
    let world = World::new(5);
    let port = free_port();
    world.simulation.register_app(CLIENT_ID, CLIENT_SECRET, &format!("http://localhost:{port}/callback"));
    let mut command = world.home.command(&["auth", "whoop", "--no-browser", "--port", &port.to_string()]);
    command.env("WHOOP_CLIENT_ID", CLIENT_ID).env("WHOOP_CLIENT_SECRET", CLIENT_SECRET);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut address = String::new();
    stdout.read_line(&mut address).unwrap();
    let mut told = |word: &str| {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "nothing is told of {word}");
        }
    };
    // Each is told while the sign-in waits.
    assert_eq!(call(port, b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03"), "");
    told("https");
    let head = |method: &str, target: &str, cookies: usize| {
        let cookies = "x".repeat(cookies);
        format!("{method} {target} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: c={cookies}\r\n\r\n")
    };
    let refused = call(port, head("GET", "/callback?error=access_denied", 1).as_bytes());
    assert!(refused.starts_with("HTTP/1.1 400 "), "{refused}");
    told("without the mark");
    let mut back = vitals_mcp::demo::browser::leads_to(&address.trim().parse().unwrap()).unwrap().unwrap();
    if let Ok(page) = back.parse::<url::Url>()
        && page.port() != Some(port)
    {
        back = vitals_mcp::demo::browser::leads_to(&page).unwrap().unwrap();
    }
    let back: url::Url = back.parse().unwrap();
    let target = format!("{}?{}", back.path(), back.query().unwrap());
    let large = call(port, head("GET", &target, 100_000).as_bytes());
    assert!(large.starts_with("HTTP/1.1 431 ") && large.contains("cookies"), "{large}");
    told("cookies");
    let ahead = call(port, head("HEAD", &target, 12_000).as_bytes());
    assert!(ahead.starts_with("HTTP/1.1 200 ") && !ahead.contains("<html"), "{ahead}");
    let page = call(port, head("GET", &target, 12_000).as_bytes());
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("is connected"), "{page}");
    assert!(child.wait().unwrap().success());
}

/// Runs `install` for a client and answers the report.
fn install(home: &Home, client: &str, variables: &[(&str, &str)]) -> Value {
    let mut command = home.command(&["install", client, "--json"]);
    crate::harness::finish(command.envs(variables.iter().copied()).stdin(Stdio::null())).expect(0).json()
}

#[test]
fn settings_are_found_where_the_client_keeps_them() {
    let home = Home::new();
    let person = home.path().parent().unwrap().to_owned();
    let codex = person.join("elsewhere");
    let report = install(&home, "codex", &[("CODEX_HOME", codex.to_str().unwrap())]);
    assert_eq!(report["file"]["path"], codex.join("config.toml").to_str().unwrap(), "{report}");
    let store = person.join("Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude");
    fs::create_dir_all(&store).unwrap();
    let report =
        install(&home, "claude-desktop", &[("LOCALAPPDATA", person.join("Local").to_str().unwrap())]);
    let file = store.join("claude_desktop_config.json");
    assert!(file.is_file(), "{report}");
    // A mark of the byte order is read, and stays.
    let text = fs::read_to_string(&file).unwrap().replace("vitals-mcp", "vitals-mcp-0.1");
    fs::write(&file, format!("\u{feff}{text}")).unwrap();
    let report =
        install(&home, "claude-desktop", &[("LOCALAPPDATA", person.join("Local").to_str().unwrap())]);
    assert_eq!(report["file"]["status"], "replaced", "{report}");
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        format!("\u{feff}{}", text.replace("vitals-mcp-0.1", "vitals-mcp"))
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_the_program_is_named_by_the_one_that_lasts() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    let person = home.path().parent().unwrap().to_owned();
    let bin = person.join("bin");
    fs::create_dir_all(&bin).unwrap();
    symlink(env!("CARGO_BIN_EXE_vitals-mcp"), bin.join("vitals-mcp")).unwrap();
    fs::create_dir_all(person.join(".cursor")).unwrap();
    let link = person.join(".cursor/mcp.json");
    symlink("../dotfiles/cursor.json", &link).unwrap();
    install(&home, "cursor", &[("PATH", bin.to_str().unwrap())]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link was replaced");
    let written: Value =
        serde_json::from_str(&fs::read_to_string(person.join("dotfiles/cursor.json")).unwrap()).unwrap();
    assert_eq!(written["mcpServers"]["vitals"]["command"], bin.join("vitals-mcp").to_str().unwrap());
}

#[test]
fn what_is_exported_through_a_client_ends_as_its_format() {
    let world = World::connected_to(&["whoop"], 5);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    for path in ["report.html", "run.sh", "x.desktop", "a.svg", "x.csv.sh", "Makefile", ".bashrc", "x.csv."] {
        for format in [json!(null), json!("csv"), json!("jsonl")] {
            let asked = json!({ "kind": "whoop.sleep", "path": path, "format": format });
            let answer = server.call("export_data", &asked)["structuredContent"].clone();
            assert_eq!(answer["error"]["code"], "VALIDATION_ERROR", "{asked}: {answer}");
            assert!(answer["error"]["message"].as_str().unwrap().contains("ends in ."), "{answer}");
            assert!(!world.home.path().join("exports").join(path).exists(), "{asked}");
        }
    }
    for (path, format) in [
        ("a.csv", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.parquet", "parquet"),
        ("b.ndjson", "fhir"),
        ("B.CSV", "csv"),
    ] {
        let answer =
            server.call("export_data", &json!({ "kind": "whoop.sleep", "path": path, "format": format }));
        assert!(answer["structuredContent"]["files"].is_array(), "{path}: {answer}");
    }
    server.close().expect(0);
    // A person may name it as they like.
    let page = world.home.path().join("x.html");
    world.home.run(&["export", "whoop.sleep", "--to", page.to_str().unwrap()]).expect(0);
}

/// What the browser's own process gets to see.
#[cfg(unix)]
#[test]
fn the_browser_inherits_nothing_of_ours() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::connected_to(&["whoop"], 5);
    world.home.run(&["sync"]).expect(0);
    let bin = world.home.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let seen = world.home.path().join("seen");
    let script = format!("#!/bin/sh\n/usr/bin/env > '{0}.part'\n/bin/mv '{0}.part' '{0}'\n", seen.display());
    for name in ["xdg-open", "open"] {
        fs::write(bin.join(name), &script).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let page = world.home.path().join("dashboard.html");
    let mut command = world.home.command(&["dashboard", "--out", page.to_str().unwrap(), "--open"]);
    command
        .env("PATH", &bin)
        .env("WHOOP_CLIENT_SECRET", "hush")
        .env("OURA_REFRESH_TOKEN", "hush")
        .env("KEPT", "stays");
    crate::harness::finish(command.stdin(Stdio::null())).expect(0);
    let inherited = fs::read_to_string(&seen).unwrap();
    assert!(inherited.contains("KEPT=stays"), "{inherited}");
    assert!(!inherited.contains("hush") && !inherited.contains("VITALS_"), "{inherited}");
}
