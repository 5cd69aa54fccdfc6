//! The mirror as it lies on disk, read with SQLite itself and not with the program under test.

use std::collections::BTreeMap;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::harness::Home;

pub struct Mirror(Connection);

impl Mirror {
    pub fn of(home: &Home) -> Self {
        let path = home.path().join("vitals.db");
        Self(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap())
    }

    /// Bodies of the live records of a kind, by id.
    pub fn bodies(&self, kind: &str) -> BTreeMap<String, Value> {
        self.rows(kind).into_iter().map(|(id, body, _)| (id, body)).collect()
    }

    /// Days of the live records of a kind, by id.
    pub fn days(&self, kind: &str) -> BTreeMap<String, Option<String>> {
        self.rows(kind).into_iter().map(|(id, _, day)| (id, day)).collect()
    }

    fn rows(&self, kind: &str) -> Vec<(String, Value, Option<String>)> {
        let sql = "SELECT id, body, day FROM documents WHERE provider || '.' || resource = ?1 AND removed_at IS NULL";
        let mut statement = self.0.prepare(sql).unwrap();
        let rows =
            statement.query_map([kind], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)));
        rows.unwrap()
            .map(|row| {
                let (id, body, day): (String, String, _) = row.unwrap();
                (id, serde_json::from_str(&body).unwrap(), day)
            })
            .collect()
    }

    /// Everything that is kept of days, and how many days are not kept because a record of theirs changed.
    pub fn kept_days(&self) -> (Vec<String>, i64) {
        let sql = "SELECT v.day, m.name, k.name, v.sleep_order, v.place, v.value, v.offset, v.standing, v.worn_seconds
            FROM day_values v JOIN names m ON m.id = v.metric JOIN names k ON k.id = v.kind
            ORDER BY v.day, m.name, k.name, v.sleep_order, v.place";
        let mut statement = self.0.prepare(sql).unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let values = (0..9).map(|at| row.get::<_, rusqlite::types::Value>(at));
            values.collect::<Result<Vec<_>, _>>().map(|values| format!("{values:?}"))
        };
        let rows = statement.query_map([], row).unwrap().map(Result::unwrap).collect();
        let changed = self.0.query_row("SELECT count(*) FROM days WHERE kept = 0", [], |row| row.get(0));
        (rows, changed.unwrap())
    }

    /// How many samples of a metric and context there are from a provider.
    pub fn samples(&self, provider: &str, metric: &str, context: &str) -> u64 {
        let sql = "SELECT count(*) FROM samples WHERE source = (SELECT id FROM names WHERE name = ?1)
            AND metric = (SELECT id FROM names WHERE name = ?2)
            AND context = (SELECT id FROM names WHERE name = ?3)";
        self.0.query_row(sql, [provider, metric, context], |row| row.get::<_, i64>(0)).unwrap() as u64
    }

    /// Every event, oldest first: operation, resource, id.
    pub fn feed(&self) -> Vec<(String, String, String)> {
        let mut statement = self.0.prepare("SELECT op, resource, id FROM changes ORDER BY seq").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// The number of the newest event.
    pub fn last_seq(&self) -> i64 {
        self.0.query_row("SELECT max(seq) FROM changes", [], |row| row.get(0)).unwrap()
    }

    /// Insists that the feed tells of each record what can have happened to it: first that it is new, never
    /// twice without having been removed in between, and last what is true now.
    #[track_caller]
    pub fn assert_feed_is_consistent(&self, name: &str) {
        let sql = "SELECT op, provider || '.' || resource || ' ' || id FROM changes ORDER BY seq";
        let mut statement = self.0.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
        let mut alive: BTreeMap<String, bool> = BTreeMap::new();
        for row in rows.unwrap() {
            let (op, record) = row.unwrap();
            let was = alive.insert(record.clone(), op != "removed");
            let fits = if op == "new" { was != Some(true) } else { was == Some(true) };
            assert!(fits, "{name}: {op} of {record}, which was {was:?}");
        }
        let sql = "SELECT provider || '.' || resource || ' ' || id, removed_at IS NULL FROM documents";
        let mut statement = self.0.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)));
        let now: BTreeMap<String, bool> = rows.unwrap().map(Result::unwrap).collect();
        let silent: Vec<_> = now.iter().filter(|(record, live)| alive.get(*record) != Some(*live)).collect();
        assert!(silent.is_empty(), "{name}: the feed does not tell of {silent:?}");
    }

    /// Why records were kept aside.
    pub fn quarantined(&self) -> Vec<String> {
        let mut statement = self.0.prepare("SELECT reason FROM quarantine ORDER BY reason").unwrap();
        let rows = statement.query_map([], |row| row.get(0));
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// What SQLite says of the whole file.
    pub fn integrity(&self) -> String {
        self.0.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
    }
}
