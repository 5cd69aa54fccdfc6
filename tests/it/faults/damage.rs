//! Files that were damaged: the database, the tokens, the key, by random mutations and by known ones.
//! Nothing is overwritten, nothing panics, and the error names the file and the mend.
//! `VITALS_TEST_MUTATIONS` sets how many of each.

use std::{
    fs,
    path::{Path, PathBuf},
};

use vitals_mcp::demo::random::Random;

use super::count;
use crate::{
    harness::{Home, Ran},
    world::World,
};

/// Mutations of each file, unless `VITALS_TEST_MUTATIONS` says otherwise.
pub const MUTATIONS: u32 = 50;

fn mutations() -> u32 {
    count("VITALS_TEST_MUTATIONS", MUTATIONS)
}

/// One way to damage a file, drawn by its number.
fn damaged(whole: &[u8], number: u32) -> (&'static str, Vec<u8>) {
    let mut random = Random::new(21, "damage", i64::from(number));
    let mut place = |length: usize| (random.unit() * length as f64) as usize;
    let mut bytes = whole.to_vec();
    let length = bytes.len();
    match number % 8 {
        0 => {
            bytes[place(length)] ^= 1 << place(8);
            ("one bit", bytes)
        }
        1 => {
            bytes.truncate(place(length));
            ("cut short", bytes)
        }
        2 => {
            let from = place(length);
            let to = (from + 1 + place(4096)).min(length);
            bytes[from..to].fill(0);
            ("a stretch of zeros", bytes)
        }
        3 => {
            for _ in 0..20 {
                bytes[place(length)] = place(256) as u8;
            }
            ("twenty bytes", bytes)
        }
        4 => {
            bytes[..16.min(length)].fill(b'#');
            ("another beginning", bytes)
        }
        5 => {
            let (from, to) = (place(length), place(length));
            bytes.swap(from, to);
            bytes.rotate_left(1 + place(length - 1));
            ("everything moved", bytes)
        }
        6 => ("a text", b"this is a text file that somebody put here by mistake\n".repeat(1 + place(9))),
        _ => ("nothing at all", Vec::new()),
    }
}

#[track_caller]
fn assert_calm(ran: &Ran, what: &str) {
    assert!(!matches!(ran.code, Some(1 | 101) | None), "{what}: {:?}\n{}", ran.code, ran.stderr);
    assert!(!ran.stderr.contains("a fault of this program"), "{what}: {}", ran.stderr);
    if ran.code != Some(0) {
        assert!(ran.stderr.contains("hint: "), "{what}: no mend: {}", ran.stderr);
    }
}

/// The only file below with this extension.
fn file(home: &Home, folder: &str, extension: &str) -> PathBuf {
    let mut found = fs::read_dir(home.path().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    found.find(|path| path.extension().is_some_and(|other| other == extension)).unwrap()
}

fn without_wal(database: &Path) {
    for name in ["vitals.db-wal", "vitals.db-shm"] {
        let _ = fs::remove_file(database.with_file_name(name));
    }
}

#[test]
fn a_damaged_database_is_named_and_kept() {
    let world = World::connected_to(&["whoop"], 60);
    world.home.run(&["sync"]).expect(0);
    let database = world.home.path().join("vitals.db");
    without_wal(&database);
    let whole = fs::read(&database).unwrap();
    let mut noticed = 0;
    for number in 0..mutations() {
        let (how, bytes) = damaged(&whole, number);
        let what = format!("mutation {number}, {how}");
        without_wal(&database);
        fs::write(&database, &bytes).unwrap();
        for arguments in
            [&["records", "whoop.sleep", "--limit", "500"][..], &["day", "last week"], &["status"]]
        {
            assert_calm(&world.home.run(arguments), &format!("{what}: {arguments:?}"));
        }
        let doctor = world.home.run(&["doctor", "--offline"]);
        assert_calm(&doctor, &what);
        let told = doctor.code == Some(7) && doctor.stdout.contains("vitals.db");
        noticed += usize::from(told);
        // A sync may write into a file that still works; one that does not is left as it is.
        let ran = world.home.run(&["sync"]);
        assert_calm(&ran, &what);
        if ran.stderr.contains("damaged or not a database") {
            assert!(ran.stderr.contains("vitals.db"), "{what}: {}", ran.stderr);
        }
        // An empty file holds nothing to lose, and becomes a database.
        if matches!(how, "a text" | "another beginning") {
            assert_eq!(fs::read(&database).unwrap(), bytes, "{what}: it was overwritten");
            assert_eq!(ran.code, Some(7), "{what}: {}", ran.stderr);
        }
        assert!(fs::metadata(&database).unwrap().len() > 0, "{what}: it was emptied");
    }
    assert!(noticed * 2 > mutations() as usize, "only {noticed} were noticed");
    // The mend that is offered works.
    fs::write(&database, b"no database").unwrap();
    without_wal(&database);
    fs::rename(&database, database.with_extension("damaged")).unwrap();
    world.home.run(&["sync"]).expect(0);
    crate::mirror::assert_mirrors(&world);
}

#[test]
fn a_damaged_login_is_named_and_kept_and_costs_one_sign_in() {
    let world = World::connected_to(&["whoop"], 10);
    world.home.run(&["sync"]).expect(0);
    let tokens = file(&world.home, "tokens", "tokens");
    let whole = fs::read(&tokens).unwrap();
    for number in 0..mutations() {
        let (how, bytes) = damaged(&whole, number);
        let what = format!("mutation {number}, {how}");
        if bytes == whole {
            continue;
        }
        fs::write(&tokens, &bytes).unwrap();
        let before = world.simulation.whoop.request_count();
        let ran = world.home.run(&["sync"]);
        assert_eq!(ran.code, Some(3), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains(tokens.file_name().unwrap().to_str().unwrap()), "{what}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("vitals-mcp auth whoop") || how == "one bit" || how == "twenty bytes",
            "{what}: {}",
            ran.stderr
        );
        assert_eq!(world.simulation.whoop.request_count(), before, "{what}: something was sent");
        for arguments in [&["status"][..], &["records", "whoop.sleep"]] {
            world.home.run(arguments).expect(0);
        }
        assert_eq!(fs::read(&tokens).unwrap(), bytes, "{what}: it was overwritten");
    }
    // The mend that is offered works, and keeps what it replaces.
    world.sign_in("whoop").expect(0);
    world.home.run(&["sync"]).expect(0);
    let kept = fs::read_dir(world.home.path().join("tokens")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(kept.iter().any(|name| name.contains("unreadable")), "{kept:?}");
}

#[test]
fn a_damaged_key_is_named_and_kept_and_comes_back() {
    let world = World::connected_to(&["whoop"], 10);
    world.home.run(&["sync"]).expect(0);
    let key = world.home.path().join("config/key");
    let whole = fs::read(&key).unwrap();
    let tokens = file(&world.home, "tokens", "tokens");
    let sealed = fs::read(&tokens).unwrap();
    for number in 0..mutations() {
        let (how, bytes) = damaged(&whole, number);
        let what = format!("mutation {number}, {how}");
        if String::from_utf8_lossy(&bytes).trim() == String::from_utf8_lossy(&whole).trim() {
            continue;
        }
        fs::write(&key, &bytes).unwrap();
        let ran = world.home.run(&["sync"]);
        assert_eq!(ran.code, Some(3), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains("key"), "{what}: {}", ran.stderr);
        world.home.run(&["records", "whoop.sleep"]).expect(0);
        assert_eq!(fs::read(&key).unwrap(), bytes, "{what}: it was overwritten");
        assert_eq!(fs::read(&tokens).unwrap(), sealed, "{what}: the login was overwritten");
    }
    fs::remove_file(&key).unwrap();
    let ran = world.home.run(&["sync"]).expect(3);
    assert!(ran.stderr.contains("key file") && !key.exists(), "{}", ran.stderr);
    fs::write(&key, &whole).unwrap();
    world.home.run(&["sync"]).expect(0);
}
