//! Records that could not be read: tried again by a version that may, and forgotten when they are gone upstream.

use crate::{
    error::Result,
    ingest::Fetched,
    providers::{catalogue::Resource, parse::parse},
    sync::{plan::Task, pull::Listed, run::Run},
};

impl Run<'_> {
    /// Stores what an earlier version could not read. What came in a readable form since is not put back.
    pub(super) fn read_aside_again(&mut self, resource: &'static Resource) -> Result<()> {
        for one in self.store.aside(self.provider.id, resource.name)? {
            let Ok(record) = serde_json::from_str(&one.body) else { continue };
            let mut parsed = parse(resource, vec![record], &self.zone);
            if !parsed.unreadable.is_empty() {
                continue;
            }
            for incoming in std::mem::take(&mut parsed.documents) {
                if !self.store.has_document(self.provider.id, resource.name, &incoming.document.id)? {
                    parsed.documents.push(incoming);
                }
            }
            self.keep(Fetched { resource, parsed, covered: None, replaces: None, marks: Vec::new() })?;
            self.flush()?;
            self.store.forget_aside(self.provider.id, resource.name, &one.hash)?;
        }
        Ok(())
    }

    /// Forgets those that a listing which came to its end no longer held.
    pub(super) fn clear_aside(&mut self, resource: &Resource, task: &Task, listed: &Listed) -> Result<()> {
        self.flush()?;
        let span = match task.asked.span() {
            Some(span) => (span.from.as_millisecond(), listed.until_ms),
            None if resource.is_present_state() => (i64::MIN, i64::MAX),
            None => return Ok(()),
        };
        self.store.clear_aside((self.provider.id, resource.name), span, &listed.aside)
    }
}
