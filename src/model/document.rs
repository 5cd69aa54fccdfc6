//! A document is one record of a provider as it was received; facts are what it says about metrics.

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use serde_json::Value;

use super::time::Day;

/// One record of one resource, with what the catalogue could read from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The provider's own key, as text.
    pub id: String,
    /// The key under which an earlier version stored it, where that was another one.
    pub former_id: Option<String>,
    /// The wearer's calendar day. `None` while it hangs on another document that has not arrived.
    pub day: Option<Day>,
    pub start: Option<Timestamp>,
    /// `None` while the record is still open, such as today's cycle.
    pub end: Option<Timestamp>,
    pub offset: Option<Offset>,
    /// The offset at the end, where that is another one: the clocks were changed meanwhile.
    pub end_offset: Option<Offset>,
    /// Set where the record does not tell its offset.
    pub inferred: Option<Inferred>,
    /// The document of another resource that this one names, as its id.
    pub link: Option<String>,
    pub session: Session,
    /// As received, unknown fields included.
    pub body: Value,
}

/// An offset that the record does not tell is the wearer's zone's, until a record close by tells another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Inferred {
    /// The instant whose local date is the record's day; `None` where its day is given.
    pub day_at: Option<Timestamp>,
    pub zone: TimeZone,
}

/// What is noted among a document's facts where its end is on another clock than its start, in seconds. No metric:
/// it belongs to the document's time.
pub const END_OFFSET: &str = "end_offset";

/// What part a record plays in a day's sleep. Resources that are not sleep have only `Main` records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Session {
    #[default]
    Main,
    Nap,
    /// A short sleep in the night, as it comes from its provider: the night of its day if there is no other, and a
    /// nap if there is one. Stored as the one or the other.
    Short,
    /// A copy that came by way of another cloud: it counts only on days without a main record.
    Relayed,
    /// Kept and listed, but the wearer or the provider says it did not happen: it feeds no metric.
    Rejected,
}

impl Session {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Nap | Self::Short => "nap",
            Self::Relayed => "relayed",
            Self::Rejected => "rejected",
        }
    }

    pub fn parse(text: &str) -> Self {
        match text {
            "nap" => Self::Nap,
            "relayed" => Self::Relayed,
            "rejected" => Self::Rejected,
            _ => Self::Main,
        }
    }
}

/// Everything that is derived from one document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub values: Vec<Fact>,
    /// Series inside the record.
    pub samples: Vec<Sample>,
    /// Metric and context of all that it may bring: what it brought before and no longer does goes.
    pub series: &'static [(&'static str, &'static str)],
}

/// One moment of high-rate data.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The metric's id in `model::metric`.
    pub metric: &'static str,
    /// UTC milliseconds.
    pub at_ms: i64,
    /// What the provider says of the moment (`rest`, `workout`, `charging`), or nothing.
    pub context: String,
    pub value: f64,
}

/// What one document says about one metric. Day, start, end and provider are the document's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fact {
    /// The metric's id in `model::metric`.
    pub metric: &'static str,
    /// In the metric's unit; an instant is milliseconds since the epoch.
    pub value: f64,
}

/// SHA-256 of a body without the parts that change while the data does not. Key order does not matter.
pub fn content_hash(body: &Value, volatile: &[&str]) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    let mut text = Vec::with_capacity(2048);
    canonical(&mut text, body, &mut String::new(), volatile);
    Sha256::digest(&text).to_vec()
}

/// The body as text with its keys in order. Stored hashes are of exactly these bytes.
fn canonical(text: &mut Vec<u8>, value: &Value, path: &mut String, volatile: &[&str]) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            text.push(b'{');
            for (key, value) in entries {
                let length = path.len();
                path.push('/');
                path.push_str(key);
                if !volatile.contains(&path.as_str()) {
                    print(text, key);
                    text.push(b':');
                    canonical(text, value, path, volatile);
                    text.push(b',');
                }
                path.truncate(length);
            }
            text.push(b'}');
        }
        Value::Array(items) => {
            text.push(b'[');
            for item in items {
                canonical(text, item, path, volatile);
                text.push(b',');
            }
            text.push(b']');
        }
        // Numbers are compared as they print: 1 and 1.0 are told apart, which at worst tells of a change
        // that is none.
        _ => print(text, value),
    }
}

fn print(text: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer(text, value).expect("JSON is written to memory");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_sees_data_and_nothing_else() {
        let base = json!({ "a": 1, "b": { "c": [1, 2] }, "meta": { "at": 1 } });
        let same = json!({ "meta": { "at": 2 }, "b": { "c": [1, 2] }, "a": 1 });
        let volatile = ["/meta/at"];
        assert_eq!(content_hash(&base, &volatile), content_hash(&same, &volatile));
        for other in [
            json!({ "a": 1, "b": { "c": [2, 1] }, "meta": { "at": 1 } }),
            json!({ "a": null, "b": { "c": [1, 2] }, "meta": { "at": 1 } }),
            json!({ "a": 1, "b": { "c": [1, 2], "d": 1 }, "meta": { "at": 1 } }),
            json!({ "a": "1", "b": { "c": [1, 2] }, "meta": { "at": 1 } }),
        ] {
            assert_ne!(content_hash(&base, &volatile), content_hash(&other, &volatile), "{other}");
        }
    }

    /// Another text would make every stored record look changed.
    #[test]
    fn the_hash_is_of_these_bytes() {
        let body = json!({ "b": { "c": [1, 2.5, "x\"\n"] }, "a": null, "at": 1 });
        let text = r#"{"a":null,"b":{"c":[1,2.5,"x\"\n",],},}"#;
        assert_eq!(content_hash(&body, &["/at"]), <sha2::Sha256 as sha2::Digest>::digest(text).to_vec());
    }
}
