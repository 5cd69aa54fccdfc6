//! Copies of the whole database: making one while others write, and going back to one.
//!
//! Going back changes the content of the open file where that is sound, in one transaction: processes that
//! have it open see the other content with their next statement. A damaged file is moved away instead, whole
//! and named, and the copy takes its place; who has the damaged one open notices (see [`Store`]).
//!
//! Invariant: what was there before is kept, and nothing is touched before the copy has been found good.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, backup::Backup};

use super::{Opened, Store, days, failure::explain, migrations, open};
use crate::{
    clock,
    config::Paths,
    error::{Code, Error, Result},
    files::{self, Dir, FileId},
};

/// Pages copied between two looks at whether the copy is still wanted: 4 MB.
const PAGES: i32 = 1024;

/// Numbers skipped in the feed where the last one given is not known.
const LEAP: i64 = 1_000_000;

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the old database is now; `None` where there was none.
    pub kept: Option<PathBuf>,
    /// The old one was damaged.
    pub was_damaged: bool,
    /// Schema of the copy before it was brought up to date.
    pub from_version: i64,
    /// Live records.
    pub records: u64,
}

impl Store {
    /// Copies this moment of the database into a file that is there already, private and empty. `goes_on`
    /// is asked now and then; its error ends the copying.
    pub fn back_up(&self, target: &Path, goes_on: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let snapshot = self.snapshot()?;
        let source = snapshot.db()?;
        let failed = |error: rusqlite::Error| explain(target, &error);
        let mut copy = blank(target).map_err(failed)?;
        copy_pages(&source.db, &mut copy, goes_on).map_err(|stopped| stopped.explain(failed))?;
        // One file that is whole by itself, without a log beside it.
        copy.pragma_update(None, "journal_mode", "DELETE").map_err(failed)?;
        let found: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if found != "ok" {
            return Err(Error::new(Code::CacheError, "the database is damaged: its copy is not sound")
                .hint("Nothing was written. `vitals-mcp doctor` says more; `vitals-mcp restore` goes back to an earlier backup."));
        }
        copy.close().map_err(|(_, error)| failed(error))
    }
}

/// Puts the database back to what `source` holds. Nobody may be syncing meanwhile: the caller sees to that.
pub fn restore(paths: &Paths, source: &Path) -> Result<Restored> {
    let live = paths.database();
    if FileId::of(source).is_some_and(|id| FileId::of(&live) == Some(id)) {
        return Err(Error::invalid(format!("{} is the database itself", source.display()))
            .hint("Give a file that `vitals-mcp backup` made."));
    }
    files::private_dir(&paths.data).map_err(|error| {
        Error::new(Code::CacheError, format!("cannot use {}: {error}", paths.data.display()))
    })?;
    let staged = Staged::of(source, paths)?;
    let records = staged.records()?;
    let from_version = staged.version;
    let now = present(paths)?;
    let was_damaged = matches!(now, Present::Damaged);
    let kept = match now {
        Present::Sound(store) => {
            let kept = keep_copy(&store, paths)?;
            staged.continue_numbers(Some(store.last_seq()?))?;
            staged.into_live(&store)?;
            Some(kept)
        }
        Present::Damaged => {
            staged.continue_numbers(None)?;
            let kept = move_away(paths)?;
            staged.become_live(paths)?;
            Some(kept)
        }
        Present::Nothing => {
            move_logs_of_nothing(paths)?;
            staged.become_live(paths)?;
            None
        }
    };
    // What is there now must open as any other.
    Store::open(paths)?;
    Ok(Restored { kept, was_damaged, from_version, records })
}

/// The database that is there.
enum Present {
    Nothing,
    /// Opened, and without a fault in its structure.
    Sound(Box<Store>),
    Damaged,
}

/// What lies there. What cannot be opened without being damaged (another program's, a newer one, on a full
/// disk) is an error, and stays.
fn present(paths: &Paths) -> Result<Present> {
    let live = paths.database();
    if fs::symlink_metadata(&live).is_err() {
        return Ok(Present::Nothing);
    }
    let opened = Store::open(paths);
    let damaged =
        |code: Option<ErrorCode>| matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
    // Looked at by a connection of its own, which does not care whose it is.
    let checked = blank(&live).and_then(|db| db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)));
    match (opened, checked) {
        (_, Err(error)) if damaged(error.sqlite_error_code()) => Ok(Present::Damaged),
        (_, Ok(found)) if found != "ok" => Ok(Present::Damaged),
        (Err(error), _) => Err(error),
        (Ok(_), Err(error)) => Err(explain(&live, &error)),
        (Ok(store), Ok::<String, _>(_)) => Ok(Present::Sound(Box::new(store))),
    }
}

fn keep_copy(store: &Store, paths: &Paths) -> Result<PathBuf> {
    let failed = |error: std::io::Error| {
        Error::new(Code::CacheError, format!("cannot write to {}: {error}", paths.backups().display()))
            .hint("Make room and try again; the database is unchanged.")
    };
    files::private_dir(&paths.backups()).map_err(failed)?;
    let name = format!("vitals-before-restore-{}.db", stamp());
    let dir = Dir::open(&paths.backups()).map_err(failed)?;
    let (pending, copy) = dir.begin().and_then(files::Pending::with_name).map_err(failed)?;
    store.back_up(&copy, &mut || Ok(()))?;
    // It has its name when it is whole: half a copy must not be taken for one.
    if !pending.publish(&dir, &name, false).map_err(failed)? {
        return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
    }
    Ok(dir.path().join(name))
}

/// The damaged file with its log, under a name that says what it is. It has a name at every moment.
fn move_away(paths: &Paths) -> Result<PathBuf> {
    let live = paths.database();
    let failed = |error: std::io::Error| {
        Error::new(Code::CacheError, format!("{} could not be moved away: {error}", live.display()))
            .hint("Move it away by hand, then restore again.")
    };
    files::private_dir(&paths.backups()).map_err(failed)?;
    let kept = paths.backups().join(format!("vitals-damaged-{}.db", stamp()));
    // Somebody who starts meanwhile must find a file here, or would make a new one.
    fs::hard_link(&live, &kept).or_else(|_| fs::rename(&live, &kept)).map_err(failed)?;
    move_logs(&live, &kept).map_err(failed)?;
    Ok(kept)
}

/// What SQLite keeps beside a database goes with it: it would be played into whatever file comes there next.
fn move_logs(live: &Path, kept: &Path) -> std::io::Result<()> {
    for log in ["-wal", "-shm", "-journal"] {
        match fs::rename(beside(live, log), beside(kept, log)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The same where somebody has removed the database and left its log.
fn move_logs_of_nothing(paths: &Paths) -> Result<()> {
    let live = paths.database();
    if ["-wal", "-journal"].iter().all(|log| fs::symlink_metadata(beside(&live, log)).is_err()) {
        return Ok(());
    }
    let kept = paths.backups().join(format!("vitals-missing-{}.db", stamp()));
    files::private_dir(&paths.backups()).and_then(|()| move_logs(&live, &kept)).map_err(|error| {
        Error::new(
            Code::CacheError,
            format!("the log of {} could not be moved away: {error}", live.display()),
        )
        .hint("Move it away by hand, then restore again.")
    })
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn stamp() -> String {
    clock::now().strftime("%Y%m%dT%H%M%S%.3fZ").to_string()
}

/// A checked copy of the backup beside the database, up to date; gone when dropped.
struct Staged {
    db: Connection,
    path: tempfile::TempPath,
    version: i64,
}

impl Staged {
    fn of(source: &Path, paths: &Paths) -> Result<Self> {
        let unusable = |error: std::io::Error| {
            Error::new(Code::NotFound, format!("{} cannot be read: {error}", source.display()))
                .hint("Give a file that `vitals-mcp backup` made, or one of those in `backups` of the data directory.")
        };
        let source = fs::canonicalize(source).map_err(unusable)?;
        fs::File::open(&source).map_err(unusable)?;
        let explained = |error: rusqlite::Error| explain_copy(&source, &error);
        let original = readable(&source)?;
        // Created by tempfile with O_EXCL and mode 0600.
        let staged = tempfile::Builder::new()
            .prefix(files::TEMPORARY)
            .suffix(".db")
            .tempfile_in(&paths.data)
            .map_err(|error| {
                Error::new(Code::CacheError, format!("cannot write to {}: {error}", paths.data.display()))
            })?
            .into_temp_path();
        let mut db = blank(&staged).map_err(explained)?;
        copy_pages(&original, &mut db, &mut || Ok(())).map_err(|stopped| stopped.explain(explained))?;
        open::check_ours(&db, &source)?;
        db.pragma_update(None, "journal_mode", "DELETE").map_err(explained)?;
        let found: String =
            db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(explained)?;
        let version: i64 =
            db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(explained)?;
        if found != "ok" || version == 0 {
            return Err(Error::new(Code::CacheError, format!("{} is damaged", source.display()))
                .hint("The database is unchanged. Restore from another backup."));
        }
        migrations::bring_up(&mut db).map_err(explained)?;
        // What is kept of the days is worked out again: nobody knows what became of a file that was away.
        days::keep_none(&db).map_err(explained)?;
        Ok(Self { db, path: staged, version })
    }

    fn records(&self) -> Result<u64> {
        let count = self.db.query_row("SELECT count(*) FROM documents WHERE removed_at IS NULL", [], |row| {
            row.get::<_, i64>(0)
        });
        count.map(|count| count as u64).map_err(|e| explain(&self.path, &e))
    }

    /// Events to come get numbers after every one that was ever given: whoever follows the feed misses none.
    fn continue_numbers(&self, last: Option<i64>) -> Result<()> {
        let last = match last {
            Some(last) => last,
            None => {
                self.db
                    .query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get::<_, i64>(0))
                    .map_err(|e| explain(&self.path, &e))?
                    + LEAP
            }
        };
        let raised = self
            .db
            .execute("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'changes'", [last])
            .and_then(|rows| match rows {
                0 => {
                    self.db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', ?1)", [last])
                }
                rows => Ok(rows),
            });
        raised.map(drop).map_err(|e| explain(&self.path, &e))
    }

    /// Its content becomes that of the open database, in one transaction.
    fn into_live(self, store: &Store) -> Result<()> {
        let mut opened: std::sync::MutexGuard<'_, Opened> = store.db()?;
        let failed = |error: rusqlite::Error| store.failed(&error);
        copy_pages(&self.db, &mut opened.db, &mut || Ok(())).map_err(|stopped| stopped.explain(failed))?;
        // The file's own mode went with the pages.
        open::prepare(&opened.db).map_err(failed)
    }

    /// It becomes the database, where there is none or a damaged one.
    fn become_live(self, paths: &Paths) -> Result<()> {
        let live = paths.database();
        self.db.close().map_err(|(_, error)| explain(&live, &error))?;
        let failed = |error: std::io::Error| {
            Error::new(Code::CacheError, format!("{} could not be put in place: {error}", live.display()))
        };
        fs::File::open(&self.path).and_then(|file| file.sync_all()).map_err(failed)?;
        self.path.persist(&live).map_err(|error| failed(error.error))?;
        files::sync_dir(&paths.data).map_err(failed)
    }
}

/// The file that is to be restored, opened without writing to it.
#[allow(clippy::disallowed_methods, reason = "a file that is not the mirror yet, checked as the mirror is")]
fn readable(source: &Path) -> Result<Connection> {
    let mut last = None;
    for (name, flags) in open::ladder(source).unwrap_or_default() {
        let opened = Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let checked = opened.map_err(|e| explain_copy(source, &e)).and_then(|db| {
            db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
                .map_err(|e| explain_copy(source, &e))?;
            open::check_ours(&db, source)?;
            Ok(db)
        });
        match checked {
            Ok(db) => return Ok(db),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| Error::invalid("the path is not valid text")))
}

fn explain_copy(source: &Path, error: &rusqlite::Error) -> Error {
    explain(source, error).hint(
        "The database is unchanged. Give a file that `vitals-mcp backup` made, or one of those in `backups` of the data directory.",
    )
}

/// A connection to a file that is there already and empty, private since it was made.
#[allow(clippy::disallowed_methods, reason = "a copy that is not the mirror yet")]
fn blank(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(db)
}

/// Why a copy was not finished: SQLite failed, or the caller wants no more of it.
enum Stopped {
    Sqlite(rusqlite::Error),
    Caller(Error),
}

impl Stopped {
    fn explain(self, explain: impl FnOnce(rusqlite::Error) -> Error) -> Error {
        match self {
            Self::Sqlite(error) => explain(error),
            Self::Caller(error) => error,
        }
    }
}

fn copy_pages(
    from: &Connection,
    to: &mut Connection,
    goes_on: &mut dyn FnMut() -> Result<()>,
) -> std::result::Result<(), Stopped> {
    use rusqlite::backup::StepResult::{Busy, Done, Locked, More};
    let watch = clock::Stopwatch::start();
    let backup = Backup::new(from, to).map_err(Stopped::Sqlite)?;
    loop {
        match backup.step(PAGES).map_err(Stopped::Sqlite)? {
            Done => return Ok(()),
            More => {}
            // A reader of the database that is overwritten, or its writer.
            Busy | Locked if watch.elapsed() < open::BUSY => {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            _ => {
                let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
                return Err(Stopped::Sqlite(rusqlite::Error::SqliteFailure(busy, None)));
            }
        }
        goes_on().map_err(Stopped::Caller)?;
    }
}

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
