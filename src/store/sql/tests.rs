//! The locks one by one, on a small mirror.

pub(super) mod hostile;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{
    config::Paths,
    providers::view_shapes::shapes,
    query::testkit::{Mirror, night, sleep},
};

type Rows = Vec<Vec<Value>>;

fn no_periods() -> Periods {
    std::sync::Arc::new(|_| Err("none is known".to_owned()))
}

pub(super) struct Case {
    pub(super) mirror: Mirror,
    pub(super) views: Vec<View>,
}

impl Case {
    /// A week, in a file that has the views.
    pub(super) fn new() -> Self {
        let case = Self::without_views();
        case.mirror.store.keep_views(&shapes(), &case.views).unwrap();
        case
    }

    fn without_views() -> Self {
        let mirror = Mirror::new();
        (1..=7).for_each(|day| night(&mirror, day));
        crate::days::settle(&mirror.store, "2026-03-18T09:00:00Z".parse().unwrap(), &mut |_| true).unwrap();
        let views = views(&shapes());
        Self { mirror, views }
    }

    pub(super) fn paths(&self) -> Paths {
        let home = self.mirror.home.path();
        Paths { data: home.join("data"), config: home.join("config") }
    }

    pub(super) fn ask(&self, sql: &str, params: &[Value], time: Duration) -> Result<Rows, SqlFailure> {
        self.ask_and_tell(sql, params, time).map(|(rows, _)| rows)
    }

    /// The rows, and what the views leave out.
    fn ask_and_tell(
        &self,
        sql: &str,
        params: &[Value],
        time: Duration,
    ) -> Result<(Rows, Vec<(String, u64)>), SqlFailure> {
        let question = SqlQuestion { sql, params, time, memory: None, periods: no_periods() };
        let mut rows = Vec::new();
        let mut take = |row| {
            rows.push(row);
            rows.len() < 1000
        };
        let outdated = query(&self.paths().database(), &self.views, &question, &mut |_| {}, &mut take)?;
        Ok((rows, outdated))
    }
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_views_answer_what_the_records_say() {
    for case in [Case::new(), Case::without_views()] {
        let ask = |sql: &str| case.ask(sql, &[], LONG).unwrap();
        assert_eq!(
            ask(
                "SELECT day, unit, value, source FROM v_daily WHERE metric = 'total_sleep_time' AND day = '2026-03-03'"
            ),
            [[json!("2026-03-03"), json!("s"), json!(27_000), json!("whoop")]]
        );
        assert_eq!(
            ask(
                "SELECT kind, session, start, \"end\", start_local, duration_seconds, total_sleep_time, deep_sleep_duration \
                 FROM v_sleep WHERE day = '2026-03-03'"
            ),
            [[
                json!("whoop.sleep"),
                json!("main"),
                json!("2026-03-02T21:30:00.000Z"),
                json!("2026-03-03T05:30:00.000Z"),
                json!("2026-03-02T22:30:00.000"),
                json!(28_800),
                json!(27_000),
                json!(7200),
            ]]
        );
        assert_eq!(
            ask(
                "SELECT r.recovery_score, s.id, typeof(r.hrv_rmssd_ms), r.user_calibrating FROM v_whoop_recovery r \
                 JOIN v_whoop_sleep s USING (day) WHERE day = '2026-03-03'"
            ),
            [[json!(74), json!("s3"), json!("real"), json!(0)]]
        );
        assert_eq!(ask("SELECT count(*) FROM v_record"), [[json!(21)]]);
        assert_eq!(ask("SELECT count(*) FROM v_sample"), [[json!(0)]]);
        assert_eq!(
            ask(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT group_concat(i) FROM n"
            ),
            [[json!("1,2,3")]]
        );
        assert_eq!(ask("SELECT value FROM json_each('[1,2]') -- and no more"), [[json!(1)], [json!(2)]]);
        let bound =
            case.ask("SELECT ?1, ?2 + 1, ?3, ?4", &[json!("a"), json!(1.5), json!(null), json!(true)], LONG);
        assert_eq!(bound.unwrap(), [[json!("a"), json!(2.5), json!(null), json!(1)]]);
    }
}

#[test]
fn what_is_not_a_question_is_refused() {
    let case = Case::new();
    let fails = |sql: &str| case.ask(sql, &[], LONG).unwrap_err();
    for sql in [
        "SELECT body FROM documents",
        "SELECT count(*) FROM documents",
        "SELECT flat FROM main.documents",
        "SELECT count(*) FROM documents, v_record",
        "SELECT * FROM state",
        "SELECT sql FROM sqlite_schema",
        "SELECT * FROM pragma_table_info('documents')",
        "SELECT count(*) FROM pragma_database_list",
        "SELECT * FROM dbstat",
        "WITH v_record AS (SELECT flat FROM documents) SELECT * FROM v_record",
        "WITH \"v_record\"(x) AS MATERIALIZED (SELECT removed_at FROM documents) SELECT * FROM v_record",
        "DELETE FROM documents",
        "UPDATE documents SET flat = ''",
        "INSERT INTO state VALUES ('', '', 'x', 'y')",
        "WITH x AS (SELECT 1) DELETE FROM facts",
        "DELETE FROM facts RETURNING value",
        "DROP VIEW v_sleep",
        "CREATE TABLE x (a)",
        "CREATE TEMP TABLE x AS SELECT * FROM v_sleep",
        "CREATE VIEW v_x AS SELECT 1",
        "ATTACH 'x.db' AS x",
        "DETACH main",
        "PRAGMA query_only = 0",
        "PRAGMA user_version",
        "VACUUM",
        "VACUUM INTO 'x.db'",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "SAVEPOINT x",
        "REINDEX",
        "ANALYZE",
        "SELECT load_extension('x')",
        "SELECT hex(randomblob(9))",
        "SELECT zeroblob(9)",
        "SELECT random()",
        "EXPLAIN DELETE FROM facts",
        "SELECT 1; DELETE FROM facts",
        "SELECT * FROM generate_series(1, 9)",
        "SELECT sqlite_version()",
    ] {
        let failure = fails(sql);
        assert!(
            matches!(failure, SqlFailure::NotAllowed(_) | SqlFailure::Statement(_)),
            "{sql}: {failure:?}"
        );
    }
    for sql in ["", " ", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1;;SELECT 2"] {
        assert!(matches!(fails(sql), SqlFailure::NotOne), "{sql:?}: {:?}", fails(sql));
    }
    assert!(matches!(fails("SELECT ?1"), SqlFailure::Params { wanted: 1, given: 0 }));
    for (sql, words) in [
        ("SELECT * FROM v_nothing", "no such table: v_nothing"),
        ("SELECT unheard_of FROM v_sleep", "no such column: unheard_of"),
        ("SELECT \"unheard_of\"", "no such column"),
        ("SELEC 1", "syntax error"),
    ] {
        let failure = fails(sql);
        assert!(
            matches!(&failure, SqlFailure::Statement(said) if said.contains(words)),
            "{sql}: {failure:?}"
        );
    }
}

#[test]
fn a_statement_that_goes_on_and_on_is_stopped() {
    let case = Case::new();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let stopped = case.ask(endless, &[], Duration::from_millis(20));
    assert!(matches!(stopped, Err(SqlFailure::TooLong)), "{stopped:?}");
}

#[test]
fn reading_does_not_hold_up_a_writer_and_sees_one_moment() {
    let case = Case::new();
    let question = SqlQuestion {
        sql: "SELECT id FROM v_whoop_sleep",
        params: &[],
        time: LONG,
        memory: None,
        periods: no_periods(),
    };
    let mut seen = 0;
    let mut row = |_| {
        if seen == 0 {
            case.mirror
                .put("whoop.sleep", &[sleep("late", 99, "2026-03-16T21:00:00Z", "2026-03-17T05:00:00Z")]);
        }
        seen += 1;
        true
    };
    query(&case.paths().database(), &case.views, &question, &mut |_| {}, &mut row).unwrap();
    assert_eq!(seen, 7, "what was stored meanwhile is not part of it");
    assert_eq!(case.ask("SELECT count(*) FROM v_whoop_sleep", &[], LONG).unwrap(), [[json!(8)]]);
}

#[test]
fn records_of_an_earlier_version_are_left_out_and_told_of() {
    let case = Case::new();
    let old = sleep("old", 99, "2026-03-16T21:00:00Z", "2026-03-17T05:00:00Z");
    case.mirror.put_at("whoop.sleep", &[old], "2026-03-18T09:00:00Z", Some(5));
    let (rows, outdated) = case.ask_and_tell("SELECT count(*) FROM v_whoop_sleep", &[], LONG).unwrap();
    assert_eq!(rows, [[json!(7)]]);
    assert_eq!(outdated, [("whoop.sleep".to_owned(), 1)]);
}
