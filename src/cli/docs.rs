//! `__docs`: the facts the documentation repeats, as JSON, so that a test can compare the two.

use serde_json::{Value, json};

use crate::{
    config::{ProviderVariable, SETTINGS, provider_env},
    error,
    model::metric,
    providers::{
        self,
        catalogue::{Access, Provider, Scope},
        source_order::{PREFERENCES, USUAL},
    },
    query,
};

/// Everything that README, AGENTS and PRIVACY list. `tools` is what `tools/list` shows, `offered` what the
/// lists of resources, templates and prompts show.
pub fn facts(tools: &Value, offered: &Value) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "tools": tools,
        "resources": offered["resources"],
        "templates": offered["templates"],
        "prompts": offered["prompts"],
        "errors": error::TABLE.iter().map(|row| json!({
            "name": row.name, "exit": row.exit, "retryable": row.retryable, "meaning": row.meaning,
        })).collect::<Vec<_>>(),
        "settings": SETTINGS.iter().map(|setting| json!({
            "env": setting.env, "default": setting.default, "about": setting.about,
        })).collect::<Vec<_>>(),
        "providers": providers::ALL.iter().map(|provider| json!({
            "id": provider.id,
            "title": provider.title,
            "hosts": hosts(provider),
            "access": provider.access_name(),
            "scopes": grants(provider),
            "offline_scope": provider.oauth().and_then(|oauth| oauth.offline_scope),
            "variables": variables(provider),
            "resources": provider.resources.iter().map(|resource| resource.name).collect::<Vec<_>>(),
            "about": provider.resources.iter().map(|resource| resource.about).collect::<Vec<_>>(),
            "not_mirrored": provider.not_mirrored.iter().map(|row| json!({
                "operations": row.operations, "why": row.why,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "preferences": PREFERENCES.iter().chain([&USUAL]).map(|row| json!({
            "metrics": row.metrics, "order": row.order, "reason": row.reason,
        })).collect::<Vec<_>>(),
        "views": query::views().iter().map(|view| json!({
            "name": view.name,
            "about": view.about,
            "columns": view.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "metrics": metric::METRICS.iter().map(|metric| metric.id).collect::<Vec<_>>(),
    })
}

/// What a sign-in gives, piece by piece where it is granted so.
fn grants(provider: &Provider) -> Vec<Value> {
    match &provider.access {
        Access::OAuth(oauth) => {
            let scope = |scope: &Scope| json!({ "name": scope.name, "gives": scope.gives });
            oauth.scopes.iter().map(scope).collect()
        }
        Access::PersonalKey(key) => vec![json!({ "name": "personal key", "gives": key.gives })],
        Access::Files { .. } | Access::Local => Vec::new(),
    }
}

/// The variables that are read for the provider, but for those of tests.
fn variables(provider: &Provider) -> Vec<String> {
    let read: &[ProviderVariable] = match &provider.access {
        Access::OAuth(_) => {
            &[ProviderVariable::ClientId, ProviderVariable::ClientSecret, ProviderVariable::Url]
        }
        Access::PersonalKey(_) => &[ProviderVariable::Url],
        Access::Files { .. } | Access::Local => &[],
    };
    read.iter().map(|what| provider_env(provider.id, *what)).collect()
}

/// Every host that is contacted for the provider.
fn hosts(provider: &Provider) -> Vec<String> {
    let mut hosts: Vec<String> = std::iter::once(provider.origin)
        .chain(provider.sign_in_urls())
        .filter_map(|text| url::Url::parse(text).ok()?.host_str().map(str::to_owned))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::tests::pedometer::{BY_HAND, BY_KEY, IN_FILES, PROVIDER};

    #[test]
    fn what_is_told_of_a_provider_is_by_how_its_records_come() {
        let host = &["api.pedometer.invalid"][..];
        for (provider, access, granted, named, reached) in [
            (&PROVIDER, "oauth", Some("walks"), 3, host),
            (&BY_KEY, "personal_key", Some("personal key"), 1, host),
            (&IN_FILES, "files", None, 0, &[]),
            (&BY_HAND, "local", None, 0, &[]),
        ] {
            assert_eq!(provider.access_name(), access);
            let grants = grants(provider);
            assert_eq!(grants.first().and_then(|one| one["name"].as_str()), granted, "{access}");
            assert_eq!(variables(provider).len(), named, "{access}");
            assert_eq!(hosts(provider), reached, "{access}");
        }
    }
}
