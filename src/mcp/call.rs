//! One call of a tool: whether it is still wanted, how its caller is told of the progress, and the pictures that
//! go with its answer.

use std::{
    future::{pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use rmcp::{
    RoleServer,
    model::{ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};
use serde_json::Value;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    error::{Code, Error, Result},
    sync::{Job, Progress},
};

/// Not more than five notes of progress in a second.
const BETWEEN_NOTES: Duration = Duration::from_millis(200);

/// The work of a call, and what it answers.
pub(super) type Running<'a> = Pin<Box<dyn Future<Output = Result<Value>> + Send + 'a>>;

pub(super) struct Call {
    context: RequestContext<RoleServer>,
    /// How long a sync is waited for.
    patience: Duration,
    /// Becomes true when the client has gone.
    closing: watch::Receiver<bool>,
    pictures: Mutex<Vec<Vec<u8>>>,
}

impl Call {
    pub(super) fn new(
        context: RequestContext<RoleServer>,
        patience: Duration,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self { context, patience, closing, pictures: Mutex::default() }
    }

    /// The work, unless the caller cancels it or leaves.
    pub(super) async fn unless_over<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            done = work => done,
            () = self.context.ct.cancelled() => Err(cancelled()),
            () = self.gone() => Err(cancelled()),
        }
    }

    /// Waits for a sync and tells of its progress. It goes on when the wait is over; cancelling the call
    /// stops it.
    pub(super) async fn watch(&self, job: &mut Job) -> Result<Progress> {
        let mut notes = Notes { token: self.context.meta.get_progress_token(), last: -1.0, at: None };
        let deadline = sleep(self.patience);
        tokio::pin!(deadline);
        loop {
            let progress = job.progress();
            if progress.outcome.is_some() {
                return Ok(progress);
            }
            let held_back = notes.tell(&self.context, &progress).await;
            tokio::select! {
                () = until(held_back) => {}
                () = self.context.ct.cancelled() => {
                    job.cancel();
                    return Err(cancelled());
                }
                () = self.gone() => return Ok(job.progress()),
                () = &mut deadline => return Ok(job.progress()),
                more = job.changed() => {
                    if !more && job.progress().outcome.is_none() {
                        return Err(Error::internal("the sync ended without a report"));
                    }
                }
            }
        }
    }

    /// Does what takes a while on a thread of its own, and tells how far it is: the work says so by a word and
    /// a number. Cancelling the call stops it at its next word, and it is over when the call is answered.
    pub(super) async fn follow<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn FnMut(&str, u64) -> Result<()>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let stop = StopOnDrop::default();
        let (tell, mut told) = watch::channel((String::new(), 0));
        let stopped = Arc::clone(&stop.0);
        let mut work = tokio::task::spawn_blocking(move || {
            work(&mut |what, count| {
                if stopped.load(Ordering::Relaxed) {
                    return Err(cancelled());
                }
                tell.send_replace((what.to_owned(), count));
                Ok(())
            })
        });
        let mut notes = Notes { token: self.context.meta.get_progress_token(), last: -1.0, at: None };
        let mut more = true;
        loop {
            let (what, count) = told.borrow_and_update().clone();
            let held_back = match what.as_str() {
                "" => None,
                what => notes.say(&self.context, count, format!("{what}: {count} rows so far")).await,
            };
            tokio::select! {
                () = until(held_back) => {}
                done = &mut work => return done.unwrap_or_else(|_| Err(Error::internal("a fault of this program"))),
                () = self.context.ct.cancelled(), if !stop.is_set() => stop.set(),
                () = self.gone(), if !stop.is_set() => stop.set(),
                changed = told.changed(), if more && held_back.is_none() => more = changed.is_ok(),
            }
        }
    }

    /// Puts a PNG beside the answer, after its text: the facts are never in a picture alone.
    pub(super) fn show(&self, png: Vec<u8>) {
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner).push(png);
    }

    /// What has been shown.
    pub(super) fn pictures(self) -> Vec<Vec<u8>> {
        self.pictures.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    async fn gone(&self) {
        let mut closing = self.closing.clone();
        // An error means that the server itself is gone.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}

/// The work, or an error where it breaks off: a caller that is never answered waits for ever.
pub(super) async fn unbroken(mut work: Running<'_>) -> Result<Value> {
    poll_fn(|cx| {
        // Nothing of the work is used after it broke off, and the store puts its locks right by itself.
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)))
            .unwrap_or_else(|_| Poll::Ready(Err(Error::internal("a fault of this program"))))
    })
    .await
}

fn cancelled() -> Error {
    Error::new(Code::Cancelled, "the call was cancelled")
}

/// Tells work on another thread to stop, at the latest when nobody waits for it any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl StopOnDrop {
    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.set();
    }
}

/// Progress as the protocol wants it: only when asked for, and always increasing.
struct Notes {
    token: Option<ProgressToken>,
    last: f64,
    at: Option<Instant>,
}

impl Notes {
    /// Tells how far it is, or answers when it may: what comes too soon is held back, not lost.
    async fn tell(&mut self, context: &RequestContext<RoleServer>, progress: &Progress) -> Option<Instant> {
        let message = match progress.message.as_str() {
            // It waits for its turn, or for the provider's first answer.
            "" => "starting".to_owned(),
            what => format!("{what}: {} records so far", progress.fetched),
        };
        self.say(context, progress.fetched, message).await
    }

    async fn say(
        &mut self,
        context: &RequestContext<RoleServer>,
        count: u64,
        message: String,
    ) -> Option<Instant> {
        let token = self.token.clone()?;
        let value = count as f64;
        if value <= self.last {
            return None;
        }
        if let Some(next) = self.at.map(|at| at + BETWEEN_NOTES).filter(|next| *next > Instant::now()) {
            return Some(next);
        }
        self.last = value;
        self.at = Some(Instant::now());
        let note = ProgressNotificationParam::new(token, value).with_message(message);
        // A client that no longer listens is no reason to stop.
        let _ = context.peer.notify_progress(note).await;
        None
    }
}

/// Never, where there is nothing to wait for.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_breaks_off_is_answered() {
        let faulty: Running<'_> = Box::pin(async {
            tokio::task::yield_now().await;
            panic!("a value that must not be told")
        });
        let error = unbroken(faulty).await.unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (Code::Internal, "a fault of this program"));
        assert!(unbroken(Box::pin(async { Ok(Value::Null) })).await.is_ok());
    }
}
