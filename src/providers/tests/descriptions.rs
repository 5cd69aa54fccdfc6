//! Whether everything is mirrored that a provider's public API gives an individual: each operation of its description
//! is asked for by a resource, or is left out for a reason. The descriptions are kept as lists of their operations.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::providers::{
    ALL,
    catalogue::{Provider, Request},
};

/// The operations of the provider's own description: method, path with `{}` for its parameters, and the action where
/// a path has several.
fn described(provider: &Provider) -> BTreeSet<String> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "fixtures", "descriptions", &format!("{}.txt", provider.id)]
            .iter()
            .collect();
    let text = fs::read_to_string(&path).unwrap_or_else(|_| {
        panic!("the operations of {} stand in no file of fixtures/descriptions", provider.id)
    });
    text.lines().filter(|line| !line.starts_with('#')).map(unnamed).collect()
}

/// With parameters that have no names.
fn unnamed(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| format!("{done}{{}}{}", part.split_once('}').map_or("", |(_, rest)| rest)))
}

/// What the resources ask for.
fn asked(provider: &Provider) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    for resource in provider.resources {
        asked.insert(match &resource.request {
            Request::Get { path, .. } => format!("GET {}", unnamed(path)),
            Request::Form { path, fields } => {
                let action = fields.iter().find(|(name, _)| *name == "action").map(|(_, action)| *action);
                format!("POST {path} {}", action.unwrap_or_default())
            }
        });
        asked.extend(resource.by_id.map(|path| format!("GET {}", unnamed(path))));
    }
    asked
}

#[test]
fn every_operation_is_mirrored_or_left_out_for_a_reason() {
    for provider in ALL {
        let (described, asked) = (described(provider), asked(provider));
        let place = provider.id;
        let unknown: Vec<_> = asked.difference(&described).collect();
        assert!(unknown.is_empty(), "{place}: asked for, and in no description: {unknown:?}");
        for operation in &described {
            let left_out = provider.not_mirrored.iter().filter(|row| {
                row.operations.iter().any(|begin| operation == begin || ends_there(begin, operation))
            });
            let ways = left_out.count() + usize::from(asked.contains(operation));
            assert_eq!(ways, 1, "{place}: {operation} is neither mirrored nor left out, or both");
        }
        for begin in provider.not_mirrored.iter().flat_map(|row| row.operations) {
            let meant = described.iter().any(|operation| operation == begin || ends_there(begin, operation));
            assert!(meant, "{place}: '{begin}' is left out, and is in no description");
        }
        assert!(provider.not_mirrored.iter().all(|row| row.why.ends_with('.')), "{place}");
    }
}

/// A beginning that ends in a separator stands for all that follows.
fn ends_there(begin: &str, operation: &str) -> bool {
    begin.ends_with(['/', ' ']) && operation.starts_with(begin)
}
