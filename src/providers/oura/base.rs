//! What most of Oura's resources have in common, and the fields that recur.

use crate::{
    model::{Role, Sense},
    providers::catalogue::{
        At, Field, Format, Order, Paging, Pointer, Range, Records, Request, Resource, Time, Unit, Window,
        field, stored,
    },
};

/// A collection of documents by day.
pub(super) const COLLECTION: Resource = Resource {
    role: Role::Day,
    scope: "daily",
    request: get(""),
    window: Window::Range(Range {
        from: "start_date",
        to: "end_date",
        format: Format::Date,
        floor: "2015-01-01",
        no_older_than: None,
        slice_days: 30,
        reread_days: 14,
        rows_at_once: None,
        // Longer ones are answered as well; a shorter reply is stored sooner.
        at_most_days: Some(180),
        // Correct under every report of which borders are included.
        widen_days: 2,
    }),
    paging: Paging::Token { request: "next_token", reply: "/next_token" },
    // Oldest first: only the last page completes anything.
    order: Order::Unordered,
    records: Records::List("/data"),
    key: &[&["/id"]],
    time: Time::Day("/day"),
    // Revisions of the API add it and take it away.
    volatile: &["/meta"],
    ..Resource::BASE
};

/// Rows in time, at most 30 days a request.
pub(super) const ROWS: Resource = Resource {
    role: Role::Series,
    window: Window::Range(Range {
        from: "start_datetime",
        to: "end_datetime",
        format: Format::Instant,
        floor: "2015-01-01",
        no_older_than: Some("daily_activity"),
        // A page of heart rate, as dense as it is most of the time, and as it is on a busy day.
        slice_days: 2,
        reread_days: 14,
        // A page has a thousand; what came since the last time needs room in it.
        rows_at_once: Some(900),
        at_most_days: Some(30),
        widen_days: 0,
    }),
    key: &[],
    time: Time::Snapshot,
    ..COLLECTION
};

pub(super) const fn get(path: Pointer) -> Request {
    Request::Get { path, query: &[] }
}

pub(super) const ID: Field = field("id", "/id", Unit::Text, "Oura's id of the record.").sense(Sense::Aside);
pub(super) const DAY: Field = stored("day", At::Day, Unit::Day, "The day Oura files it under.");
pub(super) const START: Field = stored("start", At::Start, Unit::Instant, "Start, UTC.");
pub(super) const END: Field = stored("end", At::End, Unit::Instant, "End, UTC; null while it is still open.");

/// The offset that the text of the start carries.
pub(super) const fn offset(start: Pointer) -> Field {
    field("timezone_offset", start, Unit::OffsetInText, "The wearer's UTC offset at the start.")
        .sense(Sense::Aside)
}

/// A score from 1 to 100. A 0 is none: in rest mode, and before there is enough to tell.
pub(super) const fn score(name: &'static str, at: Pointer, about: &'static str) -> Field {
    field(name, at, Unit::Score, about).nonzero()
}

/// A part of a score, 1 to 100: not a measurement, whatever its name.
pub(super) const fn contributor(
    name: &'static str,
    at: Pointer,
    key: &'static str,
    about: &'static str,
) -> Field {
    score(name, at, about).nest("contributors", key)
}
