//! `rebuild`: derives columns, facts and days again from the stored records, without the network.

use serde::Serialize;

use super::output::Output;
use crate::{
    app::App,
    error::{Code, Error, Result},
    ingest,
};

#[derive(Debug, clap::Args)]
pub struct Args {}

/// What was derived again.
#[derive(Debug, Serialize)]
struct Rebuilt {
    records: u64,
}

pub fn run(app: &App, out: Output) -> Result<()> {
    let store = app.store()?.ok_or_else(|| Error::new(Code::CacheEmpty, "there is nothing to rebuild"))?;
    let records = ingest::rebuild(store, &app.zone)?;
    app.keep_days(&mut |_| true);
    out.answer(&Rebuilt { records }, |done| {
        format!("Derived {} records again; what the providers sent is unchanged.", done.records)
    })
}
