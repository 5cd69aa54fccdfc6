//! Opaque cursors: where a page goes on, bound to the question it came from.
//!
//! A cursor is base64url of a small JSON object. It carries the days as they were understood, so that 'last 7 days'
//! stays the same seven days past midnight.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::dates::Range;
use crate::{
    error::{Error, Result},
    model::time::Day,
};

/// The range of a question, in a cursor.
#[derive(Serialize, Deserialize)]
pub(super) struct Span {
    /// First and last day.
    d: (String, String),
    /// From and to, UTC milliseconds, where an end was given as an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<(i64, i64)>,
}

impl Span {
    pub(super) fn of(range: &Range) -> Self {
        Self {
            d: (range.first.to_string(), range.last.to_string()),
            t: range.instants.map(|(from, to)| (from.as_millisecond(), to.as_millisecond())),
        }
    }

    pub(super) fn range(&self, zone: &TimeZone) -> Result<Range> {
        let at = |ms| Timestamp::from_millisecond(ms).map_err(|_| foreign());
        Ok(Range {
            first: day(&self.d.0)?,
            last: day(&self.d.1)?,
            instants: self.t.map(|(from, to)| Ok::<_, Error>((at(from)?, at(to)?))).transpose()?,
            zone: zone.clone(),
        })
    }
}

pub fn write(content: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(content).unwrap_or_default())
}

/// Reads a cursor that `write` made of the same type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    // Ours are short; whatever is longer is not decoded to find out.
    let bytes =
        Some(text).filter(|text| text.len() <= 1000).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(foreign)
}

/// A day that stands in a cursor.
pub fn day(text: &str) -> Result<Day> {
    text.parse().map_err(|_| foreign())
}

/// The refusal of what `write` has not made.
pub(super) fn foreign() -> Error {
    Error::invalid("cursor: not a cursor of this tool")
        .hint("Pass next_cursor of an earlier answer unchanged, or leave it out to start again.")
}

/// Refuses a cursor that belongs to another question: the first argument in which they differ is named.
pub fn same_question<const N: usize>(differences: [(&str, bool); N]) -> Result<()> {
    let Some((what, _)) = differences.into_iter().find(|(_, differs)| *differs) else { return Ok(()) };
    Err(Error::invalid(format!("cursor: it belongs to a call with another '{what}'"))
        .hint("Repeat the arguments of the call it came from, or leave the cursor out to start again."))
}

/// The fingerprint of dates as they were written; 0 where none was: then the cursor's hold.
pub(super) fn words<const N: usize>(written: [Option<&str>; N]) -> u32 {
    let dated = written.iter().any(Option::is_some);
    if dated { fingerprint(written.map(|text| text.unwrap_or("\n"))) } else { 0 }
}

/// A short number for a part of a question that is too long to carry.
pub(super) fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a str>) -> u32 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    u32::from_be_bytes(std::array::from_fn(|i| digest[i]))
}
