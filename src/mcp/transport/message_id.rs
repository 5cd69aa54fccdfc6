//! The id of a request that cannot be read otherwise: what is not JSON, or longer than is taken. Pure.
//!
//! A client waits for the answer with its id, whatever else is wrong with the line. So the line is looked through
//! byte by byte, with little memory: only the `id` at the first level counts, and only a whole one.

use rmcp::model::{NumberOrString, RequestId};
use serde_json::Value;

/// Longer ones than anybody uses are not kept.
const LONGEST: usize = 256;

/// Looks through one line, of which more may come.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a state of the scan of its own")]
pub(super) struct IdScan {
    /// How many brackets are open.
    depth: u32,
    in_text: bool,
    escaped: bool,
    /// At the first level, a key and not a value is next.
    key_is_next: bool,
    /// What has been read of the key or of the value that counts; `None` for what does not count.
    kept: Option<Vec<u8>>,
    /// The value that is read belongs to the key `id`.
    is_id: bool,
    found: Option<RequestId>,
    /// It is no object, or it is over.
    over: bool,
}

impl IdScan {
    /// The id in a line that is here as a whole.
    pub(super) fn of(line: &[u8]) -> Option<RequestId> {
        let mut scan = Self::default();
        scan.feed(line);
        scan.found
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if self.over {
                return;
            }
            self.step(byte);
        }
    }

    /// What has been found so far.
    pub(super) fn found(self) -> Option<RequestId> {
        self.found
    }

    fn step(&mut self, byte: u8) {
        if self.in_text {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                if self.depth == 1 && self.key_is_next {
                    self.kept = Some(Vec::new());
                }
                self.in_text = true;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.over |= self.depth == 0 && byte == b'[';
                self.key_is_next = self.depth == 0;
                self.depth += 1;
                // An id is no container.
                (self.kept, self.is_id) = (None, false);
            }
            b'}' | b']' => {
                self.end_of_value();
                self.depth = self.depth.saturating_sub(1);
                self.over |= self.depth == 0;
            }
            b':' if self.depth == 1 && self.key_is_next => {
                self.is_id = self.kept.take().is_some_and(|key| key == b"\"id\"");
                self.kept = self.is_id.then(Vec::new);
                self.key_is_next = false;
            }
            b',' if self.depth == 1 => {
                self.end_of_value();
                self.key_is_next = true;
            }
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if let Some(kept) = &mut self.kept
            && kept.len() <= LONGEST
        {
            kept.push(byte);
        }
    }

    fn end_of_value(&mut self) {
        if self.depth == 1 && std::mem::take(&mut self.is_id) {
            let value = self.kept.take().and_then(|kept| serde_json::from_slice(&kept).ok());
            self.found = self.found.take().or_else(|| request_id(&value?));
        }
    }
}

/// An id as the protocol has it: a text or a whole number.
pub(super) fn request_id(value: &Value) -> Option<RequestId> {
    match value {
        Value::String(text) => Some(NumberOrString::String(text.as_str().into())),
        Value::Number(number) => number.as_i64().map(NumberOrString::Number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_whole_id_of_the_first_level_counts() {
        for (line, expected) in [
            (r#"{"jsonrpc":"2.0","id":7,"method":"#, json!(7)),
            (r#"{"method":"x","params":{"id":9,"t":"\ud800"},"id":"a\"b"}"#, json!("a\"b")),
            (r#"{"params":{"id":9},"id":-3}"#, json!(-3)),
            (r#"{"a":"\"id\":1,","id":2,}"#, json!(2)),
            (r#"{"a":"\\","id": 2 ,"#, json!(2)),
            (r#"{"id":1,"id":2}"#, json!(1)),
            (r#"{"id":7"#, json!(null)),
            (r#"{"id":7 8,"x":1}"#, json!(null)),
            (r#"{"id":1.5,"x":1}"#, json!(null)),
            (r#"{"id":null,"x":1}"#, json!(null)),
            (r#"{"id":{"id":1},"x":1}"#, json!(null)),
            (r#"{"id":"\ud800","x":1}"#, json!(null)),
            (r#"{"x":"id","y":"id":3}"#, json!(null)),
            (r#"[{"id":1}]"#, json!(null)),
            (r#"{"x":1} {"id":1}"#, json!(null)),
            ("hello", json!(null)),
            ("", json!(null)),
        ] {
            assert_eq!(json!(IdScan::of(line.as_bytes())), expected, "{line}");
            // The same in pieces.
            let mut scan = IdScan::default();
            line.as_bytes().chunks(3).for_each(|piece| scan.feed(piece));
            assert_eq!(json!(scan.found()), expected, "{line}");
        }
        let long = format!(r#"{{"id":"{}","x":1}}"#, "x".repeat(1000));
        assert_eq!(IdScan::of(long.as_bytes()), None);
    }
}
