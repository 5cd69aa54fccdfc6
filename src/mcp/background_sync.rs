//! The sync that a running server makes by itself, so that most questions find the mirror fresh; and before the first
//! of them the days that are not kept yet are worked out, as in a mirror of an earlier version.
//!
//! It starts with the first request and not with the process: a client that only looks at the tools pays
//! for no file and no connection. Several servers of one profile share the last sync through the store.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::watch, time::sleep};

use super::subscriptions::Stir;
use crate::{service::Service, sync::Ask};

/// The first question is answered before anything else is begun.
const AFTER_FIRST_REQUEST: Duration = Duration::from_secs(3);

/// Between two slices of days that are worked out.
const BETWEEN_SLICES: Duration = Duration::from_millis(10);

/// How often it looks whether somebody has signed in, or another process has synced.
const LOOK: Duration = Duration::from_secs(300);

/// A first import of many years at the pace of a daily quota takes this long.
const LONGEST: Duration = Duration::from_secs(3 * 24 * 3600);

pub(super) async fn run(service: Service, mut awake: watch::Receiver<bool>, stir: Stir) {
    if awake.wait_for(|awake| *awake).await.is_err() {
        return;
    }
    sleep(AFTER_FIRST_REQUEST).await;
    let app = Arc::clone(&service.app);
    // Others who write get their turn between two slices.
    let keep = move || {
        app.keep_days(&mut |_| {
            std::thread::sleep(BETWEEN_SLICES);
            true
        });
    };
    // A mirror of an earlier version: its days are kept while questions are answered.
    let _ = tokio::task::spawn_blocking(keep).await;
    let Some(interval) = service.app.config.sync_interval else { return };
    let mut attempt = None;
    loop {
        // A store that cannot be opened now may be mended later; whoever asks a question is told.
        let last = service.longest_unsynced().unwrap_or_default();
        let due =
            last.map(|last| due_in(last.max(attempt.unwrap_or(last)), service.now(), interval, chance()));
        match due {
            Some(Duration::ZERO) => {
                let mut job = service.app.engine.start(Ask::default());
                match job.wait(LONGEST).await.map(|outcome| outcome.map(|report| report.error())) {
                    Some(Ok(None)) => tracing::info!("synced in the background"),
                    Some(Err(error) | Ok(Some(error))) => tracing::warn!(%error, "a sync in the background"),
                    None => tracing::warn!("a sync in the background goes on for days"),
                }
                attempt = Some(service.now());
                stir.send_replace(());
            }
            Some(due) => sleep(due.min(LOOK)).await,
            None => sleep(LOOK).await,
        }
    }
}

/// How long until the next sync, the interval taken up to a tenth shorter or longer so that many servers
/// do not ask at the same moment. `chance` is from 0 to 1.
fn due_in(last: Timestamp, now: Timestamp, interval: Duration, chance: f64) -> Duration {
    let since = Duration::try_from(now.duration_since(last)).unwrap_or_default();
    let due = interval.mul_f64(0.9 + 0.2 * chance).saturating_sub(since);
    // Never so short that the loop spins.
    if due.is_zero() { due } else { due.max(Duration::from_secs(1)) }
}

fn chance() -> f64 {
    RandomState::new().hash_one(0) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn around_the_interval_and_at_once_when_it_is_long_ago() {
        let now: Timestamp = "2026-03-18T09:00:00Z".parse().unwrap();
        let hour = Duration::from_secs(3600);
        let due = |minutes: i64, chance: f64| {
            due_in(now - jiff::SignedDuration::from_mins(minutes), now, 2 * hour, chance).as_secs()
        };
        assert_eq!((due(0, 0.0), due(0, 0.5), due(0, 1.0)), (6480, 7200, 7920));
        assert_eq!((due(60, 0.5), due(120, 0.5), due(100_000, 0.5)), (3600, 0, 0));
        assert_eq!(due_in(Timestamp::UNIX_EPOCH, now, hour, 1.0), Duration::ZERO);
        // A clock that was set back does not put it off for ever.
        assert_eq!(due(-600, 0.5), 7200);
        assert!((0.0..=1.0).contains(&chance()));
    }
}
