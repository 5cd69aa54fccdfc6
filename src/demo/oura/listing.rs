//! The eighteen listings and the single documents: parameters, pages, envelopes.

use super::cursor::Cursor;
use super::data::Oura;
use super::kind::Collection;
use super::problem::Problem;
use super::quirks::{PageTokens, SeriesEnd};
use super::series;
use super::window::Window;
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::service::State;
use jiff::Timestamp;
use serde_json::Value;

/// A page that is ready to be written: rows as text, and where the listing goes on.
struct Ready {
    rows: Vec<String>,
    next: Option<Cursor>,
}

/// The answer to a request for a listing.
pub fn listed(
    state: &mut State<Oura>,
    collection: Collection,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Problem> {
    let fields = request.parameter("fields").filter(|_| collection.describe().fields_work);
    if collection.is_series() && wants_latest(request)? {
        let Oura { truth, series: changes, data_end, .. } = &state.service;
        let row = series::latest(truth, collection, changes.get(&collection), *data_end);
        return Ok(enveloped(state, collection, Ready { rows: row.into_iter().collect(), next: None }, None));
    }
    let dated = ["start_date", "end_date", "start_datetime", "end_datetime"];
    if state.quirks.lists.tokens == PageTokens::Alone
        && request.parameter("next_token").is_some()
        && dated.iter().any(|name| request.parameter(name).is_some())
    {
        return Err(Problem::detail(422, "next_token excludes start and end"));
    }
    let given = match request.parameter("next_token").filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => Some(
            Cursor::of_token(&token, collection)
                .filter(|_| state.quirks.lists.tokens != PageTokens::Expired)
                .ok_or_else(|| Problem::detail(400, "Invalid next_token"))?,
        ),
    };
    let (window, fields, after) = match &given {
        Some(cursor) => (cursor.window, cursor.fields.clone(), Some(cursor.after.clone())),
        None => (window_of(state, collection, request, now)?, fields, None),
    };
    if given.is_none() && state.quirks.lists.tokens == PageTokens::EmptyFirst {
        let next = Cursor::new(collection, window, fields, (i64::MIN, String::new()));
        return Ok(enveloped(state, collection, Ready { rows: Vec::new(), next: Some(next) }, None));
    }
    let mut ready = if collection.is_series() {
        rows_of(state, collection, &window, fields.clone(), after.as_ref())
    } else {
        documents_of(state, collection, &window, fields.clone(), after.as_ref())
    };
    if state.quirks.lists.tokens == PageTokens::Repeating {
        let last = ready.next.take();
        let anywhere = || Cursor::new(collection, window, fields.clone(), (i64::MAX, String::new()));
        ready.next = given.or(last).or_else(|| Some(anywhere()));
    }
    Ok(enveloped(state, collection, ready, fields.as_deref()))
}

/// The answer to a request for one document.
pub fn single(state: &mut State<Oura>, collection: Collection, id: &str) -> Result<Response, Problem> {
    let Oura { truth, documents, .. } = &mut state.service;
    let place = documents
        .place_of(collection, id)
        .ok_or_else(|| Problem::titled(404, "Not Found", "No document with this id."))?;
    let body = documents.body(truth, &state.quirks.records, collection, place);
    Ok(Response::json(200, body))
}

fn window_of(
    state: &State<Oura>,
    collection: Collection,
    request: &Request,
    now: Timestamp,
) -> Result<Window, Problem> {
    match collection {
        Collection::RingConfiguration => Ok(Window::ALL),
        Collection::HeartRate | Collection::RingBatteryLevel => {
            let mut window = Window::of_instants(request, now)?;
            window.to -= i64::from(state.quirks.lists.end_datetime_excluded);
            Ok(window)
        }
        _ => Window::of_dates(request, state.quirks.lists.days, now),
    }
}

fn rows_of(
    state: &State<Oura>,
    collection: Collection,
    window: &Window,
    fields: Option<String>,
    after: Option<&series::Mark>,
) -> Ready {
    let limit = state.quirks.lists.rows_per_page.max(1);
    let Oura { truth, series: changes, data_end, .. } = &state.service;
    let page = series::page(truth, collection, changes.get(&collection), window, after, limit, *data_end);
    let last = page.rows.last().filter(|_| page.more).map(|(mark, _)| mark.clone());
    let next = last.map(|mark| Cursor::new(collection, *window, fields, mark));
    Ready { rows: page.rows.into_iter().map(|(_, text)| text).collect(), next }
}

fn documents_of(
    state: &mut State<Oura>,
    collection: Collection,
    window: &Window,
    fields: Option<String>,
    after: Option<&series::Mark>,
) -> Ready {
    let limit = state.quirks.lists.documents_per_page.max(1);
    let Oura { truth, documents, .. } = &mut state.service;
    let page = documents.page(collection, window, after, limit);
    let last = page.places.last().filter(|_| page.more).map(|place| documents.mark(collection, *place));
    let next = last.map(|mark| Cursor::new(collection, *window, fields, mark));
    let mut body =
        |place: &usize| documents.body(truth, &state.quirks.records, collection, *place).to_owned();
    Ready { rows: page.places.iter().map(&mut body).collect(), next }
}

/// `{"data": […], "next_token": …}`; a series may end without the key.
fn enveloped(state: &State<Oura>, collection: Collection, ready: Ready, fields: Option<&str>) -> Response {
    let rows: Vec<String> = match fields {
        Some(fields) => ready.rows.iter().map(|row| only(fields, row)).collect(),
        None => ready.rows,
    };
    let is_named = match state.quirks.lists.series_end {
        _ if !collection.is_series() => true,
        SeriesEnd::Null => true,
        SeriesEnd::Absent => false,
        SeriesEnd::Mixed => rows.len().is_multiple_of(2),
    };
    let end = match ready.next {
        Some(cursor) => format!(",\"next_token\":\"{}\"", cursor.to_token()),
        None if is_named => ",\"next_token\":null".to_owned(),
        None => String::new(),
    };
    Response::json(200, format!("{{\"data\":[{}]{end}}}", rows.join(",")))
}

/// The row with these fields (names joined by commas); `id`, `day` and a row's `timestamp` always come along.
/// Unknown names are ignored; nothing but unknown names means everything.
fn only(fields: &str, row: &str) -> String {
    let Ok(Value::Object(mut held)) = serde_json::from_str(row) else { return row.to_owned() };
    let names: Vec<&str> = fields.split(',').map(str::trim).filter(|name| held.contains_key(*name)).collect();
    if names.is_empty() {
        return row.to_owned();
    }
    let is_row = !held.contains_key("id");
    held.retain(|name, _| {
        names.contains(&name.as_str()) || name == "id" || name == "day" || (is_row && name == "timestamp")
    });
    Value::Object(held).to_string()
}

fn wants_latest(request: &Request) -> Result<bool, Problem> {
    let Some(text) = request.parameter("latest") else { return Ok(false) };
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "t" | "yes" | "y" | "on" => Ok(true),
        "false" | "0" | "f" | "no" | "n" | "off" => Ok(false),
        _ => {
            let message = "Input should be a valid boolean, unable to interpret input";
            Err(Problem::unreadable("latest", &text, &[("bool", "bool_parsing", message)]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_strip_what_was_not_asked_for() {
        let row = r#"{"id":"x","day":"2026-01-01","score":5,"timestamp":"T"}"#;
        assert_eq!(only("score,nonsense", row), r#"{"id":"x","day":"2026-01-01","score":5}"#);
        assert_eq!(only("nonsense", row), row);
        assert_eq!(only("", row), row);
        let row = r#"{"timestamp":"T","bpm":50,"source":"rest"}"#;
        assert_eq!(only("bpm", row), r#"{"timestamp":"T","bpm":50}"#);
    }
}
