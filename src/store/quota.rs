//! The published quota, shared by all processes of a profile: requests are reserved here before they are sent.

use super::{Store, marks};
use crate::error::Result;

/// The answer to a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// So many requests may be sent now.
    Granted(u32),
    /// None before this instant, UTC milliseconds.
    NotBefore(i64),
}

/// A window is counted in this many parts: it slides in steps of one part, and so never lets more than the
/// quota pass within its length, at the cost of one part's delay.
const PARTS: i64 = 12;

/// A wait further away than any that a provider can ask for was written under a clock that was ahead, and is
/// not obeyed: it would keep everybody away for years.
const LONGEST_PAUSE: i64 = 25 * 3_600_000;

impl Store {
    /// Reserves up to `wanted` requests in every window (length in milliseconds, requests allowed).
    pub fn reserve(
        &self,
        provider: &str,
        windows: &[(i64, u32)],
        wanted: u32,
        now_ms: i64,
    ) -> Result<Reserved> {
        self.write(|tx| {
            if let Some(until) = number(marks::get_state(tx, provider, "", "not_before")?)
                && (now_ms + 1..=now_ms + LONGEST_PAUSE).contains(&until)
            {
                return Ok(Reserved::NotBefore(until));
            }
            let mut granted = wanted;
            let mut windows_used = Vec::with_capacity(windows.len());
            for (length, allowed) in windows {
                let name = format!("quota_{length}");
                let used = Used::read(
                    &marks::get_state(tx, provider, "", &name)?.unwrap_or_default(),
                    *length,
                    now_ms,
                );
                match used.left(*allowed, *length) {
                    Reserved::Granted(left) => granted = granted.min(left),
                    wait @ Reserved::NotBefore(_) => return Ok(wait),
                }
                windows_used.push((name, used));
            }
            for (name, used) in windows_used {
                marks::set_state(tx, provider, "", &name, Some(&used.with(granted)))?;
            }
            Ok(Reserved::Granted(granted))
        })
    }

    /// Keeps every process away from the provider until then. Never shortens a longer wait.
    pub fn pause_until(&self, provider: &str, until_ms: i64) -> Result<()> {
        self.write(|tx| {
            let before = number(marks::get_state(tx, provider, "", "not_before")?)
                .filter(|before| *before <= until_ms.saturating_add(LONGEST_PAUSE))
                .unwrap_or(i64::MIN);
            marks::set_state(tx, provider, "", "not_before", Some(&before.max(until_ms).to_string()))
        })
    }

    /// Until when nobody asks the provider, if that is still to come; UTC milliseconds.
    pub fn paused_until(&self, provider: &str, now_ms: i64) -> Result<Option<i64>> {
        let until = number(self.state(provider, "", "not_before")?);
        Ok(until.filter(|until| (now_ms + 1..=now_ms + LONGEST_PAUSE).contains(until)))
    }
}

/// Requests of the parts of one window that still count, oldest first.
struct Used {
    parts: Vec<(i64, u32)>,
    /// Start of the part that is now.
    now: i64,
}

impl Used {
    fn read(text: &str, length: i64, now_ms: i64) -> Self {
        let part = (length / PARTS).max(1);
        let now = now_ms - now_ms.rem_euclid(part);
        let parts = text
            .split_whitespace()
            .filter_map(|pair| {
                let (at, count) = pair.split_once(':')?;
                Some((at.parse::<i64>().ok()?, count.parse::<u32>().ok()?))
            })
            // A part counts until its last moment is a whole window ago. One in the future is from a clock
            // that has been set back, and is dropped.
            .filter(|(at, _)| *at + part + length > now_ms && *at <= now)
            .collect();
        Self { parts, now }
    }

    fn left(&self, allowed: u32, length: i64) -> Reserved {
        let used: u32 = self.parts.iter().map(|(_, count)| count).sum();
        if used < allowed {
            return Reserved::Granted(allowed - used);
        }
        let oldest = self.parts.first().map_or(self.now, |(at, _)| *at);
        Reserved::NotBefore(oldest + (length / PARTS).max(1) + length)
    }

    fn with(mut self, granted: u32) -> String {
        match self.parts.last_mut() {
            Some((at, count)) if *at == self.now => *count += granted,
            _ => self.parts.push((self.now, granted)),
        }
        self.parts.iter().map(|(at, count)| format!("{at}:{count}")).collect::<Vec<_>>().join(" ")
    }
}

fn number(text: Option<String>) -> Option<i64> {
    text?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However requests are asked for, no window of a minute holds more than the quota.
    #[test]
    fn no_minute_holds_more_than_the_quota() {
        let (length, allowed) = (60_000, 100);
        let mut text = String::new();
        let mut sent: Vec<i64> = Vec::new();
        let mut now = 7_001;
        while now < 600_000 {
            let used = Used::read(&text, length, now);
            if let Reserved::Granted(left) = used.left(allowed, length) {
                let take = left.min(7);
                sent.extend(std::iter::repeat_n(now, take as usize));
                text = used.with(take);
            }
            now += 137;
        }
        for at in &sent {
            let within = sent.iter().filter(|other| (*at..at + length).contains(*other)).count();
            assert!(within <= allowed as usize, "{within} requests in the minute from {at}");
        }
        assert!(sent.len() > 800, "the quota is used, not merely respected: {}", sent.len());
    }

    #[test]
    fn a_refusal_names_the_moment_when_some_are_free_again() {
        let used = Used::read("0:60 5000:40", 60_000, 30_000);
        assert_eq!(used.left(100, 60_000), Reserved::NotBefore(65_000));
        let used = Used::read("0:60 5000:40", 60_000, 65_000);
        assert_eq!(used.left(100, 60_000), Reserved::Granted(60));
    }

    #[test]
    fn a_clock_set_back_does_not_lock_out_for_ever() {
        let used = Used::read("900000000:100", 60_000, 1_000);
        assert_eq!(used.left(100, 60_000), Reserved::Granted(100));
    }
}
