//! The values of a night in `v_daily`: of all its parts together, in the way that each metric is joined.
//!
//! The same rule as the daily summary's (`query::daily::parts`, `model::metric::Join`), in SQL that SQLite and DuckDB
//! read alike: the parts are numbered once, and each metric is one sum, mean or border over them.

use super::text;
use crate::model::metric::{Join, METRICS, PerDay, find};

/// The metric that an average is weighted by.
const ASLEEP: &str = "total_sleep_time";

/// Day, metric, value, source and resource of these metrics, which are joined out of the parts of a night.
pub(super) fn of_night(metrics: &[&str], kinds: &[(String, String)]) -> String {
    let said: Vec<String> = Join::ALL
        .into_iter()
        .filter_map(|join| {
            let ids: Vec<&str> = METRICS
                .iter()
                .filter(|metric| metric.per_day == PerDay::Night(join) && metrics.contains(&metric.id))
                .map(|metric| metric.id)
                .collect();
            let case =
                || format!("WHEN f.metric IN ({}) THEN {}", text::list(ids.iter().copied()), joined(join));
            (!ids.is_empty()).then(case)
        })
        .collect();
    format!(
        "SELECT day, metric, value, source, resource FROM (SELECT p.day AS day, f.metric AS metric, \
         CASE {} END AS value, p.provider AS source, p.resource AS resource FROM ({}) AS p \
         JOIN facts f ON f.document = p.key LEFT JOIN facts w ON w.document = p.key AND w.metric = '{ASLEEP}' AND {} \
         WHERE f.metric IN ({}) AND {} GROUP BY p.day, f.metric, p.provider, p.resource) AS nights \
         WHERE value IS NOT NULL",
        said.join(" "),
        parts(kinds),
        possible("w", &[ASLEEP]),
        text::list(metrics.iter().copied()),
        possible("f", metrics),
    )
}

/// The value out of the parts that have one; null where one lacks it without which the night has none.
fn joined(join: Join) -> String {
    let of = |part: &str| format!("max(CASE WHEN {part} THEN f.value END)");
    let of_longest = of("p.by_length = 1");
    match join {
        Join::Sum => "CASE WHEN count(*) = max(p.parts) THEN sum(f.value) END".to_owned(),
        Join::First => of("p.place = 1"),
        Join::Last => of("p.place = p.parts"),
        Join::Least => format!("CASE WHEN {of_longest} IS NOT NULL THEN min(f.value) END"),
        Join::Mean => format!(
            "CASE WHEN {of_longest} IS NOT NULL AND count(w.value) = count(*) AND sum(w.value) > 0 \
             THEN sum(f.value * w.value) / sum(w.value) ELSE {of_longest} END"
        ),
    }
}

/// The parts of each night of each source, numbered by their start and by their length. What lies by half over a
/// longer record of its source is no part; a copy from another cloud is one only where there is nothing else.
fn parts(kinds: &[(String, String)]) -> String {
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(provider, resource)| {
            format!("(d.provider = {} AND d.resource = {})", text::literal(provider), text::literal(resource))
        })
        .collect();
    let length = "coalesce(coalesce(d.end_at, 253402300799000) - d.start_at, 0)";
    let of_night = "PARTITION BY d.provider, d.resource, d.day";
    format!(
        "SELECT d.key, d.provider, d.resource, d.day, count(*) OVER ({of_night}) AS parts, \
         row_number() OVER ({of_night} ORDER BY d.start_at, d.id) AS place, \
         row_number() OVER ({of_night} ORDER BY {length} DESC, d.start_at, d.id) AS by_length \
         FROM documents d WHERE ({}) AND d.day IS NOT NULL AND d.removed_at IS NULL \
         AND d.session IN ('main', 'relayed') AND NOT EXISTS (SELECT 1 FROM documents e \
         WHERE e.provider = d.provider AND e.resource = d.resource AND e.day = d.day AND e.removed_at IS NULL \
         AND e.session IN ('main', 'relayed') AND {} AND (e.session < d.session OR {}))",
        kinds.join(" OR "),
        longer("e", "d"),
        covers_half("e", "d"),
    )
}

/// Whether at least half of the second, which is the shorter one, lies within the first.
fn covers_half(one: &str, other: &str) -> String {
    let end = |of: &str| format!("coalesce({of}.end_at, 253402300799000)");
    let (one_end, other_end) = (end(one), end(other));
    let common = format!(
        "(CASE WHEN {one_end} < {other_end} THEN {one_end} ELSE {other_end} END \
         - CASE WHEN {one}.start_at > {other}.start_at THEN {one}.start_at ELSE {other}.start_at END)"
    );
    format!("({common} > 0 AND 2 * {common} >= {other_end} - {other}.start_at)")
}

/// Whether a fact of these metrics lies where a value can be true.
pub(super) fn possible(of: &str, metrics: &[&str]) -> String {
    let mut ranges: Vec<((f64, f64), Vec<&str>)> = Vec::new();
    for metric in metrics.iter().filter_map(|id| find(id)) {
        match ranges.iter_mut().find(|(range, _)| *range == metric.plausible) {
            Some((_, ids)) => ids.push(metric.id),
            None => ranges.push((metric.plausible, vec![metric.id])),
        }
    }
    let cases: Vec<String> = ranges
        .iter()
        .map(|((low, high), ids)| {
            let ids = text::list(ids.iter().copied());
            format!("WHEN {of}.metric IN ({ids}) THEN {of}.value BETWEEN {low:?} AND {high:?}")
        })
        .collect();
    format!("CASE {} END", cases.join(" "))
}

/// Whether the first of two documents is the one that counts: a main one before a copy, then the longer, then
/// the earlier. An open one goes on.
pub(super) fn longer(one: &str, other: &str) -> String {
    let length = |of: &str| format!("coalesce(coalesce({of}.end_at, 253402300799000) - {of}.start_at, 0)");
    let (first, second) = (length(one), length(other));
    format!(
        "({one}.session < {other}.session OR ({one}.session = {other}.session AND ({first} > {second} \
         OR ({first} = {second} AND ({one}.start_at < {other}.start_at \
         OR ({one}.start_at = {other}.start_at AND {one}.key < {other}.key))))))"
    )
}
