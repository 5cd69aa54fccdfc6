//! The names that can be asked for, from the catalogue: for enums, help texts and refusals.

use crate::{
    model::{
        Role, Sense,
        metric::{METRICS, Section},
    },
    providers,
};

/// Every kind of record, such as `whoop.sleep`. What is read as a series is none.
pub fn kinds() -> Vec<String> {
    let listed = providers::kinds().filter(|(_, resource)| resource.has_records());
    listed.map(|(provider, resource)| format!("{}.{}", provider.id, resource.name)).collect()
}

/// The kinds of records that have a field of that name.
pub fn kinds_with_field(name: &str) -> Vec<String> {
    let having = providers::kinds().filter(|(_, resource)| {
        resource.has_records() && resource.fields.iter().any(|field| field.name == name)
    });
    having.map(|(provider, resource)| format!("{}.{}", provider.id, resource.name)).collect()
}

/// The kinds whose records are tags, each with the columns that say what a tag is about.
pub fn tag_kinds() -> Vec<(String, Vec<&'static str>)> {
    let tags = providers::kinds().filter(|(_, resource)| resource.role == Role::Tag);
    tags.map(|(provider, resource)| {
        let columns = resource.columns_that_say(Sense::Tag).chain(resource.columns_that_say(Sense::OwnTag));
        (format!("{}.{}", provider.id, resource.name), columns.collect())
    })
    .collect()
}

pub fn provider_ids() -> Vec<String> {
    providers::ALL.iter().map(|provider| provider.id.to_owned()).collect()
}

/// The second halves of the kinds, each once.
pub fn resource_names() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, resource) in providers::kinds() {
        if !names.iter().any(|known| known == resource.name) {
            names.push(resource.name.to_owned());
        }
    }
    names
}

/// The parts of a day.
pub fn section_names() -> Vec<String> {
    Section::ALL.map(|section| section.as_str().to_owned()).to_vec()
}

/// The metrics that have one value a day.
pub fn daily_metrics() -> Vec<String> {
    let daily = METRICS.iter().filter(|metric| metric.is_daily());
    daily.map(|metric| metric.id.to_owned()).collect()
}

/// Those of them that can stand for how much somebody has done.
pub fn load_metrics() -> Vec<String> {
    let load = METRICS.iter().filter(|metric| {
        metric.is_daily() && metric.section == Section::Activity && metric.unit != "instant"
    });
    load.map(|metric| metric.id.to_owned()).collect()
}

/// How a provider writes its own name.
pub fn provider_title(id: &str) -> Option<&'static str> {
    providers::find(id).map(|provider| provider.title)
}
