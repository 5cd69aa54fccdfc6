//! Keeping what the rule makes of the days whose documents changed: a slice at a time, each in one short transaction,
//! after what was fetched or imported is stored.

use std::{fmt::Write as _, sync::LazyLock};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Kind, Record, Said, Told, asked, kinds_for, rule};
use crate::{
    error::Result,
    model::{
        metric::{METRICS, Metric},
        time::Day,
    },
    providers::{self, flatten},
    store::{DayRecord, DayRow, Settled, Store},
};

/// Days of one transaction, which nobody else who writes waits for long: about 10 ms.
const AT_A_TIME: usize = 30;

/// Everything by which a day is worked out, in short: what was kept by another rule is not kept.
pub fn fingerprint() -> &'static str {
    static FINGERPRINT: LazyLock<String> = LazyLock::new(|| {
        let mut text = format!("{}\n", rule::VERSION);
        for (provider, resource) in providers::kinds() {
            let is = [
                resource.has_records(),
                resource.is_sleep(),
                provider.follows_sleep(resource),
                rule::has_end(resource),
            ];
            let metrics: Vec<&str> = resource.metrics().collect();
            let mapping = flatten::mapping(resource);
            let _ = writeln!(text, "{}.{} {mapping} {is:?} {metrics:?}", provider.id, resource.name);
        }
        for metric in METRICS {
            let _ = writeln!(text, "{} {:?} {:?}", metric.id, metric.per_day, metric.plausible);
        }
        let digest = Sha256::digest(text);
        format!("{:032x}", u128::from_be_bytes(std::array::from_fn(|place| digest[place])))
    });
    &FINGERPRINT
}

/// Keeps every day that is not kept, the newest first. `goes_on` is asked between two slices and told how many days are
/// done; what is left then is for the next time.
pub fn settle(store: &Store, now: Timestamp, goes_on: &mut dyn FnMut(u64) -> bool) -> Result<u64> {
    settle_slices(store, now, AT_A_TIME, goes_on)
}

pub(super) fn settle_slices(
    store: &Store,
    now: Timestamp,
    at_a_time: usize,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<u64> {
    if !store.has_unsettled_days(fingerprint())? {
        return Ok(0);
    }
    let metrics: Vec<&'static Metric> = METRICS.iter().filter(|metric| metric.is_daily()).collect();
    let kinds = kinds_for(&metrics);
    let mut work_out = |day: Day, records: Vec<DayRecord>| worked_out(&metrics, &kinds, now, day, records);
    let (mut before, mut done) = (None, 0);
    while goes_on(done) {
        let slice =
            store.settle_days(fingerprint(), &asked(&kinds, false), (before, at_a_time), &mut work_out)?;
        let Some((earliest, days)) = slice else { break };
        done += days;
        before = Some(earliest);
    }
    Ok(done)
}

/// What the rule makes of one day, as it is kept.
pub(super) fn worked_out(
    metrics: &[&'static Metric],
    kinds: &[Kind],
    now: Timestamp,
    day: Day,
    records: Vec<DayRecord>,
) -> Settled {
    let records: Vec<Record> = records
        .into_iter()
        .map(|one| {
            let (provider, resource) = kinds[one.kind];
            Record { provider, resource, row: one.row, facts: one.facts }
        })
        .collect();
    let told = Told::new(&records, now);
    let said = told.in_any_order(metrics);
    let lasting = said.is_some() && !told.is_open();
    Settled { rows: said.unwrap_or_default().into_iter().map(|said| row(day, said)).collect(), lasting }
}

fn row(day: Day, said: Said) -> DayRow {
    DayRow {
        day,
        metric: said.metric,
        kind: format!("{}.{}", said.provider.id, said.resource.name).into(),
        sleep_order: said.sleep_order,
        place: said.place,
        value: said.value,
        offset: said.offset,
        standing: said.standing,
        worn_seconds: said.worn_seconds,
    }
}
