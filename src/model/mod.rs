//! Words everybody speaks: documents, facts, metrics, days, sports, what records are, what a sync came to. No I/O, no
//! provider, no SQL.

pub mod document;
pub mod incoming;
pub mod metric;
mod relation;
mod role;
pub mod sport;
pub mod sync_report;
pub mod time;
pub mod units;
pub mod view;

pub use document::{Document, Fact, Facts, Sample, Session};
pub use relation::{Borrow, Relation};
pub use role::{Role, Route, Sense};
