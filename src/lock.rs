//! One process at a time: a lock of the kernel's on a file that is never deleted.
//!
//! The kernel lets go when the holder dies, however it dies, so nobody has to decide whether a lock is
//! stale. The lock is per open file: it also holds between two tasks of one process.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use crate::{clock::Stopwatch, files};

/// Held until dropped.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "closing it lets go")] File);

impl Lock {
    /// `None`: somebody else held it all the time.
    ///
    /// Polls instead of blocking: a thread that is stuck in a blocking lock cannot be called back.
    pub async fn acquire(path: &Path, patience: Duration) -> io::Result<Option<Self>> {
        let file = files::open_or_create(path)?;
        let watch = Stopwatch::start();
        let mut pause = Duration::from_millis(5);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self(file))),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if watch.elapsed() >= patience => return Ok(None),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_holder_at_a_time_and_the_file_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x.lock");
        let held = Lock::acquire(&path, Duration::ZERO).await.unwrap().unwrap();
        assert!(Lock::acquire(&path, Duration::ZERO).await.unwrap().is_none());
        assert!(Lock::acquire(&path, Duration::from_millis(20)).await.unwrap().is_none());
        drop(held);
        assert!(Lock::acquire(&path, Duration::ZERO).await.unwrap().is_some());
        assert!(path.exists());
    }

    #[tokio::test]
    async fn whoever_waits_gets_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x.lock");
        let held = Lock::acquire(&path, Duration::ZERO).await.unwrap().unwrap();
        let (waited, ()) = tokio::join!(Lock::acquire(&path, Duration::from_secs(45)), async { drop(held) });
        assert!(waited.unwrap().is_some());
    }
}
