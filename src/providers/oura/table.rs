//! The table of Oura's resources.

use super::{activity, body, daily, devices, sleep, tags, workout};
use crate::providers::catalogue::Resource;

/// Documents before rows in time: the heart rate begins where the daily activity does.
pub(super) const RESOURCES: &[Resource] = &[
    sleep::SLEEP,
    daily::DAILY_SLEEP,
    daily::DAILY_READINESS,
    activity::DAILY_ACTIVITY,
    daily::DAILY_STRESS,
    daily::DAILY_SPO2,
    daily::DAILY_RESILIENCE,
    body::DAILY_CARDIOVASCULAR_AGE,
    body::VO2_MAX,
    sleep::SLEEP_TIME,
    workout::WORKOUT,
    workout::SESSION,
    tags::ENHANCED_TAG,
    tags::TAG,
    tags::REST_MODE_PERIOD,
    devices::RING_CONFIGURATION,
    body::PERSONAL_INFO,
    devices::HEARTRATE,
    devices::RING_BATTERY_LEVEL,
];
