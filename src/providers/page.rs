//! Records out of replies. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    catalogue::{Paging, Pointer, Records, Resource, Window},
    request::Asked,
    values::key,
};

/// One page of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub records: Vec<Value>,
    /// The token or offset of the next page; `None` ends the listing.
    pub next: Option<String>,
}

/// The records of a reply that are about the record that was asked about, each saying so: a reply that
/// names nobody gets the parameters it was asked with.
pub fn belonging(resource: &Resource, asked: &Asked, mut records: Vec<Value>) -> Vec<Value> {
    let (Asked::Record(about), Window::PerRecord { id_as, .. }) = (asked, &resource.window) else {
        return records;
    };
    records.retain(|record| {
        let other = |(at, value): &(Pointer, Value)| {
            record.pointer(at).is_some_and(|said| !said.is_null() && said != value)
        };
        !about.same.iter().any(other)
    });
    for record in records.iter_mut().filter_map(Value::as_object_mut) {
        for (name, value) in &about.parameters {
            record.entry(name.as_str()).or_insert_with(|| Value::from(value.as_str()));
        }
        if let Some(name) = id_as {
            record.insert((*name).to_owned(), Value::from(about.id.as_str()));
        }
    }
    records
}

/// Whether a reply says that its answer is not there yet.
pub fn is_premature(resource: &Resource, body: &[u8]) -> bool {
    let Window::PerRecord { retry_while_empty: Some(at), .. } = resource.window else { return false };
    let Ok(reply) = serde_json::from_slice::<Value>(body) else { return false };
    match reply.pointer(at) {
        Some(Value::Array(items)) => items.is_empty(),
        None | Some(Value::Null) => true,
        Some(_) => false,
    }
}

/// Reads a reply's records and its next token.
///
/// # Errors
/// The reason, without any of the body, when the reply is not JSON or not of the expected shape.
pub fn read_page(resource: &Resource, body: &[u8]) -> Result<Page, &'static str> {
    let mut reply: Value = serde_json::from_slice(body).map_err(|_| "the reply is not JSON")?;
    let next = next_page(&resource.paging, &reply)?;
    let none = "the reply holds no list of records";
    let (Records::List(place) | Records::Items { groups: place, .. } | Records::Keyed { object: place, .. }) =
        &resource.records;
    if is_nothing(&reply, place) {
        return Ok(Page { records: Vec::new(), next });
    }
    let records = match &resource.records {
        Records::List(at) => match reply.pointer_mut(at).map(Value::take) {
            Some(Value::Array(records)) => records,
            Some(record @ Value::Object(_))
                if matches!(resource.window, Window::Snapshot | Window::PerRecord { .. }) =>
            {
                vec![record]
            }
            _ => return Err(none),
        },
        Records::Items { groups, items, item, lend } => {
            let lent = lend.and_then(|(name, at)| Some((name, reply.pointer(at)?.clone())));
            match reply.pointer_mut(groups).map(Value::take) {
                Some(Value::Array(groups)) => groups
                    .into_iter()
                    .flat_map(|group| once_each(resource, split(group, items, item, lent.as_ref())))
                    .collect(),
                _ => return Err(none),
            }
        }
        Records::Keyed { object, key } => match reply.pointer_mut(object).map(Value::take) {
            Some(Value::Object(entries)) => entries
                .into_iter()
                .map(|(name, mut entry)| {
                    if let Value::Object(fields) = &mut entry {
                        fields.insert((*key).to_owned(), Value::String(name));
                    }
                    entry
                })
                .collect(),
            Some(Value::Array(empty)) if empty.is_empty() => Vec::new(),
            _ => return Err(none),
        },
    };
    // A null in a list is no record.
    let records = records.into_iter().filter(|record| !record.is_null()).collect();
    Ok(Page { records, next })
}

/// Whether a reply says that there is nothing at a place, whatever form nothing takes: null or empty there or
/// anywhere above. A place that is missing altogether is nothing only within an envelope, which says by itself
/// that all went well; a whole reply that holds something else is not what was asked for.
fn is_nothing(reply: &Value, place: Pointer) -> bool {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    let ends = place.match_indices('/').map(|(end, _)| end).chain([place.len()]);
    let steps: Vec<&str> = ends.map(|end| &place[..end]).collect();
    let is_enveloped = place.matches('/').count() > 1;
    for at in steps {
        match reply.pointer(at) {
            // The list's own emptiness is read where it is.
            Some(Value::Array(_)) if at == place => return false,
            Some(value) if is_empty(value) => return !(at.is_empty() && value.is_null()),
            Some(Value::Object(_)) => {}
            Some(_) => return false,
            None => return is_enveloped,
        }
    }
    false
}

fn next_page(paging: &Paging, reply: &Value) -> Result<Option<String>, &'static str> {
    match paging {
        Paging::Single => Ok(None),
        // Absent, null and empty all mean the end; live servers send each of them.
        Paging::Token { reply: at, .. } => match reply.pointer(at) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(token)) if token.is_empty() => Ok(None),
            Some(Value::String(token)) => Ok(Some(token.clone())),
            Some(_) => Err("the page token is not text"),
        },
        Paging::Offset { reply: at, more, .. } => {
            let more = match reply.pointer(more) {
                Some(Value::Bool(more)) => *more,
                Some(Value::Number(more)) => more.as_f64() != Some(0.0),
                None | Some(Value::Null) => false,
                Some(_) => return Err("it is not clear whether there is another page"),
            };
            match reply.pointer(at) {
                _ if !more => Ok(None),
                Some(Value::Number(offset)) => Ok(Some(offset.to_string())),
                Some(Value::String(offset)) if !offset.is_empty() => Ok(Some(offset.clone())),
                _ => Err("there is another page, and no offset to ask for it"),
            }
        }
    }
}

/// A group's items as records of their own, each with the group's other fields beside it. A group without
/// a list of items is one record, so that it is kept and not lost.
fn split(mut group: Value, items: &str, item: &str, lent: Option<&(&str, Value)>) -> Vec<Value> {
    let Some(fields) = group.as_object_mut() else { return vec![group] };
    if let Some((name, value)) = lent {
        fields.insert((*name).to_owned(), value.clone());
    }
    let Some(Value::Array(list)) = fields.shift_remove(items) else { return vec![group] };
    list.into_iter()
        .map(|one| {
            let mut record = group.clone();
            record[item] = one;
            record
        })
        .collect()
}

/// Leaves out what stands twice in a group: some list the same value for two purposes.
fn once_each(resource: &Resource, mut records: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    records.retain(|record| key(resource, record).map_or(true, |key| seen.insert(key)));
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::find_kind;

    fn resource(kind: &str) -> &'static Resource {
        find_kind(kind).unwrap().1
    }

    #[test]
    fn three_ways_to_end_a_listing() {
        for (body, next) in [
            (r#"{"records":[],"next_token":null}"#, Ok(None)),
            (r#"{"records":[]}"#, Ok(None)),
            (r#"{"records":[],"next_token":""}"#, Ok(None)),
            (r#"{"records":[],"next_token":"x"}"#, Ok(Some("x".to_owned()))),
            (r#"{"records":[],"next_token":7}"#, Err("the page token is not text")),
            (r#"{"records":{}}"#, Ok(None)),
            (r#"{"records":{"id":1}}"#, Err("the reply holds no list of records")),
            (r#"{"records":"none"}"#, Err("the reply holds no list of records")),
            (r#"{"message":"internal error"}"#, Err("the reply holds no list of records")),
            (r#"{"next_token":"x"}"#, Err("the reply holds no list of records")),
            ("<html>", Err("the reply is not JSON")),
        ] {
            assert_eq!(
                read_page(resource("whoop.cycle"), body.as_bytes()).map(|page| page.next),
                next,
                "{body}"
            );
        }
    }

    #[test]
    fn nothing_takes_many_forms() {
        for (kind, bodies) in [
            (
                "withings.measure",
                &[
                    r#"{"status":0}"#,
                    r#"{"status":0,"body":null}"#,
                    r#"{"status":0,"body":[]}"#,
                    r#"{"status":0,"body":{}}"#,
                    r#"{"status":0,"body":{"updatetime":1,"timezone":"Europe/Paris"}}"#,
                    r#"{"status":0,"body":{"measuregrps":null}}"#,
                    r#"{"status":0,"body":{"measuregrps":{}}}"#,
                    r#"{"status":0,"body":{"measuregrps":[]}}"#,
                ][..],
            ),
            ("withings.sleep", &[r#"{"status":0,"body":{"series":null}}"#, r#"{"status":0,"body":{}}"#]),
            ("withings.device", &[r#"{"status":0,"body":{}}"#, r#"{"status":0,"body":{"devices":null}}"#]),
            ("withings.goal", &[r#"{"status":0,"body":{}}"#, r#"{"status":0,"body":{"goals":null}}"#]),
            ("oura.sleep", &[r#"{"data":null}"#, r#"{"data":[],"next_token":null}"#, "{}"]),
            ("whoop.cycle", &[r#"{"records":null}"#, r#"{"records":{},"next_token":""}"#, "{}"]),
            ("whoop.body_measurement", &["{}", "[]"]),
        ] {
            for body in bodies {
                let page = read_page(resource(kind), body.as_bytes());
                assert_eq!(page, Ok(Page { records: Vec::new(), next: None }), "{kind} {body}");
            }
        }
        for (kind, body) in [
            ("withings.measure", r#"{"status":0,"body":"nothing"}"#),
            ("withings.measure", r#"{"status":0,"body":{"measuregrps":7}}"#),
            ("withings.measure", r#"{"status":0,"body":{"#),
            ("oura.sleep", r#"{"detail":"x"}"#),
            ("oura.sleep", "null"),
            ("oura.sleep", ""),
            ("oura.sleep", "<html>"),
            ("whoop.cycle", r#""records""#),
        ] {
            assert!(read_page(resource(kind), body.as_bytes()).is_err(), "{kind} {body}");
        }
    }

    #[test]
    fn a_snapshot_is_one_record() {
        let page = read_page(resource("whoop.profile"), br#"{"user_id":1}"#).unwrap();
        assert_eq!(page.records.len(), 1);
        assert!(read_page(resource("whoop.profile"), b"[]").is_ok_and(|page| page.records.is_empty()));
    }
}
