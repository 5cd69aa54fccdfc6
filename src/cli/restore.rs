//! `restore`: goes back to a backup. The database of now is kept, the logins are not touched.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    output::{self, Output},
    progress::interrupted,
};
use crate::{
    app::App,
    config::in_home,
    error::{Code, Error, Result},
    invocation, sync,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file that `backup` wrote, or one of those in `backups` of the data directory.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What was restored.
#[derive(Debug, Serialize)]
struct Restored {
    from: String,
    records: u64,
    /// Where the database is that was there before; null if there was none.
    kept: Option<String>,
    /// It was damaged.
    was_damaged: bool,
}

pub async fn run(args: Args, app: &App, out: Output) -> Result<()> {
    let file = in_home(&args.file);
    let work = sync::restore(&app.config, &file, || output::tell("Waiting for a sync to end …"));
    let done = tokio::select! {
        done = work => done?,
        () = interrupted() => {
            return Err(Error::new(Code::Cancelled, "it was interrupted").hint("Nothing was changed."));
        }
    };
    let done = Restored {
        from: file.display().to_string(),
        records: done.records,
        kept: done.kept.map(|path| path.display().to_string()),
        was_damaged: done.was_damaged,
    };
    out.answer(&done, |done| {
        let kept = match &done.kept {
            Some(kept) if done.was_damaged => format!("The damaged database is kept: {kept}\n"),
            Some(kept) => format!("The database of before is kept: {kept}\n"),
            None => String::new(),
        };
        format!(
            "Restored {} records from {}.\n{kept}The logins were not touched. What is newer upstream comes with \
             the next `{}`.",
            done.records,
            done.from,
            invocation::command("sync")
        )
    })
}
