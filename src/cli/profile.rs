//! `profile`: who the data is about, and what they wear.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    format,
    output::{self, Output},
};
use crate::{
    error::Result,
    query::{Answer, Profile, ProfileArgs},
    service::Service,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this provider.
    #[arg(value_name = "PROVIDER")]
    provider: Option<String>,
    /// Sync first, however new the stored data is.
    #[arg(long)]
    fresh: bool,
}

pub async fn run(args: Args, service: &Service, out: Output) -> Result<()> {
    let profile = service.ask(&ProfileArgs { provider: args.provider }, args.fresh).await?;
    out.answer(&profile, human)
}

fn human(profile: &Answer<Profile>) -> String {
    let mut text = String::new();
    for provider in &profile.providers {
        for (resource, record) in &provider.records {
            let _ = writeln!(text, "{}.{resource}", provider.provider);
            let several = record.as_array().map_or(std::slice::from_ref(record), Vec::as_slice);
            for record in several.iter().filter_map(Value::as_object) {
                let values = record.iter().map(|(name, value)| (name.as_str(), format::plain(value)));
                let _ = writeln!(text, "{}", output::pairs(values));
            }
        }
        for (resource, reason) in &provider.missing {
            let _ = writeln!(text, "{}.{resource}: {reason}", provider.provider);
        }
    }
    format::notes(&mut text, profile.demo_note, None, &profile.freshness);
    text
}
