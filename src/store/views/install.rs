//! The views in the file, made anew when the catalogue that they come from has changed, and the orders of sources by
//! which they choose. Neither is written otherwise.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{KindShape, View, kinds};
use crate::{
    error::Result,
    store::{
        Store,
        marks::{get_state, set_state},
    },
};

/// Where the fingerprint of the views in the file stands.
const MARK: (&str, &str, &str) = ("", "", "views");

impl Store {
    /// Sees to it that the file has these views. It writes only where it has others, and never into a file
    /// that is open for reading only.
    pub fn keep_views(&self, shapes: &[KindShape], views: &[View]) -> Result<()> {
        let wanted = fingerprint(views);
        if self.read(|db| Ok(db.is_readonly("main")? || mark(db)?.is_some_and(|found| found == wanted)))? {
            return Ok(());
        }
        self.write(|tx| {
            // Another process may have been quicker.
            if mark(tx)?.is_some_and(|found| found == wanted) {
                return Ok(());
            }
            let old: Vec<String> = tx
                .prepare("SELECT name FROM sqlite_schema WHERE type = 'view' AND substr(name, 1, 2) = 'v_'")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for name in old {
                tx.execute_batch(&format!("DROP VIEW \"{name}\""))?;
            }
            for view in views {
                tx.execute_batch(&view.sql)?;
            }
            // Empty in the usual case, so that telling of outdated records costs nothing.
            tx.execute_batch(&format!(
                "DROP INDEX IF EXISTS documents_outdated;
                 CREATE INDEX documents_outdated ON documents (provider, resource) WHERE {}",
                kinds::is_outdated(shapes)
            ))?;
            set_state(tx, MARK.0, MARK.1, MARK.2, Some(&wanted))
        })
    }

    /// Sees to it that `v_daily` chooses by these orders of sources of sleep: all that hold in the wearer's order.
    pub fn keep_sleep_orders(&self, orders: &[String]) -> Result<()> {
        let wanted: BTreeSet<&str> = orders.iter().map(String::as_str).collect();
        let is_so = |db: &Connection| -> rusqlite::Result<bool> {
            let mut statement = db.prepare_cached("SELECT name FROM sleep_orders")?;
            let found: BTreeSet<String> =
                statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            Ok(found.iter().map(String::as_str).eq(wanted.iter().copied()))
        };
        if self.read(|db| Ok(db.is_readonly("main")? || is_so(db)?))? {
            return Ok(());
        }
        self.write(|tx| {
            tx.execute("DELETE FROM sleep_orders", [])?;
            let mut insert = tx.prepare("INSERT INTO sleep_orders (name) VALUES (?1)")?;
            wanted.iter().try_for_each(|order| insert.execute([order]).map(drop))
        })
    }

    /// Whether a record was derived otherwise than with these shapes. It reads an index that is empty in the usual case.
    pub fn has_outdated(&self, shapes: &[KindShape]) -> Result<bool> {
        self.read(|db| {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM documents WHERE {})", kinds::is_outdated(shapes));
            db.query_row(&sql, [], |row| row.get(0))
        })
    }
}

/// Whether the file has exactly these views.
pub fn has(db: &Connection, views: &[View]) -> bool {
    mark(db).ok().flatten().is_some_and(|found| found == fingerprint(views))
}

fn mark(db: &Connection) -> rusqlite::Result<Option<String>> {
    get_state(db, MARK.0, MARK.1, MARK.2)
}

fn fingerprint(views: &[View]) -> String {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for view in views {
        hash.update(&view.sql);
    }
    let digest = hash.finalize();
    format!("{:032x}", u128::from_be_bytes(std::array::from_fn(|place| digest[place])))
}
