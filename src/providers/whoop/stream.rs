//! The signal of a sleep by the minute, asked for one sleep at a time.

use super::resources::COLLECTION;
use crate::providers::catalogue::{Keep, Order, Paging, Records, Request, Resource, Window};

/// One request for each sleep. Added in 2026 and not enabled for all accounts: 403 and 404 say so. What the strap
/// says of its board and its battery (`board_temp`, `battery_temp`) is about the device, and not asked for.
pub(super) const SLEEP_STREAM: Resource = Resource {
    name: "sleep_stream",
    about: "The minutes of a sleep, as series: heart rate, skin temperature, whether WHOOP takes the person for \
            asleep, and whether the strap charges. The context of a sample is `sleep`. Not every account has it.",
    scope: "read:sleep",
    // A list in a query is written by repeating its name, as the specification leaves it to be by default.
    request: Request::Get {
        path: "/developer/v2/activity/sleep/{id}/stream",
        query: &[
            ("types", "hr"),
            ("types", "skin_temp"),
            ("types", "sleep_classification"),
            ("types", "charging_status"),
        ],
    },
    window: Window::PerRecord { of: "sleep", params: &[], id_as: None, same: &[], retry_while_empty: None },
    paging: Paging::Single,
    order: Order::Unordered,
    records: Records::List("/stream"),
    keep: Keep::Samples {
        at: "/timestamp",
        values: &[
            ("/hr", "heart_rate"),
            ("/skin_temp", "skin_temperature"),
            ("/is_sleeping", "whoop_sleeping"),
            ("/is_charging", "whoop_charging"),
        ],
        context: &[],
        otherwise: "sleep",
    },
    score: None,
    optional: true,
    ..COLLECTION
};
