//! How old an answer is: per provider, when it was last synced and why not since.

use std::{borrow::Cow, ops::Deref};

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use super::{Connection, Context, coverage::reach, dates::shown_millis};
use crate::{
    error::{Code, Error, Reported, Result},
    invocation,
    providers::catalogue::{Provider, Resource},
};

/// How current the stored data of one provider is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Freshness {
    pub provider: String,
    /// When the last successful sync ended, with offset; null if there was none.
    pub last_sync: Option<String>,
    /// True when upstream may already have something newer for what was asked.
    pub stale: bool,
    /// True when a sync is still running and the same call will soon know more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub syncing: bool,
    /// Why the last sync failed; null when it did not.
    pub last_error: Option<Reported>,
}

/// One for each provider among the resources, in the order of the catalogue. An answer shows those of which there is
/// something to say: stale, being synced, or in trouble. `get_status` has all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FreshnessByProvider(pub Vec<Freshness>);

impl Deref for FreshnessByProvider {
    type Target = [Freshness];

    fn deref(&self) -> &[Freshness] {
        &self.0
    }
}

impl Serialize for FreshnessByProvider {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let notable = |one: &&Freshness| one.stale || one.syncing || one.last_error.is_some();
        serializer.collect_seq(self.0.iter().filter(notable))
    }
}

impl JsonSchema for FreshnessByProvider {
    fn schema_name() -> Cow<'static, str> {
        "FreshnessByProvider".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<Freshness>::json_schema(generator)
    }
}

/// One row for each provider among the resources.
pub(super) fn freshness(
    context: &Context<'_>,
    resources: &[(&'static Provider, &'static Resource)],
    bounds: Option<(i64, i64)>,
) -> Result<FreshnessByProvider> {
    let mut out: Vec<Freshness> = Vec::new();
    for (provider, resource) in resources {
        let reach = reach(context, provider, resource, bounds)?;
        let stale = !reach.gaps.is_empty() || reach.behind.is_some();
        match out.iter_mut().find(|row| row.provider == provider.id) {
            Some(row) => row.stale |= stale,
            None => out.push(of_provider(context, provider, stale)?),
        }
    }
    Ok(FreshnessByProvider(out))
}

fn of_provider(context: &Context<'_>, provider: &Provider, stale: bool) -> Result<Freshness> {
    Ok(Freshness {
        provider: provider.id.to_owned(),
        last_sync: context.past()?.last_ok(provider.id, None).and_then(|at| shown_millis(at, &context.zone)),
        stale,
        syncing: context.account(provider.id).is_some_and(|account| account.syncing),
        last_error: last_error(context, provider)?,
    })
}

/// When a sync of a provider last ended with at least one resource complete.
pub fn last_sync(context: &Context<'_>, provider: &Provider) -> Result<Option<Timestamp>> {
    let last = context.past()?.last_ok(provider.id, None);
    Ok(last.and_then(|at| Timestamp::from_millisecond(at).ok()))
}

/// What stands in the way of the next sync: a lost login, or what the last one failed of.
pub(super) fn last_error(context: &Context<'_>, provider: &Provider) -> Result<Option<Reported>> {
    if let Connection::NeedsLogin { reason, .. } = context.connection(provider.id) {
        let error = Error::new(Code::AuthFailed, format!("{} needs a new sign-in: {reason}", provider.title))
            .hint(format!("Run: {}", sign_in(provider)));
        return Ok(Some(Reported::from(&error)));
    }
    if let Some(trouble) = context.account(provider.id).and_then(|account| account.trouble.clone()) {
        return Ok(Some(trouble));
    }
    Ok(context.past()?.trouble(provider.id).cloned())
}

/// The command that signs in.
pub(super) fn sign_in(provider: &Provider) -> String {
    invocation::command(&format!("auth {}", provider.id))
}
