//! Whether what the catalogue says of a provider fits itself: names, columns, accounts, roles and what refers to what.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{kinds, pages, suite};
use crate::{
    model::{Role, Route, Sense, metric},
    providers::catalogue::{Access, At, Range, Resource, Wear, Whose, Window, account_id},
};

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
