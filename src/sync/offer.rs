//! What not every account is offered: whether to ask for it now. Pure.
//!
//! Nobody says beforehand which account has it. The newest records are tried; when none of them is answered, the
//! account is taken not to have it, and is asked again after a week. Once one was answered, a record that has
//! none says so of itself alone.

/// An account that was declined is asked again after so long, milliseconds.
const AGAIN_AFTER: i64 = 7 * 86_400_000;

/// Records that are tried before an account is taken not to have it.
pub(super) const TRIES: usize = 3;

/// How a provider declines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declined {
    /// There is none, of this record or of any.
    NotThere,
    /// The account does not get it.
    Account,
}

/// What an account was told so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// An answer came once.
    pub answered: bool,
    /// When it was last declined altogether, UTC milliseconds.
    pub declined_at: Option<i64>,
}

/// What to do first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Try the newest records.
    Try,
    /// Ask for everything that is new.
    GoOn,
    /// Ask for nothing yet.
    Rest,
}

impl Offer {
    /// `whatever`: somebody asked for everything again.
    pub(super) fn next(self, now_ms: i64, whatever: bool) -> Next {
        // A clock that was set back must not keep it away for years.
        let rests = self.declined_at.is_some_and(|at| (0..AGAIN_AFTER).contains(&(now_ms - at)));
        match (rests && !whatever, self.answered) {
            (true, _) => Next::Rest,
            (false, true) => Next::GoOn,
            (false, false) => Next::Try,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_again_after_a_week_and_not_before() {
        let now = 100 * 86_400_000;
        let ago = |answered, days: i64| Offer { answered, declined_at: Some(now - days * 86_400_000) };
        for (name, offer, whatever, next) in [
            ("the first time", Offer::default(), false, Next::Try),
            ("declined yesterday", ago(false, 1), false, Next::Rest),
            ("declined yesterday, and everything is asked for", ago(false, 1), true, Next::Try),
            ("declined a week ago", ago(false, 7), false, Next::Try),
            ("declined in the future", ago(false, -3), false, Next::Try),
            ("answered", Offer { answered: true, declined_at: None }, false, Next::GoOn),
            ("answered once, declined since", ago(true, 2), false, Next::Rest),
            ("answered once, declined long since", ago(true, 8), false, Next::GoOn),
        ] {
            assert_eq!(offer.next(now, whatever), next, "{name}");
        }
    }
}
