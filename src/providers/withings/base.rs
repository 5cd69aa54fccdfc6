//! What the rows of Withings' table have in common.
//!
//! Every request names its `data_fields`: without them most endpoints leave the values out.

use crate::providers::catalogue::{Cursor, Format, LocalClock, Paging, Pointer, Range, Request, Window};

/// The first Withings scale is of 2009; entries by hand may be older.
pub(super) const FLOOR: &str = "2000-01-01";

/// Pages are as wide as the server likes, and rows are filtered after they are cut: only `more` ends them.
pub(super) const PAGES: Paging =
    Paging::Offset { request: "offset", reply: "/body/offset", more: "/body/more" };

pub(super) const CHANGED_SINCE: Cursor =
    Cursor::ModifiedSince { param: "lastupdate", at: "/modified", overlap_seconds: 3600 };

/// A zone travels with most rows; `account_timezone` is lent by the reply.
pub(super) const ZONE: LocalClock = LocalClock::Zone(&["/timezone"]);

pub(super) const fn call(path: &'static str, fields: &'static [(&'static str, &'static str)]) -> Request {
    Request::Form { path, fields }
}

/// Windows in seconds since the epoch.
pub(super) const fn by_instant(slice_days: i64, floor: &'static str) -> Window {
    window("startdate", "enddate", Format::EpochSeconds, slice_days, floor)
}

/// Windows in calendar days.
pub(super) const fn by_day(slice_days: i64) -> Window {
    window("startdateymd", "enddateymd", Format::Date, slice_days, FLOOR)
}

const fn window(
    from: &'static str,
    to: &'static str,
    format: Format,
    slice_days: i64,
    floor: &'static str,
) -> Window {
    Window::Range(Range {
        from,
        to,
        format,
        floor,
        no_older_than: None,
        slice_days,
        reread_days: 14,
        rows_at_once: None,
        // Not a limit of the server: a window without its end is not accepted everywhere.
        at_most_days: Some(3660),
        // A record at the border of a day or a second must not look deleted.
        widen_days: 1,
    })
}

pub(super) const MODIFIED: Pointer = "/modified";
