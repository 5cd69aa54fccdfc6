//! The requests a simulated provider has seen, and merge patches for the records it changes.

use super::http::{Request, form_value};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A request as the simulation saw it.
#[derive(Debug, Clone)]
pub struct LoggedRequest {
    /// Upper case.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the question mark, not decoded.
    pub query: String,
    /// The fields of a form in the body, decoded, in order.
    pub form: Vec<(String, String)>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// `grant_type` of a token request.
    pub grant_type: Option<String>,
    /// When it arrived.
    pub arrived: Instant,
    /// How long the simulation worked on it, waiting that was asked for included; none while it does.
    pub took: Option<Duration>,
    /// The status answered; none while it works on it, or when a fault kept the answer back.
    pub status: Option<u16>,
}

impl LoggedRequest {
    /// The entry of a request that has just arrived.
    pub fn new(request: &Request, arrived: Instant) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            form: url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect(),
            user_agent: request.header("User-Agent").map(str::to_owned),
            grant_type: form_value(&request.body, "grant_type"),
            arrived,
            took: None,
            status: None,
        }
    }

    /// The decoded field of this name in the body's form.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }
}

/// Applies a JSON merge patch: objects merge, null removes (here: becomes an explicit null, which
/// a provider may drop), everything else replaces.
pub fn merge_patch(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, change) in changes {
                merge_patch(fields.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_merge_patch_reaches_into_objects_and_replaces_the_rest() {
        let mut value = json!({"a": {"b": 1, "c": 2}, "d": [1, 2], "e": null});
        merge_patch(&mut value, &json!({"a": {"b": null, "x": 3}, "d": [9], "e": {"f": 1}}));
        assert_eq!(value, json!({"a": {"b": null, "c": 2, "x": 3}, "d": [9], "e": {"f": 1}}));
    }
}
