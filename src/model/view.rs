//! What the SQL views are made from, and what they look like: plain words, so that the store makes views
//! without knowing a provider, and a question documents them without knowing SQL.

use super::{Role, Sense};

/// One kind of records, as far as its view goes.
#[derive(Debug, Clone)]
pub struct KindShape {
    pub provider: &'static str,
    pub resource: &'static str,
    pub about: &'static str,
    /// Rows that were flattened with other columns than these have another number.
    pub mapping: i64,
    pub role: Role,
    pub fields: Vec<FieldShape>,
    /// The metrics its records can give a day.
    pub metrics: Vec<&'static str>,
    /// Its provider's names of sports, as names are compared, and the words of all.
    pub sports: Vec<(String, &'static str)>,
}

/// One column of a flattened record.
#[derive(Debug, Clone, Copy)]
pub struct FieldShape {
    pub name: &'static str,
    pub unit: &'static str,
    pub about: &'static str,
    pub from: From,
    pub value: ValueKind,
    pub metric: Option<&'static str>,
    pub sense: Option<Sense>,
}

/// Where the value of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// At this place of the flat row.
    Flat(usize),
    Day,
    Start,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    Text,
    Number,
    Whole,
    Flag,
}

impl ValueKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Whole => "integer",
            Self::Flag => "flag",
        }
    }
}

/// A view as it is documented and created.
#[derive(Debug, Clone)]
pub struct View {
    pub name: String,
    /// What a row is.
    pub about: String,
    pub columns: Vec<ViewColumn>,
    /// The statement that creates it.
    pub sql: String,
}

#[derive(Debug, Clone)]
pub struct ViewColumn {
    pub name: String,
    pub value: ValueKind,
    /// UCUM, or a word where there is none; empty for a name or a key.
    pub unit: String,
    pub about: String,
    /// What stands in it, where that is one of some words.
    pub words: &'static [&'static str],
}
