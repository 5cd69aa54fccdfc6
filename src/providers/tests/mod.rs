//! The standard suite: what every resource of every provider must hold, read off its fixtures.
//!
//! A fixture is one reply as the API sends it. Each resource has one with unknown fields and one with
//! fields absent or null; a collection has one with a next token.
//!
//! The suite also runs over a provider that does not exist, made by the recipe of `AGENTS.md`: a folder, its
//! fixtures and one line. What it could not do by that recipe alone, no real one could.

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
    catalogue::{
        Access, At, Keep, Made, Paging, Provider, Range, Resource, Time, Wear, Whose, Window, account_id,
    },
    find_kind, flatten, normalise,
    page::{Page, belonging, read_page},
    parse::parse,
    request::{About, Asked, about},
};
use crate::model::{Role, Route, Sample, Sense, document::END_OFFSET, metric};

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
fn signals_and_what_tells_of_wearing_are_where_the_catalogue_says() {
    let column = |resource: &Resource, name: &str| resource.fields.iter().any(|field| field.name == name);
    for (provider, resource) in kinds() {
        let place = format!("{}.{}", provider.id, resource.name);
        let columns = |names: &[&str]| names.iter().all(|name| column(resource, name));
        for wear in resource.wear {
            match wear {
                Wear::Seconds { off, on } => assert!(columns(&[off]) && columns(on), "{place}: {wear:?}"),
                Wear::Counts(counts) => assert!(columns(counts), "{place}: {wear:?}"),
                Wear::Samples(id) => {
                    assert!(resource.sampled().any(|other| other == *id), "{place}: {id}");
                }
                Wear::Without { sessions, unless } => {
                    let link = provider.resource(sessions).and_then(|sessions| sessions.link.as_ref());
                    assert_eq!(link.map(|link| link.resource), Some(resource.name), "{place}: {sessions}");
                    assert!(columns(unless), "{place}: {unless:?}");
                }
            }
        }
        if let Some(score) = &resource.score {
            let states =
                resource.fields.iter().any(|field| matches!(field.at, At::Body(at) if at == score.at));
            assert!(states, "{place}: nobody sees the state");
        }
        let Some(signal) = &resource.signal else { continue };
        let Window::PerRecord { of, .. } = resource.window else { panic!("{place}: of which recording?") };
        let recording = provider.resource(of).unwrap();
        for finding in signal.findings {
            assert!(column(recording, finding) || column(resource, finding), "{place}: {finding}");
        }
        let records: Vec<Value> =
            pages(provider, resource).into_iter().flat_map(|(_, page)| page.records).collect();
        for record in &records {
            assert!(record.pointer(signal.samples).is_some_and(Value::is_array), "{place}: samples");
            assert!(record.pointer(signal.hertz).is_some_and(Value::is_number), "{place}: frequency");
        }
        let recordings = pages(provider, recording).into_iter().flat_map(|(_, page)| page.records);
        assert!(
            recordings.filter(|one| one.pointer(signal.named_at).is_some()).count() > 0,
            "{place}: no name"
        );
    }
}

/// Without that, two people could share a mirror.
#[test]
fn every_provider_says_whose_data_it_gives() {
    for provider in suite() {
        // What the wearer brings is the wearer's.
        if !provider.signs_in() {
            continue;
        }
        let token = provider.whose_in_token_answer().is_some();
        let resource = provider.whose_by_resource();
        assert!(token || resource.is_some(), "{}: nothing tells it before the first record", provider.id);
        if let Some((resource, ..)) = resource {
            assert!(resource.is_present_state(), "{}: one request must do", provider.id);
        }
        for whose in provider.whose {
            let (Whose::Resource { at, .. } | Whose::Records(at)) = whose else { continue };
            let told = provider.resources.iter().filter(|resource| {
                provider.whose_in_records(resource) == Some(*at)
                    && pages(provider, resource)
                        .iter()
                        .flat_map(|(_, page)| &page.records)
                        .any(|record| record.pointer(at).and_then(account_id).is_some())
            });
            assert_ne!(told.count(), 0, "{}: no fixture has an account at {at}", provider.id);
        }
    }
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
fn columns_are_named_described_and_unique() {
    for (provider, resource) in kinds() {
        let place = format!("{}.{}", provider.id, resource.name);
        let mut names = BTreeSet::new();
        for field in resource.fields {
            assert!(names.insert(field.name), "{place}: {} twice", field.name);
            assert!(field.about.ends_with('.'), "{place}: {} is not described", field.name);
            assert!(
                field.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{place}"
            );
            if let Some(id) = field.metric {
                let metric = metric::find(id).unwrap_or_else(|| panic!("{place}: no metric {id}"));
                assert_eq!(metric.unit, field.unit.ucum(), "{place}: {}", field.name);
            }
        }
        for id in resource.derives.iter().copied().chain(resource.sampled()) {
            assert!(metric::find(id).is_some(), "{place}: no metric {id}");
        }
        assert!(resource.about.ends_with('.'), "{place} is not described");
    }
}

/// What a resource says of itself fits how its records come and what they are made of.
#[test]
fn access_route_and_role_fit_each_other() {
    for (provider, resource) in kinds() {
        let place = format!("{}.{}", provider.id, resource.name);
        match &provider.access {
            Access::OAuth(oauth) => {
                assert!(oauth.scopes.iter().any(|scope| scope.name == resource.scope), "{place}: scope");
            }
            Access::PersonalKey(key) => {
                assert!(resource.scope.is_empty(), "{place}: a key gives all there is");
                assert!(key.exchange.starts_with(provider.origin), "{place}: the key goes elsewhere");
                assert!(!key.gives.is_empty(), "{place}");
            }
            Access::Files { .. } | Access::Local => {
                assert!(resource.scope.is_empty() && provider.origin.is_empty(), "{place}: nobody is asked");
            }
        }
        let routes: &[Route] = match &provider.access {
            // Its export files have the same again, and what the API has no more.
            Access::OAuth(_) | Access::PersonalKey(_) => &[Route::Api, Route::File],
            Access::Files { .. } => &[Route::File],
            Access::Local => &[Route::Local],
        };
        assert!(routes.contains(&resource.route), "{place}: {:?}", resource.route);
        assert_eq!(provider.setup().is_empty(), matches!(provider.access, Access::Local), "{place}: setup");
        let derives = |metric: &str| resource.metrics().any(|id| id == metric);
        assert_eq!(resource.is_sleep(), derives("sleep_start") && derives("sleep_end"), "{place}");
        assert_eq!(resource.role == Role::Series, !resource.has_records(), "{place}");
        let is_present = matches!(resource.role, Role::Device | Role::Person);
        assert_eq!(is_present, resource.is_present_state(), "{place}");
        let says = |sense| resource.columns_that_say(sense).count();
        assert_eq!(resource.role == Role::Tag, says(Sense::Tag) > 0, "{place}");
        assert_ne!(resource.role, Role::Unsaid, "{place}");
        for sense in
            [Sense::Sport, Sense::Energy, Sense::Distance, Sense::AverageHeartRate, Sense::MaximumHeartRate]
        {
            assert!(says(sense) <= 1, "{place}: {sense:?} twice");
        }
    }
}

#[test]
fn a_resource_is_bounded_by_one_that_is_pulled_before_it() {
    for (provider, resource) in kinds() {
        if let Window::Range(Range { no_older_than: Some(other), .. }) = resource.window {
            let place = |name| provider.resources.iter().position(|one| one.name == name);
            assert!(place(other).is_some_and(|at| Some(at) < place(resource.name)), "{}", resource.name);
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

#[test]
fn what_cannot_be_a_record_says_why() {
    let sleep = find_kind("whoop.sleep").unwrap().1;
    let good = json!({ "id": "a", "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T08:00:00Z", "timezone_offset": "+01:00" });
    assert!(normalise::document(sleep, good.clone(), &TimeZone::UTC).is_ok());
    for (at, value, reason) in [
        ("id", json!(null), "no usable key at /id"),
        ("id", json!(""), "no usable key at /id"),
        ("id", json!({}), "no usable key at /id"),
        ("start", json!(null), "no instant at /start"),
        ("start", json!("2026-01-01"), "no instant at /start"),
    ] {
        let mut record = good.clone();
        record[at] = value;
        assert_eq!(normalise::document(sleep, record, &TimeZone::UTC).unwrap_err().reason, reason);
    }
    assert!(normalise::document(sleep, json!([]), &TimeZone::UTC).is_err());
    assert!(normalise::document(sleep, json!("x"), &TimeZone::UTC).is_err());
}

#[test]
fn one_bad_part_takes_nothing_else_with_it() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let sleep = find_kind("whoop.sleep").unwrap().1;
    let good = json!({ "id": "a", "start": "2026-11-21T04:00:00Z", "end": "2026-11-21T12:00:00Z", "timezone_offset": "+01:00" });
    for (at, value, day, offset, has_end) in [
        ("end", json!("later"), "2026-11-21", 3600, false),
        ("end", json!("2025-12-31T00:00:00Z"), "2026-11-21", 3600, false),
        ("timezone_offset", json!(null), "2026-11-21", -18_000, true),
        ("timezone_offset", json!("CET "), "2026-11-21", 3600, true),
        ("timezone_offset", json!("somewhere"), "2026-11-21", -18_000, true),
        ("timezone_offset", json!(60), "2026-11-21", -18_000, true),
        ("timezone_offset", json!("-0800"), "2026-11-21", -28_800, true),
    ] {
        let mut record = good.clone();
        record[at] = value.clone();
        let document = normalise::document(sleep, record, &zone).unwrap();
        let told =
            (document.day.unwrap().to_string(), document.offset.unwrap().seconds(), document.end.is_some());
        assert_eq!(told, (day.to_owned(), offset, has_end), "{at}: {value}");
        assert_eq!(document.inferred.is_some(), offset == -18_000, "{at}: {value}");
    }
    for (kind, record, day) in [
        (
            "oura.sleep",
            json!({ "id": "b", "day": ["no"], "bedtime_start": "2026-11-20T23:00:00-05:00", "bedtime_end": "2026-11-21T06:00:00-05:00" }),
            "2026-11-21",
        ),
        (
            "oura.sleep",
            json!({ "id": "b", "bedtime_start": "2026-11-20T23:00:00", "bedtime_end": 17 }),
            "2026-11-21",
        ),
        ("oura.workout", json!({ "id": "b", "start_datetime": "2026-11-20T23:00:00-05:00" }), "2026-11-20"),
        ("oura.daily_sleep", json!({ "id": "b", "timestamp": "2026-11-20T00:00:00-05:00" }), "2026-11-20"),
        (
            "withings.workout",
            json!({ "id": 7, "startdate": 1_795_000_000, "timezone": "Mars/Base" }),
            "2026-11-18",
        ),
    ] {
        let document = normalise::document(find_kind(kind).unwrap().1, record, &zone).unwrap();
        assert_eq!(document.day.unwrap().to_string(), day, "{kind}");
    }
}

#[test]
fn a_wrong_type_is_no_value_and_harms_nothing_else() {
    let sleep = find_kind("whoop.sleep").unwrap().1;
    let record = json!({
        "id": "a", "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T08:00:00Z", "timezone_offset": "+01:00",
        "nap": "yes", "score": { "respiratory_rate": "fast", "stage_summary": { "total_in_bed_time_milli": 28_800_000 } },
    });
    let document = normalise::document(sleep, record, &TimeZone::UTC).unwrap();
    let flat = flatten::flat(sleep, &document);
    let column = |name: &str| &flat[sleep.fields.iter().position(|field| field.name == name).unwrap()];
    assert_eq!(column("respiratory_rate"), &Value::Null);
    assert_eq!(column("in_bed_seconds"), &json!(28_800.0));
    let facts = normalise::facts(sleep, &document, &flat).values;
    assert_eq!(
        facts.iter().map(|fact| fact.metric).collect::<Vec<_>>(),
        ["time_in_bed", "sleep_start", "sleep_end"],
        "no total from parts that are missing"
    );
}
