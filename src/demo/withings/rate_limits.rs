//! The two request limits: so many a minute per client, and never the same arguments twice in ten seconds.
//!
//! Time passes by the wall or by the provider's clock, whichever went further: a test may wait or leap.
//! A refused request counts for neither limit.

use super::envelope::{Refusal, TOO_MANY};
use super::quirks::LimitQuirks;
use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// On the wall.
    pub wall: Instant,
    /// At the provider.
    pub provider: Timestamp,
}

impl Moment {
    fn since(self, earlier: Self) -> Duration {
        let leapt = self.provider.duration_since(earlier.provider);
        self.wall.saturating_duration_since(earlier.wall).max(Duration::try_from(leapt).unwrap_or_default())
    }
}

/// What has been asked lately.
#[derive(Debug, Default)]
pub struct Limiter {
    minute: HashMap<String, VecDeque<Moment>>,
    asked: HashMap<(String, String), Moment>,
}

impl Limiter {
    /// Counts a request of `client` for `arguments`, or refuses it.
    pub fn count(
        &mut self,
        client: &str,
        arguments: String,
        limits: LimitQuirks,
        now: Moment,
    ) -> Result<(), Refusal> {
        let minute = self.minute.entry(client.to_owned()).or_default();
        while minute.front().is_some_and(|first| now.since(*first) >= Duration::from_secs(60)) {
            minute.pop_front();
        }
        if limits.per_minute.is_some_and(|allowed| minute.len() >= allowed) {
            return Err(Refusal::new(TOO_MANY, "Too Many Requests"));
        }
        if let Some(apart) = limits.same_arguments {
            self.asked.retain(|_, asked| now.since(*asked) < apart);
            let key = (client.to_owned(), arguments);
            if self.asked.contains_key(&key) {
                let text = format!("Same arguments in less than {} seconds", apart.as_secs());
                return Err(Refusal::new(TOO_MANY, text));
            }
            self.asked.insert(key, now);
        }
        minute.push_back(now);
        Ok(())
    }

    /// Forgets what was asked.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LimitQuirks =
        LimitQuirks { per_minute: Some(4), same_arguments: Some(Duration::from_secs(10)) };

    /// Asks at a second on the wall and a second at the provider; empty when allowed.
    fn ask(limiter: &mut Limiter, start: Instant, client: &str, what: &str, wall: u64, leap: i64) -> String {
        let now = Moment {
            wall: start + Duration::from_secs(wall),
            provider: Timestamp::from_second(leap).unwrap(),
        };
        limiter.count(client, what.to_owned(), LIMITS, now).err().map_or_else(String::new, |no| no.error)
    }

    #[test]
    fn a_minute_slides() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        for (second, what) in [(0, "a"), (20, "b"), (30, "b"), (40, "c")] {
            assert_eq!(ask(&mut limiter, start, "one", what, second, 0), "");
        }
        assert_eq!(ask(&mut limiter, start, "one", "d", 59, 0), "Too Many Requests");
        assert_eq!(ask(&mut limiter, start, "two", "d", 59, 0), "", "another client counts for itself");
        assert_eq!(ask(&mut limiter, start, "one", "d", 60, 0), "", "the refused one was not counted");
        assert_eq!(ask(&mut limiter, start, "one", "e", 79, 0), "Too Many Requests");
        assert_eq!(ask(&mut limiter, start, "one", "e", 79, 120), "", "the provider's clock leapt");
    }

    #[test]
    fn the_same_arguments_need_ten_seconds() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        let text = "Same arguments in less than 10 seconds";
        assert_eq!(ask(&mut limiter, start, "one", "a", 0, 0), "");
        assert_eq!(ask(&mut limiter, start, "one", "a", 9, 0), text);
        assert_eq!(ask(&mut limiter, start, "two", "a", 9, 0), "");
        assert_eq!(ask(&mut limiter, start, "one", "a", 10, 0), "");
        assert_eq!(ask(&mut limiter, start, "one", "a", 11, 9), text);
        assert_eq!(ask(&mut limiter, start, "one", "a", 11, 10), "");
    }

    #[test]
    fn both_can_be_switched_off() {
        let mut limiter = Limiter::default();
        let now = Moment { wall: Instant::now(), provider: Timestamp::UNIX_EPOCH };
        let off = LimitQuirks { per_minute: None, same_arguments: None };
        assert!((0..1000).all(|_| limiter.count("one", "a".to_owned(), off, now).is_ok()));
    }
}
