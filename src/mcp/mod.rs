//! The MCP server on stdio, and the only folder that knows rmcp. Both eras of the protocol are served:
//! `initialize`, and `server/discover` of 2026-07-28.
//!
//! Invariant: nothing but JSON-RPC is written to stdout, and nothing is opened or fetched before a request
//! needs it.

mod args;
mod background_sync;
mod budget;
mod call;
mod completion;
mod completion_values;
mod dashboard;
#[cfg(any(test, feature = "internals"))]
pub mod fuzz;
mod nothing;
mod prompts;
mod resources;
mod result;
mod schema;
mod server;
mod subscriptions;
mod tools;
mod transport;
mod watch;

use std::{sync::Arc, time::Duration};

use rmcp::{ServiceExt as _, service::ServerInitializeError, transport::io::stdio_pipes};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
};

use self::{
    server::Server,
    tools::Surface,
    transport::{ClosingReader, Lines},
};
use crate::{
    app::App,
    error::{Error, Result},
    service::Service,
};

/// How long a call waits for a sync that goes on. Clients give up after about 60 s.
const LONGEST_WAIT: Duration = Duration::from_secs(45);

/// How long answers that are under way may take to be written after the client has closed the pipe.
const GRACE: Duration = Duration::from_millis(500);

/// Serves until the client closes the pipe. A sync under way does not hold the process: what it stored
/// stays, and the next one goes on from there.
pub fn serve(app: Arc<App>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::internal(format!("cannot start: {error}")))?;
    let served = runtime.block_on(async {
        let (reader, writer) = stdio_pipes();
        tokio::select! {
            served = serve_on(Service::new(app), LONGEST_WAIT, reader, writer) => served,
            // Whatever is stored is whole at any moment; there is nothing to bring in order.
            () = told_to_end() => Ok(()),
        }
    });
    // A blocking read of standard input may be pending for ever.
    runtime.shutdown_background();
    served
}

/// An end that was asked for is not a failure.
async fn told_to_end() {
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    tokio::select! {
        _ = terminated => {}
        Ok(()) = tokio::signal::ctrl_c() => {}
    }
}

/// Every tool as `tools/list` shows it, for the documentation.
pub fn listed() -> serde_json::Value {
    Surface::LOCAL.tools().map(|tool| serde_json::json!(tool.listed())).collect()
}

/// Every resource, template and prompt as the lists show them, for the documentation.
pub fn offered() -> serde_json::Value {
    serde_json::json!({
        "resources": resources::listed(),
        "templates": resources::listed_templates(),
        "prompts": prompts::listed(),
    })
}

/// A server for one client, whatever carries the messages, and what it does between them. Here alone is put
/// together what a client is offered; `patience` is how long one call waits for a sync.
fn server(
    surface: Surface,
    service: Service,
    patience: Duration,
    closing: tokio::sync::watch::Receiver<bool>,
) -> (Server, JoinHandle<()>) {
    let (awake, awoken) = tokio::sync::watch::channel(false);
    let stir = tokio::sync::watch::Sender::new(());
    let background = tokio::spawn(background_sync::run(service.clone(), awoken, stir.clone()));
    (Server::new(service, surface, patience, closing, awake, stir), background)
}

/// Serves one client on any pair of pipes.
async fn serve_on(
    service: Service,
    patience: Duration,
    reader: impl AsyncRead + Unpin + Send + 'static,
    writer: impl AsyncWrite + Unpin + Send + 'static,
) -> Result<()> {
    let (close, closing) = tokio::sync::watch::channel(false);
    let (server, background) = server(Surface::LOCAL, service, patience, closing.clone());
    let conversation = async {
        match server.serve(Lines::new(ClosingReader::new(reader, close), writer)).await {
            Ok(running) => {
                let _ = running.waiting().await;
                Ok(())
            }
            // Gone before or while it introduced itself.
            Err(
                ServerInitializeError::ConnectionClosed(_)
                | ServerInitializeError::TransportError { .. }
                | ServerInitializeError::Cancelled,
            ) => Ok(()),
            Err(_) => Err(Error::invalid("the client did not begin with initialize or server/discover")
                .hint("This command speaks MCP on stdin and stdout and is started by an MCP client. `vitals-mcp --help` shows the commands for people.")),
        }
    };
    let over = async {
        let mut closing = closing;
        let _ = closing.wait_for(|closing| *closing).await;
        tokio::time::sleep(GRACE).await;
    };
    let result = tokio::select! {
        result = conversation => result,
        () = over => Ok(()),
    };
    background.abort();
    result
}

#[cfg(test)]
mod checker;
#[cfg(test)]
mod decade_tests;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod resource_tests;
#[cfg(test)]
mod subscription_tests;
#[cfg(test)]
mod sync_tests;
#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tests;
