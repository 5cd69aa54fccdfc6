//! The only folder that joins providers, http, auth and store: what to fetch is planned by pure code
//! (`plan`), carried out page by page (`pull`) on its way through `ingest`, and compared with what is stored
//! (`reconcile`).
//!
//! A sync runs on a thread of its own, so that answers are never held up by a commit or by the network.

mod ask;
mod clock_skew;
mod detail;
mod engine;
mod held;
mod offer;
mod plan;
mod provider;
mod pull;
mod reconcile;
mod renewal;
mod report;
mod restore;
mod run;
mod shared_quota;
mod single_flight;
mod verdict;

pub use self::{
    ask::{Ask, Progress},
    engine::{Engine, Job},
    restore::restore,
};
pub use crate::model::sync_report::{ProviderReport, Report, ResourceReport, Status};
