//! What is done with a line that a client sends, without a server behind it: for fuzzing.

use serde_json::Value;

use super::{args::Given, resources, tools::Surface, transport::judge};
use crate::error::Code;

/// A line of JSON-RPC: read as the transport reads it, arguments of a tool checked against its table, an
/// address of a resource taken apart.
pub fn line(bytes: &[u8]) {
    let _ = judge(bytes);
    let Ok(message) = serde_json::from_slice::<Value>(bytes) else { return };
    let params = &message["params"];
    if let Some(uri) = params["uri"].as_str() {
        let _ = resources::parse(uri);
    }
    let Some(tool) = params["name"].as_str().and_then(|name| Surface::LOCAL.find(name)) else { return };
    if let Err(error) = Given::check(tool.args, params["arguments"].as_object().cloned()) {
        assert_eq!(error.code, Code::ValidationError);
        assert!(!error.hint.is_empty());
        assert!(error.message.len() < 1000, "{} bytes: {}", error.message.len(), error.message);
    }
}
