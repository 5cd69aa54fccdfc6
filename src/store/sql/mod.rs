//! One statement of somebody else's over the views: read-only by seven locks, none of which trusts another.
//!
//! The file is opened for reading only; `query_only`; an authorizer that knows the views and nothing else; one
//! statement, which SQLite itself calls read-only; limits on its size, its depth and what it builds; a limit on
//! its time; and a cap on memory. The last is a property of the process: it is set only where this is all that
//! the process does.
//!
//! Tokens are in no table, so that there is nothing here that a lock would have to keep.

mod guard;
mod names;
mod periods;

use std::{path::Path, time::Duration};

use rusqlite::{
    Connection, ErrorCode,
    config::DbConfig,
    limits::Limit,
    types::{Value as SqlValue, ValueRef},
};
use serde_json::{Number, Value};

pub use self::periods::Periods;
use super::{Store, open, views};
use crate::{clock::Stopwatch, error::Error, model::view::View};

/// Operations of SQLite's machine between two looks at the clock: about a tenth of a millisecond.
const LOOK_AFTER: i32 = 1000;

/// SQLite's own recommendation for statements from outside, as far as the views leave room for it. The views'
/// own statements are as long as 60 kB, and of some kinds there are 80 columns.
const LIMITS: &[(Limit, i32)] = &[
    (Limit::SQLITE_LIMIT_LENGTH, 1_000_000),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (Limit::SQLITE_LIMIT_COLUMN, 200),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 20),
    (Limit::SQLITE_LIMIT_VDBE_OP, 100_000),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// What is asked, and how far it may go.
#[derive(Clone)]
pub struct SqlQuestion<'a> {
    pub sql: &'a str,
    /// Values of `?1`, `?2` …: null, numbers, flags or texts.
    pub params: &'a [Value],
    pub time: Duration,
    /// Bytes that this process's SQLite may use in all; `None` leaves it as it is.
    pub memory: Option<u64>,
    /// What the words for days and periods mean.
    pub periods: Periods,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum SqlFailure {
    /// What SQLite says of the statement.
    Statement(String),
    /// More than one statement, or none.
    NotOne,
    /// It would do something else than read the views.
    NotAllowed(String),
    TooLong,
    TooMuchMemory,
    /// The number of values and of `?` differ.
    Params {
        wanted: usize,
        given: usize,
    },
    Store(Error),
}

/// Runs the statement: its columns go to `begin`, its rows to `row` for as long as that says true. Answers how many
/// records of each kind the views leave out.
///
/// One connection for all of it: reading the schema, which holds every view, is most of what a short statement costs.
pub fn query(
    database: &Path,
    shown: &[View],
    question: &SqlQuestion<'_>,
    begin: &mut dyn FnMut(Vec<String>),
    row: &mut dyn FnMut(Vec<Value>) -> bool,
) -> Result<Vec<(String, u64)>, SqlFailure> {
    let missing = || SqlFailure::Store(Error::internal("the database could not be opened for reading"));
    let store = open::open_read_only(database).ok_or_else(missing)?;
    let mut opened = store.db().map_err(SqlFailure::Store)?;
    let db = &mut opened.db;
    let failed = |error: rusqlite::Error| SqlFailure::Store(store.failed(&error));
    let has_views = views::has(db, shown);
    // Without the index of these views it would read everything.
    let outdated = if has_views { outdated(db).unwrap_or_default() } else { Vec::new() };
    lock_down(db, if has_views { &[] } else { shown }, question).map_err(failed)?;
    if let Some(name) = names::shadowed(question.sql, shown) {
        return Err(SqlFailure::NotAllowed(format!("WITH {name}: it would hide the view of that name")));
    }
    periods::offer(db, &question.periods).map_err(failed)?;
    guard::set(db, shown, names::words(question.sql)).map_err(failed)?;
    let watch = Stopwatch::start();
    let time = question.time;
    db.progress_handler(LOOK_AFTER, Some(move || watch.elapsed() > time)).map_err(failed)?;
    run(db, question, begin, row).map_err(|failure| match failure {
        Fault::Sqlite(error) => explain(&store, &error),
        Fault::Known(failure) => failure,
    })?;
    Ok(outdated)
}

fn outdated(db: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    db.prepare("SELECT kind, records FROM v_outdated ORDER BY kind")?
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?
        .collect()
}

enum Fault {
    Sqlite(rusqlite::Error),
    Known(SqlFailure),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn run(
    db: &Connection,
    question: &SqlQuestion<'_>,
    begin: &mut dyn FnMut(Vec<String>),
    row: &mut dyn FnMut(Vec<Value>) -> bool,
) -> Result<(), Fault> {
    let mut statement = db.prepare(question.sql)?;
    // VACUUM, for one, passes the authorizer until it is run.
    if !statement.readonly() {
        return Err(Fault::Known(SqlFailure::NotAllowed("it is not a reading statement".to_owned())));
    }
    let columns = statement.column_count();
    if columns == 0 {
        return Err(Fault::Known(SqlFailure::NotOne));
    }
    let wanted = statement.parameter_count();
    if wanted != question.params.len() {
        return Err(Fault::Known(SqlFailure::Params { wanted, given: question.params.len() }));
    }
    for (place, param) in question.params.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, bound(param))?;
    }
    begin(statement.column_names().map(str::to_owned).collect());
    let mut rows = statement.raw_query();
    while let Some(found) = rows.next()? {
        let values = (0..columns).map(|column| Ok(shown_value(found.get_ref(column)?)));
        if !row(values.collect::<rusqlite::Result<_>>()?) {
            break;
        }
    }
    Ok(())
}

fn bound(param: &Value) -> SqlValue {
    match param {
        Value::Bool(flag) => SqlValue::Integer(i64::from(*flag)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => SqlValue::Integer(whole),
            None => SqlValue::Real(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => SqlValue::Text(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => SqlValue::Null,
    }
}

/// Whole numbers are whole whatever their type: JSON does not tell them apart, and a reader need not.
fn shown_value(value: ValueRef<'_>) -> Value {
    /// Beyond it a float does not tell neighbours apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) if number.fract() == 0.0 && number.abs() < EXACT => (number as i64).into(),
        ValueRef::Real(number) => {
            Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number)
        }
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()).into(),
    }
}

/// Everything but the authorizer and the clock, which would stand in the way of this. `missing`: views that the file
/// has not, or has of another version.
fn lock_down(db: &Connection, missing: &[View], question: &SqlQuestion<'_>) -> rusqlite::Result<()> {
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "mmap_size", 0)?;
    // A file that cannot be written to may have the views of another version: these hide them.
    for view in missing {
        db.execute_batch(&view.sql.replacen("CREATE VIEW", "CREATE TEMP VIEW", 1))?;
    }
    // Reads the whole schema before its statements fall under the limits.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    db.pragma_update(None, "query_only", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
    ] {
        db.set_db_config(config, on)?;
    }
    for (limit, most) in LIMITS {
        db.set_limit(*limit, *most)?;
    }
    if let Some(bytes) = question.memory {
        db.pragma_update(None, "hard_heap_limit", i64::try_from(bytes).unwrap_or(i64::MAX))?;
    }
    Ok(())
}

/// What went wrong, in the words of SQLite where it speaks of the statement: those hold no stored value.
fn explain(store: &Store, error: &rusqlite::Error) -> SqlFailure {
    let words = match error {
        rusqlite::Error::SqliteFailure(_, Some(words)) => words.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::MultipleStatement => return SqlFailure::NotOne,
        other => other.to_string(),
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => SqlFailure::TooLong,
        Some(ErrorCode::OutOfMemory) => SqlFailure::TooMuchMemory,
        Some(ErrorCode::AuthorizationForStatementDenied) => SqlFailure::NotAllowed(words),
        Some(ErrorCode::ReadOnly) => SqlFailure::NotAllowed("it would write".to_owned()),
        Some(
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked,
        ) => SqlFailure::Store(store.failed(error)),
        _ if words.starts_with("not authorized") => SqlFailure::NotAllowed(words),
        _ => SqlFailure::Statement(words),
    }
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
