//! The envelope around every answer: `{"status":0,"body":{…}}`, or a status, an empty body and a text.
//!
//! Both are sent with HTTP 200.

use crate::demo::kit::http::Response;
use serde_json::json;

/// Parameters that are missing, malformed or refused; also bad codes and refresh tokens.
pub const INVALID_PARAMS: i64 = 503;
/// No such action.
pub const NOT_IMPLEMENTED: i64 = 2554;
/// An access token that does not open anything.
pub const NOT_AUTHENTICATED: i64 = 401;
/// A signature that does not match.
pub const BAD_SIGNATURE: i64 = 342;
/// Too many requests.
pub const TOO_MANY: i64 = 601;

/// The wording of a refused access token, as recorded.
pub const INVALID_TOKEN: &str =
    "XRequestID: Not provided invalid_token: The access token provided is invalid";

/// Why a request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status inside the envelope.
    pub status: i64,
    /// For people.
    pub error: String,
}

impl Refusal {
    /// A refusal with this status and text.
    pub fn new(status: i64, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    /// A refusal of parameters.
    pub fn invalid(what: &str) -> Self {
        Self::new(INVALID_PARAMS, format!("Invalid Params: {what}"))
    }

    /// The refusal as JSON text.
    pub fn envelope(&self) -> String {
        json!({"status": self.status, "body": {}, "error": self.error}).to_string()
    }
}

/// The answer to a request with this outcome; a success is the body as JSON text.
pub fn enveloped(outcome: Result<String, Refusal>) -> Response {
    match outcome {
        Ok(body) => Response::json(200, format!(r#"{{"status":0,"body":{body}}}"#)),
        Err(refusal) => Response::json(200, refusal.envelope()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_code_has_the_sixty_three_bytes_that_were_logged() {
        let text = Refusal::invalid("invalid code").envelope();
        assert_eq!(text, r#"{"status":503,"body":{},"error":"Invalid Params: invalid code"}"#);
        assert_eq!(text.len(), 63);
    }

    #[test]
    fn refusals_arrive_with_http_200() {
        let response = enveloped(Err(Refusal::new(NOT_AUTHENTICATED, INVALID_TOKEN)));
        assert_eq!(response.status, 200);
        assert!(response.body.starts_with(r#"{"status":401,"body":{},"error":"XRequestID"#));
        assert_eq!(enveloped(Ok("{}".to_owned())).body, r#"{"status":0,"body":{}}"#);
    }
}
