//! SQL that means harm, made from a seed: writes, bombs, looks at what no view shows, and nonsense.

use crate::demo::random::Random;

pub(in crate::store::sql) struct Hostile(Random);

impl Hostile {
    pub(in crate::store::sql) fn new(seed: u64, index: i64) -> Self {
        Self(Random::new(seed, "hostile", index))
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.0.whole(0, list.len() as i64 - 1) as usize]
    }

    pub(in crate::store::sql) fn statement(&mut self) -> String {
        let mut sql = match self.0.whole(0, 13) {
            0 | 1 => self.write(),
            2 => self.schema(),
            3 => self.pragma(),
            4 => self.file(),
            5 | 6 => self.peek(),
            7 => self.bomb(),
            8 => self.deep(),
            9 => self.several(),
            10 => self.function(),
            11 => self.soup(),
            12 => self.disguised(),
            _ => self.plain(),
        };
        // A comment, another case or a stray character anywhere may change what a reader of text would see.
        for _ in 0..self.0.whole(0, 2) {
            let at = self.0.whole(0, sql.len() as i64) as usize;
            if sql.is_char_boundary(at) {
                let extra = self.of(&[
                    "/**/", " -- x\n", " ", ";", "'", "\"", "`", "[", "]", ")", "\u{feff}", "\u{202e}", "é",
                    "\n",
                ]);
                if self.0.chance(0.3) {
                    sql.insert_str(at, extra);
                }
            }
        }
        if self.0.chance(0.1) { sql.to_uppercase() } else { sql }
    }

    fn table(&mut self) -> &'static str {
        self.of(&[
            "documents",
            "facts",
            "samples",
            "names",
            "state",
            "changes",
            "coverage",
            "sync_runs",
            "quarantine",
            "sqlite_schema",
            "sqlite_master",
            "sqlite_temp_master",
            "sqlite_sequence",
            "main.documents",
            "v_sleep",
            "v_daily",
            "v_record",
            "\"documents\"",
            "[state]",
            "temp.x",
            "x",
            "dbstat",
            "pragma_table_info",
            "pragma_database_list",
        ])
    }

    fn column(&mut self) -> &'static str {
        self.of(&[
            "*",
            "body",
            "flat",
            "value",
            "hash",
            "key",
            "rowid",
            "day",
            "id",
            "count(*)",
            "sql",
            "1",
            "removed_at",
            "\"value\"",
        ])
    }

    fn write(&mut self) -> String {
        let (table, column, other) = (self.table(), self.column(), self.table());
        match self.0.whole(0, 9) {
            0 => format!("INSERT INTO {table} VALUES (1, 2, 3, 4)"),
            1 => format!("INSERT OR REPLACE INTO {table} SELECT {column} FROM {other}"),
            2 => format!("UPDATE {table} SET {} = NULL", column.trim_matches('*')),
            3 => format!("DELETE FROM {table} WHERE 1"),
            4 => format!("DELETE FROM {table} RETURNING {column}"),
            5 => format!("WITH x AS (SELECT {column} FROM v_sleep) DELETE FROM {table}"),
            6 => format!("REPLACE INTO {table} (id) VALUES ('a')"),
            7 => format!("INSERT INTO {table} DEFAULT VALUES ON CONFLICT DO UPDATE SET value = 1"),
            8 => format!("UPDATE {table} SET value = (SELECT {column} FROM {other}) FROM v_sleep"),
            _ => format!("EXPLAIN DELETE FROM {table}"),
        }
    }

    fn schema(&mut self) -> String {
        let table = self.table();
        match self.0.whole(0, 10) {
            0 => format!("DROP TABLE IF EXISTS {table}"),
            1 => format!("DROP VIEW IF EXISTS {table}"),
            2 => format!("CREATE TABLE t{} AS SELECT * FROM {table}", self.0.whole(0, 99)),
            3 => format!("CREATE TEMP VIEW v_sleep AS SELECT * FROM {table}"),
            4 => format!("ALTER TABLE {table} ADD COLUMN x"),
            5 => format!("ALTER TABLE {table} RENAME TO y"),
            6 => format!("CREATE TRIGGER r AFTER INSERT ON {table} BEGIN DELETE FROM facts; END"),
            7 => "CREATE VIRTUAL TABLE ft USING fts5(x)".to_owned(),
            8 => format!("CREATE UNIQUE INDEX i ON {table} (id)"),
            9 => "REINDEX".to_owned(),
            _ => "ANALYZE".to_owned(),
        }
    }

    fn pragma(&mut self) -> String {
        let name = self.of(&[
            "query_only",
            "writable_schema",
            "journal_mode",
            "user_version",
            "trusted_schema",
            "temp_store_directory",
            "wal_checkpoint",
            "secure_delete",
            "hard_heap_limit",
            "locking_mode",
            "synchronous",
            "integrity_check",
            "incremental_vacuum",
            "optimize",
            "database_list",
            "key",
            "cell_size_check",
            "recursive_triggers",
            "schema_version",
        ]);
        match self.0.whole(0, 4) {
            0 => format!("PRAGMA {name}"),
            1 => format!("PRAGMA {name} = {}", self.of(&["0", "1", "OFF", "DELETE", "'/tmp'", "EXCLUSIVE"])),
            2 => format!("PRAGMA main.{name}({})", self.of(&["0", "TRUNCATE", "documents"])),
            3 => format!("SELECT * FROM pragma_{name}"),
            _ => format!("SELECT count(*) FROM pragma_{name}({})", self.of(&["0", "'documents'", "1"])),
        }
    }

    fn file(&mut self) -> String {
        self.of(&[
            "ATTACH 'x.db' AS x",
            "ATTACH ':memory:' AS x",
            "ATTACH 'file:vitals.db?mode=rw' AS x",
            "DETACH main",
            "DETACH temp",
            "VACUUM",
            "VACUUM INTO 'copy.db'",
            "VACUUM main INTO '/tmp/copy.db'",
            "SELECT load_extension('./x.so')",
            "SELECT load_extension('x', 'y')",
            "SELECT readfile('/etc/passwd')",
            "SELECT writefile('x', 'y')",
            "SELECT edit('x')",
            "SELECT fts3_tokenizer('x', x'00')",
            "SELECT * FROM fsdir('.')",
            "SELECT * FROM csv('x')",
            "SELECT * FROM zipfile('x')",
            "BEGIN",
            "BEGIN EXCLUSIVE",
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT x",
            "RELEASE x",
            "END",
        ])
        .to_owned()
    }

    fn peek(&mut self) -> String {
        let (table, column, other) = (self.table(), self.column(), self.table());
        match self.0.whole(0, 11) {
            0 => format!("SELECT {column} FROM {table}"),
            1 => format!("SELECT {column} FROM {table} UNION ALL SELECT {column} FROM {other}"),
            2 => format!("WITH v_record AS (SELECT {column} FROM {table}) SELECT * FROM v_record"),
            3 => format!(
                "WITH v_daily(a) AS NOT MATERIALIZED (SELECT {column} FROM {table}) SELECT a FROM v_daily"
            ),
            4 => format!("SELECT (SELECT {column} FROM {table} LIMIT 1) FROM v_record"),
            5 => format!("SELECT * FROM v_record JOIN {table} USING (id)"),
            6 => format!("SELECT * FROM v_record WHERE id IN (SELECT {column} FROM {table})"),
            7 => format!("SELECT * FROM (SELECT {column} AS a FROM {table}) AS v_record"),
            8 => format!("SELECT max(a) OVER () FROM (SELECT {column} AS a FROM {table})"),
            9 => format!("SELECT group_concat({column}) FROM {table}"),
            10 => format!("VALUES ((SELECT {column} FROM {table}))"),
            _ => format!("SELECT json_group_array({column}) FROM {table} AS v_sleep"),
        }
    }

    fn bomb(&mut self) -> String {
        let big = self.0.whole(1000, 900_000);
        match self.0.whole(0, 9) {
            0 => "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n".to_owned(),
            1 => "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i * 31 % 1000003 FROM n) SELECT count(*) FROM n".to_owned(),
            2 => format!("SELECT count(*) FROM {}", ["v_record a", "v_daily b", "v_sleep c", "v_metric d", "v_record e", "v_record f"].join(", ")),
            3 => format!("SELECT printf('%.{big}c', 'x')"),
            4 => format!("SELECT printf('%{}d', 1)", big * 3000),
            5 => format!("SELECT a.id || printf('%.{}c', 'y') FROM v_record a, v_record b, v_record c ORDER BY 1", big / 90),
            6 => format!("SELECT group_concat(printf('%.{}c', 'z')) FROM v_record a, v_record b", big / 9),
            7 => format!("SELECT replace(printf('%.{}c', 'a'), 'a', 'aaaaaaaa')", big / 2),
            8 => "WITH RECURSIVE n(i, t) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, t || t FROM n) SELECT length(t) FROM n".to_owned(),
            _ => format!("SELECT hex(hex(hex(printf('%.{}c', 'h'))))", big / 4),
        }
    }

    fn deep(&mut self) -> String {
        let depth = self.0.whole(10, 3000) as usize;
        match self.0.whole(0, 6) {
            0 => format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth)),
            1 => format!("SELECT {}1", "-".repeat(depth * 2).replace("--", "- ")),
            2 => format!("SELECT 1 {}", "UNION ALL SELECT 1 ".repeat(depth / 8)),
            3 => format!("SELECT {}1{}", "abs(".repeat(depth / 2), ")".repeat(depth / 2)),
            4 => format!(
                "SELECT * FROM {}v_sleep{}",
                "(SELECT * FROM ".repeat(depth / 40),
                ")".repeat(depth / 40)
            ),
            5 => format!("SELECT json('{}')", "[".repeat(depth * 10)),
            _ => format!("SELECT {}", vec!["*"; depth].join(", ") + " FROM v_record"),
        }
    }

    fn several(&mut self) -> String {
        let (first, second) = (self.plain(), self.write());
        format!("{first}{}{second}", self.of(&[";", "; ", ";--\n", ";;", "/*;*/;", "\n;\n"]))
    }

    fn function(&mut self) -> String {
        let name = self.of(&[
            "load_extension",
            "randomblob",
            "zeroblob",
            "random",
            "sqlite_compileoption_get",
            "sqlite_source_id",
            "changes",
            "last_insert_rowid",
            "total_changes",
            "printf",
            "like",
            "glob",
            "json_extract",
            "json_each",
            "substr",
            "char",
            "unicode",
            "date",
            "strftime",
            "sum",
            "match",
            "matchinfo",
            "rtreecheck",
            "fts5",
            "highlight",
            "sqlite_offset",
            "generate_series",
            "subtype",
            "unistr",
            "unlikely",
            "json_set",
            "jsonb",
            "percentile",
        ]);
        let argument = self.of(&[
            "",
            "1",
            "'x'",
            "1, 2",
            "-9223372036854775808",
            "9e999",
            "NULL, NULL",
            "'now', '+9999999 years'",
            "'%s%n%p', 1",
            "x'00'",
            "v_sleep.flat",
        ]);
        if self.0.chance(0.3) {
            format!("SELECT * FROM {name}({argument})")
        } else {
            format!("SELECT {name}({argument}) FROM v_sleep")
        }
    }

    fn soup(&mut self) -> String {
        const WORDS: &[&str] = &[
            "SELECT",
            "FROM",
            "WHERE",
            "v_sleep",
            "documents",
            "DELETE",
            "UPDATE",
            "SET",
            "INTO",
            "(",
            ")",
            ",",
            ";",
            "*",
            "=",
            "'a'",
            "\"b\"",
            "1",
            "UNION",
            "ALL",
            "WITH",
            "AS",
            "x",
            "JOIN",
            "ON",
            "ORDER",
            "BY",
            "LIMIT",
            "?1",
            ":a",
            "@b",
            "$c",
            "||",
            "->>",
            "CASE",
            "WHEN",
            "END",
            "NOT",
            "NULL",
            "PRAGMA",
            "ATTACH",
            "VACUUM",
            "--",
            "/*",
            "*/",
            "GROUP",
            "HAVING",
            "OVER",
            "PARTITION",
        ];
        let length = self.0.whole(1, 30);
        (0..length).map(|_| self.of(WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn disguised(&mut self) -> String {
        let (table, column) = (self.table(), self.column());
        match self.0.whole(0, 4) {
            0 => format!("/* SELECT */ DELETE FROM {table}"),
            1 => format!("SELECT 1 -- \n; DELETE FROM {table}"),
            2 => format!("\u{feff}SELECT {column} FROM {table}"),
            3 => format!("SELECT '; DELETE FROM {table}' FROM v_sleep"),
            _ => format!("EXPLAIN QUERY PLAN SELECT {column} FROM {table}"),
        }
    }

    /// What an honest reader would ask, so that not everything is refused.
    fn plain(&mut self) -> String {
        self.of(&[
            "SELECT day, value FROM v_daily WHERE metric = 'total_sleep_time' ORDER BY day",
            "SELECT avg(total_sleep_time) FROM v_sleep WHERE session = 'main'",
            "SELECT substr(day, 1, 7) AS month, count(*) FROM v_sleep GROUP BY 1",
            "SELECT s.day, r.recovery_score FROM v_whoop_sleep s JOIN v_whoop_recovery r USING (day)",
            "WITH w AS (SELECT day, value FROM v_daily) SELECT count(*) FROM w",
            "SELECT day, value - lag(value) OVER (ORDER BY day) FROM v_daily WHERE metric = 'weight'",
            "SELECT strftime('%w', day), avg(value) FROM v_daily GROUP BY 1",
        ])
        .to_owned()
    }
}
