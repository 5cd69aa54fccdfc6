//! Faults: what goes wrong with the next requests, on demand.

use super::http::{Delivery, Response};
use super::wait::Stop;
use std::time::Duration;

/// What a 429 says about when to come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RetryAfter {
    /// No `Retry-After`.
    #[default]
    Absent,
    /// `Retry-After: <seconds>`.
    Seconds,
    /// `Retry-After: <HTTP date>`.
    HttpDate,
}

/// One way for a request to go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status with a short JSON body; the request has no effect.
    Status(u16),
    /// 429 with this hint; the request has no effect.
    TooManyRequests(RetryAfter),
    /// 429 with `Retry-After` of so many seconds, as a gateway before any provider answers; no effect.
    TooManyFor(u64),
    /// This status with a page of HTML, as a firewall answers in a provider's place; no effect.
    Page(u16),
    /// 200 with a page of HTML instead of JSON; the request has no effect.
    Html,
    /// 200 with this JSON instead of the answer, for services that refuse so; the request has no effect.
    Answer(String),
    /// 200 and the right length, but the JSON ends in the middle. The request has its effect.
    BrokenJson,
    /// The promised body is cut off by a closed connection. The request has its effect.
    CutOff,
    /// The connection closes without an answer. The request has its effect.
    NoAnswer,
    /// The connection closes without an answer and the request has no effect.
    Refused,
    /// The right answer, its body dripping over this time.
    SlowBody(Duration),
    /// The right answer, this late. The effect comes first.
    Late(Duration),
    /// Never answered. The request has no effect.
    Hang,
}

impl Fault {
    /// True when the request is carried out before it goes wrong.
    pub fn has_effect(&self) -> bool {
        match self {
            Self::BrokenJson | Self::CutOff | Self::NoAnswer | Self::SlowBody(_) | Self::Late(_) => true,
            Self::Status(_)
            | Self::TooManyRequests(_)
            | Self::TooManyFor(_)
            | Self::Page(_)
            | Self::Html
            | Self::Answer(_)
            | Self::Refused
            | Self::Hang => false,
        }
    }

    /// Does to the answer of a request that was carried out what this fault does.
    pub fn spoil(&self, response: &mut Response, stop: &Stop) {
        match self {
            Self::BrokenJson => response.body = first_half(&response.body),
            Self::CutOff => response.delivery = Delivery::CutOff,
            Self::NoAnswer => response.delivery = Delivery::Closed,
            Self::SlowBody(total) => response.delivery = Delivery::Drip(*total),
            Self::Late(wait) => {
                stop.wait(*wait);
            }
            Self::Status(_)
            | Self::TooManyRequests(_)
            | Self::TooManyFor(_)
            | Self::Page(_)
            | Self::Html
            | Self::Answer(_)
            | Self::Refused
            | Self::Hang => {}
        }
    }

    /// The answer instead of a request's, for the faults that look the same from every provider.
    pub fn common_refusal(&self) -> Option<Response> {
        let silent = |delivery| Response { delivery, ..Response::json(500, "") };
        match self {
            Self::Html | Self::Page(_) => {
                let status = if let Self::Page(status) = self { *status } else { 200 };
                let page = "<!doctype html><h1>Just a moment</h1>";
                Some(Response::new(status, "text/html; charset=utf-8", page))
            }
            Self::TooManyFor(seconds) => {
                Some(Response::json(429, "{}").with_header("Retry-After", seconds.to_string()))
            }
            Self::Answer(body) => Some(Response::json(200, body.as_str())),
            Self::Refused => Some(silent(Delivery::Closed)),
            Self::Hang => Some(silent(Delivery::Hang)),
            _ => None,
        }
    }
}

fn first_half(body: &str) -> String {
    let characters = body.chars().count();
    body.chars().take(characters / 2).collect()
}

/// Faults waiting for requests, in the order in which they were planned.
#[derive(Debug, Default)]
pub struct ScheduledFaults {
    planned: Vec<(u32, Fault, String)>,
}

impl ScheduledFaults {
    /// The next `count` requests whose path starts with `prefix` go wrong this way.
    pub fn plan(&mut self, count: u32, fault: Fault, prefix: &str) {
        self.planned.push((count, fault, prefix.to_owned()));
    }

    /// The fault of a request to `path`, used up by it.
    pub fn take(&mut self, path: &str) -> Option<Fault> {
        let at = self
            .planned
            .iter()
            .position(|(left, _, prefix)| *left > 0 && path.starts_with(prefix.as_str()))?;
        let (left, fault, _) = &mut self.planned[at];
        *left -= 1;
        let fault = fault.clone();
        self.planned.retain(|(left, _, _)| *left > 0);
        Some(fault)
    }

    /// Forgets what was planned.
    pub fn clear(&mut self) {
        self.planned.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_used_up_by_matching_requests_in_order() {
        let mut faults = ScheduledFaults::default();
        faults.plan(2, Fault::Status(503), "/developer/v2/cycle");
        faults.plan(1, Fault::Html, "/developer");
        let taken: Vec<Option<Fault>> = [
            "/oauth",
            "/developer/v2/cycle",
            "/developer/v2/recovery",
            "/developer/v2/cycle/1",
            "/developer/v2/cycle",
        ]
        .map(|path| faults.take(path))
        .into_iter()
        .collect();
        let status = Some(Fault::Status(503));
        assert_eq!(taken, [None, status.clone(), Some(Fault::Html), status, None]);
    }
}
