//! `v_daily`, `v_metric` and `v_sample`: values by day, by record and by moment.
//!
//! Invariant: a day's value here is what the daily summary has of that source, unrounded: the rows that are kept of
//! the day (`days`), those that hold in the wearer's order of the sources of sleep. Of several sources the summary
//! chooses one; here each has its row, and the chosen one says so.

use super::{columns, made, select, text, view, word};
use crate::model::{
    metric::OF_NAPS,
    view::{ValueKind, View},
};

const UNIT: &str = "UCUM; instant: milliseconds since the epoch.";

pub(super) fn daily() -> View {
    let made = vec![
        word("day", "The wearer's calendar day.", "v.day"),
        word("metric", "Id of the metric; describe_data lists them.", "m.name"),
        word("unit", UNIT, text::unit_of("m.name")),
        made("value", ValueKind::Number, "", "The day's value from this source, in `unit`.", "v.value"),
        word("source", "The provider.", source("k")),
        made(
            "chosen",
            ValueKind::Whole,
            "",
            "1 for the value that the daily summary shows, of the source that comes first in the wearer's order; 0 for \
                the others.",
            chosen(),
        ),
    ];
    // The metric first: what is kept is in its order, and a metric of a day is found without an index by day.
    let body = select(
        &made,
        "names m CROSS JOIN day_values v JOIN names k ON k.id = v.kind JOIN sleep_orders o ON o.name = v.sleep_order \
         WHERE v.metric = m.id AND v.place = 0",
    );
    let about = "One value for each day, metric and source: the sum, mean, largest or last of the day or that of \
        the night, as the metric says. Several devices each have their row: chosen = 1 leaves one for a day and metric. Values are the daily \
        summary's, unrounded and of the same night; values that cannot be true are left out. Asked through \
        vitals-mcp, every day is up to date, and a session that goes on counts up to now; other programs find the \
        days as vitals-mcp last worked them out, after a sync or for a statement.";
    view("v_daily", about, columns(made), &body)
}

/// The provider out of the name of a kind.
fn source(kind: &str) -> String {
    format!("substr({kind}.name, 1, instr({kind}.name, '.') - 1)")
}

/// Whether no other source's value of the same day and metric comes first: copies from other clouds after what a device
/// of its own saw, then in the wearer's order. The order of the joins is the cheapest.
fn chosen() -> String {
    format!(
        "CASE WHEN EXISTS (SELECT 1 FROM day_values w CROSS JOIN sleep_orders ow CROSS JOIN names kw \
         CROSS JOIN source_ranks rw CROSS JOIN source_ranks rv WHERE w.metric = v.metric AND w.day = v.day \
         AND w.place = 0 AND w.kind <> v.kind AND ow.name = w.sleep_order AND kw.id = w.kind \
         AND rw.metric = m.name AND rw.source = {} AND rv.metric = m.name AND rv.source = {} \
         AND (w.standing < v.standing OR (w.standing = v.standing AND rw.rank < rv.rank))) THEN 0 ELSE 1 END",
        source("kw"),
        source("k")
    )
}

/// Whether a document says a fact in the part that it plays: a nap tells of naps, and nothing else does.
fn said(fact: &str, document: &str) -> String {
    format!("({fact}.metric = '{OF_NAPS}') = ({document}.session = 'nap')")
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
