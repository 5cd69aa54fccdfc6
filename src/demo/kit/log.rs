//! The requests a simulated provider has seen.

use super::http::Request;
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
