//! The schema, one frozen file for each version, applied in one transaction after a backup.

use std::{fs, path::Path};

use rusqlite::{Connection, TransactionBehavior};

use super::failure::explain;
use crate::{
    error::{Code, Error, Result},
    files::{self, Dir},
};

/// Index + 1 is the version that the file leads to. A released file is never edited.
const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
];

/// The version this program writes.
pub const LATEST: i64 = STEPS.len() as i64;

/// `VITA`: tells our files from any other SQLite database.
pub const APPLICATION_ID: i64 = 0x5649_5441;

/// Two are kept: the last one may have been made from a file that was already damaged.
const BACKUPS_KEPT: usize = 2;

/// Brings the database to [`LATEST`]. `backups` is where a copy of the old one goes first; an empty
/// database has nothing to lose and gets none.
pub fn migrate(db: &mut Connection, path: &Path, backups: &Path) -> Result<()> {
    migrate_with(db, path, backups, STEPS)
}

fn migrate_with(db: &mut Connection, path: &Path, backups: &Path, steps: &[&str]) -> Result<()> {
    let from = version(db).map_err(|e| explain(path, &e))?;
    if from as usize == steps.len() {
        return Ok(());
    }
    if from > 0 {
        back_up(db, backups, from).map_err(|reason| {
            Error::new(
                Code::CacheError,
                format!("the database needs an update, and its backup failed: {reason}"),
            )
            .hint(format!("Make room in {} and try again; the database is unchanged.", backups.display()))
        })?;
    }
    apply(db, steps).map_err(|e| explain(path, &e))
}

/// Brings a copy up to [`LATEST`], of which no other copy is needed.
pub fn bring_up(db: &mut Connection) -> rusqlite::Result<()> {
    if version(db)? == LATEST { Ok(()) } else { apply(db, STEPS) }
}

fn apply(db: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    let from = version(&tx)?;
    for (done, sql) in steps.iter().enumerate().skip(from as usize) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", done as i64 + 1)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.commit()
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Copies the whole database into a new private file and makes it durable. It has its name when it is whole.
fn back_up(db: &Connection, backups: &Path, version: i64) -> std::result::Result<(), String> {
    files::private_dir(backups).map_err(|e| e.to_string())?;
    let name = format!("vitals-v{version}-{}.db", crate::clock::now().strftime("%Y%m%dT%H%M%S%.3fZ"));
    let dir = Dir::open(backups).map_err(|e| e.to_string())?;
    // A file that is there already, private and empty: left to itself SQLite makes it 0644.
    let (pending, copy) = dir.begin().and_then(files::Pending::with_name).map_err(|e| e.to_string())?;
    let target = copy.to_str().ok_or("the path is not valid text")?;
    db.execute("VACUUM INTO ?1", [target]).map_err(|e| e.to_string())?;
    if !pending.publish(&dir, &name, false).map_err(|e| e.to_string())? {
        return Err(format!("{name} is there already"));
    }
    let mut old: Vec<_> = fs::read_dir(backups)
        .map_err(|e| e.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("vitals-v")))
        .collect();
    old.sort_by_key(|path| fs::metadata(path).and_then(|m| m.modified()).ok());
    for path in old.iter().rev().skip(BACKUPS_KEPT) {
        fs::remove_file(path).map_err(|e| e.to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_made_before_a_migration_and_two_are_kept() {
        let home = tempfile::tempdir().unwrap();
        let backups = home.path().join("backups");
        let mut db = Connection::open(home.path().join("x.db")).unwrap();
        let steps = [
            "CREATE TABLE one (a);",
            "CREATE TABLE two (a);",
            "CREATE TABLE three (a);",
            "CREATE TABLE four (a);",
        ];
        for last in 1..=4 {
            migrate_with(&mut db, Path::new("x.db"), &backups, &steps[..last]).unwrap();
        }
        let mut kept: Vec<_> = fs::read_dir(&backups).unwrap().map(|e| e.unwrap().path()).collect();
        kept.sort();
        assert_eq!(kept.len(), 2);
        let copy = Connection::open(&kept[1]).unwrap();
        assert_eq!(version(&copy).unwrap(), 3, "the newest backup is the version before the last step");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&kept[0]).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    /// Every table and index with its columns, as SQLite has them.
    fn shape(db: &Connection) -> Vec<(String, String)> {
        let sql = "SELECT m.name, group_concat(c.name) FROM sqlite_schema m, pragma_table_xinfo(m.name) c
             WHERE m.type = 'table' GROUP BY m.name
             UNION ALL
             SELECT m.name, m.tbl_name || ' ' || group_concat(coalesce(c.name, '')) || coalesce(m.sql LIKE '%WHERE%', 0)
             FROM sqlite_schema m, pragma_index_info(m.name) c WHERE m.type = 'index' GROUP BY m.name ORDER BY 1";
        let mut statement = db.prepare(sql).unwrap();
        statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn an_upgraded_database_is_like_a_new_one() {
        let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema");
        let home = tempfile::tempdir().unwrap();
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new, Path::new("new.db"), home.path()).unwrap();
        for version in 1..LATEST {
            let schema = fs::read_to_string(frozen.join(format!("{version}.sql")))
                .unwrap_or_else(|_| panic!("the schema of version {version} is not kept in fixtures/schema"));
            let mut old = Connection::open(home.path().join(format!("{version}.db"))).unwrap();
            old.execute_batch(&schema).unwrap();
            old.pragma_update(None, "user_version", version).unwrap();
            migrate(&mut old, Path::new("old.db"), &home.path().join("backups")).unwrap();
            assert_eq!(shape(&old), shape(&new), "from version {version}");
        }
    }

    #[test]
    fn a_failing_step_leaves_the_old_version() {
        let home = tempfile::tempdir().unwrap();
        let mut db = Connection::open(home.path().join("x.db")).unwrap();
        migrate_with(&mut db, Path::new("x.db"), home.path(), &["CREATE TABLE one (a);"]).unwrap();
        let broken = ["CREATE TABLE one (a);", "CREATE TABLE two (a); CREATE TABLE one (a);"];
        assert!(migrate_with(&mut db, Path::new("x.db"), home.path(), &broken).is_err());
        assert_eq!(version(&db).unwrap(), 1);
        let two: i64 =
            db.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'two'", [], |r| r.get(0)).unwrap();
        assert_eq!(two, 0);
    }
}
