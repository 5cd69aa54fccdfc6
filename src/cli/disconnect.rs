//! `disconnect PROVIDER`: ends the login, there and here. Synced data stays.

use std::fmt;

use serde::Serialize;

use crate::{
    auth::{Account, Revoked},
    config::{self, Config, ProviderVariable, provider_env},
    error::Result,
    http::Http,
    invocation,
};

/// Revoke the access at the provider and delete the stored login; synced data stays.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which provider, for example `whoop`.
    pub provider: String,
}

#[derive(Debug, Serialize)]
pub struct Report {
    pub provider: &'static str,
    #[serde(skip)]
    title: &'static str,
    /// `upstream`, `already_gone`, `not_told` or `not_connected`.
    pub revoked: &'static str,
    /// Why the provider could not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A variable that still connects this provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still_set: Option<String>,
}

/// Disconnects. Succeeds when the tokens are gone from this machine, whether or not the provider was told.
pub async fn run(args: Args, config: &Config, http: &Http) -> Result<Report> {
    let provider = super::provider(&args.provider)?;
    let account = Account::open(config, provider)?;
    let revoked = account.disconnect(http).await.map_err(|error| error.explain(provider))?;
    let variable = provider_env(provider.id, ProviderVariable::AccessToken);
    let (revoked, reason) = match revoked {
        Revoked::Upstream => ("upstream", None),
        Revoked::AlreadyGone => ("already_gone", None),
        Revoked::NotTold(reason) => ("not_told", Some(reason)),
        Revoked::NotConnected => ("not_connected", None),
    };
    let still_set = config::variable(&variable).map(|_| variable);
    Ok(Report { provider: provider.id, title: provider.title, revoked, reason, still_set })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.title;
        match self.revoked {
            "upstream" => write!(
                f,
                "{title} is disconnected: the access was revoked there and the login deleted here."
            )?,
            "already_gone" => write!(
                f,
                "{title} is disconnected: the access had ended there already; the login is deleted here."
            )?,
            "not_connected" => write!(f, "{title} was not connected.")?,
            _ => {
                let reason = self.reason.as_deref().unwrap_or("unknown");
                write!(
                    f,
                    "The {title} login is deleted here, but {title} could not be told: {reason}.\n\
                     To end the access there too, remove the app in your {title} account."
                )?;
            }
        }
        if let Some(variable) = &self.still_set {
            write!(f, "\n{variable} is still set and keeps connecting it; unset it where it is set.")?;
        }
        write!(
            f,
            "\nSynced data and your app's client id stay; `{}` deletes them.",
            invocation::command(&format!("forget {}", self.provider))
        )
    }
}
