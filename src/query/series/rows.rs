//! Rows of a series, and the page they fill.

use serde_json::Value;

use super::resolution::{HEADER, Resolution};
use crate::{
    model::metric::{Combine, Metric},
    query::{number::number, records::fits},
    store::Tally,
};

/// A page being filled, whatever series its rows belong to.
pub(super) struct Page {
    bytes: usize,
    max_bytes: Option<usize>,
    rows: usize,
    max_rows: usize,
}

impl Page {
    /// What stands around the rows of so many series is counted in.
    pub(super) fn new(max_bytes: Option<usize>, max_rows: Option<usize>, series: usize) -> Self {
        Self { bytes: series * HEADER, max_bytes, rows: 0, max_rows: max_rows.unwrap_or(usize::MAX).max(1) }
    }

    /// Adds a row unless it would pass the bound. The first always fits: a page of none goes nowhere.
    pub(super) fn push(&mut self, rows: &mut Vec<Vec<Value>>, row: Vec<Value>) -> bool {
        if self.rows >= self.max_rows || !fits(&mut self.bytes, &row, self.max_bytes, self.rows == 0) {
            return false;
        }
        self.rows += 1;
        rows.push(row);
        true
    }
}

pub(super) fn columns(metric: &Metric, resolution: Resolution) -> Vec<&'static str> {
    let mut columns = match metric.combine {
        Combine::Nothing => vec!["at", "value"],
        Combine::Mean => vec!["at", "mean", "min", "max", "n"],
        Combine::Sum => vec!["at", "mean", "min", "max", "n", "sum"],
    };
    if resolution == Resolution::Raw {
        columns.push("context");
    }
    columns
}

/// A row of several values in short.
pub(super) fn tallied(metric: &Metric, at: String, tally: &Tally) -> Vec<Value> {
    let mut row = vec![
        Value::String(at),
        number(tally.sum / tally.n as f64),
        number(tally.min),
        number(tally.max),
        tally.n.into(),
    ];
    if metric.combine == Combine::Sum {
        row.push(number(tally.sum));
    }
    row
}

/// A row of one value, in the same columns as several.
pub(super) fn single(metric: &Metric, at: String, value: Value) -> Vec<Value> {
    let mut row = vec![Value::String(at), value.clone()];
    if metric.combine != Combine::Nothing {
        row.extend([value.clone(), value.clone(), 1.into()]);
    }
    if metric.combine == Combine::Sum {
        row.push(value);
    }
    row
}

/// What stands in the column of the context; null for nothing. What cannot be true is shown, and said to be so.
pub(super) fn context(text: &str, plausible: bool) -> Value {
    let text = crate::query::sanitize::clean(text);
    match (text.is_empty(), plausible) {
        (true, true) => Value::Null,
        (false, true) => text.into(),
        (true, false) => IMPLAUSIBLE.into(),
        (false, false) => format!("{text}, {IMPLAUSIBLE}").into(),
    }
}

const IMPLAUSIBLE: &str = "implausible";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::metric::find;

    #[test]
    fn columns_and_rows_are_of_one_length() {
        let tally = Tally { n: 3, sum: 10.0, min: 3.0, max: 4.0, implausible: 0 };
        for (metric, row) in
            [("heart_rate", json!(["x", 3.333, 3, 4, 3])), ("steps", json!(["x", 3.333, 3, 4, 3, 10]))]
        {
            let metric = find(metric).unwrap();
            let made = tallied(metric, "x".to_owned(), &tally);
            assert_eq!(Value::from(made.clone()), row);
            assert_eq!(columns(metric, Resolution::Hour).len(), made.len());
            assert_eq!(
                columns(metric, Resolution::Day).len(),
                single(metric, "x".to_owned(), json!(1)).len()
            );
        }
        let stage = find("sleep_stage").unwrap();
        assert_eq!(columns(stage, Resolution::Raw), ["at", "value", "context"]);
        assert_eq!(single(stage, "x".to_owned(), json!(2)), [json!("x"), json!(2)]);
    }

    #[test]
    fn a_context_says_what_cannot_be_true() {
        assert_eq!(context("", true), Value::Null);
        assert_eq!(context("rest", false), "rest, implausible");
    }

    #[test]
    fn a_page_ends_at_its_bytes_or_rows_and_holds_one_at_least() {
        let fill = |bytes, rows| {
            let (mut page, mut filled) = (Page::new(bytes, rows, 1), Vec::new());
            while filled.len() < 100 && page.push(&mut filled, vec![json!(1)]) {}
            filled.len()
        };
        assert_eq!(fill(Some(HEADER + 40), None), 10);
        assert_eq!(fill(Some(0), None), 1);
        assert_eq!(fill(None, Some(7)), 7);
        assert_eq!(fill(None, Some(0)), 1);
        assert_eq!(fill(None, None), 100);
    }
}
