//! `records`: the records of one kind, a page at a time.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::{Error, Result},
    query::{self, Answer, Order, Records, RecordsArgs},
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list, for example whoop.sleep; `describe` names all kinds.
    #[arg(value_name = "KIND")]
    kind: String,
    /// First day, or a period such as "last week"; the last seven days if nothing is given.
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Last day, included.
    #[arg(long, value_name = "DATE")]
    end: Option<String>,
    /// Only the record with this id; may be repeated.
    #[arg(long = "id", value_name = "ID")]
    ids: Vec<String>,
    /// At most this many, 1 to 1,000; 50 if not given.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Go on where an earlier answer stopped.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Only records with this value, such as measure=weight, nap=true or sport=running; may be repeated.
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    equal: Vec<String>,
    /// Only this column; may be repeated.
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<String>,
    /// Oldest first instead of newest first.
    #[arg(long)]
    oldest_first: bool,
    /// Put the linked record of this kind beside each; may be repeated.
    #[arg(long = "include", value_name = "KIND")]
    include: Vec<String>,
    /// Put the series inside each record beside it, such as sleep stages; or only this metric's; may be repeated.
    #[arg(long, value_name = "METRIC", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    series: Option<Vec<String>>,
    /// Also list records that were removed upstream.
    #[arg(long)]
    include_removed: bool,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let asked = RecordsArgs {
        kind: args.kind,
        start: args.start,
        end: args.end,
        ids: args.ids,
        limit: args.limit,
        cursor: args.cursor,
        equal: equal(&args.equal)?,
        fields: args.fields,
        order: args.oldest_first.then_some(Order::OldestFirst),
        include: args.include,
        series: args.series.map(|names| names.into_iter().filter(|name| !name.is_empty()).collect()),
        include_removed: args.include_removed.then_some(true),
        ..RecordsArgs::default()
    };
    let records = service.ask(&asked, args.fresh).await?;
    out.answer(&records, human)
}

/// Several values of one field are any of them.
fn equal(given: &[String]) -> Result<BTreeMap<String, Value>> {
    let mut equal: BTreeMap<String, Value> = BTreeMap::new();
    for one in given {
        let (name, value) = one.split_once('=').ok_or_else(|| {
            Error::invalid(format!("where: '{}' has no =", query::brief(one)))
                .hint("For example --where measure=weight.")
        })?;
        let value = if value.is_empty() { Value::Null } else { Value::String(value.to_owned()) };
        match equal.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(values) => values.push(value),
            other => *other = value,
        }
    }
    Ok(equal)
}

fn human(records: &Answer<Records>) -> String {
    let mut text = String::new();
    if let (Some(columns), Some(rows)) = (&records.columns, &records.rows) {
        let headings: Vec<&str> = columns.iter().map(String::as_str).collect();
        let rows = rows.iter().map(|row| row.iter().map(format::plain).collect::<Vec<_>>());
        let _ = writeln!(text, "{}", output::table(&headings, rows));
    }
    let range =
        records.range.as_ref().map_or_else(String::new, |range| format!(", {}", format::range(range)));
    let _ = writeln!(text, "{} of {} {}{range}", records.count, records.total, records.kind);
    if let Some(latest) = &records.latest {
        let told = latest.iter().map(|(name, value)| format!("{name} {}", format::plain(value)));
        let _ = writeln!(text, "newest: {}", output::clean(&told.collect::<Vec<_>>().join(", ")));
    }
    for id in &records.missing_ids {
        let _ = writeln!(text, "not in the mirror: {}", output::clean(id));
    }
    format::notes(&mut text, records.demo_note, Some(&records.coverage), &records.freshness);
    if let Some(cursor) = &records.next_cursor {
        let _ = writeln!(text, "There is more: add --cursor {cursor}");
    }
    text
}
