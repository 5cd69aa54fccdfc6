//! A Parquet data set: `provider=…/kind=…/year=…/part-….parquet`, which `DuckDB`, Spark or Polars read as one.
//!
//! Without `since` each year is written anew and takes the place of the one that is there in one step. With it
//! files are added, which hold the records that changed, removed ones included: of several rows of one id the
//! one with the latest `changed_at` counts.

use std::{collections::BTreeMap, io::BufWriter};

use super::{
    Ask, Destination, ExportedFile, RowWriter, Told,
    destination::{Spot, exists, publish},
    failed,
    single_files::Written,
    writer,
};
use crate::{
    error::Result,
    files::{Dir, Pending},
    query::{Context, Place, Table, Tables, each_row},
};

const OFTEN: u64 = 256;

/// What a directory is called while it is filled.
const STAGING: &str = ".new-";

/// Where other tools look for rows that have no such value.
const NO_YEAR: &str = "year=__HIVE_DEFAULT_PARTITION__";

pub(super) fn write(
    context: &Context<'_>,
    ask: &Ask,
    asked: &Tables,
    destination: &Destination,
    told: Told<'_>,
) -> Result<Written> {
    let root = destination.directory()?;
    // Every file of the set has the same columns, whether it holds changes or everything.
    let mut asked = asked.clone();
    asked.marked = true;
    let asked = &asked;
    let mut set = Set { root, ask, asked, kinds: BTreeMap::new(), written: Written::default(), rows: 0 };
    let result = set.fill(context, told).and_then(|()| set.publish());
    if result.is_err() {
        set.clear();
    }
    result.map(|()| set.written)
}

/// The data set while it is written.
struct Set<'a> {
    root: Dir,
    ask: &'a Ask,
    asked: &'a Tables,
    /// Directories of kinds, each with its years.
    kinds: BTreeMap<(String, String), Kind>,
    written: Written,
    rows: u64,
}

struct Kind {
    dir: Dir,
    years: BTreeMap<String, Vec<Part>>,
}

/// A complete file without a name.
struct Part {
    pending: Pending,
    rows: u64,
}

/// A file that is being written.
struct Open {
    writer: Box<dyn RowWriter>,
    pending: Pending,
    rows: u64,
}

impl Set<'_> {
    fn fill(&mut self, context: &Context<'_>, told: Told<'_>) -> Result<()> {
        let asked = self.asked;
        for table in &asked.wanted {
            let name = table.name();
            told(&name, self.rows)?;
            let mut open: BTreeMap<Place, Open> = BTreeMap::new();
            each_row(context, asked, table, true, &mut |place, row| {
                if !open.contains_key(&place) {
                    // Years come one after the other: those before are complete.
                    if open.keys().any(|other| other.year != place.year) {
                        self.close(table, std::mem::take(&mut open))?;
                    }
                    open.insert(place, self.open(table, place)?);
                }
                if let Some(part) = open.get_mut(&place) {
                    part.writer.row(row).map_err(|error| failed(self.root.path(), &error))?;
                    part.rows += 1;
                }
                self.rows += 1;
                if self.rows.is_multiple_of(OFTEN) { told(&name, self.rows) } else { Ok(()) }
            })?;
            self.close(table, open)?;
            // A kind of which nothing is left must lose what it had.
            if let Table::Records(provider, _) = table {
                self.kind(table, Place { provider: Some(provider.id), year: None })?;
            }
        }
        Ok(())
    }

    fn kind(&mut self, table: &Table, place: Place) -> Result<&mut Kind> {
        let provider = place.provider.unwrap_or("all").to_owned();
        let name = match table {
            Table::Records(_, resource) => resource.name.to_owned(),
            other => other.name(),
        };
        let key = (provider, name);
        if !self.kinds.contains_key(&key) {
            let root = self.root.path().to_owned();
            let child = |dir: &Dir, name: &str| dir.child(name).map_err(|error| failed(&root, &error));
            let dir = child(&self.root, &format!("provider={}", key.0))?;
            let dir = child(&dir, &format!("kind={}", key.1))?;
            let cannot = |error| failed(dir.path(), &error);
            for left in dir.names().map_err(cannot)? {
                if left.starts_with(STAGING) {
                    // Of a run that was killed.
                    dir.remove_flat(&left).map_err(cannot)?;
                } else if left.starts_with("year=") && self.asked.since.is_none() && !self.ask.overwrite {
                    return Err(exists(&dir.path().join(left)));
                }
            }
            self.kinds.insert(key.clone(), Kind { dir, years: BTreeMap::new() });
        }
        Ok(self.kinds.entry(key).or_insert_with(|| unreachable!("it was just put there")))
    }

    fn open(&mut self, table: &Table, place: Place) -> Result<Open> {
        let columns = table.columns(self.asked.marked);
        let format = self.ask.format;
        let kind = self.kind(table, place)?;
        let cannot = |error| failed(kind.dir.path(), &error);
        let pending = kind.dir.begin().map_err(cannot)?;
        let out = Box::new(BufWriter::new(pending.file().try_clone().map_err(cannot)?));
        Ok(Open { writer: writer(format, columns, out).map_err(cannot)?, pending, rows: 0 })
    }

    fn close(&mut self, table: &Table, open: BTreeMap<Place, Open>) -> Result<()> {
        for (place, part) in open {
            let root = self.root.path().to_owned();
            self.written.unfit += part.writer.finish().map_err(|error| failed(&root, &error))?;
            let year = place.year.map_or_else(|| NO_YEAR.to_owned(), |year| format!("year={year}"));
            let kind = self.kind(table, place)?;
            kind.years.entry(year).or_default().push(Part { pending: part.pending, rows: part.rows });
        }
        Ok(())
    }

    /// Gives everything its name: added to the years, or as new years in the place of the old ones.
    fn publish(&mut self) -> Result<()> {
        for kind in std::mem::take(&mut self.kinds).into_values() {
            let cannot = |error| failed(kind.dir.path(), &error);
            let kept: Vec<String> = kind.years.keys().cloned().collect();
            for (year, parts) in kind.years {
                let staging = match self.asked.since {
                    Some(_) => kind.dir.child(&year),
                    None => kind.dir.child(&format!("{STAGING}{year}")),
                }
                .map_err(cannot)?;
                for (number, part) in parts.into_iter().enumerate() {
                    let name = self.part_name(number);
                    let bytes = part.pending.len().map_err(cannot)?;
                    let spot = Spot { dir: staging.clone(), name: name.clone() };
                    publish(&spot, part.pending, self.ask.overwrite)?;
                    let path = kind.dir.path().join(&year).join(name).display().to_string();
                    self.written.files.push(ExportedFile { path, rows: part.rows, bytes });
                }
                if self.asked.since.is_none() {
                    let staged = format!("{STAGING}{year}");
                    kind.dir.exchange(&staged, &year).map_err(cannot)?;
                    kind.dir.remove_flat(&staged).map_err(cannot)?;
                }
            }
            if self.asked.since.is_none() {
                for old in kind.dir.names().map_err(cannot)? {
                    if old.starts_with("year=") && !kept.contains(&old) {
                        kind.dir.remove_flat(&old).map_err(cannot)?;
                    }
                }
            }
            kind.dir.sync().map_err(cannot)?;
        }
        Ok(())
    }

    /// Names sort in the order in which they were made.
    fn part_name(&self, number: usize) -> String {
        match self.asked.since {
            None => format!("part-{number:05}.parquet"),
            Some(since) => format!("part-{since:012}-{:012}-{number:05}.parquet", self.asked.last),
        }
    }

    /// Removes directories that were created for nothing.
    fn clear(&mut self) {
        self.kinds.clear();
        for provider in self.root.names().unwrap_or_default().iter().filter(|n| n.starts_with("provider=")) {
            let Ok(dir) = self.root.child(provider) else { continue };
            for kind in dir.names().unwrap_or_default() {
                if let Ok(inner) = dir.child(&kind) {
                    for left in inner.names().unwrap_or_default() {
                        if left.starts_with(STAGING) {
                            let _ = inner.remove_flat(&left);
                        }
                    }
                    dir.remove_empty(&kind);
                }
            }
            self.root.remove_empty(provider);
        }
    }
}
