//! The gate that every request passes, and what a reply's headers say about the quota.
//!
//! The quota belongs to the provider's application, so all processes of a profile share one gate: `sync`
//! keeps it in the store. Only the trait and the reading of headers live here.

use std::future::{Future, ready};

use jiff::{SignedDuration, Timestamp};

use super::Failure;
use crate::providers::catalogue::{After, RateLimit, Reply};

/// The longest time for which what a server states is believed, where its quotas have no longer window.
const LONGEST_BELIEVED: SignedDuration = SignedDuration::from_mins(15);
/// Zero and instants that have passed still mean "not at once".
const SHORTEST_WAIT: SignedDuration = SignedDuration::from_secs(1);

/// Who may send a request now.
pub trait Gate: Sync {
    /// Waits for a turn. `Failure::RateLimited` when the turn is further away than the caller waits.
    fn acquire(&self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Sees every reply, whatever it says.
    fn observe(&self, reply: &Reply) -> impl Future<Output = ()> + Send;

    /// Nobody asks again before then.
    fn pause_until(&self, until: Timestamp) -> impl Future<Output = ()> + Send;
}

/// No pacing: for a single request with a token that no sync has yet.
#[derive(Debug, Clone, Copy)]
pub struct Unpaced;

impl Gate for Unpaced {
    fn acquire(&self) -> impl Future<Output = Result<(), Failure>> + Send {
        ready(Ok(()))
    }

    fn observe(&self, _: &Reply) -> impl Future<Output = ()> + Send {
        ready(())
    }

    fn pause_until(&self, _: Timestamp) -> impl Future<Output = ()> + Send {
        ready(())
    }
}

/// What a reply says about the window nearest to exhaustion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub requests: u64,
    /// When that window starts anew, where the reply says so.
    pub resets_at: Option<Timestamp>,
}

/// Reads the quota headers that the catalogue names for this provider.
pub fn left(limit: &RateLimit, reply: &Reply, now: Timestamp) -> Option<Left> {
    let requests = first_number(reply.header(limit.remaining?)?)?;
    let seconds = limit.reset_seconds.and_then(|name| reply.header(name)).and_then(first_number);
    let resets_at = seconds.map(|seconds| now + believed(limit, seconds));
    Some(Left { requests, resets_at })
}

/// When to ask again after a reply that says "too many requests".
pub fn until(limit: &RateLimit, after: Option<After>, reply: &Reply, now: Timestamp) -> Timestamp {
    let wait = match after {
        None => limit.default_wait,
        Some(After::Seconds(seconds)) => believed(limit, seconds),
        Some(After::At(at)) => {
            // By the server's own clock where it tells: ours may be wrong.
            let since = reply
                .header("date")
                .and_then(|text| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok());
            let wait = at.duration_since(since.unwrap_or(now)).as_secs();
            believed(limit, u64::try_from(wait).unwrap_or(0))
        }
    };
    now + wait.max(SHORTEST_WAIT)
}

/// A stated wait within reason: no server may shut us out for longer than its longest quota window.
fn believed(limit: &RateLimit, seconds: u64) -> SignedDuration {
    let longest = limit.quotas.iter().map(|quota| quota.window).max().unwrap_or_default();
    let stated = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    stated.min(longest.max(LONGEST_BELIEVED))
}

/// The leading integer of a list such as `100, 100;window=60`.
fn first_number(text: &str) -> Option<u64> {
    text.split([',', ';']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers;

    fn limit() -> &'static RateLimit {
        &providers::find("whoop").unwrap().limit
    }

    fn reply(headers: &[(&str, &str)]) -> Reply {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Reply { status: 200, headers, body: Vec::new() }
    }

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn numbers_in_quota_headers() {
        for (text, number) in [
            ("99", Some(99)),
            (" 7 ", Some(7)),
            ("100, 100;window=60, 10000;window=86400", Some(100)),
            ("100;window=60", Some(100)),
            ("0", Some(0)),
            ("-1", None),
            ("3.5", None),
            ("", None),
            ("many", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(first_number(text), number, "{text:?}");
        }
    }

    #[test]
    fn remaining_and_reset() {
        let seen = |headers: &[(&str, &str)]| {
            left(limit(), &reply(headers), now())
                .map(|left| (left.requests, left.resets_at.map(|at| at.duration_since(now()).as_secs())))
        };
        assert_eq!(seen(&[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "20")]), Some((3, Some(20))));
        assert_eq!(seen(&[("x-ratelimit-remaining", "3")]), Some((3, None)));
        assert_eq!(seen(&[("x-ratelimit-reset", "20")]), None);
        assert_eq!(
            seen(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000000000")]),
            Some((0, Some(86_400)))
        );
    }

    #[test]
    fn waits_are_neither_zero_nor_endless() {
        let at = |text: &str| Some(After::At(text.parse().unwrap()));
        let ours: &[(&str, &str)] = &[];
        let theirs: &[(&str, &str)] = &[("date", "Sun, 01 Mar 2026 13:00:00 GMT")];
        for (after, headers, seconds) in [
            (None, ours, 60),
            (Some(After::Seconds(0)), ours, 1),
            (Some(After::Seconds(42)), ours, 42),
            (Some(After::Seconds(7200)), ours, 7200),
            (Some(After::Seconds(1_000_000_000)), ours, 86_400),
            (Some(After::Seconds(u64::MAX)), ours, 86_400),
            (at("2026-03-01T12:00:30Z"), ours, 30),
            (at("2020-01-01T00:00:00Z"), ours, 1),
            (at("9999-01-01T00:00:00Z"), ours, 86_400),
            // Our clock is an hour slow; the server means ten seconds.
            (at("2026-03-01T13:00:10Z"), theirs, 10),
        ] {
            let wait = until(limit(), after, &reply(headers), now()).duration_since(now());
            assert_eq!(wait.as_secs(), seconds, "{after:?}");
        }
    }
}
