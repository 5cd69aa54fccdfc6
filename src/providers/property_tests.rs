//! Properties of reading: whatever a provider sends, a page is read or refused, a record is read or set aside,
//! and nothing ends the program. Begins with its real replies and damages them.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    catalogue::{Reply, Resource},
    fuzz::take_in,
    kinds,
    request::by_id_call,
};

/// Every fixture: the resource, and a reply as its provider sends it.
fn replies() -> Vec<(&'static Resource, Vec<u8>)> {
    let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures"].iter().collect();
    let mut replies = Vec::new();
    for (provider, resource) in kinds() {
        let mut files: Vec<_> = fs::read_dir(root.join(provider.id).join(resource.name))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        replies.extend(files.into_iter().map(|file| (resource, fs::read(file).unwrap())));
    }
    replies
}

/// Values that no schema foresees.
fn strange() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "9999-99-99",
            "0000-00-00",
            "-9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999+14:00",
            "2026-03-29T02:30:00",
            "+25:99",
            "-00:00",
            "NaN",
            "1e308",
            "\u{202e}",
            "../..",
            "0x10",
        ])
        .prop_map(Value::from),
        prop::sample::select(vec![i64::MIN, i64::MAX, -1, 0, 253_402_300_800, -377_705_116_801])
            .prop_map(Value::from),
        prop::sample::select(vec![1e308, -1e308, f64::MIN_POSITIVE, 1e-300]).prop_map(|number| json!(number)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,12}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Every place of a value, itself included.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            places(value, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        // The first few stand for all.
        Value::Array(items) => {
            items.iter().take(3).enumerate().for_each(|(i, item)| places(item, &format!("{at}/{i}"), found));
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_reply_with_some_strange_values_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), strange()), 1..5),
    ) {
        let replies = replies();
        let (resource, body) = &replies[which.index(replies.len())];
        let mut reply: Value = serde_json::from_slice(body).unwrap();
        for (place, value) in changes {
            let mut found = Vec::new();
            places(&reply, "", &mut found);
            let at = &found[place.index(found.len())];
            *reply.pointer_mut(at).unwrap() = value;
        }
        take_in(resource, reply.to_string().as_bytes());
    }

    #[test]
    fn a_reply_with_damaged_bytes_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let replies = replies();
        let (resource, body) = &replies[which.index(replies.len())];
        let mut body = body.clone();
        for (place, byte) in damage {
            let place = place.index(body.len());
            body[place] = byte;
        }
        if cut {
            body.truncate(keep.index(body.len()));
        }
        take_in(resource, &body);
    }

    #[test]
    fn anything_at_all_is_classified_and_read_or_refused(
        status in 0_u16..1000,
        header in ".{0,60}",
        value in strange(),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        for body in [value.to_string().into_bytes(), bytes] {
            for provider in super::ALL {
                let names = ["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "date"];
                let headers = names.iter().map(|name| ((*name).to_owned(), header.clone())).collect();
                let _ = (provider.classify)(&Reply { status, headers, body: body.clone() });
            }
            for (_, resource) in kinds() {
                take_in(resource, &body);
            }
        }
    }

    #[test]
    fn an_id_never_leaves_its_place_in_the_address(id in ".{0,80}") {
        for (_, resource) in kinds() {
            if let (Some(call), Some(path)) = (by_id_call(resource, &id), resource.by_id) {
                let (head, tail) = path.split_once("{id}").unwrap();
                let inner = call.path.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)).unwrap();
                prop_assert!(!inner.contains(['/', '?', '#', '&', ' ', '\\']), "{}", inner);
            }
        }
    }
}
