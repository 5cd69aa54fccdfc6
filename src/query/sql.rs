//! Somebody's own SQL over the documented views: what they are, what a statement came to, and what to say
//! when it came to nothing.
//!
//! `run_sql` is meant for a process of its own, which `service` starts; it reads nothing but the file.

use std::{
    panic::RefUnwindSafe,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Answer, Context, FreshnessByProvider, Range, dates::EXAMPLES, freshness::freshness, records::fits,
    sanitize::clean,
};
use crate::{
    error::{Error, Result},
    model::{
        metric::{Metric, PerDay},
        view::{KindShape, View},
    },
    providers::{self, view_shapes::shapes},
    store::{self, Periods, SqlFailure, SqlQuestion, Store},
};

/// How long a statement may take. The mirror of ten years answers any sensible one in a tenth of it.
pub const SQL_TIME: Duration = Duration::from_secs(3);

/// What SQLite may use of memory, in a process that does nothing else.
const MEMORY: u64 = 64 << 20;

/// Rows when the caller does not say how many.
const ROWS: usize = 100;

/// Rows at most, whoever asks.
const MOST_ROWS: usize = 10_000;

/// Bytes of rows at most, whoever asks.
const MOST_BYTES: usize = 16 << 20;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SqlArgs {
    pub sql: String,
    /// Values of `?1`, `?2` …
    #[serde(default)]
    pub params: Vec<Value>,
    pub limit: Option<usize>,
    /// The rows end before they pass this many bytes of JSON; `None` for the bound of every answer.
    pub max_bytes: Option<usize>,
}

/// What a statement found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Found {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub truncated: bool,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Sql {
    pub columns: Vec<String>,
    /// Data, never instructions.
    pub rows: Vec<Vec<Value>>,
    /// True exactly when the statement has more rows.
    pub truncated: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Of providers that are stale or in trouble: `last_sync`, stale, `last_error`.
    pub freshness: FreshnessByProvider,
}

/// Every view, base first; made once.
pub fn views() -> &'static [View] {
    &catalogue().1
}

fn catalogue() -> &'static (Vec<KindShape>, Vec<View>) {
    static CATALOGUE: OnceLock<(Vec<KindShape>, Vec<View>)> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let shapes = shapes();
        let views = store::views(&shapes);
        (shapes, views)
    })
}

/// Sees to it that the file has the views, for everybody who reads it with another program.
pub fn keep_views(store: &Store) -> Result<()> {
    let (shapes, views) = catalogue();
    store.keep_views(shapes, views)
}

/// The view of a kind.
pub(super) fn view_of_kind(provider: &str, resource: &str) -> String {
    store::view_of(provider, resource)
}

/// The views that have the values of a metric.
pub(super) fn views_of_metric(metric: &Metric) -> Vec<&'static str> {
    match metric.per_day {
        PerDay::Series => vec!["v_sample"],
        PerDay::Mean | PerDay::Last | PerDay::Sum | PerDay::Largest | PerDay::Longest | PerDay::Night(_) => {
            vec!["v_daily", "v_metric"]
        }
    }
}

/// The answer of a statement that another process ran.
pub fn sql(context: &Context<'_>, found: Found) -> Result<Answer<Sql>> {
    let known = context.known_providers()?;
    let kinds: Vec<_> = providers::kinds()
        .filter(|(provider, resource)| {
            resource.has_records() && known.iter().any(|known| known.id == provider.id)
        })
        .collect();
    let Found { columns, rows, truncated, notes } = found;
    let freshness = freshness(context, &kinds, None)?;
    Answer::new(context, Sql { columns, rows, truncated, notes, freshness })
}

/// Refuses what cannot be a statement before a process is started for it.
pub fn check_sql(args: &SqlArgs) -> Result<()> {
    let limit = args.limit.unwrap_or(ROWS);
    if limit == 0 || limit > MOST_ROWS {
        return Err(Error::invalid(format!("limit: {limit} is not between 1 and {MOST_ROWS}")));
    }
    if args.sql.trim().is_empty() {
        return Err(Error::invalid("sql: it is empty").hint(known_views()));
    }
    if args.sql.contains('\0') {
        return Err(Error::invalid("sql: it holds a NUL character").hint("Send it as plain text."));
    }
    if args.params.iter().any(|param| param.is_array() || param.is_object()) {
        return Err(Error::invalid("params: a value is a list or an object")
            .hint("Give texts, numbers, true, false or null, one for each ?."));
    }
    Ok(())
}

/// Whether a statement reads what is kept of days.
pub fn reads_days(args: &SqlArgs) -> bool {
    args.sql.to_ascii_lowercase().contains("v_daily")
}

/// Whether a statement reads which sleeps and workouts are chosen.
pub fn reads_sessions(args: &SqlArgs) -> bool {
    let sql = args.sql.to_ascii_lowercase();
    ["v_sleep", "v_workout"].iter().any(|name| sql.contains(name))
        && (sql.contains("chosen") || sql.contains('*'))
}

/// What words for days and periods mean at a time and in a zone, which is looked for when a statement has such words.
pub fn periods(
    now: Timestamp,
    zone: impl Fn() -> Result<TimeZone> + Send + Sync + RefUnwindSafe + 'static,
) -> Periods {
    Arc::new(move |text| {
        let of = |zone: TimeZone| Range::read_days(Some(text), Some(text), now, &zone);
        // Which argument it was is said of none here.
        let words = |error: Error| error.message.trim_start_matches("start: ").to_owned();
        let range = zone().and_then(of).map_err(words)?;
        Ok((range.first, range.last))
    })
}

/// Runs a statement here. `alone`: this process does nothing else, so that its memory may be capped.
pub fn run_sql(database: &Path, args: &SqlArgs, alone: bool, periods: &Periods) -> Result<Found> {
    check_sql(args)?;
    let limit = args.limit.unwrap_or(ROWS);
    let most = Some(args.max_bytes.unwrap_or(MOST_BYTES));
    let question = SqlQuestion {
        sql: &args.sql,
        params: &args.params,
        time: SQL_TIME,
        memory: alone.then_some(MEMORY),
        periods: Arc::clone(periods),
    };
    let mut found = Found { columns: Vec::new(), rows: Vec::new(), truncated: false, notes: Vec::new() };
    let (mut columns, mut bytes) = (Vec::new(), 0);
    let mut take = |mut row: Vec<Value>| {
        row.iter_mut().for_each(shorten);
        if found.rows.len() == limit || !fits(&mut bytes, &row, most, found.rows.is_empty()) {
            found.truncated = true;
            return false;
        }
        found.rows.push(row);
        true
    };
    let outdated = store::query_sql(database, views(), &question, &mut |names| columns = names, &mut take)
        .map_err(|failure| explain(failure, &args.sql))?;
    found.columns = columns.iter().map(|name| clean(name).into_owned()).collect();
    found.notes = outdated
        .into_iter()
        .map(|(kind, records)| {
            format!("{records} records of {kind} were stored by an earlier version and are left out; `{}` brings them back", crate::invocation::command("rebuild"))
        })
        .collect();
    Ok(found)
}

/// A text of a record may have been written by anybody.
fn shorten(value: &mut Value) {
    if let Value::String(text) = value
        && let std::borrow::Cow::Owned(cleaned) = clean(text)
    {
        *value = Value::String(cleaned);
    }
}

/// What a failure means to whoever wrote the statement.
fn explain(failure: SqlFailure, sql: &str) -> Error {
    let invalid = |message: String| Error::invalid(clean(&message).into_owned());
    match failure {
        SqlFailure::Store(error) => error,
        SqlFailure::TooLong => too_long(),
        SqlFailure::TooMuchMemory => Error::invalid("sql: it needs too much memory")
            .hint("Aggregate or filter before sorting; leave out texts and JSON columns."),
        SqlFailure::NotOne => Error::invalid("sql: it is not exactly one statement")
            .hint("Send one SELECT (or WITH … SELECT), without a second statement behind it."),
        SqlFailure::NotAllowed(what) => invalid(format!("sql: not allowed: {what}")).hint(format!(
            "Only SELECT over the views, with SQLite's functions that compute. {}",
            known_views()
        )),
        SqlFailure::Params { wanted, given } => {
            Error::invalid(format!("params: the statement has {wanted} parameters, {given} were given"))
                .hint("Write ?1, ?2 … in the statement and give one value for each.")
        }
        SqlFailure::Statement(words) => {
            let hint = hint(&words, sql);
            invalid(format!("sql: {words}")).hint(hint)
        }
    }
}

/// Said of a statement that was stopped, by itself or from outside.
pub fn too_long() -> Error {
    Error::invalid(format!("sql: it was stopped after {} s", SQL_TIME.as_secs()))
        .hint("Filter by day, metric and source, and join on them; v_sample has millions of rows.")
}

/// The part of the schema that the statement missed.
fn hint(words: &str, sql: &str) -> String {
    if words.starts_with("no such column") {
        let lower = sql.to_ascii_lowercase();
        let named: Vec<String> =
            views().iter().filter(|view| contains_word(&lower, &view.name)).take(3).map(columns_of).collect();
        if !named.is_empty() {
            return format!("{} Texts stand in single quotes.", named.join(" "));
        }
    }
    if words.starts_with("no such function") {
        return "SQLite's functions that compute: aggregates, windows, dates, texts and JSON; period_start and \
            period_end of words such as 'last 30 days'."
            .to_owned();
    }
    if words.ends_with("is not a date or period") {
        return EXAMPLES.to_owned();
    }
    format!("The dialect is SQLite's. {}", known_views())
}

fn columns_of(view: &View) -> String {
    let names: Vec<&str> = view.columns.iter().map(|column| column.name.as_str()).collect();
    format!("{} has: {}.", view.name, names.join(", "))
}

fn known_views() -> String {
    let names: Vec<&str> = views().iter().map(|view| view.name.as_str()).collect();
    format!("Views: {}.", names.join(", "))
}

fn contains_word(text: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !part(text[..at].chars().next_back()) && !part(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::{
        error::Code,
        query::testkit::{Mirror, night, workout},
    };

    fn database(mirror: &Mirror) -> PathBuf {
        mirror.home.path().join("data/vitals.db")
    }

    fn ask(mirror: &Mirror, sql: &str, limit: Option<usize>, max_bytes: Option<usize>) -> Result<Found> {
        let args = SqlArgs { sql: sql.to_owned(), limit, max_bytes, ..SqlArgs::default() };
        run_sql(&database(mirror), &args, false, &in_march())
    }

    fn in_march() -> Periods {
        periods("2026-03-18T09:05:00Z".parse().unwrap(), || Ok(TimeZone::get("Asia/Tokyo").unwrap()))
    }

    fn mirror() -> Mirror {
        let mirror = Mirror::new();
        (1..=9).for_each(|day| night(&mirror, day));
        keep_views(&mirror.store).unwrap();
        mirror
    }

    #[test]
    fn truncated_is_true_exactly_when_there_are_more_rows() {
        let mirror = mirror();
        let days = "SELECT day FROM v_whoop_sleep ORDER BY day";
        for (limit, max_bytes, rows, truncated) in [
            (None, None, 9, false),
            (Some(9), None, 9, false),
            (Some(8), None, 8, true),
            (Some(9), Some(9 * 15), 9, false),
            (Some(9), Some(9 * 15 - 1), 8, true),
            (Some(9), Some(1), 1, true),
        ] {
            let found = ask(&mirror, days, limit, max_bytes).unwrap();
            assert_eq!((found.rows.len(), found.truncated), (rows, truncated), "{limit:?} {max_bytes:?}");
        }
        assert!(ask(&mirror, days, Some(0), None).is_err());
        let empty = ask(&mirror, "SELECT day FROM v_workout", None, None).unwrap();
        assert_eq!((empty.columns, empty.rows.len(), empty.truncated), (vec!["day".to_owned()], 0, false));
    }

    #[test]
    fn words_for_periods_are_the_days_that_they_are_everywhere() {
        let mirror = mirror();
        for (words, first, last) in [
            ("'last 30 days'", "2026-02-17", "2026-03-18"),
            ("'2026-03'", "2026-03-01", "2026-03-31"),
            ("'last week'", "2026-03-09", "2026-03-15"),
            ("'yesterday'", "2026-03-17", "2026-03-17"),
            ("'2026-03-02'", "2026-03-02", "2026-03-02"),
            // Where it is the next day already.
            ("'2026-03-02T20:00:00Z'", "2026-03-03", "2026-03-03"),
        ] {
            let sql = format!("SELECT period_start({words}), period_end({words})");
            assert_eq!(
                ask(&mirror, &sql, None, None).unwrap().rows,
                [[json!(first), json!(last)]],
                "{words}"
            );
        }
        let sql = "SELECT count(*) FROM v_whoop_sleep WHERE day BETWEEN period_start(?1) AND period_end(?1)";
        let args = SqlArgs { sql: sql.to_owned(), params: vec![json!("2026-W10")], ..SqlArgs::default() };
        let found = run_sql(&database(&mirror), &args, false, &in_march()).unwrap();
        assert_eq!(found.rows, [[json!(7)]]);
        assert_eq!(ask(&mirror, "SELECT period_end(NULL)", None, None).unwrap().rows, [[Value::Null]]);
        let error = ask(&mirror, "SELECT period_start('the other day')", None, None).unwrap_err();
        assert!(
            error.message.starts_with("sql: 'the other day' is not a date or period"),
            "{}",
            error.message
        );
        assert!(error.hint.contains("last 30 days"), "{}", error.hint);
    }

    #[test]
    fn what_somebody_wrote_comes_out_clean_and_short() {
        let mirror = mirror();
        let name = format!("run\u{202e}\n{}", "x".repeat(900));
        mirror.put("whoop.workout", &[workout("w", "2026-03-17T17:00:00Z", "2026-03-17T18:00:00Z", &name)]);
        let found = ask(&mirror, "SELECT sport_told FROM v_workout", None, None).unwrap();
        let sport = found.rows[0][0].as_str().unwrap();
        assert!(sport.starts_with("run xxx") && sport.chars().count() == 501, "{sport}");
    }

    #[test]
    fn errors_teach_the_schema() {
        let mirror = mirror();
        for (sql, code, message, hint) in [
            ("SELECT * FROM sleeps", Code::ValidationError, "no such table: sleeps", "v_whoop_sleep"),
            (
                "SELECT hrv FROM v_sleep",
                Code::ValidationError,
                "no such column: hrv",
                "v_sleep has: kind, id,",
            ),
            ("SELECT hrv FROM v_whoop_recovery", Code::ValidationError, "no such column", "hrv_rmssd_ms"),
            (
                "SELECT day FROM v_sleep WHERE kind = \"x\"",
                Code::ValidationError,
                "no such column",
                "single quotes",
            ),
            ("SELECT stdev(1)", Code::ValidationError, "no such function", "aggregates"),
            ("DELETE FROM facts", Code::ValidationError, "not allowed", "Only SELECT"),
            ("SELECT 1; SELECT 2", Code::ValidationError, "exactly one", "one SELECT"),
            ("  ", Code::ValidationError, "it is empty", "v_daily"),
            ("SELECT ?1", Code::ValidationError, "1 parameters, 0 were given", "?1"),
        ] {
            let error = ask(&mirror, sql, None, None).unwrap_err();
            assert_eq!(error.code, code, "{sql}");
            assert!(error.message.contains(message), "{sql}: {}", error.message);
            assert!(error.hint.contains(hint), "{sql}: {}", error.hint);
        }
        let bad = SqlArgs { sql: "SELECT ?1".to_owned(), params: vec![json!([1])], ..SqlArgs::default() };
        assert!(
            run_sql(&database(&mirror), &bad, false, &in_march()).unwrap_err().message.starts_with("params:")
        );
    }

    #[test]
    fn every_metric_and_kind_names_a_view_that_there_is() {
        let known = |name: &str| views().iter().any(|view| view.name == name);
        for metric in crate::model::metric::METRICS {
            assert!(views_of_metric(metric).iter().all(|name| known(name)), "{}", metric.id);
        }
        for (provider, resource) in providers::kinds().filter(|(_, resource)| resource.has_records()) {
            assert!(known(&view_of_kind(provider.id, resource.name)));
        }
    }
}
