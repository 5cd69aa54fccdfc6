//! Who the data is about: every present-state resource of each provider.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    Answer, Connection, Context, FreshnessByProvider, Need, Question, coverage::reach, freshness::freshness,
    record_reader::Reader, sanitize::clean,
};
use crate::{
    error::{Error, Result},
    providers::{
        self,
        catalogue::{Provider, Resource, Time},
    },
    store::RecordFilter,
};

#[derive(Debug, Clone, Default)]
pub struct ProfileArgs {
    /// Id; `None` means all.
    pub provider: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Profile {
    /// provider, records (profile, `body_measurement` …), missing (with the reason). Data, never instructions.
    pub providers: Vec<ProviderProfile>,
    /// Of providers that are stale or in trouble: `last_sync`, stale, `last_error`.
    pub freshness: FreshnessByProvider,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ProviderProfile {
    pub provider: String,
    /// Resource to record, such as `profile` and `body_measurement`; a list where several are true at once.
    pub records: BTreeMap<String, Value>,
    /// Resource to the reason why there is none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub missing: BTreeMap<String, String>,
}

type Resources = Vec<(&'static Provider, &'static Resource)>;

impl Question for ProfileArgs {
    /// Every present state of the provider, or of all.
    type Checked<'q> = Resources;
    type Body = Profile;

    fn check(&self, context: &Context<'_>) -> Result<Resources> {
        let chosen: Vec<&'static Provider> = match self.provider.as_deref() {
            None => context.known_providers()?,
            Some(id) => vec![provider_of("provider", id)?],
        };
        let resources = chosen.into_iter().flat_map(|provider| {
            let present = provider.resources.iter().filter(|resource| resource.is_present_state());
            present.map(move |resource| (provider, resource))
        });
        Ok(resources.collect())
    }

    fn need(&self, _: &Context<'_>, resources: &Resources) -> Result<Need> {
        Ok(Need { resources: resources.clone(), bounds: None })
    }

    fn answer(&self, context: &Context<'_>, resources: Resources) -> Result<Answer<Profile>> {
        answer(context, &resources)
    }
}

fn answer(context: &Context<'_>, resources: &Resources) -> Result<Answer<Profile>> {
    let mut providers: Vec<ProviderProfile> = Vec::new();
    for (provider, resource) in resources {
        let index = providers.iter().position(|one| one.provider == provider.id).unwrap_or_else(|| {
            let provider = provider.id.to_owned();
            providers.push(ProviderProfile { provider, records: BTreeMap::new(), missing: BTreeMap::new() });
            providers.len() - 1
        });
        let name = resource.name.to_owned();
        match record(context, provider, resource)? {
            Ok(record) => providers[index].records.insert(name, record).map(|_| ()),
            Err(reason) => providers[index].missing.insert(name, reason).map(|_| ()),
        };
    }
    let freshness = freshness(context, resources, None)?;
    Answer::new(context, Profile { providers, freshness })
}

/// The provider of that id, or a refusal that names them all.
pub fn provider_of(argument: &str, id: &str) -> Result<&'static Provider> {
    providers::find(id).ok_or_else(|| {
        let known: Vec<&str> = providers::ALL.iter().map(|provider| provider.id).collect();
        let given: String = clean(id).chars().take(40).collect();
        Error::invalid(format!("{argument}: there is no '{given}'"))
            .hint(format!("Providers: {}.", known.join(", ")))
    })
}

/// States of one resource that are true at once, such as devices: more than anybody has.
const MOST: usize = 50;

/// The present state, or why there is none.
fn record(
    context: &Context<'_>,
    provider: &Provider,
    resource: &'static Resource,
) -> Result<std::result::Result<Value, String>> {
    // Of states that followed each other the newest is the present one.
    let several = matches!(resource.time, Time::Snapshot) && !resource.key.is_empty();
    let limit = if several { MOST } else { 1 };
    let newest = RecordFilter { limit, ..RecordFilter::default() };
    let rows = match context.store {
        Some(store) => store.records(provider.id, resource.name, &newest)?,
        None => Vec::new(),
    };
    let reader = Reader::new(resource);
    let mut found: Vec<Value> = rows.iter().map(|row| Value::Object(reader.object(row))).collect();
    if let Some(record) = if several { None } else { found.pop() } {
        return Ok(Ok(record));
    }
    if !found.is_empty() {
        return Ok(Ok(Value::Array(found)));
    }
    let denied = match context.connection(provider.id) {
        Connection::Connected { scopes, .. } if !scopes.is_empty() => {
            !scopes.iter().any(|scope| scope == resource.scope)
        }
        _ => false,
    };
    let reason = match context.connection(provider.id) {
        Connection::NotConnected => "not_connected",
        Connection::NeedsLogin { .. } => "needs_login",
        Connection::Connected { .. } if denied || context.past()?.refused(provider.id, resource.name) => {
            "scope_not_granted"
        }
        Connection::Connected { .. } if !reach(context, provider, resource, None)?.gaps.is_empty() => {
            "not_synced"
        }
        Connection::NotNeeded | Connection::Connected { .. } => "not_provided",
    };
    Ok(Err(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::query::testkit::{Mirror, context};

    #[test]
    fn what_there_is_and_why_the_rest_is_not() {
        let mirror = Mirror::new();
        mirror.put("whoop.profile", &[json!({ "user_id": 7, "email": "ada@example.com", "first_name": "Ada\u{202e}", "last_name": "L" })]);
        let ask =
            |context: &Context<'_>| ProfileArgs::default().ask(context).unwrap().body.providers.remove(0);
        let found = ask(&mirror.whoop_only());
        assert_eq!(
            serde_json::to_value(&found.records).unwrap(),
            json!({ "profile": { "email": "ada@example.com", "first_name": "Ada", "last_name": "L" } })
        );
        assert_eq!(found.missing["body_measurement"], "not_synced");
        mirror.cover("2012-01-01T00:00:00Z", "2026-03-18T09:00:00Z");
        assert_eq!(ask(&mirror.whoop_only()).missing["body_measurement"], "not_provided");
        mirror.run("2026-03-18T09:01:00Z", &json!("not_granted"), &Value::Null);
        assert_eq!(ask(&mirror.whoop_only()).missing["body_measurement"], "scope_not_granted");
        let mut out = context(&["whoop"], None, "2026-03-18T09:05:00Z");
        out.accounts[0].connection = Connection::NotConnected;
        assert_eq!(ask(&out).missing.len(), 2);
        let unknown = ProfileArgs { provider: Some("fitbit".into()) };
        assert!(unknown.ask(&mirror.whoop_only()).unwrap_err().hint.contains("whoop"));
    }

    #[test]
    fn of_several_rings_the_newest_is_shown_whatever_the_order_they_came_in() {
        let mirror = Mirror::new();
        let ring = |id: &str, at: Value| json!({ "id": id, "set_up_at": at, "hardware_type": "gen4" });
        mirror.put(
            "oura.ring_configuration",
            &[
                ring("a", json!("2024-05-01T08:00:00Z")),
                ring("b", json!("2026-01-02T08:00:00Z")),
                ring("c", Value::Null),
            ],
        );
        mirror.put("whoop.profile", &[json!({ "email": "ada@example.com" })]);
        let both = mirror.signed_in_to(&["whoop", "oura"]);
        let found = ProfileArgs::default().ask(&both).unwrap().body.providers;
        assert_eq!(found.iter().map(|one| one.provider.as_str()).collect::<Vec<_>>(), ["whoop", "oura"]);
        assert_eq!(found[1].records["ring_configuration"]["id"], "b");
        assert_eq!(found[1].missing.keys().collect::<Vec<_>>(), ["personal_info"], "no series among them");
    }
}
