//! What WHOOP's replies mean: HTTP says it, and one header more.

use crate::providers::catalogue::{After, Reply, Verdict, by_http_status};

/// WHOOP documents `X-RateLimit-Reset` but no `Retry-After`; the former is the better hint.
pub(super) fn classify(reply: &Reply) -> Verdict {
    match by_http_status(reply) {
        Verdict::Wait(after) => {
            let reset = reply.header("x-ratelimit-reset").and_then(|text| text.trim().parse().ok());
            Verdict::Wait(reset.map(After::Seconds).or(after))
        }
        verdict => verdict,
    }
}
