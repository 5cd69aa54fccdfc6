//! A page of records being filled, in one of its two forms, within its bound.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Format;
use crate::{providers::catalogue::Field, query::rows::object};

/// One record before it takes its form.
pub(super) struct Record {
    pub(super) fields: Vec<&'static Field>,
    pub(super) values: Vec<Value>,
    /// Beside the resource's own columns, by name.
    pub(super) extra: Vec<(String, Value)>,
}

/// A page being filled, in one of the two forms.
pub(super) struct Page {
    pub(super) rows: Option<Vec<Vec<Value>>>,
    pub(super) records: Option<Vec<Map<String, Value>>>,
    bytes: usize,
}

impl Page {
    pub(super) fn new(format: Format) -> Self {
        let table = format == Format::Table;
        Self { rows: table.then(Vec::new), records: (!table).then(Vec::new), bytes: 0 }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, Vec::len) + self.records.as_ref().map_or(0, Vec::len)
    }

    /// Adds a record unless it would pass the bound. The first always fits: a page of none goes nowhere.
    pub(super) fn push(&mut self, record: Record, max_bytes: Option<usize>) -> bool {
        let Record { fields, values, extra } = record;
        if let Some(rows) = &mut self.rows {
            let row: Vec<Value> =
                values.into_iter().chain(extra.into_iter().map(|(_, value)| value)).collect();
            fits(&mut self.bytes, &row, max_bytes, rows.is_empty()) && {
                rows.push(row);
                true
            }
        } else if let Some(records) = &mut self.records {
            let mut record = object(fields.into_iter().zip(values));
            record.extend(extra);
            fits(&mut self.bytes, &record, max_bytes, records.is_empty()) && {
                records.push(record);
                true
            }
        } else {
            false
        }
    }
}

/// Whether one more item stays within the bound; counts it if so.
pub(in crate::query) fn fits(
    bytes: &mut usize,
    item: &impl Serialize,
    max_bytes: Option<usize>,
    first: bool,
) -> bool {
    let Some(most) = max_bytes else { return true };
    let size = serde_json::to_vec(item).map_or(0, |json| json.len() + 1);
    if !first && *bytes + size > most {
        return false;
    }
    *bytes += size;
    true
}
