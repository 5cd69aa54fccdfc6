//! What a request wants to see of records, and how they are shown to it.

use super::quirks::Quirks;

/// What a request wants to see of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fields {
    /// Everything there is.
    All,
    /// What comes when nothing was asked for.
    Unasked,
    /// These, in alphabetic order.
    Named(Vec<String>),
}

/// How records are shown to one request.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The data asked for.
    pub fields: Fields,
    /// The switches.
    pub quirks: &'a Quirks,
    /// To the demo user.
    pub demo: bool,
}

impl Fields {
    /// What `asked` names, or what comes when nothing is asked for.
    pub fn asked(asked: Option<Vec<String>>) -> Self {
        asked.map_or(Self::Unasked, Self::named)
    }

    /// These fields.
    pub fn named(mut names: Vec<String>) -> Self {
        names.sort_unstable();
        Self::Named(names)
    }
}
