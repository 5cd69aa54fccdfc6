//! Exports: where they may go, depending on who asks, and what is in them.
//!
//! A person at the command line may name any place. What asks through MCP may be led by text it has read: its
//! files stay below the directory for exports, and any other place is answered with the command that a person
//! can run.

use std::{
    fmt::Write as _,
    fs,
    io::Write,
    path::{Component, Path, PathBuf},
};

use super::Service;
use crate::{
    config::{Paths, in_home},
    error::{Code, Error, Result},
    export::{self, Ask, Destination, Exported, Format, Told},
    files::FileId,
    invocation::{self, quoted},
    query::{self, Answer, TablesArgs},
    store::Store,
};

/// Of a path that comes through MCP: nobody can easily remove what lies deeper than a path is long.
const LONGEST: usize = 1000;
const DEEPEST: usize = 32;

#[derive(Debug, Clone, Default)]
pub struct ExportArgs {
    /// A kind, `sleeps`, `workouts`, `daily`, `metrics`, `samples` or `all`.
    pub kind: String,
    /// `None`: by the extension of the path, otherwise CSV.
    pub format: Option<String>,
    /// `None`: a new name in the directory for exports.
    pub path: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub since: Option<String>,
    pub overwrite: bool,
    pub partitioned: bool,
    pub bundle: bool,
}

impl Service {
    /// Exports below the directory for exports and nowhere else.
    pub fn export_below(&self, args: &ExportArgs, told: Told<'_>) -> Result<Answer<Exported>> {
        let destination = self.below(args)?;
        self.export(args, &destination, told)
    }

    /// Exports to where a person wants it.
    pub fn export_anywhere(&self, args: &ExportArgs, told: Told<'_>) -> Result<Answer<Exported>> {
        let destination = match &args.path {
            Some(path) => Destination::Anywhere(PathBuf::from(path)),
            None => self.below(args)?,
        };
        self.export(args, &destination, told)
    }

    /// Exports one kind to somebody who reads it as it comes. Answers the rows.
    pub fn export_to(&self, args: &ExportArgs, out: Box<dyn Write + Send>, told: Told<'_>) -> Result<u64> {
        let ask = ask(&ExportArgs { path: None, ..args.clone() })?;
        let snapshot = self.moment()?;
        export::export_to(&self.context_over(Some(&snapshot), self.now(), &[]), &ask, out, told)
    }

    /// Writes what is complete already, such as a picture, to where a person wants it.
    pub fn put(&self, path: &Path, bytes: &[u8], overwrite: bool) -> Result<()> {
        let path = in_home(path);
        leave_ours(&self.app.config.paths, &path)?;
        export::put(&path, bytes, overwrite)
    }

    fn export(
        &self,
        args: &ExportArgs,
        destination: &Destination,
        told: Told<'_>,
    ) -> Result<Answer<Exported>> {
        let ask = ask(args)?;
        leave_ours(&self.app.config.paths, &destination.path())?;
        let snapshot = self.moment()?;
        let context = self.context_over(Some(&snapshot), self.now(), &[]);
        let exported = export::export(&context, &ask, destination, told)?;
        Answer::new(&context, exported)
    }

    /// This moment of the mirror: what is exported together fits together, and no sync waits for it.
    fn moment(&self) -> Result<Store> {
        self.app.keep_days(&mut |_| true);
        let store = self.app.store()?;
        store.ok_or_else(|| Error::new(Code::CacheEmpty, "there is nothing to export"))?.snapshot()
    }

    fn below(&self, args: &ExportArgs) -> Result<Destination> {
        let root = self.app.config.exports.clone();
        let Some(path) = &args.path else {
            let format = Format::read(args.format.as_deref(), None)?;
            let now = self.app.zone.to_datetime(self.now()).strftime("%Y%m%dT%H%M%S").to_string();
            // Checked against the catalogue before any file is made.
            let name = args.kind.trim();
            let name = match name {
                "all" => format!("all-{now}"),
                _ if args.partitioned => format!("{name}-{now}"),
                _ if args.bundle => format!("{name}-{now}.json"),
                _ => format!("{name}-{now}.{}", format.extension()),
            };
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
            let path = PathBuf::from(if plain { name } else { format!("export-{now}") });
            return Ok(Destination::Below { root, path });
        };
        if path.chars().any(char::is_control) {
            return Err(Error::invalid("path: it holds characters that no path should have"));
        }
        if path.len() > LONGEST || path.matches(['/', '\\']).count() > DEEPEST {
            return Err(Error::invalid(format!(
                "path: longer than {LONGEST} bytes, or deeper than {DEEPEST} directories"
            ))
            .hint("Choose a shorter path."));
        }
        let asked = in_home(Path::new(path));
        match inside(&root, &asked) {
            Some(inner) if !passes_link(&root, &inner) => {
                ends_as_its_format(&root.join(&inner), args)?;
                Ok(Destination::Below { root, path: inner })
            }
            _ => Err(elsewhere(&root, &asked, args)),
        }
    }
}

/// The database, its log, the logins and the key are replaced by nothing, whatever is allowed to be.
pub fn leave_ours(paths: &Paths, path: &Path) -> Result<()> {
    let Some(asked) = FileId::of(path) else { return Ok(()) };
    let mut ours = vec![paths.database(), paths.key(), paths.preferences()];
    ours.extend(["vitals.db-wal", "vitals.db-shm"].map(|name| paths.data.join(name)));
    ours.extend(fs::read_dir(paths.tokens()).into_iter().flatten().flatten().map(|entry| entry.path()));
    if ours.iter().any(|own| FileId::of(own) == Some(asked)) {
        let told = format!("{} is a file of this program's own, and is left alone", path.display());
        return Err(Error::new(Code::FileExists, told).hint("Choose another path."));
    }
    Ok(())
}

fn ask(args: &ExportArgs) -> Result<Ask> {
    let path = args.path.as_deref().map(Path::new);
    let format = args.format.as_deref();
    Ok(Ask {
        // Without a format the flags that only one of them knows say which it is.
        format: match format {
            None if args.bundle => Format::Fhir,
            None if args.partitioned => Format::Parquet,
            _ => Format::read(format, path)?,
        },
        what: TablesArgs {
            kind: args.kind.clone(),
            start: args.start.clone(),
            end: args.end.clone(),
            since: args.since.clone(),
            marked: false,
        },
        overwrite: args.overwrite,
        partitioned: args.partitioned,
        bundle: args.bundle,
    })
}

/// The path relative to the directory, if it stays in it.
fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let relative = if path.has_root() { path.strip_prefix(root).ok()? } else { path };
    let mut inner = PathBuf::new();
    for part in relative.components() {
        match part {
            Component::Normal(name) => inner.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(inner)
}

/// Whether a directory on the way is a link, and leads elsewhere. The opening refuses one as well; this is for
/// a better answer.
fn passes_link(root: &Path, inner: &Path) -> bool {
    let mut path = root.to_owned();
    inner.components().any(|part| {
        path.push(part);
        path != root.join(inner) && fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink())
    })
}

/// A file has an ending of its format, whoever chose its name: by the ending a computer decides what opens it, and
/// text that others wrote must not become a page or a script. A directory has names of its own inside, and
/// what is there and no file is refused with a better reason.
fn ends_as_its_format(path: &Path, args: &ExportArgs) -> Result<()> {
    let other = fs::symlink_metadata(path).is_ok_and(|found| !found.is_file());
    if args.kind.trim() == "all" || args.partitioned || other {
        return Ok(());
    }
    let format = ask(args)?.format;
    let endings = format.endings(args.bundle);
    let ending = path.extension().and_then(|ending| ending.to_str());
    if ending.is_some_and(|ending| endings.iter().any(|own| own.eq_ignore_ascii_case(ending))) {
        return Ok(());
    }
    let own = path.with_extension(endings[0]);
    let own = own.file_name().unwrap_or_default().to_string_lossy();
    Err(Error::invalid(format!("path: a file of this format ends in .{}", endings.join(" or .")))
        .hint(format!("Name it {}, or give the format that the ending says.", query::brief(&own))))
}

/// The refusal of a place that only a person may choose, with the command that does it.
fn elsewhere(root: &Path, path: &Path, args: &ExportArgs) -> Error {
    let mut command = format!("export {}", quoted(args.kind.trim()));
    if let Some(format) = &args.format {
        let _ = write!(command, " --format {}", quoted(format.trim()));
    }
    let _ = write!(command, " --to {}", quoted(&root.join(path).to_string_lossy()));
    for (flag, value) in [("start", &args.start), ("end", &args.end)] {
        if let Some(value) = value {
            let _ = write!(command, " --{flag} {}", quoted(value));
        }
    }
    if args.overwrite {
        command.push_str(" --overwrite");
    }
    Error::invalid(format!("path: exports through MCP go to {} and nowhere else", root.display())).hint(
        format!(
            "Give a path relative to it, or have the user run this in a terminal: {}",
            invocation::command(&command)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_inside_is_inside() {
        for (path, inner) in [
            ("x.csv", Some("x.csv")),
            ("./a/b.csv", Some("a/b.csv")),
            ("/home/ada/exports/a.csv", Some("a.csv")),
            ("/home/ada/exports", Some("")),
            ("../x.csv", None),
            ("a/../../x.csv", None),
            ("a/../x.csv", None),
            ("/etc/x.csv", None),
            ("/home/ada/exports/../x.csv", None),
            ("/home/ada/exports-of-others/x.csv", None),
        ] {
            let found = inside(Path::new("/home/ada/exports"), Path::new(path));
            assert_eq!(found.as_deref(), inner.map(Path::new), "{path}");
        }
    }
}
