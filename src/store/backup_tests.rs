//! Backups and restores of small mirrors: other connections keep working, and nothing is lost.

use std::fs;

use crate::{
    config::Paths,
    store::{Put, Store, restore},
};

fn paths(home: &tempfile::TempDir) -> Paths {
    Paths { data: home.path().join("data"), config: home.path().join("config") }
}

fn put(store: &Store, id: &str) {
    let document = crate::model::Document {
        id: id.to_owned(),
        day: None,
        start: None,
        end: None,
        offset: None,
        end_offset: None,
        former_id: None,
        inferred: None,
        link: None,
        session: crate::model::Session::Main,
        body: serde_json::Value::Null,
    };
    let incoming = [crate::model::incoming::Incoming {
        document,
        body: "{}".to_owned(),
        flat: "[]".to_owned(),
        facts: crate::model::Facts::default(),
        hash: vec![1],
    }];
    store
        .put(&Put {
            provider: "p",
            resource: "r",
            mapping: 1,
            documents: &incoming,
            unreadable: &[],
            samples: &[],
            replaces: None,
            relations: &[],
            covered: None,
            marks: &[],
            now_ms: 1,
        })
        .unwrap();
}

fn ids(store: &Store) -> Vec<String> {
    let all = crate::store::RecordFilter { limit: 100, oldest_first: true, ..Default::default() };
    store.records("p", "r", &all).unwrap().into_iter().map(|row| row.id).collect()
}

fn backed_up(store: &Store, home: &tempfile::TempDir) -> std::path::PathBuf {
    let target = home.path().join("copy.db");
    crate::files::create_new(&target).unwrap();
    store.back_up(&target, &mut || Ok(())).unwrap();
    target
}

#[test]
fn a_restore_is_seen_by_who_has_it_open_and_the_old_one_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&paths(&home)).unwrap();
    put(&store, "one");
    let copy = backed_up(&store, &home);
    assert!(!home.path().join("copy.db-wal").exists());
    put(&store, "two");
    let before = store.last_seq().unwrap();
    let done = restore(&paths(&home), &copy).unwrap();
    assert!(!done.was_damaged);
    assert_eq!(done.records, 1);
    assert_eq!(ids(&store), ["one"], "an open connection sees it");
    put(&store, "three");
    assert_eq!(ids(&Store::open(&paths(&home)).unwrap()), ["one", "three"]);
    assert!(store.last_seq().unwrap() > before, "no number of the feed is given twice");
    // And back again.
    let back = restore(&paths(&home), &done.kept.unwrap()).unwrap();
    assert_eq!((back.records, ids(&store)), (2, vec!["one".to_owned(), "two".to_owned()]));
    let left: Vec<_> = fs::read_dir(home.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_damaged_database_is_moved_away_whole_and_open_processes_go_on_with_the_new_one() {
    for damage in ["header", "inside"] {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&paths(&home)).unwrap();
        (0..50).for_each(|number| put(&store, &format!("record {number:03}")));
        let copy = backed_up(&store, &home);
        put(&store, "later");
        let running = Store::open(&paths(&home)).unwrap();
        drop(store);
        let live = paths(&home).database();
        // As a bad disk would leave it; the log is emptied first, so that it lies in the file.
        rusqlite::Connection::open(&live)
            .unwrap()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        let mut bytes = fs::read(&live).unwrap();
        let from = if damage == "header" { 0 } else { 4096 };
        bytes[from..from + 600].fill(0xa5);
        fs::write(&live, &bytes).unwrap();
        let done = restore(&paths(&home), &copy).unwrap();
        assert!(done.was_damaged, "{damage}");
        assert_eq!(fs::read(done.kept.unwrap()).unwrap(), bytes, "{damage}: kept as it was");
        put(&running, "after");
        assert_eq!(ids(&Store::open(&paths(&home)).unwrap()).len(), 51, "{damage}");
        assert_eq!(ids(&running).len(), 51, "{damage}");
    }
}

#[test]
fn nothing_is_touched_by_what_is_no_backup_of_ours() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&paths(&home)).unwrap();
    put(&store, "one");
    let copy = backed_up(&store, &home);
    let other = |name: &str| home.path().join(name);
    fs::write(other("text.db"), "no database at all, but long enough to be one at first sight".repeat(100))
        .unwrap();
    rusqlite::Connection::open(other("foreign.db")).unwrap().execute_batch("CREATE TABLE a (b);").unwrap();
    let newer = rusqlite::Connection::open({
        fs::copy(&copy, other("newer.db")).unwrap();
        other("newer.db")
    })
    .unwrap();
    newer.pragma_update(None, "user_version", 999).unwrap();
    drop(newer);
    let mut cut = fs::read(&copy).unwrap();
    cut.truncate(cut.len() / 2);
    fs::write(other("cut.db"), cut).unwrap();
    for (name, says) in [
        ("text.db", "not a database"),
        ("foreign.db", "another program"),
        ("newer.db", "schema 999"),
        ("cut.db", "damaged"),
        ("missing.db", "cannot be read"),
        ("data/vitals.db", "itself"),
    ] {
        let error = restore(&paths(&home), &other(name)).unwrap_err();
        assert!(error.message.contains(says), "{name}: {error}");
        assert_eq!(ids(&store), ["one"], "{name}");
    }
    assert!(!paths(&home).backups().exists());
}

#[test]
fn a_database_of_another_program_in_its_place_stays() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = backed_up(&Store::open(&paths(&home)).unwrap(), &home);
    fs::create_dir(other.path().join("data")).unwrap();
    let live = paths(&other).database();
    rusqlite::Connection::open(&live).unwrap().execute_batch("CREATE TABLE a (b);").unwrap();
    let before = fs::read(&live).unwrap();
    let error = restore(&paths(&other), &copy).unwrap_err();
    assert!(error.message.contains("another program"), "{error}");
    assert_eq!(fs::read(&live).unwrap(), before);
}

#[test]
fn where_there_is_nothing_the_backup_is_put_in_place() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(&paths(&home)).unwrap();
    put(&store, "one");
    let copy = backed_up(&store, &home);
    let done = restore(&paths(&other), &copy).unwrap();
    assert_eq!((done.kept, done.records), (None, 1));
    assert_eq!(ids(&Store::open(&paths(&other)).unwrap()), ["one"]);
}

#[test]
fn a_backup_that_is_not_wanted_any_more_ends() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&paths(&home)).unwrap();
    let target = home.path().join("copy.db");
    crate::files::create_new(&target).unwrap();
    // Larger than what is copied at once.
    store
        .write(|tx| {
            tx.execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
                 INSERT INTO state SELECT 'p', '', i, printf('%100d', i) FROM n",
            )
        })
        .unwrap();
    let stopped = store.back_up(&target, &mut || Err(crate::error::Error::invalid("stop")));
    assert_eq!(stopped.unwrap_err().message, "stop");
}

#[test]
fn a_moved_database_is_not_written_to_behind_its_name() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&paths(&home)).unwrap();
    put(&store, "one");
    let live = paths(&home).database();
    let away = |suffix: &str| home.path().join(format!("away.db{suffix}"));
    for suffix in ["", "-wal", "-shm"] {
        fs::rename(format!("{}{suffix}", live.display()), away(suffix)).unwrap();
    }
    let error = store.set_state("", "", "x", Some("y")).unwrap_err();
    assert!(error.message.contains("moved or deleted"), "{error}");
    assert!(!live.exists(), "and no empty one was made");
    let other = Store::open(&paths(&home)).unwrap();
    put(&other, "two");
    assert_eq!(ids(&store), ["two"], "whatever lies there is what is read");
    let kept = rusqlite::Connection::open(away("")).unwrap();
    let count: i64 = kept.query_row("SELECT count(*) FROM documents", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_log_that_lies_where_the_database_was_is_not_played_into_the_backup() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&paths(&home)).unwrap();
    put(&store, "one");
    let copy = backed_up(&store, &home);
    put(&store, "two");
    let beside = |suffix: &str| home.path().join(format!("data/vitals.db{suffix}"));
    let log = fs::read(beside("-wal")).unwrap();
    assert!(log.len() > 4096);
    drop(store);
    // As after somebody has removed the database alone.
    fs::remove_file(beside("")).unwrap();
    fs::write(beside("-wal"), &log).unwrap();
    restore(&paths(&home), &copy).unwrap();
    assert_eq!(ids(&Store::open(&paths(&home)).unwrap()), ["one"]);
    let kept = |suffix: &str| {
        let entries = fs::read_dir(paths(&home).backups()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(suffix)).count()
    };
    assert_eq!((kept(".db-wal"), kept(".db")), (1, 0));
    // And where only its journal is left.
    fs::remove_file(beside("")).unwrap();
    fs::write(beside("-journal"), "what it was").unwrap();
    restore(&paths(&home), &copy).unwrap();
    assert_eq!(ids(&Store::open(&paths(&home)).unwrap()), ["one"]);
    assert_eq!((kept(".db-journal"), kept(".db")), (1, 0));
}
