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
    store::{DayRecord, DayRow, Due, Settled, Store},
};

/// Days of one transaction, which nobody else who writes waits for long: some 30 ms.
const AT_A_TIME: usize = 120;

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
    settle_slices(store, now, (AT_A_TIME, None), goes_on)
}

/// Has the store hold what SQL reads of days, which sees nothing but rows: every day, those that cannot be kept as they
/// are at this hour, and which rows hold in the wearer's order of the sources of sleep.
pub fn settle_for_sql(store: &Store, now: Timestamp, sleep_order: &[&str]) -> Result<()> {
    keep_order(store, sleep_order)?;
    settle_slices(store, now, (AT_A_TIME, Some(sleep_order)), &mut |_| true).map(drop)
}

/// Tells the views the wearer's order of the sources of sleep.
pub fn keep_order(store: &Store, sleep_order: &[&str]) -> Result<()> {
    let sleeps = |id: &str| providers::kinds().any(|(provider, kind)| provider.id == id && kind.is_sleep());
    let of_sleep: Vec<&str> = sleep_order.iter().copied().filter(|id| sleeps(id)).collect();
    store.keep_sleep_orders(&rule::held_in(&of_sleep))
}

/// `sleep_order` is given for readers who see nothing but rows.
pub(super) fn settle_slices(
    store: &Store,
    now: Timestamp,
    (at_a_time, sleep_order): (usize, Option<&[&str]>),
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<u64> {
    let due = if sleep_order.is_some() { Due::OfTheHour } else { Due::Changed };
    if !store.has_unsettled_days(fingerprint(), due)? {
        return Ok(0);
    }
    let metrics: Vec<&'static Metric> = METRICS.iter().filter(|metric| metric.is_daily()).collect();
    let kinds = kinds_for(&metrics);
    let mut work_out =
        |day: Day, records: Vec<DayRecord>| worked_out((&metrics, &kinds), (now, sleep_order), day, records);
    let (mut before, mut done) = (None, 0);
    while goes_on(done) {
        let slice = store.settle_days(
            fingerprint(),
            &asked(&kinds, false),
            (due, before, at_a_time),
            &mut work_out,
        )?;
        let Some((earliest, days)) = slice else { break };
        done += days;
        before = Some(earliest);
    }
    Ok(done)
}

/// What the rule makes of one day, as it is kept; where the sources of sleep have too many orders, that of one of them.
pub(super) fn worked_out(
    (metrics, kinds): (&[&'static Metric], &[Kind]),
    (now, sleep_order): (Timestamp, Option<&[&str]>),
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
    let of_one = || sleep_order.map(|order| told.in_order(metrics, order));
    let said = said.or_else(of_one).unwrap_or_default();
    Settled { rows: said.into_iter().map(|said| row(day, said)).collect(), lasting }
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
