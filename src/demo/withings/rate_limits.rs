//! The two request limits: so many a minute per client, and never the same arguments twice in ten seconds.
//!
//! Time passes by the wall or by the provider's clock, whichever went further: a test may wait or leap.
//! A refused request counts for neither limit.

use super::envelope::{Refusal, TOO_MANY};
use super::quirks::LimitQuirks;
use crate::demo::kit::clock::Moment;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// What has been asked lately.
#[derive(Debug, Default)]
pub struct Asked {
    minute: HashMap<String, VecDeque<Moment>>,
    asked: HashMap<(String, String), Moment>,
}

impl Asked {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use std::time::Instant;

    const LIMITS: LimitQuirks =
        LimitQuirks { per_minute: Some(4), same_arguments: Some(Duration::from_secs(10)) };

    /// Asks at a second on the wall and a second at the provider; empty when allowed.
    fn ask(asked: &mut Asked, start: Instant, client: &str, what: &str, wall: u64, leap: i64) -> String {
        let now = Moment {
            wall: start + Duration::from_secs(wall),
            provider: Timestamp::from_second(leap).unwrap(),
        };
        asked.count(client, what.to_owned(), LIMITS, now).err().map_or_else(String::new, |no| no.error)
    }

    #[test]
    fn a_minute_slides() {
        let (mut asked, start) = (Asked::default(), Instant::now());
        for (second, what) in [(0, "a"), (20, "b"), (30, "b"), (40, "c")] {
            assert_eq!(ask(&mut asked, start, "one", what, second, 0), "");
        }
        assert_eq!(ask(&mut asked, start, "one", "d", 59, 0), "Too Many Requests");
        assert_eq!(ask(&mut asked, start, "two", "d", 59, 0), "", "another client counts for itself");
        assert_eq!(ask(&mut asked, start, "one", "d", 60, 0), "", "the refused one was not counted");
        assert_eq!(ask(&mut asked, start, "one", "e", 79, 0), "Too Many Requests");
        assert_eq!(ask(&mut asked, start, "one", "e", 79, 120), "", "the provider's clock leapt");
    }

    #[test]
    fn the_same_arguments_need_ten_seconds() {
        let (mut asked, start) = (Asked::default(), Instant::now());
        let text = "Same arguments in less than 10 seconds";
        assert_eq!(ask(&mut asked, start, "one", "a", 0, 0), "");
        assert_eq!(ask(&mut asked, start, "one", "a", 9, 0), text);
        assert_eq!(ask(&mut asked, start, "two", "a", 9, 0), "");
        assert_eq!(ask(&mut asked, start, "one", "a", 10, 0), "");
        assert_eq!(ask(&mut asked, start, "one", "a", 11, 9), text);
        assert_eq!(ask(&mut asked, start, "one", "a", 11, 10), "");
    }
}
