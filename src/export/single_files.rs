//! One file for each table, in a directory or alone.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use super::{
    Ask, Destination, ExportedFile, Format, Told,
    destination::{Spot, publish},
    failed, fhir, writer,
};
use crate::{
    error::Result,
    files::Pending,
    query::{Context, Table, Tables, each_row},
};

/// Bytes collected before they are written.
const BUFFER: usize = 256 * 1024;

/// Rows between two looks at whether the export is still wanted.
const OFTEN: u64 = 256;

/// The one file of a bundle of everything.
const BUNDLE: &str = "vitals.json";

#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) files: Vec<ExportedFile>,
    pub(super) unfit: u64,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Filled {
    pub(super) rows: u64,
    pub(super) unfit: u64,
}

pub(super) fn write(
    context: &Context<'_>,
    ask: &Ask,
    asked: &Tables,
    destination: &Destination,
    told: Told<'_>,
) -> Result<Written> {
    let before = destination.path().exists();
    let result = files(ask, asked, destination).and_then(|files| fill_all(context, ask, asked, files, told));
    if result.is_err() && !before && asked.all {
        // Created for nothing; one with something in it stays.
        let _ = std::fs::remove_dir(destination.path());
    }
    result
}

/// The files there are to be, each with its tables; refused where something is in the way.
fn files<'a>(ask: &Ask, asked: &'a Tables, destination: &Destination) -> Result<Vec<(Spot, &'a [Table])>> {
    let extension = if ask.bundle { "json" } else { ask.format.extension() };
    let name = |table: &Table| format!("{}.{extension}", table.name());
    let files = if asked.all && ask.bundle {
        let path = destination.path();
        let spot = if path.extension().is_some_and(|own| own == "json") {
            destination.file(BUNDLE)?
        } else {
            Spot { dir: destination.directory()?, name: BUNDLE.to_owned() }
        };
        vec![(spot, &asked.wanted[..])]
    } else if asked.all {
        let dir = destination.directory()?;
        let spot = |table| Spot { dir: dir.clone(), name: name(table) };
        asked.wanted.iter().map(|table| (spot(table), std::slice::from_ref(table))).collect()
    } else {
        let tables = asked
            .wanted
            .iter()
            .map(|table| Ok((destination.file(&name(table))?, std::slice::from_ref(table))));
        tables.collect::<Result<Vec<_>>>()?
    };
    files.iter().try_for_each(|(spot, _)| spot.check(ask.overwrite))?;
    Ok(files)
}

/// Writes all of them, and gives them their names when the last one is complete.
fn fill_all(
    context: &Context<'_>,
    ask: &Ask,
    asked: &Tables,
    files: Vec<(Spot, &[Table])>,
    told: Told<'_>,
) -> Result<Written> {
    let mut written = Written::default();
    let mut complete: Vec<(Spot, Pending)> = Vec::new();
    let mut before = 0;
    for (spot, tables) in files {
        let path = spot.path();
        let cannot = |error| failed(&path, &error);
        let pending = spot.dir.begin().map_err(cannot)?;
        let file = pending.file().try_clone().map_err(cannot)?;
        let out = Box::new(BufWriter::with_capacity(BUFFER, file));
        let filled = fill_named(context, ask, asked, (tables, &path), out, &mut |name, rows| {
            told(name, before + rows)
        })?;
        before += filled.rows;
        written.unfit += filled.unfit;
        written.files.push(ExportedFile {
            path: path.display().to_string(),
            rows: filled.rows,
            bytes: pending.len().map_err(cannot)?,
        });
        complete.push((spot, pending));
    }
    for (spot, pending) in complete {
        publish(&spot, pending, ask.overwrite)?;
    }
    Ok(written)
}

/// Writes tables one after the other to whoever reads them.
pub(super) fn fill(
    context: &Context<'_>,
    ask: &Ask,
    asked: &Tables,
    tables: &[Table],
    out: Box<dyn Write + Send>,
    told: Told<'_>,
) -> Result<Filled> {
    let out = Box::new(BufWriter::with_capacity(BUFFER, out));
    fill_named(context, ask, asked, (tables, Path::new("standard output")), out, told)
}

fn fill_named(
    context: &Context<'_>,
    ask: &Ask,
    asked: &Tables,
    (tables, path): (&[Table], &Path),
    out: Box<dyn Write + Send>,
    told: Told<'_>,
) -> Result<Filled> {
    let cannot = |error: std::io::Error| failed(path, &error);
    if ask.format == Format::Fhir {
        let mut fhir = fhir::Fhir::new(out, ask.bundle, context.now);
        for table in tables {
            fhir.table(context, asked, table, &cannot, told)?;
        }
        return Ok(Filled { rows: fhir.finish().map_err(cannot)?, unfit: 0 });
    }
    let mut filled = Filled::default();
    if let [table] = tables {
        let name = table.name();
        told(&name, 0)?;
        let mut writer = writer(ask.format, table.columns(asked.marked), out).map_err(cannot)?;
        each_row(context, asked, table, false, &mut |_, row| {
            writer.row(row).map_err(cannot)?;
            filled.rows += 1;
            if filled.rows.is_multiple_of(OFTEN) { told(&name, filled.rows) } else { Ok(()) }
        })?;
        filled.unfit = writer.finish().map_err(cannot)?;
    }
    Ok(filled)
}
