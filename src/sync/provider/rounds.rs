//! The resources of a run, one after the other, and what refused the token once more at the end; what each came to.

use std::collections::BTreeMap;

use crate::{
    clock,
    error::{Code, Error, Reported, Result},
    http,
    model::sync_report::{ResourceReport, Status},
    providers::catalogue::Resource,
    store::MARK_REFUSED,
    sync::{
        ask::Ask,
        run::{Halt, Run},
    },
};

impl Run<'_> {
    pub(super) async fn sync_resources(&mut self, wanted: &[&'static Resource], ask: &Ask) {
        // Another account's login gets nowhere: the rest is told the same.
        let mut stopped = self.identify().await.err();
        self.halt = Halt::default();
        for resource in wanted {
            self.sync_next(resource, ask, &mut stopped).await;
        }
        if stopped.is_none() {
            let again = self.worth_another_try(wanted).await;
            self.standing.last_try = true;
            for resource in wanted.iter().filter(|resource| again.contains(&resource.name)) {
                self.sync_next(resource, ask, &mut stopped).await;
            }
        }
        let marked = wanted.iter().try_for_each(|resource| self.remember_refusal(resource));
        if let Err(error) = marked {
            tracing::warn!(provider = self.provider.id, %error, "a refusal could not be remembered");
        }
        self.tell_refused_token().await;
    }

    /// Syncs one resource and writes its row of the report.
    async fn sync_next(&mut self, resource: &'static Resource, ask: &Ask, stopped: &mut Option<Error>) {
        let missing_scope = self.not_granted.contains(&resource.scope);
        let before = self.budget.requests();
        self.standing.begin(resource);
        let result = match &*stopped {
            Some(error) => Err(error.clone()),
            None if missing_scope => {
                self.halt = Halt::NotGranted;
                Err(http::Failure::NotGranted.explain(self.provider))
            }
            None => {
                let synced = self.sync_resource(resource, ask).await;
                // Whatever stopped it, what came before is stored.
                let stored = self.flush();
                synced.and(stored).and_then(|()| self.all_readable(resource))
            }
        };
        let (halt, error) = (self.halt, result.err());
        (self.halt, self.unreadable) = (Halt::default(), 0);
        if let Some(error) = &error
            && halt == Halt::Provider
        {
            stopped.get_or_insert_with(|| error.clone());
        }
        let asked = self.budget.requests() > before;
        let Some(row) = self.row_of(resource) else { return };
        // A reply that the run has had before is one all the same.
        let asked = asked || row.fetched > 0;
        row.status = match (&error, halt) {
            (None, _) if !asked => Status::Idle,
            (None, _) => Status::Ok,
            (Some(_), Halt::NotGranted) => Status::NotGranted,
            (Some(_), _) if row.fetched > 0 => Status::Partial,
            (Some(error), _) if error.code == Code::SyncError || error.code == Code::RateLimited => {
                Status::Partial
            }
            (Some(_), _) => Status::Error,
        };
        row.error = error.as_ref().map(Reported::from);
        self.publish(resource);
    }

    /// What refused the token, or said that there is nothing before anything proved the token good, is asked once
    /// more when it is known better. Where nothing was accepted, that takes another token.
    async fn worth_another_try(&mut self, wanted: &[&'static Resource]) -> Vec<&'static str> {
        let mut known = BTreeMap::new();
        for resource in wanted {
            self.standing.asking = Some(resource);
            if let Ok(Some(at)) = self.refused_before() {
                known.insert(resource.name, at);
            }
        }
        let refused = !self.standing.refused.is_empty();
        if refused && self.standing.renewals.may_after_all(clock::now_ms(), known.values().max().copied()) {
            // Why it failed stands in the rows that asked for it.
            let _ = self.renew().await;
        }
        self.standing.again(self.generation, |name| known.contains_key(name))
    }

    /// A mark for what refuses even a renewed token, so that the next run does not renew it for that alone.
    fn remember_refusal(&mut self, resource: &'static Resource) -> Result<()> {
        self.standing.asking = Some(resource);
        let before = self.refused_before()?;
        let refuses = self.standing.refuses_renewed(resource);
        let ok = self.row_of(resource).is_some_and(|row| row.status == Status::Ok);
        let mark = match (refuses, before) {
            (true, None) => Some(clock::now_ms().to_string()),
            (false, Some(_)) if ok => None,
            _ => return Ok(()),
        };
        self.store.set_state(self.provider.id, resource.name, MARK_REFUSED, mark.as_deref())
    }

    /// When nothing at all was given, it is the token that is not accepted, or the account, and not each resource
    /// by itself. What had nothing to ask says nothing.
    async fn tell_refused_token(&mut self) {
        let refused = |row: &&ResourceReport| self.standing.refused.contains(row.resource.as_str());
        let rows: Vec<&ResourceReport> =
            self.report.resources.iter().filter(|row| row.status != Status::Idle).collect();
        let all = rows.len() > 1 && rows.iter().all(|row| row.status == Status::NotGranted || refused(row));
        if !all {
            return;
        }
        let by_token = rows.iter().any(refused);
        let mut error = match self.not_offered.filter(|_| !by_token) {
            Some(because) => http::Failure::NotOffered(because),
            None => http::Failure::Unauthorized { status: 401 },
        }
        .explain(self.provider);
        // Now it is certain that a login that nothing can renew is over: others need not try.
        if !self.standing.renewals.renews
            && self.not_offered.is_none()
            && let Err(refused) = self.account.refresh_after_401(&self.http, self.generation).await
        {
            error = refused.explain(self.provider);
        }
        let failure = Reported::from(&error);
        for row in self.report.resources.iter_mut().filter(|row| row.status != Status::Idle) {
            // A box that was not ticked stays what it is while the others were asked in vain.
            if by_token && row.status == Status::NotGranted {
                continue;
            }
            row.status = Status::Error;
            row.error = Some(failure.clone());
        }
    }
}
