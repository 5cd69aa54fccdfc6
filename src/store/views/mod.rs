//! The SQL views: what people with a SQL shell and `query_sql` read instead of the tables.
//!
//! They are made from the catalogue's shapes and kept in the file, so that the sqlite3 shell and DuckDB find
//! them too. Their SQL is the part of the language that SQLite and DuckDB understand alike (DuckDB evaluates
//! an attached database's views itself, and types their columns only if it can): `DOUBLE`, `BIGINT`, `->>`,
//! `round`, `printf` and windows, no date function, no `GLOB`, no bare columns beside an aggregate.

mod daily;
mod install;
mod kinds;
mod sessions;
mod text;

pub(super) use install::has;

use crate::model::view::{KindShape, ValueKind, View, ViewColumn};

/// Every view, base first: each may read those before it.
pub fn views(shapes: &[KindShape]) -> Vec<View> {
    let mut all = vec![kinds::record(), kinds::outdated(shapes)];
    all.extend([daily::daily(), daily::metric(), daily::sample()]);
    all.extend([sessions::sleep(shapes), sessions::workout(shapes)]);
    all.extend(shapes.iter().map(kinds::kind));
    all
}

/// The name of the view of a kind.
pub fn view_of(provider: &str, resource: &str) -> String {
    format!("v_{provider}_{resource}")
}

/// One column with the expression that makes it.
struct Made {
    column: ViewColumn,
    sql: String,
}

fn made(name: &str, value: ValueKind, unit: &str, about: &str, sql: impl Into<String>) -> Made {
    let (name, unit, about) = (name.to_owned(), unit.to_owned(), about.to_owned());
    Made { column: ViewColumn { name, value, unit, about, words: &[] }, sql: sql.into() }
}

impl Made {
    /// What stands in it is one of these.
    fn one_of(mut self, words: &'static [&'static str]) -> Self {
        self.column.words = words;
        self
    }
}

/// The part that a record plays.
const SESSIONS: &[&str] = &["main", "nap", "relayed", "rejected"];

/// A name or a key: text without a unit.
fn word(name: &str, about: &str, sql: impl Into<String>) -> Made {
    made(name, ValueKind::Text, "", about, sql)
}

/// `SELECT` of these columns.
fn select(columns: &[Made], from: &str) -> String {
    let list: Vec<String> =
        columns.iter().map(|made| format!("{} AS {}", made.sql, text::name(&made.column.name))).collect();
    format!("SELECT {} FROM {from}", list.join(", "))
}

/// A view of what one or several selects with the same columns give.
fn view(name: &str, about: &str, columns: Vec<ViewColumn>, body: &str) -> View {
    View {
        name: name.to_owned(),
        about: about.to_owned(),
        columns,
        sql: format!("CREATE VIEW {name} AS {body}"),
    }
}

fn columns(made: Vec<Made>) -> Vec<ViewColumn> {
    made.into_iter().map(|made| made.column).collect()
}

#[cfg(test)]
mod tests;
