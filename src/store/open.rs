//! Opening the file: private from its first byte, ours, of a version we know, by a SQLite without the
//! WAL-reset bug.

use std::{fs, path::Path, sync::Mutex, thread, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use super::{Opened, Opening, Store, days, failure::explain, migrations};
use crate::{
    clock::Stopwatch,
    config::Paths,
    error::{Code, Error, Result},
    files::{self, FileId},
};

/// Before 3.51.3 two processes that checkpoint one WAL at the same instant could corrupt it.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long a statement waits for another process's write. A write here takes milliseconds.
pub(super) const BUSY: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the mirror for reading and writing, creating or migrating it where needed.
    pub fn open(paths: &Paths) -> Result<Self> {
        let opened = open(paths)?;
        Ok(Self { path: paths.database(), opening: Opening::Whole(paths.clone()), db: Mutex::new(opened) })
    }

    /// Opens the mirror for reading, or answers `None` where there is none yet. A directory that cannot be
    /// written to is no obstacle.
    pub fn open_existing(paths: &Paths) -> Result<Option<Self>> {
        let path = paths.database();
        if fs::symlink_metadata(&path).is_err() {
            return Ok(None);
        }
        match Self::open(paths) {
            Ok(store) => Ok(Some(store)),
            Err(error) => match open_read_only(&path) {
                Some(store) => Ok(Some(store)),
                None => Err(error),
            },
        }
    }

    /// This moment of the mirror, on a connection of its own: what is read from it fits together however
    /// long that takes, and nobody waits for it.
    pub fn snapshot(&self) -> Result<Self> {
        let opened = self.db()?;
        let (name, flags) = match &self.opening {
            Opening::ReadOnly(name, flags) => (name.clone(), *flags),
            _ => (self.name()?, OpenFlags::SQLITE_OPEN_READ_ONLY),
        };
        let snapshot = open_for_reading(&self.path, &name, flags);
        drop(opened);
        let snapshot = snapshot
            .ok_or_else(|| Error::new(Code::CacheError, format!("{} cannot be read", self.path.display())))?;
        // The moment is that of the first read.
        snapshot
            .db
            .execute_batch("PRAGMA query_only = 1; PRAGMA temp_store = MEMORY; BEGIN")
            .and_then(|()| snapshot.db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())))
            .map_err(|e| explain(&self.path, &e))?;
        Ok(Self { path: self.path.clone(), opening: Opening::Snapshot, db: Mutex::new(snapshot) })
    }

    pub(super) fn name(&self) -> Result<String> {
        let name = self.path.to_str().map(str::to_owned);
        name.ok_or_else(|| Error::new(Code::CacheError, "the path of the database is not valid text"))
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that opens for writing")]
pub(super) fn open(paths: &Paths) -> Result<Opened> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Error::new(Code::CacheError, format!("SQLite {} is too old", rusqlite::version()))
            .hint("Build with the bundled SQLite, 3.51.3 or newer."));
    }
    let path = paths.database();
    let cannot = |error: std::io::Error| {
        Error::new(Code::CacheError, format!("cannot use {}: {error}", paths.data.display())).hint(
            "The directory must be yours and writable, with room left; or set VITALS_HOME to another one.",
        )
    };
    files::private_dir(&paths.data).map_err(cannot)?;
    // A restore that was killed leaves a copy of everything.
    files::sweep(&paths.data, crate::clock::now().into());
    // Only ever created, never opened and closed by us: closing any descriptor of a live database drops
    // the locks SQLite holds on it in this process.
    match files::create_new(&path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            keep_private(&path).map_err(cannot)?;
        }
        Err(error) => return Err(cannot(error)),
    }
    // Before the opening: if another file takes its place in between, the next use notices.
    let file = FileId::of(&path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(&path, flags).map_err(|e| explain(&path, &e))?;
    db.busy_timeout(BUSY).map_err(|e| explain(&path, &e))?;
    check_ours(&db, &path)?;
    prepare(&db).map_err(|e| explain(&path, &e))?;
    migrations::migrate(&mut db, &path, &paths.backups())?;
    days::guard(&db).map_err(|e| explain(&path, &e))?;
    Ok(Opened { db, file })
}

/// The second and third rung: read-only with the WAL's shared memory, then as a file that nobody changes.
pub(super) fn open_read_only(path: &Path) -> Option<Store> {
    ladder(path)?.into_iter().find_map(|(name, flags)| {
        let opened = open_for_reading(path, &name, flags)?;
        let version: i64 = opened.db.pragma_query_value(None, "user_version", |row| row.get(0)).ok()?;
        let opening = Opening::ReadOnly(name, flags);
        (version == migrations::LATEST).then(|| Store {
            path: path.to_owned(),
            opening,
            db: Mutex::new(opened),
        })
    })
}

/// Ways to open a file without writing to it, the better one first.
pub(super) fn ladder(path: &Path) -> Option<Vec<(String, OpenFlags)>> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let no_wal = fs::metadata(wal).map_or(true, |wal| wal.len() == 0);
    let mut ladder = vec![(path.to_str()?.to_owned(), OpenFlags::SQLITE_OPEN_READ_ONLY)];
    if no_wal {
        let uri = format!("{}?immutable=1", url::Url::from_file_path(path).ok()?);
        ladder.push((uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI));
    }
    Some(ladder)
}

/// A connection that only reads, to a file of ours.
#[allow(clippy::disallowed_methods, reason = "the one place that opens the mirror for reading")]
pub(super) fn open_for_reading(path: &Path, name: &str, flags: OpenFlags) -> Option<Opened> {
    let file = FileId::of(path);
    let db = Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).ok()?;
    db.busy_timeout(BUSY).ok()?;
    check_ours(&db, path).ok()?;
    db.set_prepared_statement_cache_capacity(64);
    Some(Opened { db, file })
}

fn keep_private(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let found = fs::symlink_metadata(path)?;
        if found.file_type().is_symlink() {
            return Err(std::io::Error::other("vitals.db is a symbolic link"));
        }
        if found.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// A database of another program, or of a newer version of this one, is refused and not touched.
pub(super) fn check_ours(db: &Connection, path: &Path) -> Result<()> {
    let explained = |e: rusqlite::Error| explain(path, &e);
    // One snapshot: another process may be creating the tables between two of these reads.
    let db = db.unchecked_transaction().map_err(explained)?;
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) =
        (pragma("application_id").map_err(explained)?, pragma("user_version").map_err(explained)?);
    let tables: i64 =
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(explained)?;
    let fresh = application == 0 && version == 0 && tables == 0;
    if application != migrations::APPLICATION_ID && !fresh {
        return Err(Error::new(Code::CacheError, format!("{} belongs to another program", path.display()))
            .hint("It was left as it is. Move it away, or set VITALS_HOME to another directory."));
    }
    if version > migrations::LATEST {
        return Err(Error::new(
            Code::CacheError,
            format!(
                "{} has schema {version}, this program knows up to {}",
                path.display(),
                migrations::LATEST
            ),
        )
        .hint("Update vitals-mcp. The file was left as it is."));
    }
    Ok(())
}

/// The change to WAL needs the file for itself for a moment and, unlike any statement, does not wait for it
/// by the busy timeout: of several processes that meet a new file at once, all but one must try again.
fn enter_wal(db: &Connection) -> rusqlite::Result<()> {
    let watch = Stopwatch::start();
    loop {
        let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if mode.eq_ignore_ascii_case("wal") {
            return Ok(());
        }
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && watch.elapsed() < BUSY =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

pub(super) fn prepare(db: &Connection) -> rusqlite::Result<()> {
    enter_wal(db)?;
    // FULL: what was acknowledged survives a power cut. Costs about 2 ms a commit.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Sorts must not put health data into a shared temporary directory.
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    // KiB. What a bulk import touches between two commits fits; with the default of 2 MiB each page of the
    // file was written several times. Taken only as it is used.
    db.pragma_update(None, "cache_size", -8192)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // A plan does not depend on the values bound: with statistics compiled in, statements were otherwise
    // prepared anew for each record, a tenth of an import.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}
