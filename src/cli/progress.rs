//! Work on a thread of its own that a person can watch and interrupt: exports and backups.
//!
//! An interrupt is told to the work, which then cleans up after itself; a second one leaves at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use crate::error::{Code, Error, Result};

/// What a person is shown meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Nothing,
    Rows,
    /// Only that it goes on.
    Spinner,
}

/// Runs the work to its end. It is handed what it asks now and then: an error there means that it is to stop.
pub async fn run<T: Send + 'static>(
    shown: Shown,
    work: impl FnOnce(&mut dyn FnMut(&str, u64) -> Result<()>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let bar = (shown != Shown::Nothing && output::watched()).then(|| bar(shown));
    let stop = Arc::new(AtomicBool::new(false));
    let (stopped, watched) = (Arc::clone(&stop), bar.clone());
    let mut work = tokio::task::spawn_blocking(move || {
        work(&mut |what, count| {
            if stopped.load(Ordering::Relaxed) {
                return Err(Error::new(Code::Cancelled, "it was interrupted")
                    .hint("Nothing was left behind. Run it again."));
            }
            if let Some(bar) = &watched {
                bar.set_position(count);
                bar.set_message(what.to_owned());
            }
            Ok(())
        })
    });
    loop {
        tokio::select! {
            done = &mut work => {
                if let Some(bar) = &bar {
                    bar.finish_and_clear();
                }
                return done.unwrap_or_else(|_| Err(Error::internal("a fault of this program")));
            }
            () = interrupted() => {
                if stop.swap(true, Ordering::Relaxed) {
                    return Err(Error::new(Code::Cancelled, "it was left before it had stopped"));
                }
            }
        }
    }
}

/// Waits until the person or the system wants the command to end: Ctrl-C, or SIGTERM.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut by_hand), Ok(mut by_system)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        {
            tokio::select! {
                _ = by_hand.recv() => {}
                _ = by_system.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn bar(shown: Shown) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let template = match shown {
        Shown::Spinner => "{spinner} {msg}, {elapsed}",
        _ => "{spinner} {msg}, {pos} rows, {elapsed}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
