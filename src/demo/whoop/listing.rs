//! The four listings: their parameters, their window, their pages.
//!
//! Paging is by offset, as the real tokens betray: a record inserted between two pages shifts every later row.

use super::data::Whoop;
use super::kind::Kind;
use super::problem::problem;
use super::quirks::{ListEnd, PageTokens, Quirks};
use super::record::{Record, show};
use crate::demo::kit::http::{Request, Response};
use crate::demo::kit::service::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

/// Rows of a page without `limit`.
const DEFAULT_LIMIT: usize = 10;
/// The largest `limit`.
const MAX_LIMIT: usize = 25;

/// The answer to a request for a listing.
pub fn listed(
    state: &mut State<Whoop>,
    kind: Kind,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Response> {
    let ListQuery { start, end, offset, limit } = ListQuery::read(request, &state.quirks, now)?;
    // Records that overlap the window: its start is compared with their end, its end with their start.
    let overlaps = |record: &&mut Record| {
        record.start < end && start.is_none_or(|start| record.end.is_none_or(|end| end >= start))
    };
    let mut rows = state.service.records.of_mut(kind).iter_mut().filter(overlaps).skip(offset);
    let page = rows.by_ref().take(limit).map(|record| show(record, kind, &state.quirks.records, now));
    let shown = page.collect::<Vec<_>>().join(",");
    let more = rows.next().is_some();
    let next = match state.quirks.lists.tokens {
        PageTokens::Repeating => Some(page_token(limit)),
        PageTokens::Forward | PageTokens::Expired => more.then(|| page_token(offset + limit)),
    };
    let end = match (next, state.quirks.lists.end) {
        (Some(token), _) => format!(r#","next_token":"{token}""#),
        (None, ListEnd::Null) => r#","next_token":null"#.to_owned(),
        (None, ListEnd::EmptyString) => r#","next_token":"""#.to_owned(),
        (None, ListEnd::Absent) => String::new(),
    };
    Ok(Response::json(200, format!(r#"{{"records":[{shown}]{end}}}"#)))
}

/// The parameters of a listing, read.
struct ListQuery {
    /// Earliest end, inclusive, epoch milliseconds.
    start: Option<i64>,
    /// Latest start, exclusive, epoch milliseconds.
    end: i64,
    offset: usize,
    limit: usize,
}

impl ListQuery {
    fn read(request: &Request, quirks: &Quirks, now: Timestamp) -> Result<Self, Response> {
        let limit = match request.parameter("limit").map(|text| text.parse()) {
            None => DEFAULT_LIMIT,
            Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
            Some(_) => return Err(problem(400, "limit must be between 1 and 25")),
        };
        let instant = |name| match request.parameter(name) {
            None => Ok(None),
            // Reported from the live service: what is no full date-time is not found, rather than wrong.
            Some(text) => instant_of(&text).map(Some).ok_or_else(|| problem(404, "Not found")),
        };
        let start = instant("start")?.map(Timestamp::as_millisecond);
        let end = instant("end")?.unwrap_or(now).as_millisecond();
        let offset = match request.parameter("nextToken").filter(|token| !token.is_empty()) {
            None => 0,
            Some(token) => offset_of(&token)
                .filter(|_| quirks.lists.tokens != PageTokens::Expired)
                .ok_or_else(|| problem(400, "nextToken is not valid"))?,
        };
        Ok(Self { start, end, offset, limit })
    }
}

/// The token that leads to the row `offset`: `{"$":"o@1","o":10}` in base64, like the documented example.
fn page_token(offset: usize) -> String {
    STANDARD.encode(format!(r#"{{"$":"o@1","o":{offset}}}"#))
}

/// The row a token leads to; none for a token this service did not make.
fn offset_of(token: &str) -> Option<usize> {
    let decoded: Value = serde_json::from_slice(&STANDARD.decode(token).ok()?).ok()?;
    if decoded["$"] != "o@1" {
        return None;
    }
    decoded["o"].as_u64().map(|offset| offset as usize)
}

/// A date-time with `T`, seconds optional fraction, and a zone: `Z` or `±hh:mm`. Nothing shorter.
fn instant_of(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix('T')?;
    let clock_end = time.find(['Z', '+', '-'])?;
    let is_full = date.len() == 10 && time[..clock_end].len() >= 8;
    if is_full { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_date_times_with_a_zone_are_instants() {
        for good in ["2026-11-01T00:00:00Z", "2026-11-01T00:00:00.000Z", "2026-11-01T00:00:00+10:00"] {
            assert!(instant_of(good).is_some(), "{good}");
        }
        for bad in [
            "2026-11-01",
            "2026-11-01T00:00:00",
            "2026-11-01T00:00:00 10:00",
            "2026-11-01 00:00:00Z",
            "2026-11-01T00Z",
            "yesterday",
            "",
            "1793491200",
        ] {
            assert!(instant_of(bad).is_none(), "{bad}");
        }
        assert_eq!(instant_of("2026-11-01T00:00:00+10:00"), instant_of("2026-10-31T14:00:00Z"));
    }
}
