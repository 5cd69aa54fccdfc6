//! What a plan needs to know of a resource: what was listed, when its rows are from, and how far back there can be
//! anything.
//!
//! High-rate data is asked for in thousands of requests, and begins where another resource does. That one is
//! listed first where it was not yet, whatever was asked for.

use crate::{
    clock,
    error::{Code, Error, Result},
    model::sync_report::Status,
    providers::{
        catalogue::{Keep, Range, Resource, Window},
        record_series,
    },
    store::{MARK_MODIFIED, MARK_ROTATION, RowsOf, gaps},
    sync::{
        plan::{Bound, History, Mode, floor_ms, plan},
        pull::pull,
        run::{Halt, Run},
    },
};

const DAY_MS: i64 = 86_400_000;

impl Run<'_> {
    pub(super) fn history(&self, resource: &'static Resource, bound: Bound) -> Result<History> {
        let (provider, name) = (self.provider.id, resource.name);
        let number = |mark: &str| -> Result<Option<i64>> {
            Ok(self.store.state(provider, name, mark)?.and_then(|text| text.parse().ok()))
        };
        let mut history = History {
            covered: self.store.coverage(provider, name)?,
            first_start: self.store.extent(provider, name)?.first_start,
            row_times: Vec::new(),
            bound,
            rotation: number(MARK_ROTATION)?,
            modified: number(MARK_MODIFIED)?,
        };
        if let (Keep::Samples { values, .. }, Window::Range(range)) = (&resource.keep, &resource.window) {
            let rows = RowsOf {
                provider,
                metrics: values.iter().map(|(_, metric)| *metric).collect(),
                foreign: record_series::foreign(self.provider, resource),
            };
            let now = clock::now_ms();
            history.first_start = self.store.row_extent(&rows, now)?.map(|(first, _)| first);
            if range.rows_at_once.is_some() {
                let span = (now - range.reread_days * DAY_MS, now + DAY_MS);
                history.row_times = self.store.row_times(&rows, span)?;
            }
        }
        Ok(history)
    }

    /// Where the history of a resource begins. What bounds it is listed first where it never was to its end; a
    /// refusal of that is given back beside the answer.
    pub(super) async fn bound(
        &mut self,
        resource: &'static Resource,
        mode: Mode,
    ) -> Result<(Bound, Option<Error>)> {
        let Window::Range(Range { no_older_than: Some(other), .. }) = &resource.window else {
            return Ok((Bound::Floor, None));
        };
        let Some(other) = self.provider.resource(other) else { return Ok((Bound::Floor, None)) };
        if self.is_listed(other)? {
            return Ok((self.oldest_of(other)?, None));
        }
        // A look at one part of history needs no beginning, and waits for nothing else.
        if matches!(mode, Mode::Window(..)) {
            return Ok((Bound::Unknown, None));
        }
        let told = self.report.resources.iter().find(|row| row.resource == other.name);
        let told = told.map(|row| row.status).filter(|status| *status != Status::Running);
        if self.not_granted.contains(&other.scope) || told == Some(Status::NotGranted) {
            // Nobody will ever tell: all of it is looked through, once.
            return Ok((Bound::Floor, None));
        }
        if told.is_some() {
            return Ok((Bound::Unknown, Some(self.unbounded(resource, other, None))));
        }
        match self.list(other).await {
            Ok(()) if self.is_listed(other)? => Ok((self.oldest_of(other)?, None)),
            Ok(()) => Ok((Bound::Unknown, Some(self.unbounded(resource, other, None)))),
            Err(error) => match std::mem::take(&mut self.halt) {
                Halt::NotGranted => Ok((Bound::Floor, None)),
                Halt::Resource | Halt::TokenRefused => {
                    Ok((Bound::Unknown, Some(self.unbounded(resource, other, Some(&error)))))
                }
                Halt::Provider => {
                    self.halt = Halt::Provider;
                    Err(error)
                }
            },
        }
    }

    async fn list(&mut self, resource: &'static Resource) -> Result<()> {
        let history = self.history(resource, Bound::Floor)?;
        for task in plan(resource, &history, Mode::Regular, clock::now()) {
            pull(self, resource, &task).await?;
        }
        self.flush()
    }

    fn oldest_of(&self, resource: &Resource) -> Result<Bound> {
        let first = self.store.extent(self.provider.id, resource.name)?.first_start;
        Ok(first.map_or(Bound::Nothing, Bound::From))
    }

    /// Whether the whole past of a resource was listed to its end.
    fn is_listed(&self, resource: &Resource) -> Result<bool> {
        let Window::Range(range) = &resource.window else { return Ok(false) };
        let covered = self.store.coverage(self.provider.id, resource.name)?;
        let past = clock::now_ms() - range.reread_days * DAY_MS;
        Ok(gaps(&covered, floor_ms(range.floor), past).is_empty())
    }

    fn unbounded(&self, resource: &Resource, other: &Resource, cause: Option<&Error>) -> Error {
        let cause = cause.map(|error| format!(": {}", error.message)).unwrap_or_default();
        Error::new(
            Code::SyncError,
            format!(
                "{} {}: only the last days were read, because {} tells where it begins and is not complete{cause}",
                self.provider.title, resource.name, other.name
            ),
        )
        .hint(format!("Run `vitals-mcp sync {}` again later; it goes on from there.", self.provider.id))
    }
}
