//! The standard suite: what every resource of every provider must hold, read off its fixtures.
//!
//! A fixture is one reply as the API sends it. Each resource has one with unknown fields and one with
//! fields absent or null; a collection has one with a next token.
//!
//! The suite also runs over a provider that does not exist, made by the recipe of `AGENTS.md`: a folder, its
//! fixtures and one line. What it could not do by that recipe alone, no real one could.

mod catalogue;
mod damaged;
mod descriptions;
mod folders;
pub(crate) mod pedometer;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    ALL,
    catalogue::{At, Keep, Made, Paging, Provider, Resource, Time, Window},
    flatten, normalise,
    page::{Page, belonging, read_page},
    parse::parse,
    request::{About, Asked, about},
};
use crate::model::{Sample, document::END_OFFSET, metric};

/// The provider that does not exist: its one line, once for each way in which its records could come.
const MADE_BY_RECIPE: &[&Provider] =
    &[&pedometer::PROVIDER, &pedometer::BY_KEY, &pedometer::IN_FILES, &pedometer::BY_HAND];

/// Every provider that must hold what the suite asks.
fn suite() -> impl Iterator<Item = &'static Provider> {
    ALL.iter().chain(MADE_BY_RECIPE).copied()
}

fn kinds() -> impl Iterator<Item = (&'static Provider, &'static Resource)> {
    suite().flat_map(|provider| provider.resources.iter().map(move |resource| (provider, resource)))
}

/// File name and reply of each fixture of a resource, in order.
fn fixtures(provider: &Provider, resource: &Resource) -> Vec<(String, Vec<u8>)> {
    let dir: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures", provider.id, resource.name].iter().collect();
    let mut files: Vec<_> = fs::read_dir(&dir)
        .unwrap_or_else(|_| panic!("{} has no fixtures", dir.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

fn pages(provider: &Provider, resource: &Resource) -> Vec<(String, Page)> {
    // Where one record of another resource is asked about, each fixture answers for another one.
    let mut about = asked_about(provider, resource).into_iter().cycle();
    fixtures(provider, resource)
        .into_iter()
        .map(|(name, body)| {
            let page = read_page(resource, &body);
            let mut page =
                page.unwrap_or_else(|reason| panic!("{}.{}/{name}: {reason}", provider.id, resource.name));
            if let Some(about) = about.next() {
                page.records = belonging(resource, &Asked::Record(about), page.records);
            }
            (name, page)
        })
        .collect()
}

fn asked_about(provider: &Provider, resource: &Resource) -> Vec<About> {
    let Window::PerRecord { of, .. } = resource.window else { return Vec::new() };
    let of = provider.resource(of).expect("the resource asked about is the provider's own");
    let records = pages(provider, of).into_iter().flat_map(|(_, page)| page.records);
    let documents = records.map(|record| normalise::document(of, record, &TimeZone::UTC).unwrap());
    documents
        .filter_map(|one| {
            let ms = |at: Option<jiff::Timestamp>| at.map(jiff::Timestamp::as_millisecond);
            about(resource, &one.id, &one.body, ms(one.start), ms(one.end))
        })
        .collect()
}

/// What a reply of high-rate data comes to.
fn samples(resource: &Resource, records: &[Value]) -> Vec<Sample> {
    let parsed = parse(resource, records.to_vec(), &TimeZone::UTC);
    assert!(parsed.unreadable.is_empty(), "{}", resource.name);
    parsed.samples
}

#[test]
fn every_record_of_every_fixture_is_read() {
    for (provider, resource) in kinds() {
        let mut seen = BTreeSet::new();
        for (name, page) in pages(provider, resource) {
            let place = format!("{}.{}/{name}", provider.id, resource.name);
            assert!(!page.records.is_empty(), "{place} is empty");
            if !matches!(resource.keep, Keep::Document) {
                let samples = samples(resource, &page.records);
                assert!(!samples.is_empty(), "{place}: no samples");
                for sample in samples {
                    assert!(
                        sample.value.is_finite() && metric::find(sample.metric).is_some(),
                        "{place}: {}",
                        sample.metric
                    );
                }
                continue;
            }
            for record in page.records {
                let document = normalise::document(resource, record.clone(), &TimeZone::UTC).expect(&place);
                assert_eq!(document.body, record, "{place}: the body is kept as received");
                if !matches!(resource.window, Window::Snapshot) {
                    assert!(
                        seen.insert(document.id.clone()),
                        "{place}: the key {} is not unique",
                        document.id
                    );
                }
                if matches!(resource.time, Time::Own { .. }) {
                    assert!(document.start.is_some() && document.day.is_some(), "{place}: no day");
                }
                let flat = flatten::flat(resource, &document);
                assert_eq!(flat.len(), resource.fields.len(), "{place}");
                assert_eq!(flat, flatten::flat(resource, &document), "{place}: flattening twice differs");
                let facts = normalise::facts(resource, &document, &flat);
                for sample in &facts.samples {
                    let series = (sample.metric, sample.context.as_str());
                    assert!(resource.series.contains(&series), "{place}: {series:?} is not in its table");
                }
                for fact in facts.values {
                    assert!(
                        fact.value.is_finite()
                            && (metric::find(fact.metric).is_some() || fact.metric == END_OFFSET),
                        "{place}: {}",
                        fact.metric
                    );
                }
            }
        }
    }
}

#[test]
fn every_field_is_found_in_some_fixture() {
    for (provider, resource) in kinds() {
        let records: Vec<Value> =
            pages(provider, resource).into_iter().flat_map(|(_, page)| page.records).collect();
        for field in resource.fields {
            let parts = match &field.at {
                At::Body(at) | At::Made(Made::Instants { at, .. }) => std::slice::from_ref(at),
                At::Made(Made::First(parts)) => parts,
                At::Made(Made::Joined(parts)) => &parts.concat(),
                At::Made(Made::Is(_) | Made::EndOffset | Made::OffsetInferred)
                | At::Day
                | At::Start
                | At::End => continue,
            };
            let there = |at: &&str, record: &Value| record.pointer(at).is_some_and(|value| !value.is_null());
            let found = parts.iter().any(|at| records.iter().any(|record| there(at, record)));
            assert!(found, "{}.{}: nothing at {parts:?}", provider.id, resource.name);
        }
    }
}

#[test]
fn unknown_fields_and_nulls_are_covered_by_fixtures() {
    for (provider, resource) in kinds() {
        let names: Vec<String> = fixtures(provider, resource).into_iter().map(|(name, _)| name).collect();
        let place = format!("{}.{}: {names:?}", provider.id, resource.name);
        assert!(names.iter().any(|name| name == "unknown_fields"), "{place}");
        if !matches!(resource.window, Window::Snapshot) {
            assert!(names.iter().any(|name| name == "absent_and_null"), "{place}");
        }
        if matches!(resource.paging, Paging::Token { .. } | Paging::Offset { .. }) {
            let next = pages(provider, resource).into_iter().any(|(_, page)| page.next.is_some());
            assert!(next, "{place}: no fixture leads to a second page");
        }
    }
}

#[test]
fn no_fixture_is_left_over() {
    let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures"].iter().collect();
    for provider in suite() {
        for entry in fs::read_dir(root.join(provider.id)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                provider.resource(&name).is_some(),
                "fixtures/{}/{name} belongs to no resource",
                provider.id
            );
        }
    }
}

/// What each fixture comes to: a change of the mapping shows as a difference here.
#[test]
fn flat_rows_and_facts_are_as_reviewed() {
    for (provider, resource) in kinds() {
        let mut out = serde_json::Map::new();
        for (name, page) in pages(provider, resource) {
            if !matches!(resource.keep, Keep::Document) {
                out.insert(name, shown(&samples(resource, &page.records)));
                continue;
            }
            let rows = page.records.into_iter().map(|record| {
                let document = normalise::document(resource, record, &TimeZone::UTC).unwrap();
                let names = resource.fields.iter().map(|field| field.name.to_owned());
                let flat = flatten::flat(resource, &document);
                let derived = normalise::facts(resource, &document, &flat);
                let flat: serde_json::Map<String, Value> = names.zip(flat).collect();
                let facts: serde_json::Map<String, Value> = derived
                    .values
                    .into_iter()
                    .map(|fact| (fact.metric.to_owned(), json!(fact.value)))
                    .collect();
                let mut row = json!({
                    "id": document.id, "day": document.day.map(|day| day.to_string()),
                    "session": document.session.as_str(), "link": document.link, "flat": flat, "facts": facts,
                });
                if !resource.series.is_empty() {
                    row["samples"] = shown(&derived.samples);
                }
                row
            });
            out.insert(name, rows.collect());
        }
        insta::assert_json_snapshot!(format!("{}.{}", provider.id, resource.name), out);
    }
}

/// Samples as metric and context, then instant and value of each.
fn shown(samples: &[Sample]) -> Value {
    let mut series: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for sample in samples {
        let at = jiff::Timestamp::from_millisecond(sample.at_ms).unwrap();
        let name = format!("{} {}", sample.metric, sample.context);
        series.entry(name).or_default().push(json!(format!("{at} {}", sample.value)));
    }
    json!(series)
}
