//! JSON Lines: an object for each row, nested where the records are.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::RowWriter;
use crate::query::Column;

pub(super) struct Jsonl {
    columns: Vec<Column>,
    out: Box<dyn Write + Send>,
}

impl Jsonl {
    pub(super) fn new(columns: Vec<Column>, out: Box<dyn Write + Send>) -> Self {
        Self { columns, out }
    }
}

impl RowWriter for Jsonl {
    fn row(&mut self, values: &[Value]) -> io::Result<()> {
        let mut object = Map::new();
        for (column, value) in self.columns.iter().zip(values) {
            match column.nest {
                None => {
                    object.insert(column.name.to_string(), value.clone());
                }
                Some((name, key)) => {
                    let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(inner) = inner {
                        inner.insert(key.to_owned(), value.clone());
                    }
                }
            }
        }
        serde_json::to_writer(&mut self.out, &object)?;
        self.out.write_all(b"\n")
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.out.flush().map(|()| 0)
    }
}
