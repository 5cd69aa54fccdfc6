//! Questions over the store, answered as plain structs: the tools and the command line print the same ones.
//!
//! A question is a function of a [`Context`] and its arguments. Nothing here fetches, and nothing here knows
//! which surface asked; bringing the store up to date first is `service`.
//!
//! Invariant: no provider is named here. Kinds, fields and metrics come from the catalogue.

mod answer;
mod arrival;
mod asked_days;
mod catalogue_names;
mod chart;
mod clock_words;
mod context;
mod coverage;
pub mod cursor;
mod daily;
mod dates;
mod describe;
mod events;
mod explain;
mod freshness;
#[cfg(any(test, feature = "internals"))]
pub mod fuzz;
mod latest;
mod links;
mod notes;
mod number;
mod past;
mod preference;
mod profile;
#[cfg(test)]
mod property_tests;
mod question;
mod record_reader;
mod records;
mod sanitize;
mod series;
mod signal;
mod sleep_stages;
mod sql;
mod status;
mod suggest;
mod sync_runs;
mod tables;

#[cfg(test)]
mod feed_tests;
#[cfg(test)]
pub(crate) mod testkit;

pub use answer::Answer;
pub use catalogue_names::{
    daily_metrics, kinds, kinds_with_field, load_metrics, provider_ids, provider_title, resource_names,
    section_names, tag_kinds,
};
pub use chart::{Chart, ChartArgs, ChartSeries, Charted, Stage};
pub use context::{Account, Connection, Context, Reach};
pub use coverage::{Coverage, Gap, RECENT, reach};
pub use daily::{
    Cell, Daily, DailyArgs, DaySummary, DayValues, Detail, Session, SourceValue, Workout, daily,
    daily_standing, day_values, last_workout, measured_at, nap_sessions, newest_day, workout_days,
    workout_sessions,
};
pub use dates::{Range, ShownRange, zone_name};
pub use describe::{
    DescribeArgs, Described, DescribedColumn, DescribedField, DescribedKind, DescribedMetric,
    DescribedSamples, describe,
};
pub use events::{Event, Events, EventsArgs, OPS, Ops, cursor_after, events, has_events_after};
pub use explain::{ExplainArgs, Explained, Span, explain};
pub use freshness::{Freshness, FreshnessByProvider, last_sync};
pub use latest::Latest;
pub use notes::{Note, Noted, notes, of_day as notes_of_day};
pub use preference::{Preference, Ranking};
pub use profile::{Profile, ProfileArgs, provider_of};
pub use question::{Need, Question};
pub use records::{Format, Order, Records, RecordsArgs, records};
pub use sanitize::{brief, clean, hidden};
pub use series::{Resolution, Series, SeriesAnswer, SeriesArgs, resolution_names};
pub use signal::{Scale, Signal, SignalArgs, Wanted, signal_kinds};
pub use sleep_stages::{sleep_stages, sleep_stages_need};
pub use sql::{
    Found, SQL_TIME, Sql, SqlArgs, check_sql, keep_views, periods, reads_days, reads_sessions, run_sql, sql,
    too_long, views,
};
pub use status::{Check, ProviderStatus, Status, Verdict, status};
pub use suggest::meant;
pub use sync_runs::{SyncRuns, SyncRunsArgs, sync_runs};
pub use tables::{
    Column, ColumnKind, Observed, Place, State, Table, Tables, TablesArgs, Timing, Trace, each_observed,
    each_row, tables, tables_freshness,
};
