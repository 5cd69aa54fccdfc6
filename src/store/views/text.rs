//! Pieces of SQL that SQLite and DuckDB understand alike.

use crate::model::metric::METRICS;

/// A name that may be a keyword.
pub(super) fn name(name: &str) -> String {
    format!("\"{name}\"")
}

/// A literal; what comes here is of the catalogue and holds no quote.
pub(super) fn literal(text: &str) -> String {
    debug_assert!(!text.contains('\''), "a name of the catalogue with a quote");
    format!("'{text}'")
}

/// The same of a name that may hold one.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(literal).collect::<Vec<_>>().join(", ")
}

/// The unit of the metric that `column` names.
pub(super) fn unit_of(column: &str) -> String {
    let mut units: Vec<&str> = METRICS.iter().map(|metric| metric.unit).collect();
    units.sort_unstable();
    units.dedup();
    let cases: Vec<String> = units
        .iter()
        .map(|unit| {
            let ids = METRICS.iter().filter(|metric| metric.unit == *unit).map(|metric| metric.id);
            format!("WHEN {column} IN ({}) THEN {}", list(ids), literal(unit))
        })
        .collect();
    format!("CASE {} END", cases.join(" "))
}

/// The whole part of a quotient, of whole numbers: what `/` and casts do differs between the two.
fn whole(dividend: &str, divisor: &str) -> String {
    format!("round(({dividend} + 0.5) / {divisor} - 0.5)")
}

fn int(number: &str) -> String {
    format!("CAST({number} AS BIGINT)")
}

/// Milliseconds since the epoch as `YYYY-MM-DDThh:mm:ss.sss`, for the years 1901 to 2099; `end` follows it.
///
/// No date function is common to SQLite and DuckDB. Richards' algorithm for the Gregorian calendar, in which
/// the centuries' correction is a constant between two centuries that are no leap years.
pub(super) fn instant(ms: &str, end: &str) -> String {
    let day = whole(ms, "86400000.0");
    let e = format!("(4 * {day} + 9768011)");
    let h = format!("(5 * {} + 2)", whole(&format!("({e} % 1461)"), "4.0"));
    let month = format!("(({} + 2) % 12 + 1)", whole(&h, "153.0"));
    let year = format!("({} - 4716 + {})", whole(&e, "1461.0"), whole(&format!("(14 - {month})"), "12.0"));
    let day_of_month = format!("({} + 1)", whole(&format!("({h} % 153)"), "5.0"));
    let in_day = format!("({ms} - 86400000 * {day})");
    let hour = whole(&in_day, "3600000.0");
    let minute = format!("({} % 60)", whole(&in_day, "60000.0"));
    let second = format!("({} % 60)", whole(&in_day, "1000.0"));
    let parts = [year, month, day_of_month, hour, minute, second, format!("({in_day} % 1000)")];
    let parts: Vec<String> = parts.iter().map(|part| int(part)).collect();
    format!(
        "CASE WHEN {ms} IS NOT NULL THEN printf('%04d-%02d-%02dT%02d:%02d:%02d.%03d{end}', {}) END",
        parts.join(", ")
    )
}
