//! `v_daily`, `v_metric` and `v_sample`: values by day, by record and by moment.
//!
//! Invariant: a day's value here is what that source says by itself (`PerDay` of the metric, its own night out of
//! all its parts, its first resource that has a value, copies from another cloud only where there is nothing else, no
//! value outside the plausible range), unrounded. A daily summary also compares devices: it prefers one, and
//! leaves out what another one recorded of another sleep. On a day with one sleep the two agree.

use std::collections::BTreeMap;

use super::{
    columns, made,
    night::{longer, of_night, possible},
    select, text, view, word,
};
use crate::model::{
    metric::{METRICS, Metric, OF_NAPS, PerDay, find},
    view::{KindShape, ValueKind, View},
};

const UNIT: &str = "UCUM; instant: milliseconds since the epoch.";

pub(super) fn daily(shapes: &[KindShape]) -> View {
    let several = of_several_resources(shapes);
    let mut parts = Vec::new();
    let ways: [fn(&Metric) -> bool; 6] = [
        |metric| matches!(metric.per_day, PerDay::Night(_)),
        |metric| metric.per_day == PerDay::Longest,
        |metric| metric.per_day == PerDay::Sum,
        |metric| metric.per_day == PerDay::Largest,
        |metric| metric.per_day == PerDay::Mean,
        |metric| metric.per_day == PerDay::Last,
    ];
    for way in ways {
        let ids = |wanted: bool| {
            METRICS
                .iter()
                .filter(move |metric| way(metric))
                .map(|metric| metric.id)
                .filter(|id| shapes.iter().any(|shape| shape.metrics.contains(id)))
                .filter(|id| several.contains_key(id) == wanted)
                .collect::<Vec<_>>()
        };
        let (one, more) = (ids(false), ids(true));
        if !one.is_empty() {
            parts.push(of_day(shapes, &one));
        }
        if !more.is_empty() {
            parts.push(first_resource(&of_day(shapes, &more), &several));
        }
    }
    let made = vec![
        word("day", "The wearer's calendar day.", "day"),
        word("metric", "Id of the metric; describe_data lists them.", "metric"),
        word("unit", UNIT, text::unit_of("metric")),
        made("value", ValueKind::Number, "", "The day's value from this source, in `unit`.", "value"),
        word("source", "The provider.", "source"),
    ];
    let body = select(&made, &format!("({}) AS days", parts.join(" UNION ALL ")));
    let about = "One value for each day, metric and source: the sum, mean, largest or last of the day or that of \
        the night, as the metric says. Filter by source: several devices each have their row.";
    view("v_daily", about, columns(made), &body)
}

/// Metrics that more than one resource of a provider gives, with the place of each resource in the catalogue.
fn of_several_resources(shapes: &[KindShape]) -> BTreeMap<&'static str, Vec<String>> {
    let mut found: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for shape in shapes {
        for id in &shape.metrics {
            found.entry(id).or_default().push(format!("{}.{}", shape.provider, shape.resource));
        }
    }
    let provider = |kind: &String| kind.split('.').next().map(str::to_owned);
    found.retain(|_, kinds| {
        let mut providers: Vec<_> = kinds.iter().map(provider).collect();
        providers.dedup();
        providers.len() < kinds.len()
    });
    found
}

/// Facts that may count for a day, with their documents. A nap tells of naps, and nothing else does.
fn counted() -> String {
    format!(
        "facts f JOIN documents d ON d.key = f.document WHERE f.day IS NOT NULL AND d.removed_at IS NULL \
         AND d.session <> 'rejected' AND {}",
        said("f", "d")
    )
}

/// Whether a document says a fact in the part that it plays.
fn said(fact: &str, document: &str) -> String {
    format!("({fact}.metric = '{OF_NAPS}') = ({document}.session = 'nap')")
}

/// Other facts of the same metric, day and resource.
const BESIDE: &str = "SELECT 1 FROM facts g JOIN documents e ON e.key = g.document \
    WHERE g.metric = f.metric AND g.day = f.day AND e.provider = d.provider AND e.resource = d.resource \
    AND e.removed_at IS NULL";

/// Day, metric, value, source and resource of metrics of which a day is made in one way.
fn of_day(shapes: &[KindShape], metrics: &[&str]) -> String {
    let per_day = metrics.first().and_then(|id| find(id)).map_or(PerDay::Series, |metric| metric.per_day);
    let ids = text::list(metrics.iter().copied());
    let of = format!("{} AND f.metric IN ({ids}) AND {}", counted(), possible("f", metrics));
    // What cannot be true stands beside nothing.
    let beside = format!("{BESIDE} AND {}", possible("g", metrics));
    let row = |value: &str| {
        format!(
            "SELECT f.day AS day, f.metric AS metric, {value} AS value, d.provider AS source, d.resource AS resource"
        )
    };
    // A copy from another cloud counts only where there is nothing else.
    let own = format!("(d.session <> 'relayed' OR NOT EXISTS ({beside} AND e.session <> 'relayed'))");
    let grouped = |value: &str| {
        format!("{} FROM {of} AND {own} GROUP BY f.day, f.metric, d.provider, d.resource", row(value))
    };
    match per_day {
        PerDay::Night(_) => {
            let gives = |shape: &&KindShape| metrics.iter().any(|id| shape.metrics.contains(id));
            let kinds = shapes.iter().filter(gives);
            let names = kinds.map(|shape| (shape.provider.to_owned(), shape.resource.to_owned()));
            of_night(metrics, &names.collect::<Vec<_>>())
        }
        PerDay::Sum => grouped("sum(f.value)"),
        PerDay::Mean => grouped("avg(f.value)"),
        PerDay::Largest | PerDay::Series => grouped("max(f.value)"),
        PerDay::Last => format!(
            "{} FROM {of} AND {own} AND NOT EXISTS ({beside} AND (e.session <> 'relayed' OR d.session = 'relayed') \
             AND (e.start_at > d.start_at OR (e.start_at = d.start_at AND e.id > d.id)))",
            row("f.value")
        ),
        PerDay::Longest => format!(
            "{} FROM {of} AND d.session <> 'nap' AND NOT EXISTS (SELECT 1 FROM documents e \
             WHERE e.provider = d.provider AND e.resource = d.resource AND e.day = d.day AND e.removed_at IS NULL \
             AND e.session IN ('main', 'relayed') AND {})",
            row("f.value"),
            longer("e", "d")
        ),
    }
}

/// Of the resources of one source, only the first that has a value.
fn first_resource(values: &str, several: &BTreeMap<&'static str, Vec<String>>) -> String {
    let mut kinds: Vec<&String> = Vec::new();
    for kind in several.values().flatten() {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let places: Vec<String> = kinds
        .iter()
        .enumerate()
        .map(|(place, kind)| format!("WHEN {} THEN {place}", text::literal(kind)))
        .collect();
    let place = format!("CASE source || '.' || resource {} END", places.join(" "));
    format!(
        "SELECT day, metric, value, source, resource FROM (SELECT day, metric, value, source, resource, \
         row_number() OVER (PARTITION BY day, metric, source ORDER BY {place}) AS place FROM ({values}) AS each_one) \
         AS placed WHERE place = 1"
    )
}

pub(super) fn metric() -> View {
    let made = vec![
        word("metric", "Id of the metric; describe_data lists them.", "f.metric"),
        word("day", "The wearer's calendar day.", "r.day"),
        made("start", ValueKind::Text, "instant", "Start of the record, UTC.", "r.\"start\""),
        made("end", ValueKind::Text, "instant", "End of the record, UTC.", "r.\"end\""),
        word("unit", UNIT, text::unit_of("f.metric")),
        made("value", ValueKind::Number, "", "What the record says, in `unit`.", "f.value"),
        word("source", "The provider.", "r.provider"),
        word("kind", "Kind of the record.", "r.provider || '.' || r.resource"),
        word("id", "Key of the record in its kind's view.", "r.id"),
        word("session", "main, nap, or relayed (a copy from another cloud).", "r.session"),
    ];
    let said = said("f", "r");
    let joined = "facts f JOIN v_record r ON r.key = f.document AND f.metric <> 'end_offset'";
    let body = select(&made, &format!("{joined} WHERE {said}"));
    view("v_metric", "What each single record says about each metric.", columns(made), &body)
}

pub(super) fn sample() -> View {
    let made = vec![
        word("metric", "Id of the metric; describe_data lists them.", "m.name"),
        word("source", "The provider.", "p.name"),
        made("at", ValueKind::Text, "instant", "The moment, UTC.", text::instant("s.at_ms", "Z")),
        made("at_ms", ValueKind::Whole, "ms", "The moment, milliseconds since the epoch.", "s.at_ms"),
        word(
            "context",
            "What the provider says of the moment (rest, workout, charging); empty for nothing.",
            "c.name",
        ),
        made("value", ValueKind::Number, "", "The value, in `unit`.", "s.value"),
        word("unit", UNIT, text::unit_of("m.name")),
    ];
    let body = select(
        &made,
        "samples s JOIN names m ON m.id = s.metric JOIN names p ON p.id = s.source JOIN names c ON c.id = s.context",
    );
    let about = "One moment of high-rate data, such as heart rate. Filter by metric, source and at_ms.";
    view("v_sample", about, columns(made), &body)
}
