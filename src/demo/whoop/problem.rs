//! Refusals of the API.

use crate::demo::kit::clock::http_date;
use crate::demo::kit::faults::RetryAfter;
use crate::demo::kit::grants::after;
use crate::demo::kit::http::Response;
use jiff::Timestamp;
use std::time::Duration;

/// The schema publishes no error body; a short object with a message stands for whatever the service sends.
pub fn problem(status: u16, message: &str) -> Response {
    Response::json(status, serde_json::json!({"message": message}).to_string())
}

/// 429, with what it says about when to come back.
pub fn too_many(hint: RetryAfter, seconds: u64, now: Timestamp) -> Response {
    let response = problem(429, "Too many requests");
    match hint {
        RetryAfter::Absent => response,
        RetryAfter::Seconds => response.with_header("Retry-After", seconds.to_string()),
        RetryAfter::HttpDate => {
            response.with_header("Retry-After", http_date(after(now, Duration::from_secs(seconds))))
        }
    }
}
