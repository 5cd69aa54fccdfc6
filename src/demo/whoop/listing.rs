//! The four listings: their parameters, their window, their pages.

use super::collection::{Window, offset_of, page_token};
use super::kind::Kind;
use super::problem::problem;
use super::quirks::{ListEnd, PageTokens, Quirks};
use super::state::State;
use crate::demo::kit::http::{Request, Response};
use jiff::Timestamp;

/// Rows of a page without `limit`.
const DEFAULT_LIMIT: usize = 10;
/// The largest `limit`.
const MAX_LIMIT: usize = 25;

/// The answer to a request for a listing.
pub fn listed(state: &mut State, kind: Kind, request: &Request, now: Timestamp) -> Response {
    let query = match ListQuery::read(request, &state.quirks, now) {
        Ok(query) => query,
        Err(refusal) => return *refusal,
    };
    let page = state.collections.page(kind, query.window, query.offset, query.limit, now);
    let next = match state.quirks.lists.tokens {
        PageTokens::Repeating => Some(page_token(query.limit)),
        PageTokens::Forward | PageTokens::Expired => {
            page.more.then(|| page_token(query.offset + query.limit))
        }
    };
    let end = match (next, state.quirks.lists.end) {
        (Some(token), _) => format!(r#","next_token":"{token}""#),
        (None, ListEnd::Null) => r#","next_token":null"#.to_owned(),
        (None, ListEnd::EmptyString) => r#","next_token":"""#.to_owned(),
        (None, ListEnd::Absent) => String::new(),
    };
    Response::json(200, format!(r#"{{"records":[{}]{end}}}"#, page.records))
}

/// The parameters of a listing, read.
struct ListQuery {
    window: Window,
    offset: usize,
    limit: usize,
}

impl ListQuery {
    fn read(request: &Request, quirks: &Quirks, now: Timestamp) -> Result<Self, Box<Response>> {
        let limit = match request.parameter("limit").map(|text| text.parse()) {
            None => DEFAULT_LIMIT,
            Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
            Some(_) => return Err(Box::new(problem(400, "limit must be between 1 and 25"))),
        };
        let instant = |name| match request.parameter(name) {
            None => Ok(None),
            // Reported from the live service: what is no full date-time is not found, rather than wrong.
            Some(text) => instant_of(&text).map(Some).ok_or_else(|| Box::new(problem(404, "Not found"))),
        };
        let window = Window {
            start: instant("start")?.map(Timestamp::as_millisecond),
            end: instant("end")?.unwrap_or(now).as_millisecond(),
        };
        let offset = match request.parameter("nextToken").filter(|token| !token.is_empty()) {
            None => 0,
            Some(token) => offset_of(&token)
                .filter(|_| quirks.lists.tokens != PageTokens::Expired)
                .ok_or_else(|| Box::new(problem(400, "nextToken is not valid")))?,
        };
        Ok(Self { window, offset, limit })
    }
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
