//! The requests of a sync: one at a time, with one refresh where the token is not accepted, and what a failed one
//! means for the rest of the run.

use super::{Halt, Run, count, publish};
use crate::{
    clock,
    error::{Error, Result},
    http,
    providers::catalogue::{Call, Reply, Resource},
    sync::{offer::Declined, skew},
};

impl Run<'_> {
    /// One request, with one refresh if the token is not accepted. `None`: the provider says that there is
    /// nothing, and has no reply for that.
    pub(in crate::sync) async fn fetch(&mut self, call: &Call) -> Result<Option<Reply>> {
        match self.request(call).await {
            Ok(reply) => Ok(Some(reply)),
            Err(http::Failure::UnauthorizedOrNothing) if self.refreshed => Ok(None),
            Err(failure) => Err(self.failed(&failure)),
        }
    }

    /// Like `fetch`, with the provider's way of declining what not every account is offered.
    pub(in crate::sync) async fn fetch_of(
        &mut self,
        resource: &Resource,
        call: &Call,
    ) -> Result<std::result::Result<Option<Reply>, Declined>> {
        if !resource.optional {
            return self.fetch(call).await.map(Ok);
        }
        match self.request(call).await {
            Ok(reply) => Ok(Ok(Some(reply))),
            Err(failure) => match Declined::of(&failure) {
                Some(declined) => Ok(Err(declined)),
                None => Err(self.failed(&failure)),
            },
        }
    }

    /// Like `fetch`, with `None` for a record that is not there.
    pub(in crate::sync) async fn try_fetch(&mut self, call: &Call) -> Result<Option<Reply>> {
        match self.request(call).await {
            Ok(reply) => Ok(Some(reply)),
            Err(http::Failure::NotFound) => Ok(None),
            Err(failure) => Err(self.failed(&failure)),
        }
    }

    /// One request and its reply. What waits to be stored does not wait for a provider that is slow, nor does
    /// the word of it.
    async fn reply(&mut self, call: &Call) -> std::result::Result<Reply, http::Failure> {
        let Self {
            http, provider, origin, bearer, gate, budget, batch, report, unreadable, progress, ..
        } = self;
        let reply = http.fetch(provider, origin, call, bearer, gate, budget);
        tokio::pin!(reply);
        let Some(due) = batch.due() else { return reply.await };
        tokio::select! {
            biased;
            reply = &mut reply => return reply,
            () = tokio::time::sleep_until(due) => {}
        }
        for (resource, counts) in batch.store().map_err(http::Failure::Stopped)? {
            *unreadable += counts.newly_unreadable;
            count(report, resource, counts);
            publish(report, progress, resource);
        }
        reply.await
    }

    async fn request(&mut self, call: &Call) -> std::result::Result<Reply, http::Failure> {
        let reply = self.request_with_a_good_token(call).await?;
        skew::check(self.provider, &reply, clock::now()).map_err(http::Failure::Stopped)?;
        Ok(reply)
    }

    async fn request_with_a_good_token(&mut self, call: &Call) -> std::result::Result<Reply, http::Failure> {
        let first = self.reply(call).await;
        let doubtful =
            matches!(first, Err(http::Failure::Unauthorized | http::Failure::UnauthorizedOrNothing));
        if !doubtful || self.refreshed {
            return first;
        }
        // A refresh takes as long as the provider likes.
        self.flush().map_err(http::Failure::Stopped)?;
        let access = self.account.refresh_after_401(&self.http, self.generation).await;
        let access = access.map_err(|error| http::Failure::Stopped(error.explain(self.provider)))?;
        (self.bearer, self.generation, self.refreshed) = (access.token, access.generation, true);
        self.reply(call).await
    }

    /// Notes what a failure means for the rest of the run, and explains it.
    fn failed(&mut self, failure: &http::Failure) -> Error {
        self.halt = match failure {
            // A fresh token that one collection refuses is a missing scope, and the others go on.
            http::Failure::Unauthorized
            | http::Failure::UnauthorizedOrNothing
            | http::Failure::NotGranted => Halt::NotGranted,
            http::Failure::NotOffered(because) => {
                self.not_offered = Some(because);
                Halt::NotGranted
            }
            http::Failure::RateLimited { .. } | http::Failure::Transport(_) | http::Failure::Stopped(_) => {
                Halt::Provider
            }
            http::Failure::NotFound | http::Failure::Upstream { .. } | http::Failure::Refused { .. } => {
                Halt::Resource
            }
        };
        match failure {
            http::Failure::Unauthorized | http::Failure::UnauthorizedOrNothing => {
                http::Failure::NotGranted.explain(self.provider)
            }
            failure => failure.explain(self.provider),
        }
    }

    /// Whether what failed last says nothing about the next request.
    pub(in crate::sync) fn may_go_on(&self) -> bool {
        self.halt == Halt::Resource
    }
}
