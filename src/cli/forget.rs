//! `forget`: ends the sign-in and deletes everything that is stored of a provider. Asks first.

use std::io::{self, IsTerminal as _};

use serde::Serialize;

use super::output::{self, Output};
use crate::{
    app::App,
    auth::{Account, AuthError, Revoked},
    error::{Code, Error, Result},
    http::Http,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The provider whose data is deleted.
    #[arg(value_name = "PROVIDER")]
    provider: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// What was deleted.
#[derive(Debug, Serialize)]
struct Forgotten {
    provider: &'static str,
    records: u64,
}

pub async fn run(args: Args, app: &App, out: Output) -> Result<()> {
    let provider = super::provider(&args.provider)?;
    if !args.yes && !agreed(provider.title)? {
        return Err(Error::new(Code::Cancelled, "nothing was deleted").hint("Answer y, or pass --yes."));
    }
    // The sign-in first: a server that is still running could otherwise fetch everything again.
    let account = Account::open(&app.config, provider)?;
    let explained = |error: AuthError| error.explain(provider);
    let revoked = account.disconnect(&Http::new()).await.map_err(explained)?;
    account.forget_client().map_err(explained)?;
    if let Revoked::NotTold(reason) = revoked {
        output::tell(&format!(
            "{title} could not be told that the access ends: {reason}. Remove the app in your {title} account too.",
            title = provider.title
        ));
    }
    let records = match app.store()? {
        Some(store) => store.forget(provider.id)?,
        None => 0,
    };
    // Days that others know of are worked out without it.
    app.keep_days(&mut |_| true);
    out.answer(&Forgotten { provider: provider.id, records }, |gone| {
        format!(
            "Deleted {} records of {} and its sign-in. Backups and exports you made are still there.",
            gone.records, provider.title
        )
    })
}

fn agreed(title: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(Error::invalid(format!("forgetting {title} deletes data, and nobody can be asked here"))
            .hint("Pass --yes to delete without being asked."));
    }
    output::confirm(&format!("Delete everything stored of {title}, and its sign-in?"))
}
