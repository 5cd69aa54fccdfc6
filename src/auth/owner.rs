//! Whose data the mirror holds, and whether a login may add to it.
//!
//! A mirror is one account's and came from one kind of place: from the providers themselves, or from stand-ins on
//! this machine. Another account, and the other kind of place, are refused before anything is stored or removed,
//! and the latter before anything is sent.

use secrecy::SecretString;
use serde_json::Value;

use super::account::Account;
use crate::{
    config::{ProviderVariable, provider_env},
    error::{Code, Error, Result},
    http::{Budget, Http, Origin, Unpaced},
    providers::{
        self,
        catalogue::{Provider, account_id},
        page::read_page,
        request::{Asked, list_call},
    },
    store::Store,
};

/// Older mirrors say whose they are in their records alone; so many of a resource are looked at.
const LOOKED_AT: usize = 20;

/// How long the one question at a sign-in waits for its answer, with what the provider asks to wait.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// The account whose data is stored of a provider, as far as it was ever told.
pub fn account_of(store: &Store, provider: &Provider) -> Result<Option<String>> {
    match store.owner(provider.id)?.and_then(|owner| owner.account) {
        Some(account) => Ok(Some(account)),
        None => stored_account(store, provider),
    }
}

/// What the stored records say, those first that were there first.
fn stored_account(store: &Store, provider: &Provider) -> Result<Option<String>> {
    // The present state was replaced with each sync: it may be that of the last login. Records stay.
    let (states, records): (Vec<_>, Vec<_>) =
        provider.resources.iter().partition(|resource| resource.is_present_state());
    for resource in records.into_iter().chain(states) {
        let Some(at) = provider.whose_in_records(resource) else { continue };
        for (_, body) in store.bodies((provider.id, resource.name), None, 0, LOOKED_AT)? {
            let body: Value = serde_json::from_str(&body).unwrap_or_default();
            if let Some(account) = body.pointer(at).and_then(account_id) {
                return Ok(Some(account));
            }
        }
    }
    Ok(None)
}

/// Refuses an origin of the other kind than the one the mirror was filled from. Nothing may be sent there before.
pub fn same_kind_of_origin(store: &Store, account: &Account) -> Result<()> {
    let stand_in = account.origin().is_overridden();
    let invented = store.is_demo()?;
    for provider in providers::ALL {
        let filled_by_stand_in = match store.owner(provider.id)? {
            Some(owner) => Origin::is_stand_in(&owner.origin),
            None if !store.is_filled(provider.id)? => continue,
            None if invented => true,
            // Filled by an older version, which did not write it down: a login at the provider tells. Without
            // one nothing does, and what comes first is believed.
            None if account.signed_in_at(provider) => false,
            None => continue,
        };
        if filled_by_stand_in != stand_in {
            return Err(other_origin(account.provider(), provider, stand_in));
        }
    }
    Ok(())
}

fn other_origin(provider: &Provider, filled: &Provider, stand_in: bool) -> Error {
    let variable = provider_env(provider.id, ProviderVariable::Url);
    let (id, title) = (provider.id, provider.title);
    if stand_in {
        let message = format!(
            "{variable} names a stand-in for {title}, and this mirror holds what came from {} itself: nothing was sent there",
            filled.title
        );
        Error::new(Code::AuthFailed, message).hint(format!(
            "Unset {variable}. A stand-in fills a mirror of its own: add `--profile NAME` to the command."
        ))
    } else {
        let message = format!(
            "this mirror holds what came from a stand-in for {}, and takes nothing from {title} itself: nothing was sent there",
            filled.title
        );
        Error::new(Code::AuthFailed, message).hint(format!(
            "Give your own data a mirror of its own: `vitals-mcp --profile NAME auth {id}`. Or delete the other with `vitals-mcp forget {}`.",
            filled.id
        ))
    }
}

/// The refusal of another account. It names neither: an account's id is personal.
pub fn another(provider: &Provider) -> Error {
    let (id, title) = (provider.id, provider.title);
    Error::new(
        Code::AuthFailed,
        format!("this is another {title} account than the one whose data is stored here"),
    )
    .hint(two_ways_out(id))
}

/// The refusal of a login of which nobody can tell whose it is, beside data whose owner is known.
pub fn untold(provider: &Provider) -> Error {
    let (id, title) = (provider.id, provider.title);
    Error::new(
        Code::AuthFailed,
        format!(
            "this {title} token does not tell whose it is, and the data stored here is of a known account"
        ),
    )
    .hint(format!("Sign in with `vitals-mcp auth {id}` instead. {}", two_ways_out(id)))
}

fn two_ways_out(id: &str) -> String {
    format!(
        "Nothing was stored or removed; what is stored stays readable. To go on with the stored account, run \
         `vitals-mcp auth {id}` and sign in as that one (sign out of the provider's site first). Another account \
         gets a mirror of its own: `vitals-mcp --profile NAME auth {id}`. To replace what is stored: \
         `vitals-mcp forget {id}`, then sign in."
    )
}

/// Before a new login takes the place of the old one: is it the account whose data is stored? Answers whose it
/// is, where that was told. What cannot be told now is told by the first sync, before it stores anything.
pub(super) async fn greet(
    account: &Account,
    http: &Http,
    mirror: Option<&Store>,
    token: &SecretString,
    told: Option<String>,
) -> Result<Option<String>> {
    let provider = account.provider();
    let Some(store) = mirror else { return Ok(told) };
    let owner = match account_of(store, provider)? {
        // An older mirror may not say it; whose login has filled it does.
        None if store.is_filled(provider.id)? => account.login(),
        known => known,
    };
    let Some(owner) = owner else { return Ok(told) };
    let told = match told {
        Some(told) => Some(told),
        None => ask(account, http, token).await,
    };
    match &told {
        Some(other) if *other != owner => Err(another(provider)),
        None if provider.whose_by_resource().is_none() => Err(untold(provider)),
        _ => Ok(told),
    }
}

/// Whose a token is, asked once; `None` where the provider does not say.
async fn ask(account: &Account, http: &Http, token: &SecretString) -> Option<String> {
    let provider = account.provider();
    let (resource, at, _) = provider.whose_by_resource()?;
    let call = list_call(resource, &Asked::Now, None);
    let budget = Budget::new(PATIENCE);
    let reply = http.fetch(provider, account.origin(), &call, token, &Unpaced, &budget).await.ok()?;
    let page = read_page(resource, &reply.body).ok()?;
    page.records.first()?.pointer(at).and_then(account_id)
}
