//! One sync of a provider at a time, whatever the number of processes. Readers never wait for it.

use std::time::Duration;

use crate::{
    config::Paths,
    error::{Code, Error, Result},
    files,
    lock::Lock,
};

/// A first import at the provider's pace takes minutes; whoever waits is told how far it is elsewhere.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Held for the length of a sync.
pub(super) struct Flight {
    _lock: Lock,
    /// Somebody else was syncing when this one arrived.
    pub waited: bool,
}

/// Waits until nobody else syncs the provider. Dropping the future gives up the wait.
pub(super) async fn board(paths: &Paths, provider: &str) -> Result<Flight> {
    let dir = paths.locks();
    let path = dir.join(format!("sync-{provider}.lock"));
    let failed = |error: std::io::Error| {
        Error::new(Code::CacheError, format!("cannot lock {}: {error}", path.display()))
            .hint("The directory must be yours, writable and on a local disk.")
    };
    files::private_dir(&dir).map_err(failed)?;
    if let Some(lock) = Lock::acquire(&path, Duration::ZERO).await.map_err(failed)? {
        return Ok(Flight { _lock: lock, waited: false });
    }
    match Lock::acquire(&path, PATIENCE).await.map_err(failed)? {
        Some(lock) => Ok(Flight { _lock: lock, waited: true }),
        None => Err(Error::new(Code::SyncError, "another process has been syncing for a day")
            .hint("`vitals-mcp status` says how far it is.")),
    }
}
