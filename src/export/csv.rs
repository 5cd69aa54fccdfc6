//! CSV as RFC 4180 has it: a header, commas, CRLF, quotes doubled. UTF-8.
//!
//! Null is an empty cell and an empty text a quoted one. Objects and lists are JSON. A text that a spreadsheet
//! would take for a formula gets an apostrophe in front; so does one that begins with apostrophes before such
//! a character, so that taking one away gives the text back. Numbers are left alone.

use std::io::{self, Write};

use serde_json::Value;

use super::RowWriter;
use crate::query::Column;

pub(super) struct Csv {
    out: Box<dyn Write + Send>,
    line: Vec<u8>,
}

impl Csv {
    pub(super) fn new(columns: &[Column], mut out: Box<dyn Write + Send>) -> io::Result<Self> {
        let mut line = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            separate(&mut line, place);
            text(&mut line, &column.name);
        }
        line.extend(b"\r\n");
        out.write_all(&line)?;
        Ok(Self { out, line })
    }
}

impl RowWriter for Csv {
    fn row(&mut self, values: &[Value]) -> io::Result<()> {
        self.line.clear();
        for (place, value) in values.iter().enumerate() {
            separate(&mut self.line, place);
            cell(&mut self.line, value)?;
        }
        self.line.extend(b"\r\n");
        self.out.write_all(&self.line)
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.out.flush().map(|()| 0)
    }
}

fn separate(line: &mut Vec<u8>, place: usize) {
    if place > 0 {
        line.push(b',');
    }
}

fn cell(line: &mut Vec<u8>, value: &Value) -> io::Result<()> {
    match value {
        Value::Null => {}
        Value::Bool(flag) => line.extend(if *flag { &b"true"[..] } else { b"false" }),
        Value::Number(number) => write!(line, "{number}")?,
        Value::String(words) => text(line, words),
        Value::Array(_) | Value::Object(_) => text(line, &value.to_string()),
    }
    Ok(())
}

fn text(line: &mut Vec<u8>, text: &str) {
    let unsafe_start = is_formula(text);
    let quoted = text.is_empty() || text.bytes().any(|b| matches!(b, b',' | b'"' | b'\r' | b'\n'));
    if quoted {
        line.push(b'"');
    }
    if unsafe_start {
        line.push(b'\'');
    }
    if quoted {
        for byte in text.bytes() {
            if byte == b'"' {
                line.push(b'"');
            }
            line.push(byte);
        }
        line.push(b'"');
    } else {
        line.extend(text.as_bytes());
    }
}

/// Whether a spreadsheet would compute it, or would after an apostrophe is taken away.
fn is_formula(text: &str) -> bool {
    let first = text.trim_start_matches('\'').bytes().next();
    matches!(first, Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;
    use crate::query::ColumnKind;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(rows: &[Vec<Value>], width: usize) -> String {
        let kept = Kept::default();
        let column = |place| Column { name: format!("c{place}").into(), kind: ColumnKind::Text, nest: None };
        let columns: Vec<Column> = (0..width).map(column).collect();
        let mut csv = Csv::new(&columns, Box::new(kept.clone())).unwrap();
        for row in rows {
            csv.row(row).unwrap();
        }
        Box::new(csv).finish().unwrap();
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn cells() {
        for (value, cell) in [
            (json!(null), ""),
            (json!(""), "\"\""),
            (json!("plain"), "plain"),
            (json!("a,b"), "\"a,b\""),
            (json!("say \"hi\""), "\"say \"\"hi\"\"\""),
            (json!("two\nlines"), "\"two\nlines\""),
            (json!(-0.25), "-0.25"),
            (json!(-3), "-3"),
            (json!(true), "true"),
            (json!({ "a": [1, "x"] }), "\"{\"\"a\"\":[1,\"\"x\"\"]}\""),
            (json!("=1+1"), "'=1+1"),
            (json!("+01:00"), "'+01:00"),
            (json!("-5"), "'-5"),
            (json!("@SUM(A1)"), "'@SUM(A1)"),
            (json!("\tx"), "'\tx"),
            (json!("\r=x"), "\"'\r=x\""),
            (json!("=a,b"), "\"'=a,b\""),
            (json!("'=x"), "''=x"),
            (json!("'quoted'"), "'quoted'"),
            (json!("1-2"), "1-2"),
        ] {
            let text = written(&[vec![value.clone(), json!("end")]], 2);
            assert_eq!(text, format!("c0,c1\r\n{cell},end\r\n"), "{value}");
        }
    }

    #[test]
    fn an_empty_window_has_a_header() {
        assert_eq!(written(&[], 3), "c0,c1,c2\r\n");
    }
}
