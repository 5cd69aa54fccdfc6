//! The requests of a sync: one at a time, with a renewal where the token is not accepted, and what a failed one means
//! for the rest of the run.

use super::{Halt, Run, count, publish};
use crate::{
    auth::Connection,
    clock,
    error::{Error, Result},
    http,
    providers::catalogue::{Call, Reply},
    store::MARK_REFUSED,
    sync::{
        clock_skew,
        offer::Declined,
        verdict::{Asked, Grant, Meaning, Question, explain, meaning},
    },
};

/// What a request for a page brought.
pub(in crate::sync) struct Fetch {
    /// `None`: there is nothing, and no reply for that.
    pub reply: Option<Reply>,
    /// It was the other form of the request that was accepted.
    pub other_form: bool,
    /// What not every account is offered was declined.
    pub declined: Option<Declined>,
}

impl Run<'_> {
    /// One request for a page, with a renewal if the token is not accepted. Where the request is not accepted and
    /// there is another form of it, that one is tried too.
    pub(in crate::sync) async fn fetch(&mut self, call: &Call, otherwise: Option<&Call>) -> Result<Fetch> {
        let mut result = self.request(call).await;
        let mut other_form = false;
        if let (Err(http::Failure::Refused { status: 400 | 422 }), Some(call)) = (&result, otherwise) {
            result = self.request(call).await;
            other_form = true;
        }
        let got = |reply| Fetch { reply, other_form, declined: None };
        match result {
            Ok(reply) if reply.is_without_content() => Ok(got(None)),
            Ok(reply) => Ok(got(Some(reply))),
            Err(failure) => match meaning(self.question(), &failure) {
                Meaning::Nothing => {
                    self.standing.note_nothing(&failure);
                    Ok(got(None))
                }
                Meaning::Declined(declined) => Ok(Fetch { declined: Some(declined), ..got(None) }),
                _ => Err(self.failed(&failure)),
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
        self.standing.renewals.proven = true;
        clock_skew::check(self.provider, &reply, clock::now()).map_err(http::Failure::Stopped)?;
        Ok(reply)
    }

    async fn request_with_a_good_token(&mut self, call: &Call) -> std::result::Result<Reply, http::Failure> {
        let first = self.reply(call).await;
        let doubtful =
            matches!(first, Err(http::Failure::Unauthorized { .. } | http::Failure::UnauthorizedOrNothing));
        if !doubtful {
            return first;
        }
        let before = self.refused_before().map_err(http::Failure::Stopped)?;
        if self.standing.last_try || !self.standing.renewals.may(clock::now_ms(), before) {
            return first;
        }
        self.renew().await.map_err(http::Failure::Stopped)?;
        self.reply(call).await
    }

    /// Another token. A refresh takes as long as the provider likes.
    pub(in crate::sync) async fn renew(&mut self) -> Result<()> {
        self.flush()?;
        let access = self.account.refresh_after_401(&self.http, self.generation).await;
        let access = access.map_err(|error| error.explain(self.provider))?;
        (self.bearer, self.generation) = (access.token, access.generation);
        let life = match self.account.connection() {
            Ok(Connection::Connected { expires_at: Some(end), obtained_at: Some(from), .. }) => {
                Some(end.as_millisecond() - from.as_millisecond())
            }
            _ => None,
        };
        self.standing.renewals.renewed(clock::now_ms(), life);
        Ok(())
    }

    /// When the resource at hand last refused a renewed token, UTC milliseconds.
    pub(in crate::sync) fn refused_before(&self) -> Result<Option<i64>> {
        let Some(resource) = self.standing.asking else { return Ok(None) };
        let mark = self.store.state(self.provider.id, resource.name, MARK_REFUSED)?;
        Ok(mark.and_then(|at| at.parse().ok()))
    }

    fn question(&self) -> Question {
        let resource = self.standing.asking;
        Question {
            asked: resource.map_or(Asked::Collection, Asked::of),
            grant: match resource {
                Some(resource) if self.not_granted.contains(&resource.scope) => Grant::Lacks,
                _ if self.standing.grant_known => Grant::Has,
                _ => Grant::Unknown,
            },
            proven: self.standing.renewals.proven || self.standing.alone,
        }
    }

    /// Notes what a failure means for the rest of the run, and explains it.
    fn failed(&mut self, failure: &http::Failure) -> Error {
        let question = self.question();
        self.halt = match meaning(question, failure) {
            Meaning::TokenRefused => {
                self.standing.note_refused(self.generation);
                Halt::TokenRefused
            }
            Meaning::NotGranted => Halt::NotGranted,
            Meaning::NotOffered(because) => {
                self.not_offered = Some(because);
                Halt::NotGranted
            }
            Meaning::Ends => Halt::Provider,
            Meaning::Fails | Meaning::Nothing | Meaning::Declined(_) => {
                if *failure == http::Failure::NotFound && !question.proven {
                    self.standing.note_doubt(self.generation);
                }
                Halt::Resource
            }
        };
        explain(question, failure, self.provider, self.standing.asking)
    }

    /// Whether what failed last says nothing about the next request.
    pub(in crate::sync) fn may_go_on(&self) -> bool {
        self.halt == Halt::Resource
    }
}
