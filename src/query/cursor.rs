//! Opaque cursors: where a page goes on, bound to the question it came from.
//!
//! A cursor is base64url of a small JSON array whose first element names its kind. It carries the days as
//! they were understood, so that 'last 7 days' stays the same seven days past midnight.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

pub(super) fn write(content: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(content).unwrap_or_default())
}

/// Reads a cursor that `write` made of the same type.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    // Ours are short; whatever is longer is not decoded to find out.
    let bytes =
        Some(text).filter(|text| text.len() <= 1000).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
        Error::invalid("cursor: not a cursor of this tool")
            .hint("Pass next_cursor of an earlier answer unchanged, or leave it out to start again.")
    })
}

/// The refusal of a cursor that belongs to another question.
pub(super) fn mismatch(what: &str) -> Error {
    Error::invalid(format!("cursor: it belongs to a call with another '{what}'"))
        .hint("Repeat the arguments of the call it came from, or leave the cursor out to start again.")
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
