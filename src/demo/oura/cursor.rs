//! Page tokens: opaque to clients, good alone or with the range they were made for.
//!
//! A token holds the whole question and the last row shown, so rows that come or go elsewhere shift nothing.

use super::kind::Collection;
use super::window::Window;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    collection: String,
    /// The range asked for at first.
    pub window: Window,
    /// The fields asked for at first.
    pub fields: Option<String>,
    /// Instant and name of the last row shown.
    pub after: (i64, String),
}

impl Cursor {
    /// A place in a listing.
    pub fn new(collection: Collection, window: Window, fields: Option<String>, after: (i64, String)) -> Self {
        Self { collection: collection.path().to_owned(), window, fields, after }
    }

    /// The token.
    pub fn to_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The place a token stands for; none for a token of another collection, or none of ours.
    pub fn of_token(token: &str, collection: Collection) -> Option<Self> {
        let cursor: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        (cursor.collection == collection.path()).then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lead_back_to_their_place_in_their_own_collection() {
        let cursor = Cursor::new(Collection::Sleep, Window::ALL, Some("day".to_owned()), (5, "x".to_owned()));
        let token = cursor.to_token();
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(Cursor::of_token(&token, Collection::Sleep), Some(cursor));
        assert_eq!(Cursor::of_token(&token, Collection::Workout), None);
        assert_eq!(Cursor::of_token("AAAA", Collection::Sleep), None);
    }
}
