//! Requests out of the catalogue, and records out of replies. Pure.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;

pub use super::catalogue::Call;
use super::{
    catalogue::{Cursor, Format, Paging, Part, Pointer, Range, Records, Request, Resource, Window},
    values::key,
};

/// The part of history a listing asks for. An open end leaves it to the provider's own clock, so that a
/// slow local clock cannot cut off the newest records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// What one listing asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The present state.
    Now,
    Span(Span),
    /// What was modified after this many seconds since the epoch; 0 is everything.
    ModifiedSince(i64),
    /// What belongs to one record of another resource.
    Record(About),
}

/// A request about one record of another resource, and which part of the reply is its.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub id: String,
    pub parameters: Vec<(String, String)>,
    /// Start and end of the record, UTC milliseconds.
    pub span: Option<(i64, i64)>,
    /// What the reply's records must say where they say anything.
    same: Vec<(Pointer, Value)>,
}

impl Asked {
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Span(span) => Some(*span),
            Self::Now | Self::ModifiedSince(_) | Self::Record(_) => None,
        }
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub records: Vec<Value>,
    /// The token or offset of the next page; `None` ends the listing.
    pub next: Option<String>,
}

/// The request for one page.
pub fn list_call(resource: &Resource, asked: &Asked, token: Option<&str>) -> Call {
    let (path, fixed, posted) = match &resource.request {
        Request::Get { path, query } => (path, query, false),
        Request::Form { path, fields } => (path, fields, true),
    };
    let mut parameters: Vec<(String, String)> =
        fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    match (asked, &resource.window, &resource.cursor) {
        (Asked::Span(span), Window::Range(range), _) => parameters.extend(borders(range, *span)),
        (Asked::ModifiedSince(since), _, Cursor::ModifiedSince { param, .. }) => {
            parameters.push(((*param).to_owned(), since.to_string()));
        }
        (Asked::Record(about), ..) => parameters.extend(about.parameters.iter().cloned()),
        _ => {}
    }
    if let (Paging::Token { request, .. } | Paging::Offset { request, .. }, Some(token)) =
        (&resource.paging, token)
    {
        parameters.push(((*request).to_owned(), token.to_owned()));
    }
    let path = match asked {
        Asked::Record(about) => with_id(path, &about.id),
        _ => (*path).to_owned(),
    };
    if posted {
        Call { path, query: Vec::new(), form: Some(parameters) }
    } else {
        Call { path, query: parameters, form: None }
    }
}

/// The request for one page by its token alone, where a token says all there is to say: for a provider that refuses
/// it beside the window it came from.
pub fn token_call(resource: &Resource, token: &str) -> Option<Call> {
    let (Request::Get { path, .. }, Paging::Token { request, .. }) = (&resource.request, &resource.paging)
    else {
        return None;
    };
    let query = vec![((*request).to_owned(), token.to_owned())];
    Some(Call { path: (*path).to_owned(), query, form: None })
}

/// The request for one record, where the provider has one. The id is percent-encoded.
pub fn by_id_call(resource: &Resource, id: &str) -> Option<Call> {
    let path = resource.by_id?;
    Some(Call { path: with_id(path, id), query: Vec::new(), form: None })
}

/// A path with the place for an id filled, where it has one.
fn with_id(path: &str, id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    path.replace("{id}", &id)
}

/// What to ask about one record; `None` where the record lacks a parameter.
pub fn about(
    resource: &Resource,
    id: &str,
    body: &Value,
    start_ms: Option<i64>,
    end_ms: Option<i64>,
) -> Option<About> {
    let Window::PerRecord { params, same, .. } = &resource.window else { return None };
    let parameter = |(name, part): &(&str, Part)| {
        let value = match part {
            Part::Body(at) => match body.pointer(at)? {
                Value::String(text) if !text.is_empty() => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            },
            Part::StartEpoch => (start_ms? / 1000).to_string(),
            Part::EndEpoch => (end_ms? / 1000).to_string(),
        };
        Some(((*name).to_owned(), value))
    };
    let told = |(ours, theirs): &(Pointer, Pointer)| {
        let value = body.pointer(ours).filter(|value| !value.is_null())?;
        Some((*theirs, value.clone()))
    };
    Some(About {
        id: id.to_owned(),
        parameters: params.iter().map(parameter).collect::<Option<_>>()?,
        span: start_ms.zip(end_ms),
        same: same.iter().filter_map(told).collect(),
    })
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

fn borders(range: &Range, span: Span) -> Vec<(String, String)> {
    let days = |count: i64| SignedDuration::from_hours(24 * count);
    let from = span.from.checked_sub(days(range.widen_days)).unwrap_or(span.from);
    let mut borders = vec![(range.from.to_owned(), border(range.format, from))];
    if let Some(to) = span.to {
        let to = to.checked_add(days(range.widen_days)).unwrap_or(to);
        borders.push((range.to.to_owned(), border(range.format, to)));
    }
    borders
}

fn border(format: Format, at: Timestamp) -> String {
    match format {
        // Zone-less times and bare dates are answered with 404 by some; milliseconds and Z suit all.
        Format::Instant => format!("{at:.3}"),
        Format::Date => at.to_zoned(TimeZone::UTC).date().to_string(),
        Format::EpochSeconds => at.as_second().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::find_kind;

    fn resource(kind: &str) -> &'static Resource {
        find_kind(kind).unwrap().1
    }

    #[test]
    fn a_page_repeats_its_window() {
        let span = Span {
            from: "2026-01-01T00:00:00Z".parse().unwrap(),
            to: Some("2026-01-25T00:00:00.5Z".parse().unwrap()),
        };
        let call = list_call(resource("whoop.sleep"), &Asked::Span(span), Some("abc"));
        let query: Vec<String> = call.query.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(
            query,
            ["limit=25", "start=2026-01-01T00:00:00.000Z", "end=2026-01-25T00:00:00.500Z", "nextToken=abc"]
        );
        let open = list_call(resource("whoop.sleep"), &Asked::Span(Span { to: None, ..span }), None);
        assert!(!open.query.iter().any(|(name, _)| name == "end"));
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

    #[test]
    fn an_id_cannot_leave_its_path() {
        let call = by_id_call(resource("whoop.sleep"), "../x?y").unwrap();
        assert_eq!(call.path, "/developer/v2/activity/sleep/..%2Fx%3Fy");
    }
}
