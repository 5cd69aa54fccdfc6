//! Whether a read is tried again, and when. A pure decision; the loop that obeys it is in `mod.rs`.
//!
//! Only reads come here. A request that spends something (a code, a refresh token) is sent once, ever.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use jiff::Timestamp;

use super::{Failure, Trouble, limit};
use crate::providers::catalogue::{RateLimit, Reply, Verdict};

/// Tries of one call, the first included.
pub const MAX_TRIES: u32 = 5;
const BACKOFF_BASE: Duration = Duration::from_millis(500);
const BACKOFF_CAP: Duration = Duration::from_secs(60);
/// No call sits out a longer pause; the caller stores the time and goes on later.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// Retries that even a run of few requests may make.
const RETRIES_AT_LEAST: u32 = 10;

/// What one run may spend on retries and waiting. Shared by all its calls.
#[derive(Debug)]
pub struct Budget {
    requests: AtomicU32,
    retries: AtomicU32,
    patience: Duration,
}

impl Budget {
    /// `patience`: how long one call may sit out a pause that the provider asks for.
    pub fn new(patience: Duration) -> Self {
        Self { requests: AtomicU32::new(0), retries: AtomicU32::new(0), patience: patience.min(LONGEST_WAIT) }
    }

    /// Requests sent so far, retries included.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub fn patience(&self) -> Duration {
        self.patience
    }

    pub(super) fn count(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// One retry in five requests: more would make an outage worse and end no sooner.
    pub(super) fn has_retry(&self) -> bool {
        self.retries.load(Ordering::Relaxed) < RETRIES_AT_LEAST.max(self.requests() / 5)
    }

    pub(super) fn take_retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }
}

/// What became of one try.
#[derive(Debug)]
pub enum Outcome<'a> {
    Answered(&'a Reply, Verdict),
    Lost(Trouble),
}

/// What is known when the decision is made.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// 1 for the first try.
    pub tries: u32,
    pub now: Timestamp,
    /// What is left of the time this call may wait.
    pub patience: Duration,
    /// Whether the run has a retry left.
    pub retry_left: bool,
    /// From 0 to 1.
    pub dice: f64,
}

#[derive(Debug, PartialEq)]
pub enum Next {
    Done,
    /// Try again after this long; costs one of the run's retries.
    Again(Duration),
    /// Nobody asks before then; this call waits for it.
    Wait(Timestamp),
    /// Nobody asks before then, and this call does not wait for it.
    Postpone(Timestamp),
    Stop(Failure),
}

/// Decides what follows one try.
pub fn decide(outcome: Outcome<'_>, limit: &RateLimit, at: Circumstances) -> Next {
    let again = |failure: Failure| {
        if at.tries < MAX_TRIES && at.retry_left {
            Next::Again(backoff(at.tries, at.dice))
        } else {
            Next::Stop(failure)
        }
    };
    match outcome {
        Outcome::Lost(trouble) if trouble.passes() => again(Failure::Transport(trouble)),
        Outcome::Lost(trouble) => Next::Stop(Failure::Transport(trouble)),
        Outcome::Answered(reply, verdict) => match verdict {
            Verdict::Ok => Next::Done,
            Verdict::Retry => again(Failure::Upstream { status: reply.status }),
            Verdict::Wait(after) => {
                let until = limit::until(limit, after, reply, at.now);
                let wait = Duration::try_from(until.duration_since(at.now)).unwrap_or_default();
                if at.tries < MAX_TRIES && wait <= at.patience {
                    Next::Wait(until)
                } else {
                    Next::Postpone(until)
                }
            }
            Verdict::Unauthorized => Next::Stop(Failure::Unauthorized { status: reply.status }),
            Verdict::UnauthorizedOrNothing => Next::Stop(Failure::UnauthorizedOrNothing),
            Verdict::NotGranted => Next::Stop(Failure::NotGranted),
            Verdict::NotOffered(because) => Next::Stop(Failure::NotOffered(because)),
            Verdict::Denied(because) => Next::Stop(Failure::Denied { status: reply.status, because }),
            Verdict::Page => Next::Stop(Failure::Page { status: reply.status }),
            Verdict::NotFound => Next::Stop(Failure::NotFound),
            Verdict::Refused => Next::Stop(Failure::Refused { status: reply.status }),
        },
    }
}

/// Full jitter: anything from nothing to `base * 2^n`, so that many callers do not come back together.
fn backoff(tries: u32, dice: f64) -> Duration {
    let ceiling = BACKOFF_BASE.saturating_mul(2u32.saturating_pow(tries.saturating_sub(1))).min(BACKOFF_CAP);
    ceiling.mul_f64(dice.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers;

    fn reply(status: u16, headers: &[(&str, &str)]) -> Reply {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Reply { status, headers, body: Vec::new() }
    }

    fn at() -> Circumstances {
        Circumstances {
            tries: 1,
            now: "2026-03-01T12:00:00Z".parse().unwrap(),
            patience: Duration::from_secs(30),
            retry_left: true,
            dice: 1.0,
        }
    }

    fn answered(reply: &Reply, at: Circumstances) -> Next {
        let whoop = providers::find("whoop").unwrap();
        decide(Outcome::Answered(reply, (whoop.classify)(reply)), &whoop.limit, at)
    }

    #[test]
    fn what_each_status_leads_to() {
        for (status, next) in [
            (200, Next::Done),
            (302, Next::Stop(Failure::Refused { status: 302 })),
            (400, Next::Stop(Failure::Refused { status: 400 })),
            (401, Next::Stop(Failure::Unauthorized { status: 401 })),
            (403, Next::Stop(Failure::Denied { status: 403, because: None })),
            (404, Next::Stop(Failure::NotFound)),
            (408, Next::Again(Duration::from_millis(500))),
            (422, Next::Stop(Failure::Refused { status: 422 })),
            (425, Next::Again(Duration::from_millis(500))),
            (500, Next::Again(Duration::from_millis(500))),
            (503, Next::Again(Duration::from_millis(500))),
        ] {
            assert_eq!(answered(&reply(status, &[]), at()), next, "{status}");
        }
    }

    #[test]
    fn tries_and_budget_end_the_retries() {
        let busy = reply(503, &[]);
        let stopped = Next::Stop(Failure::Upstream { status: 503 });
        assert!(matches!(answered(&busy, Circumstances { tries: 4, ..at() }), Next::Again(_)));
        assert_eq!(answered(&busy, Circumstances { tries: 5, ..at() }), stopped);
        assert_eq!(answered(&busy, Circumstances { retry_left: false, ..at() }), stopped);
        // Waiting as told is not a retry of ours.
        let told = reply(429, &[("retry-after", "5")]);
        assert!(matches!(answered(&told, Circumstances { retry_left: false, ..at() }), Next::Wait(_)));
    }

    #[test]
    fn lost_requests() {
        let limit = &providers::find("whoop").unwrap().limit;
        for (trouble, again) in [
            (Trouble::Connect, true),
            (Trouble::Timeout, true),
            (Trouble::Interrupted, true),
            (Trouble::TooLarge, false),
            (Trouble::Setup, false),
        ] {
            let next = decide(Outcome::Lost(trouble), limit, at());
            assert_eq!(matches!(next, Next::Again(_)), again, "{trouble:?}");
        }
    }

    #[test]
    fn a_wait_longer_than_the_patience_is_postponed() {
        for (seconds, patience, waits) in
            [("5", 30, true), ("30", 30, true), ("31", 30, false), ("5", 0, false)]
        {
            let told = reply(429, &[("retry-after", seconds)]);
            let at = Circumstances { patience: Duration::from_secs(patience), ..at() };
            let until = at.now + jiff::SignedDuration::from_secs(seconds.parse().unwrap());
            let expected = if waits { Next::Wait(until) } else { Next::Postpone(until) };
            assert_eq!(answered(&told, at), expected, "{seconds} s with {patience} s of patience");
        }
        let told = reply(429, &[("retry-after", "5")]);
        assert!(matches!(answered(&told, Circumstances { tries: MAX_TRIES, ..at() }), Next::Postpone(_)));
    }

    #[test]
    fn whoops_reset_is_preferred_to_retry_after() {
        let told = reply(429, &[("x-ratelimit-reset", "7"), ("retry-after", "20")]);
        assert_eq!(answered(&told, at()), Next::Wait(at().now + jiff::SignedDuration::from_secs(7)));
    }

    #[test]
    fn jitter_doubles_up_to_a_cap_and_may_be_nothing() {
        let ms = |tries, dice| backoff(tries, dice).as_millis();
        assert_eq!([ms(1, 1.0), ms(2, 1.0), ms(3, 1.0), ms(4, 1.0)], [500, 1000, 2000, 4000]);
        assert_eq!((ms(20, 1.0), ms(u32::MAX, 1.0), ms(3, 0.0), ms(3, 0.5)), (60_000, 60_000, 0, 1000));
    }

    #[test]
    fn a_run_retries_one_request_in_five() {
        let budget = Budget::new(Duration::ZERO);
        for _ in 0..RETRIES_AT_LEAST {
            assert!(budget.has_retry());
            budget.take_retry();
        }
        assert!(!budget.has_retry(), "a short run has a handful");
        for _ in 0..100 {
            budget.count();
        }
        assert!(budget.has_retry(), "a hundred requests allow twenty");
    }

    #[test]
    fn nobody_waits_for_longer_than_a_quarter_of_an_hour() {
        assert_eq!(Budget::new(Duration::from_secs(86_400)).patience(), LONGEST_WAIT);
    }
}
