//! `__docs`: the facts the documentation repeats, as JSON, so that a test can compare the two.

use serde_json::{Value, json};

use crate::{
    config::{ProviderVariable, SETTINGS, provider_env},
    error,
    model::metric,
    providers::{
        self,
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
            "scopes": provider.oauth.scopes.iter().map(|scope| json!({
                "name": scope.name, "gives": scope.gives,
            })).collect::<Vec<_>>(),
            "offline_scope": provider.oauth.offline_scope,
            "variables": [
                provider_env(provider.id, ProviderVariable::ClientId),
                provider_env(provider.id, ProviderVariable::ClientSecret),
                provider_env(provider.id, ProviderVariable::Url),
            ],
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

/// Every host that is contacted for the provider.
fn hosts(provider: &providers::catalogue::Provider) -> Vec<String> {
    let mut hosts: Vec<String> = std::iter::once(provider.origin)
        .chain(provider.oauth.urls())
        .filter_map(|text| url::Url::parse(text).ok()?.host_str().map(str::to_owned))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}
