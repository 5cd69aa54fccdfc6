//! Disks that are full, failing or read-only: the error names the file and the mend, reads still answer,
//! nothing that was acknowledged is lost, and the next sync needs nobody's help.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use super::{
    note,
    tracer::{is_there, traced, under},
};
use crate::{
    harness::{Ran, finish},
    mirror::assert_mirrors,
    store::Mirror,
    world::World,
};

const READS: [&[&str]; 5] =
    [&["status"], &["records", "whoop.sleep"], &["day", "yesterday"], &["events"], &["describe"]];

/// What fails, how, and from which call on; `+` is a disk that stays so.
pub const FAULTS: [(&str, &str); 10] = [
    ("pwrite64", "error=ENOSPC:when=1+"),
    ("pwrite64", "error=ENOSPC:when=9"),
    ("pwrite64", "error=ENOSPC:when=30+"),
    ("pwrite64", "error=EDQUOT:when=25+"),
    ("pwrite64", "error=EIO:when=20"),
    ("fsync,fdatasync", "error=EIO:when=1"),
    ("fsync,fdatasync", "error=EIO:when=2+"),
    ("fsync,fdatasync", "error=EIO:when=6"),
    ("fsync,fdatasync", "error=ENOSPC:when=5+"),
    ("ftruncate", "error=EIO:when=1+"),
];

/// What an error about the disk must say, and must not.
#[track_caller]
fn assert_named(ran: &Ran, what: &str) {
    assert!(!matches!(ran.code, Some(0 | 1 | 101) | None), "{what}: {:?}\n{}", ran.code, ran.stderr);
    assert!(ran.stderr.contains("hint: "), "{what}: no mend: {}", ran.stderr);
    assert!(!ran.stderr.contains("a fault of this program"), "{what}: {}", ran.stderr);
}

/// How many records are here of everything.
fn records(world: &World) -> usize {
    ["sleep", "cycle", "recovery", "workout"]
        .iter()
        .map(|kind| Mirror::of(&world.home).bodies(&format!("whoop.{kind}")).len())
        .sum()
}

#[test]
fn a_write_that_fails_at_any_moment_of_a_sync_is_named_and_heals() {
    if !is_there() {
        return;
    }
    let world = World::connected_to(&["whoop"], 60);
    let log = world.home.path().parent().unwrap().join("disk.log");
    let mut named = 0;
    for (calls, how) in FAULTS {
        for file in ["vitals.db", "vitals.db-wal", "vitals.db-shm"] {
            let _ = std::fs::remove_file(world.home.path().join(file));
        }
        let what = format!("{calls} {how}");
        let ran = finish(&mut traced(&world.home, calls, Some(how), &log, &["sync"]));
        if ran.code != Some(0) {
            assert_named(&ran, &what);
            assert!(ran.stderr.contains("vitals"), "{what}: the file is not named: {}", ran.stderr);
            named += 1;
        }
        for arguments in READS {
            let ran = world.home.run(arguments);
            assert_eq!(ran.code, Some(0), "{what}, then {arguments:?}: {}", ran.stderr);
        }
        world.home.run(&["sync"]).expect(0);
        assert_mirrors(&world);
        assert_eq!(Mirror::of(&world.home).integrity(), "ok", "{what}");
        Mirror::of(&world.home).assert_feed_is_consistent(&what);
    }
    assert!(named >= 8, "only {named} of {} were noticed", FAULTS.len());
}

#[test]
fn a_refresh_that_cannot_be_written_down_is_not_sent() {
    if !is_there() {
        return;
    }
    for (calls, how) in [
        ("write", "error=ENOSPC:when=1+"),
        ("fsync,fdatasync", "error=EIO:when=1+"),
        ("rename,renameat,renameat2", "error=ENOSPC:when=1+"),
        ("openat", "error=EROFS:when=200+"),
    ] {
        let world = World::connected_to(&["whoop"], 3);
        world.simulation.whoop.set_quirk(|quirks| quirks.oauth.reuse_revokes_all = true);
        let before = world.simulation.whoop.token_posts();
        let log = world.home.path().parent().unwrap().join("disk.log");
        let refresh = ["__refresh", "whoop", "--generation", "1"];
        let ran = finish(&mut traced(&world.home, calls, Some(how), &log, &refresh));
        let sent = world.simulation.whoop.token_posts() - before;
        // A token that is spent and whose successor cannot be kept is a login lost: so nothing is sent.
        assert!(sent == 0 || ran.code == Some(0), "{calls} {how}: {sent} sent\n{}", ran.stderr);
        world.simulation.whoop.expire_access_tokens();
        world.home.run(&["sync", "--resource", "profile"]).expect(0);
    }
}

/// A file system of its own at the home's place, taken away again at the end.
struct Mounted<'a>(&'a World);

impl<'a> Mounted<'a> {
    /// `None` where this account may not mount.
    fn at(world: &'a World, size: &str) -> Option<Self> {
        std::fs::create_dir_all(world.home.path()).unwrap();
        let options = format!("size={size},mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(world.home.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(world));
        }
        note("no right to mount a file system: skipped");
        None
    }

    fn again(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(self.0.home.path())
            .status()
            .unwrap();
        assert!(status.success(), "remount {options}");
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.home.path()).status();
    }
}

#[test]
fn a_disk_that_fills_up_keeps_what_it_has_and_goes_on_when_there_is_room() {
    let world = World::new(700);
    let Some(disk) = Mounted::at(&world, "1300k") else { return };
    world.sign_in("whoop").expect(0);
    let ran = world.home.run(&["sync"]);
    assert_named(&ran, "a full disk");
    assert!(ran.stderr.contains("vitals.db") && ran.stderr.contains("full"), "{}", ran.stderr);
    let kept = records(&world);
    for arguments in READS {
        world.home.run(arguments).expect(0);
    }
    // Again and again, and a login that is due in between: nothing gets worse.
    world.simulation.whoop.expire_access_tokens();
    for _ in 0..3 {
        let ran = world.home.run(&["sync"]);
        assert_ne!(ran.code, Some(0), "{}", ran.stdout);
        assert!(records(&world) >= kept);
    }
    disk.again("size=64m");
    super::upstream::let_the_pause_pass(&world);
    world.home.run(&["sync"]).expect(0);
    assert_mirrors(&world);
    assert_eq!(Mirror::of(&world.home).integrity(), "ok");
}

#[test]
fn a_disk_that_is_read_only_answers_and_refuses_with_one_cause() {
    let world = World::new(40);
    let Some(disk) = Mounted::at(&world, "64m") else { return };
    world.sign_in("whoop").expect(0);
    world.home.run(&["sync"]).expect(0);
    let before: Vec<Ran> = READS.iter().map(|arguments| world.home.run(arguments).expect(0)).collect();
    disk.again("ro");
    for (arguments, before) in READS.iter().zip(before) {
        let ran = world.home.run(arguments).expect(0);
        if arguments[0] == "records" {
            assert_eq!(ran.stdout, before.stdout, "{arguments:?}");
        }
    }
    let requests = world.simulation.whoop.request_count();
    let ran = world.home.run(&["sync"]);
    assert_named(&ran, "a read-only disk");
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    assert_eq!(world.simulation.whoop.request_count(), requests, "it asked for what it cannot keep");
    disk.again("rw");
    world.home.run(&["sync"]).expect(0);
    assert_mirrors(&world);
}

#[test]
fn a_limit_on_the_size_of_files_is_a_full_disk() {
    let world = World::connected_to(&["whoop"], 700);
    // 512 bytes each; the signal that comes first by default is ignored, as many service managers do.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 1200; exec \"$@\"", "sh"];
    let ran = finish(&mut under(&world.home, &limited, &["sync"]));
    assert_named(&ran, "a limit on the size of files");
    for arguments in READS {
        world.home.run(arguments).expect(0);
    }
    world.home.run(&["sync"]).expect(0);
    assert_mirrors(&world);
}
