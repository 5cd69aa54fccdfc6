//! SIGKILL at the calls by which exports, backups, restores and migrations change files: what has its final
//! name is whole, what was there before is there, and the next run needs nobody's help. As many of the calls
//! as in `syscalls.rs`.
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::{
    note,
    syscalls::{an_hour_passes, killed_at, leftovers},
    tracer::{all_points, chosen, is_there},
};
use crate::{
    harness::{Home, root},
    store::Mirror,
    world::World,
};

/// Points of each run, unless `VITALS_TEST_POINTS` says otherwise.
pub const POINTS: usize = 6;

/// What is exported where; each is tried in a directory that is empty and in one where it is there already.
pub const EXPORTS: [&[&str]; 4] = [
    &["export", "all", "--to", "vitals/out"],
    &["export", "whoop.sleep", "--to", "vitals/out/sleep.jsonl"],
    &["export", "whoop.cycle", "--to", "vitals/out/cycle.parquet", "--overwrite"],
    &["export", "all", "--format", "parquet", "--partitioned", "--to", "vitals/out", "--overwrite"],
];

fn synced() -> World {
    let world = World::connected_to(&["whoop"], 10);
    world.home.run(&["sync"]).expect(0);
    world
}

/// Every file below a directory by its path in it, without what is being written.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if path.file_name().unwrap().to_string_lossy().starts_with(".new-") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(dir).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Bodies of the records of a database file that is sound, once what was not finished in it is undone.
#[track_caller]
fn records(path: &Path, what: &str) -> BTreeMap<String, Value> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{what}: {}", path.display());
    let sql = "SELECT provider || '.' || resource || ' ' || id, body FROM documents WHERE removed_at IS NULL";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
    rows.map(|row| row.map(|(id, body)| (id, serde_json::from_str(&body).unwrap())).unwrap()).collect()
}

/// Files of `backups` whose names begin so.
fn kept(home: &Home, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.path().join("backups")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(prefix)).collect()
}

/// The database is exactly this file.
fn put_database(home: &Home, from: &Path) {
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(home.path().join(format!("vitals.db{suffix}")));
    }
    fs::copy(from, home.path().join("vitals.db")).unwrap();
}

#[test]
fn a_kill_at_any_call_of_an_export() {
    if !is_there() {
        return;
    }
    let world = synced();
    let before = records(&world.home.path().join("vitals.db"), "before");
    let out = world.home.path().join("out");
    for export in EXPORTS {
        let (mut killed, mut whole) = (0, BTreeMap::new());
        let replaces = export.contains(&"--overwrite");
        // Once for itself: what a whole one is, and which calls it makes where there is nothing and where it is.
        if replaces {
            world.home.run(export).expect(0);
        }
        let calls = all_points(&world.home, export);
        whole.extend(files(&out));
        assert!(!whole.is_empty());
        for point in chosen(&calls, POINTS) {
            let what = format!("{export:?} after a kill at {point:?}");
            fs::remove_dir_all(&out).unwrap();
            fs::create_dir(&out).unwrap();
            if replaces {
                world.home.run(export).expect(0);
            }
            killed += usize::from(killed_at(&world.home, point, export));
            let there = files(&out);
            for (name, bytes) in &there {
                assert!(whole.get(name) == Some(bytes), "{what}: {} is not whole", name.display());
            }
            assert!(!replaces || there.len() == whole.len(), "{what}: what was there is gone");
            an_hour_passes(&world.home);
            let again = world.home.run(export);
            if again.code == Some(9) && !replaces && !there.is_empty() {
                // It says what is in the way, which is whole.
                let mut replacing = export.to_vec();
                replacing.push("--overwrite");
                world.home.run(&replacing).expect(0);
            } else {
                assert_eq!(again.code, Some(0), "{what}: {}", again.stderr);
            }
            assert!(files(&out) == whole, "{what}: the next one is another");
            assert_eq!(leftovers(&world.home), Vec::<PathBuf>::new(), "{what}");
        }
        note(&format!("{export:?}: killed at {killed} of {} calls", calls.len()));
        assert!(killed > 0);
        fs::remove_dir_all(&out).unwrap();
    }
    assert!(records(&world.home.path().join("vitals.db"), "after the exports") == before);
}

#[test]
fn a_kill_at_any_call_of_a_backup() {
    if !is_there() {
        return;
    }
    let world = synced();
    let live = world.home.path().join("vitals.db");
    let before = records(&live, "before");
    let backup = ["backup", "vitals/out/copy.db"];
    let (out, copy) = (world.home.path().join("out"), world.home.path().join("out/copy.db"));
    let calls = all_points(&world.home, &backup);
    let mut killed = 0;
    for point in chosen(&calls, POINTS) {
        let what = format!("a backup after a kill at {point:?}");
        fs::remove_dir_all(&out).unwrap();
        killed += usize::from(killed_at(&world.home, point, &backup));
        if copy.exists() {
            assert!(records(&copy, &what) == before, "{what}: it is not whole");
            world.home.run(&backup).expect(9);
            fs::remove_file(&copy).unwrap();
        }
        an_hour_passes(&world.home);
        world.home.run(&backup).expect(0);
        assert!(records(&copy, &what) == before, "{what}: the next one is another");
        assert_eq!(leftovers(&world.home), Vec::<PathBuf>::new(), "{what}");
    }
    note(&format!("backup: killed at {killed} of {} calls", calls.len()));
    assert!(killed > 0 && records(&live, "after the backups") == before);
}

#[test]
fn a_kill_at_any_call_of_a_restore() {
    if !is_there() {
        return;
    }
    let world = synced();
    let (live, copy) = (world.home.path().join("vitals.db"), world.home.path().join("out/copy.db"));
    world.home.run(&["backup", "vitals/out/copy.db"]).expect(0);
    let old = records(&copy, "the backup");
    super::upstream::UPSTREAMS[0].change(&world, 0);
    world.home.run(&["sync"]).expect(0);
    let sound = world.home.path().join("out/now.db");
    world.home.run(&["backup", "vitals/out/now.db"]).expect(0);
    let now = records(&sound, "the database of now");
    assert!(old != now, "nothing to tell them apart");
    let damaged = world.home.path().join("out/damaged.db");
    fs::write(&damaged, "this was a database once, and then the disk went bad".repeat(200)).unwrap();
    let restore = ["restore", "vitals/out/copy.db"];
    for (case, was) in [("a sound database", &sound), ("a damaged one", &damaged)] {
        put_database(&world.home, was);
        let calls = all_points(&world.home, &restore);
        let mut killed = 0;
        for point in chosen(&calls, POINTS) {
            let what = format!("a restore over {case} after a kill at {point:?}");
            let _ = fs::remove_dir_all(world.home.path().join("backups"));
            put_database(&world.home, was);
            killed += usize::from(killed_at(&world.home, point, &restore));
            if was == &sound {
                let here = records(&live, &what);
                assert!(here == now || here == old, "{what}: neither the old nor the new");
                let copies = kept(&world.home, "vitals-before-restore-");
                assert!(here == now || copies.len() == 1, "{what}: nothing was kept");
                for copy in copies {
                    assert!(records(&copy, &what) == now, "{what}: what was kept is not whole");
                }
            } else {
                let same = |path: &Path| fs::read(path).unwrap() == fs::read(was).unwrap();
                let copies = kept(&world.home, "vitals-damaged-");
                assert!(copies.iter().all(|copy| same(copy)), "{what}: what was kept is another");
                assert!(same(&live) || (!copies.is_empty() && records(&live, &what) == old), "{what}");
            }
            an_hour_passes(&world.home);
            world.home.run(&restore).expect(0);
            assert!(records(&live, &what) == old, "{what}: the next one is another");
            assert_eq!(Mirror::of(&world.home).integrity(), "ok");
            assert_eq!(leftovers(&world.home), Vec::<PathBuf>::new(), "{what}");
        }
        note(&format!("restore over {case}: killed at {killed} of {} calls", calls.len()));
        assert!(killed > 0);
    }
}

/// The mirror as the first version wrote it.
fn of_version_1(home: &Home, path: &Path) {
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db.execute_batch(&fs::read_to_string(root().join("fixtures/schema/1.sql")).unwrap()).unwrap();
    db.execute("ATTACH ?1 AS now", [home.path().join("vitals.db").to_str().unwrap()]).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for table in names("SELECT name FROM main.sqlite_schema WHERE type = 'table'") {
        let columns = names(&format!("SELECT name FROM pragma_table_info('{table}', 'main')")).join(", ");
        db.execute(&format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}"), [])
            .unwrap();
    }
    db.execute_batch("DETACH now; PRAGMA user_version = 1; PRAGMA application_id = 1447646273").unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
}

#[test]
fn a_kill_at_any_call_of_a_migration() {
    if !is_there() {
        return;
    }
    let world = synced();
    let old = world.home.path().parent().unwrap().join("version-1.db");
    of_version_1(&world.home, &old);
    let (live, before) = (world.home.path().join("vitals.db"), records(&old, "before"));
    assert!(before.len() > 20);
    // What migrates is the first opening, whatever it is for.
    let read = ["records", "whoop.sleep", "--start", "last 30 days", "--json"];
    let version = |path: &Path| -> i64 {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let latest = version(&live);
    assert!(latest > 1);
    put_database(&world.home, &old);
    let calls = all_points(&world.home, &read);
    assert_eq!(version(&live), latest, "nothing was migrated");
    let mut killed = 0;
    for point in chosen(&calls, POINTS) {
        let what = format!("a migration after a kill at {point:?}");
        let _ = fs::remove_dir_all(world.home.path().join("backups"));
        put_database(&world.home, &old);
        killed += usize::from(killed_at(&world.home, point, &read));
        assert!([1, latest].contains(&version(&live)), "{what}: half of a version");
        an_hour_passes(&world.home);
        world.home.run(&read).expect(0);
        assert_eq!(version(&live), latest, "{what}");
        assert!(records(&live, &what) == before, "{what}: the records are others");
        let copies = kept(&world.home, "vitals-v1-");
        assert!(!copies.is_empty(), "{what}: no backup");
        for copy in copies {
            assert_eq!(version(&copy), 1, "{what}");
            assert!(records(&copy, &what) == before, "{what}: a backup that is not whole");
        }
        world.home.run(&["sync"]).expect(0);
        assert_eq!(leftovers(&world.home), Vec::<PathBuf>::new(), "{what}");
    }
    note(&format!("migration: killed at {killed} of {} calls", calls.len()));
    assert!(killed > 0);
}
