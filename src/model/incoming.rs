//! A record on its way into the store, however it came: read into a document with all that is derived from it, or
//! not readable and kept aside.

use sha2::{Digest as _, Sha256};

use super::{Document, Facts};

/// A document with what was derived from it.
pub struct Incoming {
    /// Its body is empty by now.
    pub document: Document,
    /// JSON as it is stored.
    pub body: String,
    /// JSON array in the order of the resource's columns.
    pub flat: String,
    pub facts: Facts,
    pub hash: Vec<u8>,
}

/// A record that could not become a document, with what can be told of it all the same.
pub struct Unreadable {
    pub reason: String,
    pub body: String,
    /// The provider's own key.
    pub id: Option<String>,
    /// The wearer's calendar day, about.
    pub day: Option<String>,
    /// UTC milliseconds.
    pub start_at: Option<i64>,
}

impl Unreadable {
    /// What it is known by.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.body.as_bytes()).to_vec()
    }
}
