//! What a run knows of whose data it may store. How it comes to know it is in `identify`.

use crate::providers::catalogue::Reply;

/// What a run knows of whose data it may store.
#[derive(Debug, Default)]
pub(in crate::sync) struct Identity {
    /// The account whose data is stored, or is about to be.
    pub owner: Option<String>,
    /// This login was said to be that account's.
    pub told: bool,
    /// What is known stands in the store.
    pub written: bool,
    /// What told it, for the resource that it is a reply of.
    pub reply: Option<Reply>,
}
