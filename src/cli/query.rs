//! `query`: somebody's own SQL over the views.

use std::{fmt::Write as _, io::Read as _};

use serde_json::Value;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::{Error, Result},
    query::{Answer, Sql, SqlArgs, views},
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One SELECT over the views; - reads it from stdin. Without it: the views and their columns.
    #[arg(value_name = "SQL")]
    sql: Option<String>,
    /// Value of ?1, ?2 … in their order; may be repeated. JSON where it is that, otherwise a text.
    #[arg(long = "param", value_name = "VALUE")]
    params: Vec<String>,
    /// At most this many rows, 1 to 10,000.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let Some(sql) = args.sql else { return schema(out) };
    let sql = if sql == "-" { from_stdin()? } else { sql };
    let params = args
        .params
        .into_iter()
        .map(|given| match serde_json::from_str(&given) {
            Ok(Value::Array(_) | Value::Object(_)) | Err(_) => Value::String(given),
            Ok(value) => value,
        })
        .collect();
    let asked = SqlArgs { sql, params, limit: Some(args.limit), max_bytes: None };
    let found = service.sql(&asked).await?;
    out.answer(&found, human)
}

fn from_stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|_| Error::invalid("SQL: stdin is not text"))?;
    Ok(text)
}

/// The views themselves, for whoever has not read the README.
fn schema(out: Output) -> Result<()> {
    let all: Vec<Value> = views()
        .iter()
        .map(|view| {
            let columns: Vec<Value> = view
                .columns
                .iter()
                .map(|column| {
                    serde_json::json!({ "name": column.name, "type": column.value.as_str(), "unit": column.unit,
                        "about": column.about })
                })
                .collect();
            serde_json::json!({ "view": view.name, "about": view.about, "columns": columns })
        })
        .collect();
    out.answer(&all, |_| {
        let mut text = String::new();
        for view in views() {
            let names: Vec<&str> = view.columns.iter().map(|column| column.name.as_str()).collect();
            let _ = writeln!(text, "{}: {}\n    {}\n", view.name, view.about, names.join(", "));
        }
        text
    })
}

fn human(found: &Answer<Sql>) -> String {
    let headings: Vec<&str> = found.columns.iter().map(String::as_str).collect();
    let rows = found.rows.iter().map(|row| row.iter().map(format::plain).collect::<Vec<_>>());
    let mut text = format!("{}\n", output::table(&headings, rows));
    if found.truncated {
        let _ = writeln!(text, "The first {} rows; there are more: --limit", found.rows.len());
    }
    for note in &found.notes {
        let _ = writeln!(text, "{note}");
    }
    format::notes(&mut text, found.demo_note, None, &found.freshness);
    text
}
