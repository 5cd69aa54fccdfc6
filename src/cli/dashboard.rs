//! `dashboard`: the last year as one HTML file.

use std::{fmt, path::PathBuf};

use serde::Serialize;

use super::output::{self, Output};
use crate::{
    auth,
    charts::dashboard::{Data, html, question},
    error::Result,
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the file goes; vitals-dashboard.html in this directory if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show it in the browser.
    #[arg(long)]
    open: bool,
    /// Replace a file that is there.
    #[arg(long)]
    overwrite: bool,
}

#[derive(Debug, Serialize)]
struct Written {
    path: String,
    bytes: usize,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrote {}. It holds your data: keep it to yourself.", self.path)
    }
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let path = args.out.unwrap_or_else(|| PathBuf::from("vitals-dashboard.html"));
    let path = std::path::absolute(&path).unwrap_or(path);
    let page = html(&Data::new(&service.ask(&question(), false).await?))?;
    service.put(&path, page.as_bytes(), args.overwrite)?;
    if args.open && !auth::open_page(path.as_ref()) {
        output::tell("No browser could be started; open the file yourself.");
    }
    out.answer(&Written { path: path.display().to_string(), bytes: page.len() }, ToString::to_string)
}
