//! When a token that is refused is renewed: once, again when it has grown old, and not for the sake of one collection
//! that refuses every token. Pure.

/// A renewed token that is refused after this long may have expired, whatever was said of its life.
const OLD_MS: i64 = 5 * 60_000;

/// So often in one run a younger token is renewed, if it was accepted before it was refused.
const YOUNG_AT_MOST: u32 = 2;

/// What refused a renewed token refuses the next one too: so long nothing is renewed for its sake alone.
const REMEMBERED_MS: i64 = 7 * 86_400_000;

/// When nothing at all is accepted, a renewal is tried so often even for what has refused before.
const NOTHING_ACCEPTED_MS: i64 = 3_600_000;

#[derive(Debug, Clone, Default)]
pub(super) struct Renewals {
    /// Whether there is anything to renew the token with.
    pub renews: bool,
    /// When the token was last renewed in this run, UTC milliseconds, and how long it lives.
    last: Option<(i64, Option<i64>)>,
    young: u32,
    /// Whether the provider has accepted the present token.
    pub proven: bool,
}

impl Renewals {
    pub fn new(renews: bool) -> Self {
        Self { renews, ..Self::default() }
    }

    /// Whether a refusal is worth a renewal. `refused_before`: when this very thing refused a renewed token.
    pub fn may(&self, now_ms: i64, refused_before: Option<i64>) -> bool {
        let known = refused_before.is_some_and(|at| (0..REMEMBERED_MS).contains(&(now_ms - at)));
        self.renews
            && !known
            && match self.last {
                None => true,
                Some(_) if self.is_old(now_ms) => true,
                Some(_) => self.proven && self.young < YOUNG_AT_MOST,
            }
    }

    /// The same where nothing was accepted in this run, and everything had refused before.
    pub fn may_after_all(&self, now_ms: i64, refused_before: Option<i64>) -> bool {
        let due = refused_before.is_none_or(|at| now_ms - at >= NOTHING_ACCEPTED_MS || at > now_ms);
        self.renews && !self.proven && self.last.is_none() && due
    }

    pub fn renewed(&mut self, now_ms: i64, life_ms: Option<i64>) {
        if self.last.is_some() && !self.is_old(now_ms) {
            self.young += 1;
        }
        (self.last, self.proven) = (Some((now_ms, life_ms)), false);
    }

    fn is_old(&self, now_ms: i64) -> bool {
        let age =
            |(at, life): (i64, Option<i64>)| now_ms - at >= life.map_or(OLD_MS, |life| life.min(OLD_MS));
        self.last.is_some_and(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    #[test]
    fn again_when_it_is_old_or_was_accepted() {
        let mut renewals = Renewals::new(true);
        assert!(renewals.may(NOW, None));
        renewals.renewed(NOW, Some(3_600_000));
        assert!(!renewals.may(NOW + 1000, None), "a new one that nobody accepted is not the token's fault");
        assert!(renewals.may(NOW + OLD_MS, None));
        for _ in 0..YOUNG_AT_MOST {
            renewals.proven = true;
            assert!(renewals.may(NOW + 1000, None));
            renewals.renewed(NOW + 1000, Some(3_600_000));
        }
        renewals.proven = true;
        assert!(!renewals.may(NOW + 2000, None), "not without end");
        let mut short = Renewals::new(true);
        short.renewed(NOW, Some(2000));
        assert!(!short.may(NOW + 1999, None) && short.may(NOW + 2000, None), "it lived for two seconds");
        assert!(!Renewals::new(false).may(NOW, None));
    }

    #[test]
    fn what_refuses_every_token_costs_none() {
        let renewals = Renewals::new(true);
        for (days, may) in [(0, false), (6, false), (7, true), (-1, true)] {
            assert_eq!(renewals.may(NOW, Some(NOW - days * 86_400_000)), may, "{days} days ago");
        }
        assert!(!renewals.may_after_all(NOW, Some(NOW - 60_000)));
        assert!(renewals.may_after_all(NOW, Some(NOW - NOTHING_ACCEPTED_MS)));
    }
}
