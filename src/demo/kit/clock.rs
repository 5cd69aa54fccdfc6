//! The provider's clock: the instant at which the data ends, moved on by the caller's clock.

use crate::demo::kit::wait::lock;
use jiff::Timestamp;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Tells the time. The simulation only uses how much it moves, so any clock will do.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// On the wall.
    pub wall: Instant,
    /// At the provider.
    pub provider: Timestamp,
}

impl Moment {
    /// The time since an earlier moment, by the clock that went further: a test may wait or leap.
    pub fn since(self, earlier: Self) -> Duration {
        let leapt = self.provider.duration_since(earlier.provider);
        self.wall.saturating_duration_since(earlier.wall).max(Duration::try_from(leapt).unwrap_or_default())
    }
}

/// An instant as headers say it (RFC 9110 §5.6.7).
pub fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The time at the provider.
pub struct ProviderClock {
    /// The provider's time at an instant of the caller's clock.
    anchor: Mutex<(Timestamp, Timestamp)>,
    clock: Clock,
}

impl ProviderClock {
    /// A provider where it is `data_end` now.
    pub fn new(data_end: Timestamp, clock: Clock) -> Self {
        Self { anchor: Mutex::new((data_end, clock())), clock }
    }

    /// The time at the provider now.
    pub fn now(&self) -> Timestamp {
        let (provider, caller) = *lock(&self.anchor);
        provider.saturating_add((self.clock)().duration_since(caller)).unwrap_or(provider)
    }

    /// Makes it `now` at the provider.
    pub fn jump_to(&self, now: Timestamp) {
        *lock(&self.anchor) = (now, (self.clock)());
    }
}

impl fmt::Debug for ProviderClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProviderClock").field("anchor", &self.anchor).finish_non_exhaustive()
    }
}
