//! Taking the data away: what can be exported, in which formats, and how files come to be.
//!
//! One file per format turns rows into bytes; `query::tables` gives the rows, `single_files` and `data_set`
//! decide which files there are. Rows are read and written one by one: memory does not grow with the window. No file
//! has its name before it is complete, and of several all are made or none. Called by the desk (`service`).
//!
//! Invariant: names of files come from the catalogue or from whoever asked, never from a record.

mod csv;
mod data_set;
mod destination;
mod fhir;
mod jsonl;
mod parquet;
mod single_files;

use std::{
    io::{self, Write},
    path::Path,
};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use self::destination::{Destination, put};
use crate::{
    error::{Code, Error, Result},
    query::{self, Column, Context, FreshnessByProvider, ShownRange, Table, Tables, TablesArgs},
};

/// A form in which data can be taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Jsonl,
    Parquet,
    Fhir,
}

/// Name and extension of each.
const FORMATS: &[(Format, &str, &str)] = &[
    (Format::Csv, "csv", "csv"),
    (Format::Jsonl, "jsonl", "jsonl"),
    (Format::Parquet, "parquet", "parquet"),
    (Format::Fhir, "fhir", "ndjson"),
];

impl Format {
    pub fn names() -> Vec<String> {
        FORMATS.iter().map(|(_, name, _)| (*name).to_owned()).collect()
    }

    /// The format of a name; without one that of the path's extension, otherwise CSV.
    pub fn read(name: Option<&str>, path: Option<&Path>) -> Result<Self> {
        let Some(name) = name else {
            let extension = path.and_then(Path::extension).and_then(|extension| extension.to_str());
            let found = FORMATS
                .iter()
                .find(|(.., own)| extension.is_some_and(|extension| own.eq_ignore_ascii_case(extension)));
            return Ok(found.map_or(Self::Csv, |(format, ..)| *format));
        };
        let found = FORMATS.iter().find(|(_, own, _)| own.eq_ignore_ascii_case(name.trim()));
        found.map(|(format, ..)| *format).ok_or_else(|| {
            Error::invalid(format!("format: there is no '{}'", query::brief(name)))
                .hint(format!("Formats: {}.", Self::names().join(", ")))
        })
    }

    /// Of its files.
    pub fn extension(self) -> &'static str {
        FORMATS.iter().find(|(format, ..)| *format == self).map_or("", |(.., extension)| extension)
    }

    /// The endings that a file of this format may have, its own first.
    pub fn endings(self, bundle: bool) -> &'static [&'static str] {
        match self {
            Self::Csv => &["csv"],
            Self::Jsonl => &["jsonl", "ndjson"],
            Self::Parquet => &["parquet"],
            Self::Fhir if bundle => &["json"],
            Self::Fhir => &["ndjson", "jsonl", "json"],
        }
    }

    /// What a table becomes in this format; `None` where it has no form in it.
    fn holds(self, table: &Table) -> bool {
        self != Self::Fhir || matches!(table, Table::Records(..) | Table::Sleeps | Table::Workouts)
    }
}

/// What to export, and how.
#[derive(Debug, Clone)]
pub struct Ask {
    pub what: TablesArgs,
    pub format: Format,
    pub overwrite: bool,
    /// A data set split by provider, kind and year instead of one file for each table.
    pub partitioned: bool,
    /// One FHIR Bundle instead of a line for each Observation.
    pub bundle: bool,
}

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExportedFile {
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
}

/// What an export came to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Exported {
    /// path, rows, bytes.
    pub files: Vec<ExportedFile>,
    /// Null for everything.
    pub range: Option<ShownRange>,
    // For what changes from here on: the command's --since, or `since` of `get_events`.
    pub cursor: String,
    // What was left out, or changed on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub freshness: FreshnessByProvider,
}

/// Told how far it is, by table and rows; its error ends the export, and nothing is left of it.
pub type Told<'a> = &'a mut dyn FnMut(&str, u64) -> Result<()>;

/// Exports into files.
pub fn export(
    context: &Context<'_>,
    ask: &Ask,
    destination: &Destination,
    told: Told<'_>,
) -> Result<Exported> {
    let mut asked = query::tables(context, &ask.what)?;
    check(ask, &asked)?;
    let kept = asked.wanted.len();
    asked.wanted.retain(|table| ask.format.holds(table));
    let mut notes = Vec::new();
    if asked.since.is_some() && asked.all {
        notes.push("Samples are not part of an export of changes: no event tells of them.".to_owned());
    } else if asked.wanted.len() < kept {
        notes.push("Days, metrics and samples have no form in FHIR.".to_owned());
    }
    let written = if ask.partitioned {
        data_set::write(context, ask, &asked, destination, told)?
    } else {
        single_files::write(context, ask, &asked, destination, told)?
    };
    if written.unfit > 0 {
        notes.push(format!(
            "{} values did not fit the type of their column and were left empty; csv and jsonl hold them.",
            written.unfit
        ));
    }
    Ok(Exported {
        files: written.files,
        freshness: query::tables_freshness(context, &asked)?,
        range: asked.range,
        cursor: query::cursor_after(asked.last),
        note: (!notes.is_empty()).then(|| notes.join(" ")),
    })
}

/// Exports one table to somebody who reads it as it comes. Answers the rows.
pub fn export_to(
    context: &Context<'_>,
    ask: &Ask,
    out: Box<dyn Write + Send>,
    told: Told<'_>,
) -> Result<u64> {
    let asked = query::tables(context, &ask.what)?;
    check(ask, &asked)?;
    let [table] = &asked.wanted[..] else {
        return Err(Error::invalid("only a single kind can be written to standard output")
            .hint("Name one kind, or give a directory with --to."));
    };
    if ask.partitioned {
        return Err(Error::invalid("a data set of many files cannot be written to standard output")
            .hint("Give a directory with --to."));
    }
    if !ask.format.holds(table) {
        return Err(no_form(table));
    }
    let written = single_files::fill(context, ask, &asked, std::slice::from_ref(table), out, told)?;
    Ok(written.rows)
}

fn check(ask: &Ask, asked: &Tables) -> Result<()> {
    if ask.partitioned && ask.format != Format::Parquet {
        return Err(Error::invalid("partitioned: only Parquet is written as a data set")
            .hint("Use --format parquet, or leave out --partitioned."));
    }
    if ask.bundle && ask.format != Format::Fhir {
        return Err(Error::invalid("bundle: only FHIR has bundles").hint("Use --format fhir."));
    }
    if ask.partitioned && ask.overwrite && asked.since.is_none() && asked.range.is_some() {
        return Err(Error::invalid("a partition is a whole year: with a range the rest of it would be lost")
            .hint("Leave out --start and --end, or --overwrite."));
    }
    match asked.wanted.iter().find(|table| !ask.format.holds(table)) {
        Some(table) if !asked.all => Err(no_form(table)),
        _ => Ok(()),
    }
}

fn no_form(table: &Table) -> Error {
    Error::invalid(format!("format: {} has no form in FHIR", table.name()))
        .hint("Export a kind of records, such as those that `vitals-mcp describe` lists, or `all`.")
}

/// Turns rows into bytes.
trait RowWriter {
    fn row(&mut self, values: &[Value]) -> io::Result<()>;

    /// Ends the file. Answers how many values did not fit their column.
    fn finish(self: Box<Self>) -> io::Result<u64>;
}

fn writer(
    format: Format,
    columns: Vec<Column>,
    out: Box<dyn Write + Send>,
) -> io::Result<Box<dyn RowWriter>> {
    Ok(match format {
        Format::Csv => Box::new(csv::Csv::new(&columns, out)?),
        Format::Jsonl => Box::new(jsonl::Jsonl::new(columns, out)),
        Format::Parquet => Box::new(parquet::Parquet::new(&columns, out)?),
        Format::Fhir => return Err(io::Error::other("FHIR has no rows")),
    })
}

/// Why a file could not be written.
pub fn failed(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::InvalidFilename {
        let start: String = path.to_string_lossy().chars().take(60).collect();
        return Error::new(Code::ExportError, format!("{start}…: the name is too long"))
            .hint("Choose a shorter path.");
    }
    let what = match error.kind() {
        io::ErrorKind::NotFound => "its directory does not exist".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "it cannot be written to".to_owned()
        }
        _ => error.to_string(),
    };
    Error::new(Code::ExportError, format!("{}: {what}", path.display()))
}

#[cfg(test)]
mod tests;
