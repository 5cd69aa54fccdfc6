//! Refusals: their shapes differ by kind, as on the real service.

use super::quirks::ErrorBodies;
use crate::demo::kit::http::Response;
use serde_json::{Value, json};

/// A refusal of the API, not yet written.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    status: u16,
    body: Value,
}

impl Problem {
    /// `{"status", "title", "detail"}`: the documented shape.
    pub fn titled(status: u16, title: &str, detail: &str) -> Self {
        Self { status, body: json!({"status": status, "title": title, "detail": detail}) }
    }

    /// `{"detail": "…"}`: what the framework behind the API says by itself.
    pub fn detail(status: u16, detail: &str) -> Self {
        Self { status, body: json!({"detail": detail}) }
    }

    /// 422 for a query parameter that cannot be read: one entry for each type it might have had.
    pub fn unreadable(name: &str, input: &str, kinds: &[(&str, &str, &str)]) -> Self {
        let entry = |(kind, code, message): &(&str, &str, &str)| {
            json!({
                "type": code,
                "loc": ["query", name, kind],
                "msg": message,
                "input": input,
                "ctx": {"error": "invalid character"},
            })
        };
        Self { status: 422, body: json!({"detail": kinds.iter().map(entry).collect::<Vec<_>>()}) }
    }

    /// The answer.
    pub fn written(&self, bodies: ErrorBodies) -> Response {
        match bodies {
            ErrorBodies::Full => Response::json(self.status, self.body.to_string()),
            ErrorBodies::Empty => Response::json(self.status, ""),
        }
    }
}

/// A refusal by an OAuth endpoint: the documented shape with the two fields of the standard.
pub fn oauth_error(status: u16, error: &str, description: &str) -> Response {
    let body = json!({
        "status": status,
        "title": error,
        "detail": description,
        "error": error,
        "error_description": description,
    });
    Response::json(status, body.to_string())
}
