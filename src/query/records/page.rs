//! A page of records being filled, in one of its two forms, within its bound.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Format;
use crate::{providers::catalogue::Field, query::record_reader::object};

/// One record before it takes its form.
pub(super) struct Record {
    pub(super) fields: Vec<&'static Field>,
    pub(super) values: Vec<Value>,
    /// Beside the resource's own columns, by name.
    pub(super) extra: Vec<(String, Value)>,
    /// Metrics of which its value cannot be true.
    pub(super) implausible: Vec<String>,
}

/// A page being filled, in one of the two forms.
pub(super) struct Page {
    pub(super) rows: Option<Vec<Vec<Value>>>,
    pub(super) records: Option<Vec<Map<String, Value>>>,
    /// Id to metrics, of the records that have such values.
    pub(super) implausible: BTreeMap<String, Vec<String>>,
    bytes: usize,
}

impl Page {
    pub(super) fn new(format: Format) -> Self {
        let table = format == Format::Table;
        Self {
            rows: table.then(Vec::new),
            records: (!table).then(Vec::new),
            implausible: BTreeMap::new(),
            bytes: 0,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, Vec::len) + self.records.as_ref().map_or(0, Vec::len)
    }

    /// Adds a record unless it would pass the bound. The first always fits: a page of none goes nowhere.
    pub(super) fn push(&mut self, id: &str, record: Record, max_bytes: Option<usize>) -> bool {
        let Record { fields, values, extra, implausible } = record;
        let beside = (!implausible.is_empty()).then_some((id, &implausible));
        let added = if let Some(rows) = &mut self.rows {
            let row: Vec<Value> =
                values.into_iter().chain(extra.into_iter().map(|(_, value)| value)).collect();
            both_fit(&mut self.bytes, &row, beside, max_bytes, rows.is_empty()) && {
                rows.push(row);
                true
            }
        } else if let Some(records) = &mut self.records {
            let mut record = object(fields.into_iter().zip(values));
            record.extend(extra);
            both_fit(&mut self.bytes, &record, beside, max_bytes, records.is_empty()) && {
                records.push(record);
                true
            }
        } else {
            false
        };
        if added && !implausible.is_empty() {
            self.implausible.insert(id.to_owned(), implausible);
        }
        added
    }
}

/// Whether an item stays within the bound together with what is said of it elsewhere.
fn both_fit(
    bytes: &mut usize,
    item: &impl Serialize,
    beside: Option<impl Serialize>,
    max_bytes: Option<usize>,
    first: bool,
) -> bool {
    match beside {
        Some(beside) => fits(bytes, &(item, beside), max_bytes, first),
        None => fits(bytes, item, max_bytes, first),
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
