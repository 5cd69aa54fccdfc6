//! Requests out of the catalogue: what one listing asks for, page by page, and what is asked about one record. Pure.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;

use super::catalogue::{Call, Cursor, Format, Paging, Part, Pointer, Range, Request, Resource, Window};

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
    pub(super) same: Vec<(Pointer, Value)>,
}

impl Asked {
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Span(span) => Some(*span),
            Self::Now | Self::ModifiedSince(_) | Self::Record(_) => None,
        }
    }
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
    fn an_id_cannot_leave_its_path() {
        let call = by_id_call(resource("whoop.sleep"), "../x?y").unwrap();
        assert_eq!(call.path, "/developer/v2/activity/sleep/..%2Fx%3Fy");
    }
}
