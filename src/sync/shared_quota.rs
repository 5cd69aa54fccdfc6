//! The quota that all processes of a profile share, kept in the store.

use std::sync::Mutex;

use jiff::Timestamp;

use crate::{
    clock,
    http::{Failure, Gate, limit},
    providers::catalogue::{Provider, Reply},
    store::{Reserved, Store},
};

/// Requests reserved at a time: one write for so many, and few enough that a killed process wastes little.
const BLOCK: u32 = 10;

/// A reservation that was not used by then is given up: the window it was counted in moves on.
const KEEP_MS: i64 = 2_000;

/// Below the published quota, because the provider's clock and ours cut their windows differently.
const SHARE_PCT: u32 = 95;

pub(super) struct SharedGate<'a> {
    store: &'a Store,
    provider: &'static Provider,
    /// Window in milliseconds and requests; empty when the published quotas are switched off.
    windows: Vec<(i64, u32)>,
    /// The longest time one request waits for its turn.
    patience_ms: i64,
    reserved: Mutex<(u32, i64)>,
}

impl<'a> SharedGate<'a> {
    pub(super) fn new(store: &'a Store, provider: &'static Provider, paced: bool, patience_ms: i64) -> Self {
        let quotas = provider.limit.quotas.iter().filter(|_| paced);
        let windows =
            quotas.map(|quota| (quota.window.as_millis() as i64, quota.requests * SHARE_PCT / 100)).collect();
        Self { store, provider, windows, patience_ms, reserved: Mutex::new((0, 0)) }
    }

    fn take_reserved(&self, now_ms: i64) -> bool {
        let mut reserved = self.reserved.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let usable = reserved.0 > 0 && (reserved.1..reserved.1 + KEEP_MS).contains(&now_ms);
        if usable {
            reserved.0 -= 1;
        }
        usable
    }

    fn give_up_reserved(&self) {
        *self.reserved.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (0, 0);
    }

    fn keep_reserved(&self, count: u32, now_ms: i64) {
        *self.reserved.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (count, now_ms);
    }
}

impl Gate for SharedGate<'_> {
    async fn acquire(&self) -> Result<(), Failure> {
        loop {
            let now_ms = clock::now_ms();
            if self.take_reserved(now_ms) {
                return Ok(());
            }
            let reserved = self.store.reserve(self.provider.id, &self.windows, BLOCK, now_ms);
            match reserved.map_err(Failure::Stopped)? {
                Reserved::Granted(count) => {
                    self.keep_reserved(count.saturating_sub(1), now_ms);
                    return Ok(());
                }
                Reserved::NotBefore(until_ms) => {
                    let wait = until_ms - now_ms;
                    if wait > self.patience_ms {
                        let until = Timestamp::from_millisecond(until_ms).unwrap_or(Timestamp::MAX);
                        return Err(Failure::RateLimited { until });
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(wait.max(1) as u64)).await;
                }
            }
        }
    }

    async fn observe(&self, reply: &Reply) {
        let now = clock::now();
        let Some(left) = limit::left(&self.provider.limit, reply, now) else { return };
        // The server's own count is the one that matters: other programs may share the application.
        if left.requests == 0
            && let Some(until) = left.resets_at
        {
            self.pause_until(until).await;
        }
    }

    async fn pause_until(&self, until: Timestamp) {
        self.give_up_reserved();
        if let Err(error) = self.store.pause_until(self.provider.id, until.as_millisecond()) {
            tracing::warn!(provider = self.provider.id, %error, "a wait could not be shared");
        }
    }
}
