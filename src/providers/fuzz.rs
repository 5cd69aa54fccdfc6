//! What is done with the bytes a provider sends, in one function: for the property tests and for fuzzing.

use serde_json::Value;

use super::{
    catalogue::{Provider, Reply, Resource},
    page::{is_premature, read_page},
    parse::parse,
    request::{Asked, by_id_call, list_call},
};

/// A reply of a provider. The first line says of which resource and with which status, as in `sleep 200`; of
/// what it does not say the first resource and 200 are taken.
pub fn reply(provider: &Provider, bytes: &[u8]) {
    let (said, body) = first_line(bytes);
    let mut said = said.split_whitespace();
    let resource =
        said.next().and_then(|name| provider.resources.iter().find(|resource| resource.name == name));
    let status = said.next().and_then(|status| status.parse().ok()).unwrap_or(200);
    let names = ["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "date"];
    let header = said.collect::<Vec<_>>().join(" ");
    let headers = names.iter().map(|name| ((*name).to_owned(), header.clone())).collect();
    let _ = (provider.classify)(&Reply { status, headers, body: body.to_vec() });
    if let Some(resource) = resource.or(provider.resources.first()) {
        take_in(resource, body);
    }
}

/// The first line as text, and the rest.
fn first_line(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (line, rest) = bytes.split_at(end);
    (String::from_utf8_lossy(line).into_owned(), rest.get(1..).unwrap_or_default())
}

/// Does with a reply what a sync does with it.
pub(super) fn take_in(resource: &Resource, body: &[u8]) {
    let _ = is_premature(resource, body);
    let Ok(page) = read_page(resource, body) else { return };
    let token = page.next.unwrap_or_default();
    let _ = list_call(resource, &Asked::Now, Some(&token));
    for incoming in parse(resource, page.records, &jiff::tz::TimeZone::UTC).documents {
        assert!(!incoming.document.id.is_empty(), "a record without a name");
        let _ = by_id_call(resource, &incoming.document.id);
        let flat: Vec<Value> = serde_json::from_str(&incoming.flat).expect("a flat row is a list");
        assert_eq!(flat.len(), resource.fields.len());
        for fact in incoming.facts.values {
            assert!(fact.value.is_finite(), "{}: {} is no number", resource.name, fact.metric);
        }
    }
}
