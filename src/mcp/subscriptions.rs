//! Telling subscribers that a resource changed, in both eras: `resources/subscribe` of the sessions, and
//! `subscriptions/listen` of 2026-07-28.
//!
//! The mirror is looked at as long as somebody is subscribed and not otherwise: right after our own work, and
//! every few seconds for what other processes store.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rmcp::{
    ErrorData, Peer, RoleServer,
    model::{ResourceUpdatedNotificationParam, SubscriptionFilter},
    service::SubscriptionContext,
};
use tokio::{
    sync::watch::{Receiver, Sender},
    task::AbortHandle,
    time::sleep,
};

use super::watch::Watch;
use crate::{error::Result, service::Service};

/// How often what other processes may have stored is looked for: one indexed read.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Whoever finished something that may have stored records gives this a stir.
pub(super) type Stir = Sender<()>;

pub(super) struct Subscriptions {
    service: Service,
    stir: Stir,
    session: Arc<Mutex<Session>>,
    /// What was accepted and is about to be listened to, as it was when it was accepted: what changes
    /// before the listening begins is told too.
    accepted: Mutex<Vec<Watch>>,
}

/// The subscriptions of a session, with the task that looks after them.
struct Session {
    watch: Watch,
    task: Option<AbortHandle>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is kept here can be left half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Subscriptions {
    pub(super) fn new(service: Service, stir: Stir) -> Self {
        let session = Session { watch: Watch::new(), task: None };
        Self { service, stir, session: Arc::new(Mutex::new(session)), accepted: Mutex::default() }
    }

    /// Something may have been stored.
    pub(super) fn stir(&self) {
        self.stir.send_replace(());
    }

    /// The session's client wants to be told when a resource changes.
    pub(super) fn subscribe(&self, uri: &str, peer: Peer<RoleServer>) -> Result<()> {
        let mut session = locked(&self.session);
        session.watch.add(&self.service, uri)?;
        if session.task.is_none() {
            let (service, stirred) = (self.service.clone(), self.stir.subscribe());
            let task = tokio::spawn(tell_session(service, Arc::clone(&self.session), peer, stirred));
            session.task = Some(task.abort_handle());
        }
        Ok(())
    }

    /// It wants to be told no more. One that was never subscribed to is told about no more either.
    pub(super) fn unsubscribe(&self, uri: &str) {
        let mut session = locked(&self.session);
        session.watch.remove(uri);
        if session.watch.is_empty()
            && let Some(task) = session.task.take()
        {
            task.abort();
        }
    }

    /// Which of the wanted resources can be listened to. The others are left out of the acknowledgement.
    pub(super) fn accept(&self, wanted: &SubscriptionFilter) -> SubscriptionFilter {
        let mut accepted = SubscriptionFilter::new();
        if let Some(uris) = &wanted.resource_subscriptions {
            let mut watch = Watch::new();
            let known = uris.iter().filter(|uri| watch.add(&self.service, uri).is_ok()).cloned().collect();
            locked(&self.accepted).push(watch);
            accepted.resource_subscriptions = Some(known);
        }
        accepted
    }

    /// Tells of changes until the client has had enough or has gone.
    pub(super) async fn listen(
        &self,
        context: SubscriptionContext,
        mut closing: Receiver<bool>,
    ) -> std::result::Result<(), ErrorData> {
        let mut stirred = self.stir.subscribe();
        let mut watch = self.taken(context.accepted().resource_subscriptions.as_deref().unwrap_or_default());
        let telling = async {
            loop {
                for uri in looked(&mut watch, &self.service) {
                    if context.sink().notify_resource_updated(uri).await.is_err() {
                        return;
                    }
                }
                if watch.is_empty() {
                    std::future::pending::<()>().await;
                }
                until_next_look(&mut stirred).await;
            }
        };
        tokio::select! {
            () = telling => {}
            () = context.cancelled() => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
        Ok(())
    }

    /// What was kept when these were accepted. The protocol's library hands on the list with its repetitions.
    fn taken(&self, uris: &[String]) -> Watch {
        let uris: BTreeSet<&String> = uris.iter().collect();
        let mut accepted = locked(&self.accepted);
        let at = accepted.iter().position(|watch| watch.uris().eq(uris.iter().copied()));
        at.map_or_else(Watch::new, |at| accepted.swap_remove(at))
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        if let Some(task) = locked(&self.session).task.take() {
            task.abort();
        }
    }
}

async fn tell_session(
    service: Service,
    session: Arc<Mutex<Session>>,
    peer: Peer<RoleServer>,
    mut stirred: Receiver<()>,
) {
    loop {
        until_next_look(&mut stirred).await;
        let changed = looked(&mut locked(&session).watch, &service);
        for uri in changed {
            let note = ResourceUpdatedNotificationParam::new(uri);
            if peer.notify_resource_updated(note).await.is_err() {
                return;
            }
        }
    }
}

/// What changed. A mirror that cannot be read now is looked at again later.
fn looked(watch: &mut Watch, service: &Service) -> Vec<String> {
    watch.look(service).unwrap_or_else(|error| {
        tracing::debug!(%error, "the mirror could not be looked at for subscribers");
        Vec::new()
    })
}

async fn until_next_look(stirred: &mut Receiver<()>) {
    tokio::select! {
        Ok(()) = stirred.changed() => {}
        () = sleep(LOOK_EVERY) => {}
    }
}
