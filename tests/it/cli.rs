//! The command line as a person or a script meets it: help, refusals, exit codes, the empty state.

use std::{fs, process::Stdio};

use crate::harness::{Home, Server, finish};

/// Every command that answers something, in a home where nothing has ever happened.
const READS: &[&[&str]] = &[
    &["status"],
    &["doctor", "--offline"],
    &["day"],
    &["day", "last week"],
    &["records", "whoop.sleep"],
    &["events"],
    &["profile"],
    &["describe"],
    &["describe", "whoop.sleep"],
    &["describe", "resting_heart_rate"],
];

#[test]
fn help_is_an_answer() {
    let home = Home::new();
    for arguments in [&["--help"][..], &["-h"], &["help"], &["sync", "--help"]] {
        let ran = home.run(arguments).expect(0);
        assert!(ran.stdout.contains("Usage:") && ran.stderr.is_empty(), "{arguments:?}: {ran:?}");
    }
    let ran = home.run(&["--version"]).expect(0);
    assert_eq!(ran.stdout, format!("vitals-mcp {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_usage_error_is_2_and_leaves_stdout_alone() {
    let home = Home::new();
    for arguments in [
        &["nonsense"][..],
        &["sync", "--nonsense"],
        &["sync", "nobody"],
        &["sync", "whoop", "--resource", "nothing"],
        &["sync", "--since", "the day before never"],
        &["sync", "--full", "--since", "2026-01-01"],
        &["records"],
        &["records", "whoop.nothing"],
        &["records", "whoop.sleep", "--limit", "0"],
        &["day", "someday"],
        &["describe", "nobody.nothing"],
        &["forget", "nobody", "--yes"],
        &["--profile", "../x", "status"],
    ] {
        let ran = home.run(arguments).expect(2);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.stderr.contains("error"), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn errors_have_a_hint_and_with_json_the_envelope_of_the_tools() {
    let home = Home::new();
    let ran = home.run(&["sync", "nobody"]).expect(2);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("error: ") && lines[0].contains("nobody"), "{lines:?}");
    assert!(lines[1].starts_with("hint: ") && lines[1].contains("whoop"), "{lines:?}");
    for arguments in
        [&["--json", "sync", "nobody"][..], &["sync", "--nonsense", "--json"], &["nonsense", "--json"]]
    {
        let error = home.run(arguments).expect(2).error();
        assert_eq!(error["code"], "VALIDATION_ERROR", "{arguments:?}");
        assert!(
            !error["hint"].as_str().unwrap().is_empty() && !error["message"].as_str().unwrap().is_empty()
        );
    }
}

#[test]
fn a_wrong_setting_is_named() {
    for (name, value) in [
        ("VITALS_LOG", "hyper=trace"),
        ("VITALS_SYNC_INTERVAL", "often"),
        ("VITALS_FRESH", "2"),
        ("VITALS_TZ", "Europe/Nowhere"),
        ("VITALS_PROFILE", "a/b"),
    ] {
        let ran = Home::new().with(name, value).run(&["status"]).expect(2);
        let named = ran.stderr.contains(name) || name == "VITALS_PROFILE" && ran.stderr.contains("profile");
        assert!(named, "{name}: {}", ran.stderr);
    }
}

#[test]
fn nothing_is_there_yet_and_every_command_says_so() {
    let home = Home::new();
    for arguments in READS {
        let ran = home.run(arguments).expect(0);
        assert!(!ran.stdout.trim().is_empty() && ran.stderr.is_empty(), "{arguments:?}: {ran:?}");
        assert!(!ran.stdout.contains('\x1b'), "colour in a pipe: {arguments:?}");
        let json = home.run(&[arguments, &["--json"][..]].concat()).expect(0).json();
        assert!(json.is_object(), "{arguments:?}: {json}");
    }
    assert!(!home.path().join("vitals.db").exists(), "reading created a database");
}

#[test]
fn the_shapes_of_json() {
    let home = Home::new();
    for (arguments, keys) in [
        (&["status"][..], &["verdict", "checks", "providers"][..]),
        (&["doctor", "--offline"], &["ok", "version", "checks"]),
        (&["day"], &["range", "days", "truncated", "next_cursor", "freshness"]),
        (
            &["records", "whoop.sleep"],
            &["columns", "rows", "count", "total", "coverage", "truncated", "next_cursor"],
        ),
        (&["events"], &["events", "next_cursor", "has_more"]),
        (&["profile"], &["providers", "freshness"]),
        (&["describe"], &["kinds", "metrics", "freshness"]),
    ] {
        let json = home.run(&[arguments, &["--json"][..]].concat()).expect(0).json();
        for key in keys {
            assert!(json.get(key).is_some(), "{arguments:?} has no {key}: {json}");
        }
    }
}

#[test]
fn syncing_without_a_sign_in_says_how_to_sign_in() {
    let home = Home::new();
    for arguments in [&["sync", "--json"][..], &["sync", "whoop", "--json"]] {
        let error = home.run(arguments).expect(3).error();
        assert_eq!(error["code"], "AUTH_FAILED", "{arguments:?}");
        assert!(error["hint"].as_str().unwrap().contains("vitals-mcp auth"), "{error}");
    }
}

#[test]
fn forgetting_asks_first() {
    let home = Home::new();
    let error = home.run(&["forget", "whoop", "--json"]).expect(2).error();
    assert!(error["hint"].as_str().unwrap().contains("--yes"), "{error}");
    let gone = home.run(&["forget", "whoop", "--yes", "--json"]).expect(0).json();
    assert_eq!((&gone["provider"], &gone["records"]), (&"whoop".into(), &0.into()));
}

#[test]
fn a_reader_that_closed_the_pipe_is_no_error() {
    let home = Home::new();
    let mut gone = home
        .command(&["describe"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(gone.stdout.take());
    let output = gone.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn profiles_are_apart() {
    let home = Home::new();
    let database =
        |arguments: &[&str]| home.run(arguments).expect(0).json()["database"].as_str().unwrap().to_owned();
    let (one, anna) = (database(&["status", "--json"]), database(&["--profile", "anna", "status", "--json"]));
    assert!(anna.contains("anna") && one != anna, "{one} {anna}");
    let by_variable = home.command(&["status", "--json"]).env("VITALS_PROFILE", "anna").output().unwrap();
    assert!(String::from_utf8_lossy(&by_variable.stdout).contains(&anna));
}

#[cfg(unix)]
#[test]
fn doctor_finds_files_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    fs::create_dir(home.path()).unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let ran = home.run(&["doctor", "--offline", "--json"]).expect(7);
    let findings = ran.json();
    let bad: Vec<_> =
        findings["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).collect();
    assert_eq!(bad.len(), 1, "{findings}");
    assert!(bad[0]["mend"].as_str().unwrap().starts_with("chmod "), "{findings}");
}

#[test]
fn doctor_names_a_damaged_database_and_leaves_it_alone() {
    let home = Home::new();
    fs::create_dir(home.path()).unwrap();
    let file = home.path().join("vitals.db");
    fs::write(&file, "this is no database, and it is long enough to be looked at as one".repeat(20)).unwrap();
    let before = fs::read(&file).unwrap();
    let findings = home.run(&["doctor", "--offline", "--json"]).expect(7).json();
    let text = findings.to_string();
    assert!(text.contains("vitals.db") && text.contains("backups"), "{text}");
    assert_eq!(fs::read(&file).unwrap(), before);
    home.run(&["status"]).expect(0);
}

#[cfg(unix)]
#[test]
fn what_is_created_is_private_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new().with("VITALS_LOG", "debug").with("VITALS_LOG_FILE", "log/vitals.log");
    let program = home.command(&["forget", "whoop", "--yes"]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$@\"", "sh"]).arg(program.get_program()).args(program.get_args());
    shell.env_clear().current_dir(home.path().parent().unwrap()).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    finish(&mut shell).expect(0);
    let mut folders = vec![home.path().parent().unwrap().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

#[test]
fn shells_and_readers_of_manuals_are_told_every_command_that_is_for_people() {
    let home = Home::new();
    let help = home.run(&["--help"]).expect(0).stdout;
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    // A description may go on in a further line.
    let named = listed.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let commands: Vec<&str> = named.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"serve") && commands.contains(&"man"), "{help}");
    // Whatever the configuration is like.
    let broken = Home::new().with("VITALS_TZ", "Nowhere/Land");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = broken.run(&["completions", shell]).expect(0).stdout;
        assert!(commands.iter().all(|command| script.contains(command)), "{shell}");
        assert!(
            !script.contains("__refresh") && !script.contains("__docs"),
            "{shell} is told what is not for people"
        );
    }
    let page = broken.run(&["man"]).expect(0).stdout;
    for command in commands.iter().filter(|command| **command != "help") {
        let heading = format!(".SH COMMAND: {}", command.to_uppercase());
        assert!(page.contains(&heading), "{heading}");
    }
}

#[test]
fn a_setting_that_is_empty_is_a_setting_that_is_not_there() {
    let plain = Home::new();
    let settings = plain.run(&["__docs"]).expect(0).json()["settings"].clone();
    let mut names: Vec<String> =
        settings.as_array().unwrap().iter().map(|row| row["env"].as_str().unwrap().to_owned()).collect();
    for provider in ["WHOOP", "OURA", "WITHINGS"] {
        names.push(format!("VITALS_{provider}_URL"));
        for what in ["CLIENT_ID", "CLIENT_SECRET", "ACCESS_TOKEN", "REFRESH_TOKEN"] {
            names.push(format!("{provider}_{what}"));
        }
    }
    assert!(names.len() > 20, "{names:?}");
    let home = Home::new();
    for arguments in [&["status", "--json"][..], &["doctor", "--offline", "--json"], &["events", "--json"]] {
        let mut command = home.command(arguments);
        // The directories, which are this home's.
        for name in names.iter().filter(|name| *name != "VITALS_HOME") {
            command.env(name, "");
        }
        let (unset, empty) = (home.run(arguments), finish(command.stdin(Stdio::null())));
        assert_eq!((unset.code, &unset.stderr), (empty.code, &empty.stderr), "{arguments:?}");
        if arguments[0] == "status" {
            assert_eq!(unset.json()["database"], empty.json()["database"]);
        }
    }
}

#[test]
fn a_command_that_mends_is_for_the_profile_that_needs_it() {
    let home = Home::new();
    let commands = |text: &str| -> Vec<String> {
        let parts = text.split("vitals-mcp ").skip(1).map(|part| part.chars().take(15).collect::<String>());
        parts
            .filter(|part| part.starts_with("--profile") || part.starts_with(|c: char| c.is_lowercase()))
            .collect()
    };
    for arguments in
        [&["status"][..], &["sync"], &["sync", "whoop"], &["explain", "yesterday"], &["doctor", "--offline"]]
    {
        let own = home.run(arguments);
        let named = home.run(&[&["--profile", "anna"], arguments].concat());
        let (own, named) =
            (format!("{}{}", own.stdout, own.stderr), format!("{}{}", named.stdout, named.stderr));
        assert!(commands(&own).iter().all(|command| !command.starts_with("--profile")), "{own}");
        let all = commands(&named);
        assert!(
            !all.is_empty() && all.iter().all(|command| command.starts_with("--profile anna")),
            "{named}"
        );
    }
    let mut server = Server::start(home.with("VITALS_PROFILE", "anna").command(&["serve"]));
    server.initialize();
    for tool in ["get_status", "sync_data", "explain_missing"] {
        let all = commands(&server.call(tool, &serde_json::json!({}))["structuredContent"].to_string());
        assert!(
            !all.is_empty() && all.iter().all(|command| command.starts_with("--profile anna")),
            "{tool}: {all:?}"
        );
    }
    server.close().expect(0);
}
