//! Working out some of the kept days again and comparing: for `doctor`, on a real mirror.

use jiff::Timestamp;

use super::{asked, fingerprint, kinds_for, settle::worked_out};
use crate::{
    error::Result,
    model::{
        metric::{METRICS, Metric},
        time::Day,
    },
    store::{DayRow, Store},
};

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Kept days that were worked out again.
    pub days: usize,
    /// Those of which something else is kept than what their documents say.
    pub differ: Vec<Day>,
}

/// Works out up to so many kept days again, chosen at random.
pub fn check(store: &Store, most: usize, now: Timestamp) -> Result<Checked> {
    let metrics: Vec<&'static Metric> = METRICS.iter().filter(|metric| metric.is_daily()).collect();
    let kinds = kinds_for(&metrics);
    let sample = store.sample_of_days(fingerprint(), &asked(&kinds, false), most)?;
    let days = sample.len();
    let mut differ = Vec::new();
    for kept in sample {
        let day = kept.day;
        let settled = worked_out((&metrics, &kinds), (now, None), day, kept.records);
        if in_order(kept.rows) != in_order(settled.rows) || !settled.lasting {
            differ.push(day);
        }
    }
    differ.sort_unstable();
    Ok(Checked { days, differ })
}

fn in_order(mut rows: Vec<DayRow>) -> Vec<DayRow> {
    let key = |row: &DayRow| (row.metric.id, row.kind.clone(), row.sleep_order.clone(), row.place);
    rows.sort_by_key(key);
    rows
}
