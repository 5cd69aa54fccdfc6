//! The table of WHOOP's resources: sleeps first, because cycles and recoveries take their day from them.

use super::{account, daily, sleep, workout};
use crate::providers::catalogue::Resource;

pub(super) const RESOURCES: &[Resource] = &[
    sleep::SLEEP,
    daily::CYCLE,
    daily::RECOVERY,
    workout::WORKOUT,
    account::PROFILE,
    account::BODY_MEASUREMENT,
    // Last: years of nights take thousands of requests.
    sleep::SLEEP_STREAM,
];
