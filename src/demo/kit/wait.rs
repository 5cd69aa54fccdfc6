//! Locks and waiting for the simulated servers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The guard of `mutex`, also after a thread has panicked while holding it: the state of a simulation stays
/// usable, and the panic itself already fails the test.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A flag that ends every wait of a server when it shuts down.
#[derive(Debug, Default)]
pub struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Ends every wait, now and later.
    pub fn set(&self) {
        *lock(&self.stopped) = true;
        self.changed.notify_all();
    }

    /// True once [`Stop::set`] was called.
    pub fn is_set(&self) -> bool {
        *lock(&self.stopped)
    }

    /// Waits for `time` or until stopped; true when stopped.
    pub fn wait(&self, time: Duration) -> bool {
        let stopped = lock(&self.stopped);
        let outcome = self.changed.wait_timeout_while(stopped, time, |stopped| !*stopped);
        *outcome.unwrap_or_else(PoisonError::into_inner).0
    }
}
