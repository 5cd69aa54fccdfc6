//! Everything behind the binary. A library only so that the integration tests and benches can start the
//! simulated providers in their own process, and fuzzing the functions of `internals`; nobody else is meant to
//! link it. The map is in `main.rs`.

mod analytics;
mod answers;
mod app;
mod auth;
mod cli;
mod clock;
mod config;
pub mod demo;
mod error;
mod export;
mod files;
mod http;
mod insight;
#[cfg(any(test, feature = "internals"))]
pub mod internals;
mod invocation;
mod lock;
mod logging;
mod mcp;
mod model;
mod process;
mod providers;
mod query;
mod report;
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
