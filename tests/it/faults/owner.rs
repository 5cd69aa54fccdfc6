//! Whose files they are: any umask, links in the place of the database, another user of the machine, and a
//! directory that disappears under a running server.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::json;

use super::note;
use crate::{harness::finish, mirror::assert_mirrors, store::Mirror, world::World};

/// The strictest of them would lock the owner out.
pub const UMASKS: [&str; 4] = ["000", "022", "077", "777"];

/// Everything below the home, the home included.
fn all_below(world: &World) -> Vec<PathBuf> {
    let (mut found, mut next) = (vec![world.home.path()], 0);
    while next < found.len() {
        let path = found[next].clone();
        if path.is_dir() {
            found.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        }
        next += 1;
    }
    found
}

#[test]
fn files_are_the_owner_s_alone_under_any_umask() {
    for umask in UMASKS {
        let world = World::connected_to(&["whoop"], 3);
        for arguments in
            [&["sync"][..], &["export", "all", "--to", "vitals/out"], &["backup", "vitals/copy.db"]]
        {
            let program = world.home.command(arguments);
            let mut command = Command::new("sh");
            command.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]).arg(program.get_program());
            command.args(arguments).env_clear().current_dir(program.get_current_dir().unwrap());
            command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
            finish(command.stdin(Stdio::null())).expect(0);
        }
        for path in all_below(&world) {
            let mode = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, wanted, "umask {umask}: {} is {mode:o}", path.display());
        }
    }
}

#[test]
fn a_link_in_the_place_of_the_database_is_named_and_not_followed() {
    let world = World::connected_to(&["whoop"], 5);
    world.home.run(&["sync"]).expect(0);
    let (live, elsewhere) = (world.home.path().join("vitals.db"), world.home.path().join("elsewhere.db"));
    fs::rename(&live, &elsewhere).unwrap();
    symlink(&elsewhere, &live).unwrap();
    let before = fs::read(&elsewhere).unwrap();
    for arguments in
        [&["sync", "--json"][..], &["rebuild", "--json"], &["forget", "whoop", "--yes", "--json"]]
    {
        let error = world.home.run(arguments).expect(7).error();
        assert_eq!(error["code"], "CACHE_ERROR", "{arguments:?}: {error}");
        assert!(error.to_string().contains(" link"), "{arguments:?}: {error}");
    }
    assert_eq!(fs::read(&elsewhere).unwrap(), before, "it was written through the link");
    assert!(live.is_symlink());
    // A second name for the same file changes nothing: it is one file, and stays so.
    fs::remove_file(&live).unwrap();
    fs::hard_link(&elsewhere, &live).unwrap();
    // `forget` ends the sign-in before it comes to the records.
    world.sign_in("whoop").expect(0);
    world.home.run(&["sync"]).expect(0);
    assert_mirrors(&world);
    assert_eq!(Mirror::of(&world.home).integrity(), "ok");
    assert_eq!(fs::metadata(&live).unwrap().ino(), fs::metadata(&elsewhere).unwrap().ino());
}

#[test]
fn another_user_of_the_machine_reads_nothing() {
    let world = World::connected_to(&["whoop"], 5);
    world.home.run(&["sync"]).expect(0);
    world.home.run(&["export", "all", "--to", "vitals/out"]).expect(0);
    world.home.run(&["backup", "vitals/backups/copy.db"]).expect(0);
    let as_nobody = |program: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).args(program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    if !rustix::process::getuid().is_root() || !as_nobody(&["true"]).is_ok_and(|status| status.success()) {
        note("no right to be somebody else: skipped");
        return;
    }
    let open = |path: &std::path::Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    open(world.home.path().parent().unwrap());
    let everything = all_below(&world);
    for opened in [false, true] {
        if opened {
            // Even in directories that somebody has opened: each file guards itself.
            everything.iter().filter(|path| path.is_dir()).for_each(|path| open(path));
        }
        for path in everything.iter().filter(|path| !opened || !path.is_dir()) {
            let text = path.to_str().unwrap();
            let reads = if path.is_dir() { ["ls", text] } else { ["cat", text] };
            assert!(!as_nobody(&reads).unwrap().success(), "another user reads {text}");
            assert!(!as_nobody(&["test", "-w", text]).unwrap().success(), "another user writes {text}");
        }
    }
    // The next start closes what was opened.
    world.home.run(&["status"]).expect(0);
    assert_eq!(fs::metadata(world.home.path()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_directory_that_is_deleted_under_a_server_is_missed_and_made_anew() {
    let world = World::connected_to(&["whoop"], 10);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    let rows = json!({ "kind": "whoop.sleep", "start": "last 30 days" });
    let before = server.call("list_records", &rows);
    assert!(before["structuredContent"]["total"].as_u64() > Some(0), "{before}");
    fs::remove_dir_all(world.home.path()).unwrap();
    for (tool, arguments) in
        [("list_records", rows.clone()), ("sync_data", json!({})), ("get_status", json!({}))]
    {
        let answer = server.call(tool, &arguments);
        let content = &answer["structuredContent"];
        let told = answer["isError"] == true || tool == "get_status" || content["total"] == 0;
        assert!(told, "{tool} answers as if nothing had happened: {answer}");
        assert_ne!(content["error"]["code"], "INTERNAL", "{tool}: {answer}");
    }
    world.sign_in("whoop").expect(0);
    while server.call("sync_data", &json!({}))["structuredContent"]["status"] == "running" {}
    let after = server.call("list_records", &rows);
    assert_eq!(after["structuredContent"]["total"], before["structuredContent"]["total"], "{after}");
    server.close().expect(0);
    assert_mirrors(&world);
    assert_eq!(Mirror::of(&world.home).integrity(), "ok");
}
