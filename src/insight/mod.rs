//! What the statistics say of the mirrored days: the one part that joins `query` and `analytics`.
//!
//! A question is a function of a `Context` and its arguments, as in `query`: nothing here fetches, and nothing
//! knows which surface asked. `service` brings the mirror up to date first.
//!
//! Invariants: one metric, one source: values of two providers never go into one number. A number that would
//! rest on too few days is refused, with what is needed and what there is. Nothing is diagnosed, predicted, or
//! boiled down to a score of our own.

mod agreement;
mod analysis;
mod anomalies;
mod baseline;
mod basis;
mod compare;
mod correlate;
mod counted;
mod daily_series;
mod day_groups;
mod grouping;
mod human;
mod insights;
mod insights_question;
mod load;
mod method;
mod metric_relations;
mod named;
mod question;
mod regularity;
mod rounding;
mod summary;
mod summary_question;
mod survivors;
mod threshold;
mod trend;

pub use analysis::Analysis;
pub use grouping::grouping_names;
pub use insights::{BaselineInsight, Insights};
pub use insights_question::{InsightsArgs, LEAST_DAYS, MOST_DAYS};
pub use method::{AnalyzeArgs, Method, method_names};

#[cfg(test)]
mod insights_tests;
#[cfg(test)]
mod question_tests;
#[cfg(test)]
mod summary_tests;
#[cfg(test)]
mod tests;
