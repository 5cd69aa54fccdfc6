//! What a statement may touch: the views, what stands behind them, and functions that only compute.

use std::collections::HashSet;

use rusqlite::{
    Connection,
    hooks::{AuthAction, AuthContext, Authorization},
};

use crate::model::view::View;

/// What the views read. Not the bodies, nor the marks of the sync: whoever finds a way past the views' names
/// still finds no more than they show.
const BEHIND: &[(&str, &[&str])] = &[
    (
        "documents",
        &[
            "key",
            "provider",
            "resource",
            "id",
            "day",
            "start_at",
            "end_at",
            "offset",
            "session",
            "flat",
            "mapping",
            "removed_at",
        ],
    ),
    ("chosen_sessions", &["document"]),
    ("day_values", &["metric", "day", "kind", "sleep_order", "place", "value", "standing"]),
    ("facts", &["document", "metric", "day", "value"]),
    ("names", &["id", "name"]),
    ("samples", &["metric", "source", "at_ms", "context", "value"]),
    ("sleep_orders", &["name"]),
    ("source_ranks", &["metric", "source", "rank"]),
];

/// Tables that a function makes of its argument.
const TABLE_FUNCTIONS: &[&str] = &["json_each", "json_tree"];

/// Functions that compute from their arguments, without chance and without building more than they are given.
const FUNCTIONS: &[&str] = &[
    "->",
    "->>",
    "abs",
    "avg",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "cume_dist",
    "date",
    "datetime",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "if",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_object",
    "json_quote",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "lower",
    "ltrim",
    "max",
    "median",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "percentile",
    "percentile_cont",
    "percentile_disc",
    "pow",
    "power",
    "printf",
    "quote",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "time",
    "timediff",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
];

/// Sets the authorizer. Everything that is not known to be harmless is denied.
pub(super) fn set(db: &mut Connection, shown: &[View], written: Vec<String>) -> rusqlite::Result<()> {
    let views: HashSet<String> = shown.iter().map(|view| view.name.clone()).collect();
    // What the schema has besides: a name that is neither is that of a WITH or of a subquery.
    let mut real: HashSet<String> = db
        .prepare("SELECT lower(name) FROM sqlite_schema")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    real.extend(
        db.prepare("SELECT name FROM pragma_module_list")?.query_map([], |row| row.get(0))?.flatten(),
    );
    // Written in the statement, they are not behind a view.
    let named: HashSet<String> = written.into_iter().map(|word| word.to_ascii_lowercase()).collect();
    db.authorizer(Some(move |context: AuthContext<'_>| {
        if allowed(&context, &views, &real, &named) { Authorization::Allow } else { Authorization::Deny }
    }))
}

fn allowed(
    context: &AuthContext<'_>,
    views: &HashSet<String>,
    real: &HashSet<String>,
    named: &HashSet<String>,
) -> bool {
    match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => {
            let known = FUNCTIONS.iter().chain(&super::periods::FUNCTIONS);
            known.into_iter().any(|known| known.eq_ignore_ascii_case(function_name))
        }
        AuthAction::Read { table_name: table, column_name: column } => {
            let own = table.to_ascii_lowercase();
            if views.contains(&own) || TABLE_FUNCTIONS.contains(&own.as_str()) {
                return true;
            }
            let behind = BEHIND.iter().find(|(name, _)| *name == own);
            if let Some((_, columns)) = behind
                && context.accessor.is_some_and(|name| views.contains(&name.to_ascii_lowercase()))
            {
                return column.is_empty() || columns.contains(&column);
            }
            // A table behind a view of which no column is needed is asked for without the view's name.
            if behind.is_some() {
                return column.is_empty() && !named.contains(&own);
            }
            let internal = ["sqlite_", "pragma_"].iter().any(|prefix| own.starts_with(prefix));
            column.is_empty() && !internal && !real.contains(&own)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_views_and_what_they_read_may_be_read() {
        let views = HashSet::from(["v_sleep".to_owned()]);
        let real = HashSet::from(["documents".to_owned(), "state".to_owned(), "dbstat".to_owned()]);
        let named = HashSet::from(["documents".to_owned()]);
        let may_read = |table: &'static str, column: &'static str, accessor| {
            let action = AuthAction::Read { table_name: table, column_name: column };
            allowed(&AuthContext { action, database_name: Some("main"), accessor }, &views, &real, &named)
        };
        for (table, column, accessor, expected) in [
            ("v_sleep", "day", None, true),
            ("V_Sleep", "", None, true),
            ("documents", "flat", Some("v_sleep"), true),
            ("documents", "", Some("v_sleep"), true),
            ("documents", "body", Some("v_sleep"), false),
            ("documents", "flat", None, false),
            ("documents", "", None, false),
            ("documents", "flat", Some("v_other"), false),
            ("samples", "", None, true),
            ("samples", "value", None, false),
            ("state", "value", Some("v_sleep"), false),
            ("state", "", None, false),
            ("sqlite_schema", "sql", None, false),
            ("sqlite_master", "", None, false),
            ("pragma_table_info", "", None, false),
            ("dbstat", "", None, false),
            ("json_each", "value", None, true),
            ("of_a_with", "", None, true),
            ("of_a_with", "column", None, false),
        ] {
            assert_eq!(may_read(table, column, accessor), expected, "{table}.{column} through {accessor:?}");
        }
        for action in [
            AuthAction::Pragma { pragma_name: "query_only", pragma_value: Some("0") },
            AuthAction::Attach { filename: "x" },
            AuthAction::Insert { table_name: "documents" },
            AuthAction::CreateTempTable { table_name: "x" },
            AuthAction::Function { function_name: "load_extension" },
            AuthAction::Function { function_name: "randomblob" },
            AuthAction::Function { function_name: "zeroblob" },
        ] {
            let context = AuthContext { action, database_name: None, accessor: Some("v_sleep") };
            assert!(!allowed(&context, &views, &real, &named), "{action:?}");
        }
    }
}
