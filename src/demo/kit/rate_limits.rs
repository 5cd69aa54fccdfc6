//! Request limits: fixed windows per client id, and the headers that describe them.
//!
//! `X-RateLimit-Limit: 100, 100;window=60, 10000;window=86400`: the first number is the window nearest to
//! exhaustion, `Remaining` and `Reset` (seconds) speak of the same window.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// So many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateWindow {
    /// Requests allowed.
    pub requests: u32,
    /// Length of the window.
    pub seconds: u32,
}

/// The windows of every client id.
#[derive(Debug, Default)]
pub struct RateLimits {
    used: HashMap<String, Vec<(Instant, u32)>>,
}

/// What the limits say of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// False: answer 429.
    pub allowed: bool,
    /// The value of `X-RateLimit-Limit`.
    pub limit: String,
    /// Requests left in the window nearest to exhaustion.
    pub remaining: u32,
    /// Seconds until that window begins anew, rounded up.
    pub reset_seconds: u64,
}

impl RateLimits {
    /// Counts a request of `client` at `now`; none when no window is set. A refused request is not counted.
    pub fn count(&mut self, client: &str, windows: &[RateWindow], now: Instant) -> Option<Verdict> {
        if windows.is_empty() {
            return None;
        }
        let used = self.used.entry(client.to_owned()).or_default();
        used.resize(windows.len(), (now, 0));
        for ((began, count), window) in used.iter_mut().zip(windows) {
            if now.duration_since(*began) >= Duration::from_secs(u64::from(window.seconds)) {
                (*began, *count) = (now, 0);
            }
        }
        let allowed = used.iter().zip(windows).all(|((_, count), window)| *count < window.requests);
        if allowed {
            for (_, count) in used.iter_mut() {
                *count += 1;
            }
        }
        let left = |index: usize| windows[index].requests.saturating_sub(used[index].1);
        let nearest = (0..windows.len()).min_by_key(|index| left(*index))?;
        let elapsed = now.duration_since(used[nearest].0);
        let rest = Duration::from_secs(u64::from(windows[nearest].seconds)).saturating_sub(elapsed);
        let described = windows.iter().map(|window| format!("{};window={}", window.requests, window.seconds));
        let limit = std::iter::once(windows[nearest].requests.to_string()).chain(described);
        Some(Verdict {
            allowed,
            limit: limit.collect::<Vec<_>>().join(", "),
            remaining: left(nearest),
            reset_seconds: rest.as_millis().div_ceil(1000) as u64,
        })
    }

    /// Begins every window anew.
    pub fn reset(&mut self) {
        self.used.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: [RateWindow; 2] =
        [RateWindow { requests: 3, seconds: 60 }, RateWindow { requests: 5, seconds: 86_400 }];

    #[test]
    fn windows_fill_refuse_and_begin_anew() {
        let mut limits = RateLimits::default();
        let start = Instant::now();
        let mut ask = |client, seconds| {
            let now = start + Duration::from_secs(seconds);
            let verdict = limits.count(client, &WINDOWS, now).unwrap();
            (verdict.allowed, verdict.remaining, verdict.reset_seconds)
        };
        assert_eq!(ask("a", 0), (true, 2, 60));
        assert_eq!(ask("a", 1), (true, 1, 59));
        assert_eq!(ask("a", 1), (true, 0, 59));
        assert_eq!(ask("a", 2), (false, 0, 58));
        assert_eq!(ask("b", 2), (true, 2, 60), "another client has its own windows");
        assert_eq!(ask("a", 60), (true, 1, 86_340), "now the day is nearer to exhaustion");
        assert_eq!(ask("a", 61), (true, 0, 86_339));
        assert_eq!(ask("a", 62), (false, 0, 86_338));
    }

    #[test]
    fn the_header_leads_with_the_nearest_window() {
        let mut limits = RateLimits::default();
        let verdict = limits.count("a", &WINDOWS, Instant::now()).unwrap();
        assert_eq!(verdict.limit, "3, 3;window=60, 5;window=86400");
        assert_eq!(limits.count("a", &[], Instant::now()), None);
    }
}
