//! Paths that mean harm: a model that was talked into them, a person who was, and somebody who changes the
//! directory while it is written to. Nothing outside of what was named is created, changed or removed, and what
//! is refused says what to do instead.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::json;

use crate::{
    harness::{Home, Server, finish},
    world::World,
};

/// What a tool is asked to write to, and the code of the refusal. `HERE` is the directory around everything.
pub const ASKED: [(&str, &str); 33] = [
    ("..", "VALIDATION_ERROR"),
    ("../x.csv", "VALIDATION_ERROR"),
    ("a/..", "VALIDATION_ERROR"),
    ("a/../x.csv", "VALIDATION_ERROR"),
    ("a/../../x.csv", "VALIDATION_ERROR"),
    ("./../x.csv", "VALIDATION_ERROR"),
    ("a/b/../../../x.csv", "VALIDATION_ERROR"),
    ("HERE/vitals/exports/../x.csv", "VALIDATION_ERROR"),
    ("HERE/vitals/exports-of-others/x.csv", "VALIDATION_ERROR"),
    ("HERE/vitals/x.csv", "VALIDATION_ERROR"),
    ("HERE/vitals/vitals.db", "VALIDATION_ERROR"),
    ("HERE/outside/x.csv", "VALIDATION_ERROR"),
    ("HERE/outside/mine", "VALIDATION_ERROR"),
    ("//etc/x.csv", "VALIDATION_ERROR"),
    ("/x.csv", "VALIDATION_ERROR"),
    ("/dev/null", "VALIDATION_ERROR"),
    ("/dev/stdout", "VALIDATION_ERROR"),
    ("/proc/self/environ", "VALIDATION_ERROR"),
    ("/proc/self/cwd/x.csv", "VALIDATION_ERROR"),
    ("/proc/self/root/tmp/x.csv", "VALIDATION_ERROR"),
    ("~/x.csv", "VALIDATION_ERROR"),
    ("link/x.csv", "VALIDATION_ERROR"),
    ("real/link/x.csv", "VALIDATION_ERROR"),
    ("loop/x.csv", "VALIDATION_ERROR"),
    ("link", "FILE_EXISTS"),
    ("link.csv", "FILE_EXISTS"),
    ("dangling.csv", "FILE_EXISTS"),
    ("loop", "FILE_EXISTS"),
    ("pipe", "FILE_EXISTS"),
    ("mine.csv/x.csv", "FILE_EXISTS"),
    ("a\u{0}b", "VALIDATION_ERROR"),
    ("a\u{1b}[2Jb.csv", "VALIDATION_ERROR"),
    ("a\nb.csv", "VALIDATION_ERROR"),
];

/// What a person's command is given with permission to overwrite, in a directory with all of this.
pub const TYPED: [&str; 8] = [
    "outside/link",
    "outside/dangling",
    "outside/pipe",
    "outside/loop",
    "outside/mine/x",
    "vitals/vitals.db",
    "vitals/tokens/LOGIN",
    "/proc/self/environ",
];

/// Rounds in which a directory is changed for a link while it is written to.
pub const ROUNDS: u32 = 300;

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A mirror with a directory for exports, and one outside with something in it; both hold traps.
fn trapped() -> World {
    let world = World::connected_to(&["whoop"], 5);
    world.home.run(&["sync"]).expect(0);
    let (here, exports) = (around(&world.home), world.home.path().join("exports"));
    let outside = here.join("outside");
    for folder in [&outside, &exports.join("real"), &world.home.path().join("exports-of-others")] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(outside.join("mine"), "mine").unwrap();
    fs::write(exports.join("mine.csv"), "mine").unwrap();
    for (target, link) in [
        (outside.clone(), exports.join("link")),
        (outside.clone(), exports.join("real/link")),
        (outside.join("mine"), exports.join("link.csv")),
        (outside.join("new"), exports.join("dangling.csv")),
        (exports.join("loop"), exports.join("loop")),
        (outside.join("mine"), outside.join("link")),
        (here.join("new"), outside.join("dangling")),
        (outside.join("loop"), outside.join("loop")),
    ] {
        symlink(target, link).unwrap();
    }
    pipe(&exports.join("pipe"));
    pipe(&outside.join("pipe"));
    world
}

fn around(home: &Home) -> PathBuf {
    home.path().parent().unwrap().to_owned()
}

/// Everything there is, and what is in it; without what the program keeps for itself at any time.
fn everything(here: &Path) -> BTreeMap<PathBuf, String> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![here.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let content = if kind.is_dir() {
                folders.push(path.clone());
                "a directory".to_owned()
            } else if kind.is_symlink() {
                format!("a link to {}", fs::read_link(&path).unwrap().display())
            } else if kind.is_file()
                && !name.starts_with("vitals.")
                && path.extension().is_none_or(|end| end != "lock")
            {
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
            } else {
                "something".to_owned()
            };
            // Whether SQLite keeps its log is its own business.
            if !name.starts_with("vitals.db-") {
                found.insert(path, content);
            }
        }
    }
    found
}

fn served(world: &World) -> Server {
    let mut server = world.home.serve();
    server.initialize();
    server
}

#[test]
fn no_path_that_a_tool_is_given_leaves_the_directory_for_exports() {
    let world = trapped();
    let here = around(&world.home);
    let mut server = served(&world);
    server.call("get_status", &json!({}));
    let before = everything(&here);
    let long = [("x".repeat(300) + ".csv", "EXPORT_ERROR"), ("x/".repeat(3000), "VALIDATION_ERROR")];
    let asked = ASKED.iter().map(|(path, code)| (path.replace("HERE", here.to_str().unwrap()), *code));
    for (path, code) in asked.chain(long) {
        for kind in ["whoop.sleep", "all"] {
            // Only as a directory is it one of another kind.
            let arguments = json!({ "kind": kind, "path": path, "overwrite": true });
            let answer = server.call("export_data", &arguments);
            let error = &answer["structuredContent"]["error"];
            let shown: String = path.chars().take(40).collect();
            assert_eq!(error["code"], code, "{kind} to {shown:?}: {answer}");
            assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{shown:?}: {answer}");
            let told = answer.to_string();
            assert!(told.len() < 4000 + 3 * path.len().min(4000), "{shown:?}: {} bytes", told.len());
            assert!(!told.contains("\\u001b"), "{shown:?} comes back as it is");
        }
    }
    for kind in ["../x", "whoop.sleep/../../x", "/etc/passwd", "link/x", "all\u{0}"] {
        let answer = server.call("export_data", &json!({ "kind": kind, "overwrite": true }));
        let code = &answer["structuredContent"]["error"]["code"];
        assert!(code == "VALIDATION_ERROR" || code == "NOT_FOUND", "{kind}: {answer}");
    }
    server.close().expect(0);
    let after = everything(&here);
    let changed: Vec<_> = after.iter().filter(|(path, content)| before.get(*path) != Some(content)).collect();
    assert!(changed.is_empty() && after.len() == before.len(), "{changed:?}");
}

#[test]
fn no_command_writes_through_a_link_or_over_what_is_no_file_of_the_person_s() {
    let world = trapped();
    let here = around(&world.home);
    let before = everything(&here);
    let long = format!("outside/{}", "x".repeat(300));
    let tokens = fs::read_dir(world.home.path().join("tokens")).unwrap();
    let login = tokens.map(|entry| entry.unwrap().file_name().into_string().unwrap()).next().unwrap();
    let typed = TYPED.iter().map(|path| path.replace("LOGIN", &login));
    for path in typed.chain([long, "outside".to_owned()]) {
        for command in [
            &["export", "whoop.sleep", "--overwrite", "--json", "--to"][..],
            &["backup", "--overwrite", "--json"],
            &["dashboard", "--overwrite", "--json", "--out"],
            &["chart", "resting_heart_rate", "--overwrite", "--json", "--out"],
        ] {
            // An export into a directory is an export.
            if path == "outside" && command[0] == "export" {
                continue;
            }
            let mut arguments = command.to_vec();
            arguments.push(&path);
            let ran = world.home.run(&arguments);
            let shown: String = path.chars().take(40).collect();
            assert!(matches!(ran.code, Some(9 | 10)), "{command:?} {shown}: {:?} {}", ran.code, ran.stderr);
            let error = ran.error();
            assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{shown}: {error}");
        }
    }
    let after = everything(&here);
    let changed: Vec<_> = after.iter().filter(|(path, content)| before.get(*path) != Some(content)).collect();
    assert!(changed.is_empty() && after.len() == before.len(), "{changed:?}");
    world.home.run(&["records", "whoop.sleep"]).expect(0);
    // A name that a terminal would obey is a file, and is not told as it is.
    let ran = world.home.run(&["export", "whoop.sleep", "--to", "outside/a\u{1b}[2Jb.csv"]).expect(0);
    assert!(!ran.stdout.contains('\u{1b}') && here.join("outside/a\u{1b}[2Jb.csv").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_becomes_a_link_in_between_leads_nowhere() {
    let world = trapped();
    let (here, exports) = (around(&world.home), world.home.path().join("exports"));
    let (folder, trap) = (exports.join("swapped"), exports.join("trap"));
    fs::create_dir(&folder).unwrap();
    symlink(here.join("outside"), &trap).unwrap();
    let before = everything(&here.join("outside"));
    let stop = AtomicBool::new(false);
    let (mut written, mut refused) = (0, 0);
    thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &folder, CWD, &trap, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let mut server = served(&world);
        for round in 0..super::count("VITALS_TEST_ROUNDS", ROUNDS).max(ROUNDS) {
            let path = format!("swapped/{}.csv", round % 3);
            let answer = server
                .call("export_data", &json!({ "kind": "whoop.profile", "path": path, "overwrite": true }));
            let content = &answer["structuredContent"];
            if content["files"].is_array() {
                written += 1;
            } else {
                let code = &content["error"]["code"];
                assert!(code == "VALIDATION_ERROR" || code == "FILE_EXISTS", "{answer}");
                refused += 1;
            }
        }
        stop.store(true, Ordering::Relaxed);
        swapper.join().unwrap();
        server.close().expect(0);
    });
    assert_eq!(everything(&here.join("outside")), before, "it went through the link");
    super::note(&format!("a directory that is changed for a link: {written} written, {refused} refused"));
    assert!(written > 0 && refused > 0, "{written} written, {refused} refused");
    // What was written is whole, wherever the directory is now.
    let real = [&folder, &trap].into_iter().find(|path| !path.is_symlink()).unwrap();
    for file in fs::read_dir(real).unwrap().map(|entry| entry.unwrap().path()) {
        assert!(fs::read_to_string(&file).unwrap().ends_with("\r\n"), "{}", file.display());
    }
}

#[test]
fn a_command_is_not_led_by_where_it_runs() {
    // Its own names do not follow what lies in the working directory either.
    let world = trapped();
    let outside = around(&world.home).join("outside");
    symlink(outside.join("mine"), outside.join("vitals-dashboard.html")).unwrap();
    let mut command = world.home.command(&["dashboard", "--overwrite"]);
    finish(command.current_dir(&outside)).expect(9);
    assert_eq!(fs::read_to_string(outside.join("mine")).unwrap(), "mine");
}
