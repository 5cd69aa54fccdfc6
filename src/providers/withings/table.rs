//! The table of Withings' resources.

use super::{account, activity, heart, measure, sleep, workout};
use crate::providers::catalogue::Resource;

/// Measurements come before recordings, which have no clock of their own; series come last, because ten
/// years of them take hours.
pub(super) const RESOURCES: &[Resource] = &[
    account::DEVICE,
    account::GOAL,
    measure::MEASURE,
    activity::ACTIVITY,
    sleep::SLEEP,
    workout::WORKOUT,
    heart::HEART,
    heart::STETHO,
    heart::SIGNAL,
    heart::STETHO_SIGNAL,
    sleep::SLEEP_DETAIL,
    activity::INTRADAY,
];
