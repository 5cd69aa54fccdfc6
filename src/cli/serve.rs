//! `serve`: MCP on stdin and stdout. The server itself is handed in by the crate's root, because the command
//! line and the protocol do not know each other.

use std::sync::Arc;

use serde_json::Value;

use crate::{app::App, error::Result};

/// What the crate's root knows of the MCP server.
#[derive(Clone, Copy)]
pub struct Server {
    /// Serves until the client is gone.
    pub serve: fn(Arc<App>) -> Result<()>,
    /// Every tool, as `tools/list` shows it.
    pub tools: fn() -> Value,
    /// Every resource, template and prompt, as the lists show them.
    pub offered: fn() -> Value,
}

#[derive(Debug, Default, clap::Args)]
pub struct Args {}
