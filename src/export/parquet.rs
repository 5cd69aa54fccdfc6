//! Parquet: a typed, nullable column for each column, zstd, in groups of rows of a bounded size.

use std::{
    io::{self, Write},
    sync::Arc,
};

use jiff::{Timestamp, Unit as Precision, civil, tz::TimeZone};
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel},
    data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};
use serde_json::Value;

use super::RowWriter;
use crate::query::{Column, ColumnKind};

/// Values of a group of rows, all columns together: a few megabytes, large enough to compress well.
const GROUP_VALUES: usize = 500_000;

pub(super) struct Parquet {
    writer: SerializedFileWriter<Box<dyn Write + Send>>,
    columns: Vec<Filling>,
    rows: usize,
    group_rows: usize,
    unfit: u64,
}

/// What a column holds until its group is written.
struct Filling {
    kind: ColumnKind,
    values: Values,
    /// One for each row: 1 where there is a value.
    levels: Vec<i16>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Flags(Vec<bool>),
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Days(Vec<i32>),
}

impl Parquet {
    pub(super) fn new(columns: &[Column], out: Box<dyn Write + Send>) -> io::Result<Self> {
        let fields = columns
            .iter()
            .map(|column| field(column).map(Arc::new))
            .collect::<Result<_, _>>()
            .map_err(wrong)?;
        let schema = Type::group_type_builder("row").with_fields(fields).build().map_err(wrong)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(wrong)?;
        let columns: Vec<Filling> = columns.iter().map(|column| Filling::new(column.kind)).collect();
        let group_rows = (GROUP_VALUES / columns.len().max(1)).clamp(1024, 100_000);
        Ok(Self { writer, columns, rows: 0, group_rows, unfit: 0 })
    }

    fn write_group(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(wrong)?;
        for column in &mut self.columns {
            column.write(&mut group).map_err(wrong)?;
        }
        group.close().map_err(wrong)?;
        self.rows = 0;
        Ok(())
    }
}

impl RowWriter for Parquet {
    fn row(&mut self, values: &[Value]) -> io::Result<()> {
        for (column, value) in self.columns.iter_mut().zip(values) {
            self.unfit += u64::from(!column.push(value));
        }
        self.rows += 1;
        if self.rows >= self.group_rows { self.write_group() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.write_group()?;
        let unfit = self.unfit;
        self.writer.finish().map_err(wrong)?;
        self.writer.inner_mut().flush()?;
        Ok(unfit)
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        ColumnKind::Text | ColumnKind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnKind::Flag => (Physical::BOOLEAN, None),
        ColumnKind::Integer => (Physical::INT64, None),
        ColumnKind::Number => (Physical::DOUBLE, None),
        ColumnKind::Instant => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        ColumnKind::Day => (Physical::INT32, Some(LogicalType::Date)),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

impl Filling {
    fn new(kind: ColumnKind) -> Self {
        let values = match kind {
            ColumnKind::Text | ColumnKind::Json => Values::Texts(Vec::new()),
            ColumnKind::Flag => Values::Flags(Vec::new()),
            ColumnKind::Integer | ColumnKind::Instant => Values::Integers(Vec::new()),
            ColumnKind::Number => Values::Numbers(Vec::new()),
            ColumnKind::Day => Values::Days(Vec::new()),
        };
        Self { kind, values, levels: Vec::new() }
    }

    /// Adds the value of a row. `false`: there is one, but it is not of the column's type.
    fn push(&mut self, value: &Value) -> bool {
        let known = !value.is_null();
        let fits = known
            && match &mut self.values {
                Values::Texts(all) => push(all, Some(text(value))),
                Values::Flags(all) => push(all, flag(value)),
                Values::Numbers(all) => push(all, value.as_f64()),
                Values::Days(all) => push(all, day(value)),
                Values::Integers(all) if self.kind == ColumnKind::Instant => push(all, instant(value)),
                Values::Integers(all) => push(all, whole(value)),
            };
        self.levels.push(i16::from(fits));
        fits || !known
    }

    fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let levels = Some(&self.levels[..]);
        match &mut self.values {
            Values::Texts(all) => column.typed::<ByteArrayType>().write_batch(all, levels, None).map(drop)?,
            Values::Flags(all) => column.typed::<BoolType>().write_batch(all, levels, None).map(drop)?,
            Values::Integers(all) => column.typed::<Int64Type>().write_batch(all, levels, None).map(drop)?,
            Values::Numbers(all) => column.typed::<DoubleType>().write_batch(all, levels, None).map(drop)?,
            Values::Days(all) => column.typed::<Int32Type>().write_batch(all, levels, None).map(drop)?,
        }
        column.close()?;
        self.levels.clear();
        match &mut self.values {
            Values::Texts(all) => all.clear(),
            Values::Flags(all) => all.clear(),
            Values::Integers(all) => all.clear(),
            Values::Numbers(all) => all.clear(),
            Values::Days(all) => all.clear(),
        }
        Ok(())
    }
}

fn push<T>(all: &mut Vec<T>, value: Option<T>) -> bool {
    let fits = value.is_some();
    all.extend(value);
    fits
}

fn text(value: &Value) -> ByteArray {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().as_str().into(),
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        // Some providers write flags as numbers.
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15)?;
        Some(number as i64)
    })
}

/// Milliseconds since the epoch. A time without an offset is taken as UTC, as the mirror orders it.
fn instant(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    let at = text.parse::<Timestamp>().ok().or_else(|| {
        let clock: civil::DateTime = text.parse().ok()?;
        Some(clock.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(at.as_millisecond())
}

/// Days since the epoch.
fn day(value: &Value) -> Option<i32> {
    let day: civil::Date = value.as_str()?.parse().ok()?;
    let since = day.since((Precision::Day, civil::date(1970, 1, 1))).ok()?;
    Some(since.get_days())
}

fn wrong(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_become_the_columns_type_or_are_counted() {
        use ColumnKind::{Day, Flag, Instant, Integer, Json, Number, Text};
        for (kind, value, fits) in [
            (Text, json!("x"), true),
            (Text, json!(5), true),
            (Flag, json!(true), true),
            (Flag, json!(1), true),
            (Flag, json!("yes"), false),
            (Integer, json!(3), true),
            (Integer, json!(3.0), true),
            (Integer, json!(3.5), false),
            (Number, json!(3), true),
            (Number, json!("3"), false),
            (Instant, json!("2026-03-29T22:30:00.123+02:00"), true),
            (Instant, json!("2026-03-29T22:30:00"), true),
            (Instant, json!("soon"), false),
            (Day, json!("2026-03-29"), true),
            (Day, json!("29.3.2026"), false),
            (Json, json!([1]), true),
            (Number, json!(null), true),
        ] {
            let mut column = Filling::new(kind);
            assert_eq!(column.push(&value), fits, "{kind:?} {value}");
            assert_eq!(column.levels, [i16::from(fits && !value.is_null())], "{kind:?} {value}");
        }
        assert_eq!(day(&json!("1970-01-02")), Some(1));
        assert_eq!(day(&json!("1969-12-31")), Some(-1));
        assert_eq!(day(&json!("2026-03-29")), Some(20_541));
        assert_eq!(instant(&json!("1970-01-01T00:00:01.5Z")), Some(1500));
    }
}
