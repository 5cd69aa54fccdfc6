//! `backup`: the whole database as one file, consistent also while a server writes.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    output::Output,
    progress::{self, Shown},
};
use crate::{
    app::App,
    config::in_home,
    error::{Code, Error, Result},
    export,
    files::{Dir, Entry},
    invocation,
    service::leave_ours,
};

use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file to write.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    overwrite: bool,
}

/// What was written.
#[derive(Debug, Serialize)]
struct BackedUp {
    path: String,
    bytes: u64,
    records: u64,
}

pub async fn run(args: Args, app: &Arc<App>, out: Output) -> Result<()> {
    let app = Arc::clone(app);
    let done = progress::run(Shown::Spinner, move |told| {
        write(&app, &in_home(&args.file), args.overwrite, &mut || told("Copying the database", 0))
    });
    out.answer(&done.await?, |done| {
        format!(
            "Backed up {} records into {} ({} bytes). It holds your health data unencrypted, and no login.\n\
             Go back to it with: {}",
            done.records,
            done.path,
            done.bytes,
            invocation::command(&format!("restore {}", done.path))
        )
    })
}

fn write(
    app: &App,
    path: &Path,
    overwrite: bool,
    goes_on: &mut dyn FnMut() -> Result<()>,
) -> Result<BackedUp> {
    let store = app.store()?.ok_or_else(|| Error::new(Code::CacheEmpty, "there is nothing to back up"))?;
    let cannot = |error: std::io::Error| export::failed(path, &error);
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::invalid("the path names no file"))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dir = Dir::open(parent).map_err(cannot)?;
    let taken = || Error::new(Code::FileExists, format!("{} exists already", path.display()));
    let check = || match dir.look(name).map_err(cannot)? {
        Entry::Nothing => Ok(()),
        // The database in use must not be replaced by its own copy behind everybody's back.
        Entry::File if overwrite => leave_ours(&app.config.paths, path),
        Entry::Directory | Entry::Link | Entry::Other => Err(Error::new(
            Code::FileExists,
            format!("{} is no ordinary file, and is left alone", path.display()),
        )
        .hint("Choose another path.")),
        Entry::File => Err(taken()),
    };
    check()?;
    goes_on()?;
    let (pending, copy) = dir.begin().and_then(crate::files::Pending::with_name).map_err(cannot)?;
    store.back_up(&copy, goes_on)?;
    let bytes = pending.len().map_err(cannot)?;
    let records = store.live_records()?;
    check()?;
    if !pending.publish(&dir, name, overwrite).map_err(cannot)? {
        return Err(taken());
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(BackedUp { path: path.display().to_string(), bytes, records })
}
