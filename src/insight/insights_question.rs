//! A question for what stands out, checked: which days, which metrics, and from which anomaly on.

use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};

use super::daily_series;
use crate::{
    analytics::baseline,
    error::{Error, Result},
    model::{
        metric::{self, Metric},
        time::Day,
    },
    query::{Context, DailyArgs, Range, cursor},
};

#[derive(Debug, Clone, Default)]
pub struct InsightsArgs {
    /// Days up to the end; 30 if `None`.
    pub days: Option<usize>,
    /// The last day; today if `None`.
    pub end: Option<String>,
    /// Goes on with the anomalies of an earlier answer.
    pub cursor: Option<String>,
}

/// What is looked at, and from which anomaly on they are listed.
#[derive(Debug)]
pub struct Asked {
    pub(super) range: Range,
    days: usize,
    /// `None` for everything; on later pages only the anomalies from here on.
    pub(super) from: Option<usize>,
}

/// Where the list of anomalies goes on.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    /// The last day, and how many days up to it.
    e: String,
    d: usize,
    p: usize,
}

/// The metrics that are looked at, in the order in which they are told. Vendors' scores are not among them:
/// they are made of the others.
pub(super) const LOOKED_AT: &[&str] = &[
    "resting_heart_rate",
    "heart_rate_variability_rmssd",
    "skin_temperature",
    "skin_temperature_deviation",
    "respiratory_rate",
    "oxygen_saturation",
    "total_sleep_time",
    "sleep_efficiency",
    "steps",
    "active_energy",
    "weight",
    "blood_pressure_systolic",
];

/// Looked at where the metric beside it has no value: the next best thing that a device tells.
pub(super) const INSTEAD: &[(&str, &str)] = &[("resting_heart_rate", "lowest_heart_rate")];

/// Days if nothing is said, and the bounds.
const DEFAULT_DAYS: usize = 30;
pub const LEAST_DAYS: usize = 7;
pub const MOST_DAYS: usize = 365;

impl Asked {
    pub(super) fn check(context: &Context<'_>, args: &InsightsArgs) -> Result<Self> {
        let place: Option<Place> = args.cursor.as_deref().map(cursor::read).transpose()?;
        let given = place.as_ref().map_or(DEFAULT_DAYS, |place| place.d);
        let days = args.days.unwrap_or(given);
        if !(LEAST_DAYS..=MOST_DAYS).contains(&days) {
            return Err(Error::invalid(format!("days: {days} is not between {LEAST_DAYS} and {MOST_DAYS}"))
                .hint("30 is a good number. Use analyze for a single metric over another period."));
        }
        let today = context.zone.to_datetime(context.now).date();
        let end = match (&args.end, &place) {
            (Some(words), _) => {
                Range::read_days(Some(words), Some(words), context.now, &context.zone)?.last.min(today)
            }
            (None, Some(place)) => cursor::day(&place.e)?,
            (None, None) => today,
        };
        if let Some(place) = &place {
            cursor::same_question([("days", days != place.d), ("end", end.to_string() != place.e)])?;
        }
        let first = end.saturating_sub((days as i64 - 1).days());
        let range = Range::days(first, end, &context.zone);
        Ok(Self { range, days, from: place.map(|place| place.p) })
    }

    /// The days that are looked at.
    pub(super) fn daily(&self) -> DailyArgs {
        daily_series::asked(first_read(&self.range), self.range.last, &looked_at())
    }

    /// The cursor that goes on with an anomaly.
    pub(super) fn place(&self, at: usize) -> String {
        cursor::write(&Place { e: self.range.last.to_string(), d: self.days, p: at })
    }
}

/// The first day of which values are read: a baseline has days of its own.
pub(super) fn first_read(range: &Range) -> Day {
    range.first.saturating_sub(baseline::DAYS.days())
}

fn looked_at() -> Vec<&'static Metric> {
    let all = LOOKED_AT.iter().chain(INSTEAD.iter().map(|(_, other)| other));
    all.filter_map(|id| metric::find(id)).collect()
}
