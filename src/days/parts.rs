//! Which records of one source make a day's value of a metric: the longest, or all parts of the night.
//!
//! The night of a source is all that it calls no nap and did not reject, of one day. What lies over a longer record
//! of the same source is what another device of it saw of the same hours, and no part of its own.

use jiff::Timestamp;

use crate::{
    model::{
        Session,
        metric::{Metric, Part, PerDay},
    },
    store::Row,
};

/// From the start of a record to its end, milliseconds; an open one is measured until now.
pub fn length(row: &Row, now: Timestamp) -> i64 {
    row.start_at.map_or(0, |start| end(row, now) - start)
}

fn end(row: &Row, now: Timestamp) -> i64 {
    row.end_at.unwrap_or_else(|| now.as_millisecond())
}

/// The session that counts for a day: the longest main one. Without a main one, the longest that was relayed.
pub fn longest<'r>(rows: &[&'r Row], now: Timestamp) -> Option<&'r Row> {
    // Rows are oldest first; of equally long ones the first counts.
    counted(rows).into_iter().rev().max_by_key(|row| length(row, now))
}

/// The parts of the night of one source out of its records of a day, both oldest first.
pub fn parts<'r>(rows: &[&'r Row], now: Timestamp) -> Vec<&'r Row> {
    let rows = counted(rows);
    let seen_too = |at: usize| {
        rows.iter().enumerate().any(|(other, row)| {
            let longer = (length(row, now), at) > (length(rows[at], now), other);
            other != at && longer && shares_half(rows[at], row, now)
        })
    };
    (0..rows.len()).filter(|at| !seen_too(*at)).map(|at| rows[at]).collect()
}

/// The records without whose value the day has none, out of a source's records of the day, oldest first.
pub fn deciding<'r>(metric: &Metric, rows: &[&'r Row], now: Timestamp) -> Vec<&'r Row> {
    let PerDay::Night(join) = metric.per_day else { return longest(rows, now).into_iter().collect() };
    let parts = parts(rows, now);
    let measured: Vec<Part> =
        parts.iter().map(|row| Part { value: None, length: length(row, now), asleep: None }).collect();
    join.deciding(&measured).into_iter().map(|at| parts[at]).collect()
}

/// Main records, or without any those that were relayed.
fn counted<'r>(rows: &[&'r Row]) -> Vec<&'r Row> {
    let of = |session| rows.iter().copied().filter(|row| row.session == session).collect::<Vec<_>>();
    let own = of(Session::Main);
    if own.is_empty() { of(Session::Relayed) } else { own }
}

/// Whether at least half of the first, which is the shorter one, lies within the second.
fn shares_half(one: &Row, other: &Row, now: Timestamp) -> bool {
    let (Some(from), Some(other_from)) = (one.start_at, other.start_at) else { return false };
    let common = end(one, now).min(end(other, now)) - from.max(other_from);
    common > 0 && 2 * common >= length(one, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric;

    const HOUR: i64 = 3_600_000;

    fn row(id: &str, session: Session, from: i64, to: Option<i64>) -> Row {
        Row {
            id: id.to_owned(),
            session,
            start_at: Some(from * HOUR),
            end_at: to.map(|to| to * HOUR),
            day: None,
            offset: None,
            end_offset: None,
            flat: String::new(),
            mapping: 0,
            removed_at: None,
            body: String::new(),
            link: None,
            position: (from, from),
        }
    }

    #[test]
    fn the_night_of_a_source_is_what_it_calls_no_nap() {
        use Session::{Main, Nap, Rejected, Relayed};
        let now = Timestamp::from_millisecond(30 * HOUR).unwrap();
        for (name, rows, night) in [
            ("one", vec![("a", Main, 0, Some(8))], "a"),
            (
                "two parts and a nap",
                vec![("a", Main, 0, Some(4)), ("b", Main, 5, Some(9)), ("n", Nap, 14, Some(15))],
                "ab",
            ),
            ("a rejected one", vec![("r", Rejected, 0, Some(4)), ("b", Main, 5, Some(9))], "b"),
            (
                "two devices, one of which cut it",
                vec![("m", Main, 0, Some(9)), ("a", Main, 0, Some(4)), ("b", Main, 5, Some(9))],
                "m",
            ),
            ("two devices alike", vec![("a", Main, 0, Some(8)), ("b", Main, 0, Some(8))], "a"),
            ("two that touch", vec![("a", Main, 0, Some(4)), ("b", Main, 4, Some(9))], "ab"),
            ("a copy beside a device", vec![("c", Relayed, 0, Some(9)), ("b", Main, 5, Some(9))], "b"),
            ("copies alone", vec![("c", Relayed, 0, Some(4)), ("d", Relayed, 5, Some(9))], "cd"),
            ("one goes on", vec![("a", Main, 20, Some(24)), ("b", Main, 26, None)], "ab"),
            ("naps", vec![("n", Nap, 14, Some(15))], ""),
        ] {
            let rows: Vec<Row> =
                rows.into_iter().map(|(id, session, from, to)| row(id, session, from, to)).collect();
            let rows: Vec<&Row> = rows.iter().collect();
            let ids: String = parts(&rows, now).iter().map(|row| row.id.as_str()).collect();
            assert_eq!(ids, night, "{name}");
        }
    }

    #[test]
    fn what_decides_hangs_on_how_the_parts_are_joined() {
        let now = Timestamp::from_millisecond(30 * HOUR).unwrap();
        let rows = [
            row("a", Session::Main, 0, Some(3)),
            row("b", Session::Main, 4, Some(9)),
            row("c", Session::Main, 10, Some(11)),
        ];
        let rows: Vec<&Row> = rows.iter().collect();
        for (id, expected) in [
            ("total_sleep_time", "abc"),
            ("sleep_start", "a"),
            ("sleep_end", "c"),
            ("respiratory_rate", "b"),
            ("lowest_heart_rate", "b"),
            ("oura_sleep_score", "b"),
        ] {
            let metric = metric::find(id).unwrap();
            let ids: String = deciding(metric, &rows, now).iter().map(|row| row.id.as_str()).collect();
            assert_eq!(ids, expected, "{id}");
        }
    }
}
