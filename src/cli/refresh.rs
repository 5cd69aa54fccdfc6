//! `__refresh PROVIDER --generation N`: the helper process that renews a login. Not for people.
//!
//! It prints nothing: whoever started it reads from the vault what came of it.

use crate::{
    auth::{Account, detach},
    config::Config,
    error::Result,
    http::Http,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    pub provider: String,
    /// The tokens to renew; if others are stored by now, there is nothing to do.
    #[arg(long)]
    pub generation: u64,
}

pub async fn run(args: Args, config: &Config, http: &Http) -> Result<()> {
    // Before anything else: from here on a signal to the server's session does not end this process.
    detach();
    let provider = super::provider(&args.provider)?;
    let account = Account::open(config, provider)?;
    account.refresh_here(http, args.generation).await.map_err(|error| error.explain(provider))
}
