//! The tools: one file for each noun, one row for each tool, in alphabetical order.

mod analyze;
mod chart;
mod daily;
mod describe;
mod events;
mod explain;
mod export;
mod insights;
mod profile;
mod records;
mod series;
mod signal;
mod sql;
mod status;
mod sync;

use std::sync::Arc;

use rmcp::model::{self, JsonObject, ToolAnnotations};

use super::{
    args::{self, Arg, Given},
    call::{Call, Running},
    dashboard,
};
use crate::service::Service;

/// One tool as it is listed and called.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// Written for a colleague who has never seen the data; clients cut at 2 kB.
    pub(super) about: &'static str,
    pub(super) args: &'static [Arg],
    pub(super) output: fn() -> JsonObject,
    pub(super) writes: bool,
    /// Whether it may ask a provider.
    pub(super) fetches: bool,
    pub(super) run: Run,
}

pub(super) type Run = for<'a> fn(&'a Service, Given, &'a Call) -> Running<'a>;

static ALL: &[&Tool] = &[
    &analyze::ANALYZE,
    &describe::DESCRIBE_DATA,
    &export::EXPORT_DATA,
    &explain::EXPLAIN_MISSING,
    &daily::GET_DAILY_SUMMARY,
    &events::GET_EVENTS,
    &insights::GET_INSIGHTS,
    &profile::GET_PROFILE,
    &series::GET_SERIES,
    &signal::GET_SIGNAL,
    &status::GET_STATUS,
    &records::LIST_RECORDS,
    &sql::QUERY_SQL,
    &chart::RENDER_CHART,
    &sync::SYNC_DATA,
];

/// Which of the tools a client of one transport is shown, and may call: no other is there for it.
#[derive(Clone, Copy)]
pub(super) struct Surface(fn(&Tool) -> bool);

impl Surface {
    /// Whoever starts this program himself.
    pub(super) const LOCAL: Self = Self(|_| true);

    pub(super) fn tools(self) -> impl Iterator<Item = &'static Tool> {
        ALL.iter().copied().filter(move |tool| (self.0)(tool))
    }

    pub(super) fn find(self, name: &str) -> Option<&'static Tool> {
        self.tools().find(|tool| tool.name == name)
    }
}

impl Tool {
    /// As the protocol lists it.
    pub(super) fn listed(&self) -> model::Tool {
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(!self.writes)
            .destructive(false)
            .idempotent(true)
            .open_world(self.fetches);
        let mut tool = model::Tool::new(self.name, self.about, Arc::new(args::schema(self.args)));
        tool.title = Some(self.title.to_owned());
        tool.output_schema = Some(Arc::new((self.output)()));
        tool.annotations = Some(annotations);
        tool.meta = dashboard::meta_of(self.name);
        tool
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_surface_does_not_list_is_not_there() {
        let reading = Surface(|tool| !tool.writes);
        assert!(Surface::LOCAL.find("export_data").is_some_and(|tool| tool.writes));
        assert!(reading.find("export_data").is_none() && reading.find("get_series").is_some());
        assert!(reading.tools().count() < Surface::LOCAL.tools().count());
    }
}
