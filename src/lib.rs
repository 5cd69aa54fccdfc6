//! Everything behind the binary. A library only so that the integration tests and benches can start the
//! simulated providers in their own process, and fuzzing the functions of `fuzzing`; nobody else is meant to
//! link it. The map is in `main.rs`.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests set the stage by hand"))]

mod analytics;
mod app;
mod auth;
mod charts;
mod cli;
mod clock;
mod config;
mod days;
pub mod demo;
mod error;
mod export;
mod files;
#[cfg(any(test, feature = "internals"))]
pub mod fuzzing;
mod http;
mod ingest;
mod insight;
mod invocation;
mod lock;
mod logging;
mod mcp;
mod model;
mod process;
mod providers;
mod query;
mod service;
mod store;
mod sync;

use std::process::ExitCode;

/// The whole program.
pub fn run() -> ExitCode {
    process::harden();
    // The panic hook has told where it was; what is left is the exit code of a fault of this program.
    std::panic::catch_unwind(main).unwrap_or_else(|_| ExitCode::from(error::Code::Internal.row().exit))
}

fn main() -> ExitCode {
    cli::run(cli::Server { serve: mcp::serve, tools: mcp::listed, offered: mcp::offered })
}
