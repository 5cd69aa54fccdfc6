//! The listener that receives the redirect of a sign-in on this machine.
//!
//! It is reachable by everybody on this machine and by every web page, and lives for minutes. So: only
//! loopback addresses, a few kilobytes and seconds per caller, 32 callers at a time with the oldest silent
//! one making room, and no caller but the one with our state ends it. The code is handed on together with
//! the browser's connection, so that the page can say what really happened.

use std::{collections::VecDeque, io, net::SocketAddr, sync::Arc, time::Duration};

use secrecy::SecretString;
use tiny_http::{HTTPVersion, Header, Response};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use super::{
    callback::{Outcome, Stray, judge},
    page::{self, Page},
    redirect::Listen,
};
use crate::error::{Code, Error, Result};

/// How long a person may take on the provider's pages.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// A browser sends its request at once.
const HEAD_TIME: Duration = Duration::from_secs(5);
const LARGEST_HEAD: usize = 8 << 10;
const MOST_CALLERS: usize = 32;
const MOST_HEADERS: usize = 64;

/// A bound port. Bound before the browser opens, so that nobody else can take it meanwhile.
pub struct Listener {
    sockets: Vec<TcpListener>,
    path: String,
    ports: [u16; 2],
}

/// The connection that waits for the page.
pub struct Browser(TcpStream);

impl Listener {
    /// Binds 127.0.0.1 and, where there is IPv6, `::1`: `localhost` may mean either.
    pub async fn bind(listen: &Listen) -> Result<Self> {
        let taken = |error: io::Error| in_use(listen.port, &error);
        let first = TcpListener::bind(("127.0.0.1", listen.port)).await.map_err(taken)?;
        let port = first.local_addr().map_err(taken)?.port();
        let mut sockets = vec![first];
        match TcpListener::bind(("::1", port)).await {
            Ok(second) => sockets.push(second),
            // Somebody else there would receive our code when the browser takes `localhost` for ::1.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(taken(error)),
            Err(_) => {}
        }
        Ok(Self { sockets, path: listen.path.clone(), ports: [port, listen.public_port] })
    }

    #[cfg(test)]
    pub fn port(&self) -> u16 {
        self.ports[0]
    }

    /// Waits for the redirect that carries `state`. The port is free again when this returns.
    pub async fn wait(self, state: &SecretString) -> Result<(Outcome, Browser)> {
        self.wait_at_most(PATIENCE, state).await
    }

    async fn wait_at_most(self, patience: Duration, state: &SecretString) -> Result<(Outcome, Browser)> {
        timeout(patience, self.serve(state)).await.unwrap_or_else(|_| {
            Err(Error::new(Code::AuthFailed, "nobody came back from the sign-in page within 5 minutes")
                .hint("Run the same command again. If the browser showed an error, the registered redirect URI differs from the one sent; if it runs on another machine, use --paste."))
        })
    }

    async fn serve(self, state: &SecretString) -> Result<(Outcome, Browser)> {
        let door = Arc::new(Door { path: self.path, ports: self.ports, state: state.clone() });
        let (sender, mut receiver) = mpsc::channel(1);
        let mut callers = JoinSet::new();
        let mut order: VecDeque<AbortHandle> = VecDeque::new();
        loop {
            let accepted = tokio::select! {
                biased;
                Some(found) = receiver.recv() => return Ok(found),
                accepted = accept(&self.sockets) => accepted,
            };
            // Out of descriptors, or a caller who left again: neither ends a sign-in.
            let Ok(stream) = accepted else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            while callers.try_join_next().is_some() {}
            order.retain(|caller| !caller.is_finished());
            if order.len() >= MOST_CALLERS
                && let Some(oldest) = order.pop_front()
            {
                oldest.abort();
            }
            order.push_back(callers.spawn(receive(stream, Arc::clone(&door), sender.clone())));
        }
    }
}

impl Browser {
    /// Shows the last page and closes.
    pub async fn show(mut self, page: &Page) {
        let _ = timeout(HEAD_TIME, answer(&mut self.0, page)).await;
    }
}

async fn accept(sockets: &[TcpListener]) -> io::Result<TcpStream> {
    let accept = |socket: &TcpListener, context: &mut std::task::Context<'_>| socket.poll_accept(context);
    std::future::poll_fn(|context| {
        for socket in sockets {
            if let std::task::Poll::Ready(accepted) = accept(socket, context) {
                return std::task::Poll::Ready(accepted.map(|(stream, _): (TcpStream, SocketAddr)| stream));
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// One caller, from the first byte to the answer.
async fn receive(mut stream: TcpStream, door: Arc<Door>, found: mpsc::Sender<(Outcome, Browser)>) {
    let Ok(Some(head)) = timeout(HEAD_TIME, read_head(&mut stream)).await else { return };
    match door.route(&head) {
        Ok(outcome) => {
            // Full: somebody was first with the same state, a page that was loaded twice.
            let _ = found.try_send((outcome, Browser(stream)));
        }
        Err(page) => {
            let _ = timeout(HEAD_TIME, answer(&mut stream, &page)).await;
        }
    }
}

/// Everything up to the blank line; `None` for too much of it or an early end. A body is never read.
async fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&buffer[..count]);
        if head.windows(4).any(|window| window == b"\r\n\r\n") {
            return Some(head);
        }
        if head.len() > LARGEST_HEAD {
            return None;
        }
    }
}

async fn answer(stream: &mut TcpStream, page: &Page) -> io::Result<()> {
    let mut bytes = Vec::new();
    print_answer(page, &mut bytes)?;
    stream.write_all(&bytes).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection before the page is read.
    let mut rest = [0; 1024];
    for _ in 0..64 {
        match timeout(Duration::from_millis(500), stream.read(&mut rest)).await {
            Ok(Ok(count)) if count > 0 => {}
            _ => break,
        }
    }
    Ok(())
}

/// Writes an answer as HTTP/1.1. The writing is `tiny_http`'s; its listener is not used, because it has no
/// read timeouts and its requests block on whatever length a caller claims.
fn print_answer(page: &Page, out: &mut Vec<u8>) -> io::Result<()> {
    let allow = (page.status == 405).then_some(("Allow", "GET"));
    let headers = page::HEADERS.iter().copied().chain(allow);
    let mut answer = Response::from_string(page.html()).with_status_code(page.status);
    for (name, value) in headers {
        if let Ok(header) = Header::from_bytes(name, value) {
            answer.add_header(header);
        }
    }
    answer.raw_print(&mut *out, HTTPVersion(1, 1), &[], false, None)
}

/// What is checked about a request.
struct Door {
    path: String,
    ports: [u16; 2],
    state: SecretString,
}

impl Door {
    /// The outcome this request brings, or the page that turns it away.
    fn route(&self, head: &[u8]) -> std::result::Result<Outcome, Box<Page>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let page = |status, title, text| Box::new(Page::new(status, title, text));
        let bad = || page(400, "Not understood", "This address only receives the answer of a sign-in.");
        match request.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            _ => return Err(bad()),
        }
        let (Some(method), Some(target)) = (request.method, request.path) else { return Err(bad()) };
        // A name of somebody else's that leads to this machine is how web pages reach local servers.
        let mut hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
        let host = hosts.next().and_then(|header| std::str::from_utf8(header.value).ok());
        if hosts.next().is_some() || !host.is_some_and(|host| self.is_ours(host)) {
            return Err(page(421, "Wrong address", "This address is not served here."));
        }
        if method != "GET" {
            return Err(page(405, "Not understood", "This address only receives the answer of a sign-in."));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path.strip_suffix('/').unwrap_or(path) != self.path {
            return Err(page(404, "Nothing here", "The sign-in is still waiting in the terminal."));
        }
        judge(query, &self.state).map_err(|stray| match stray {
            Stray::State => page(
                400,
                "This is not the sign-in that is waiting",
                "The answer belongs to another or an older attempt. Close this tab and use the address that the terminal shows now.",
            ),
            Stray::Incomplete | Stray::TooLong => bad(),
        })
    }

    fn is_ours(&self, host: &str) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (host.as_str(), Some(80)),
        };
        matches!(name, "localhost" | "127.0.0.1" | "[::1]")
            && port.is_some_and(|port| self.ports.contains(&port))
    }
}

/// Whether a request ends the sign-in that waits with this state on port 8080.
#[cfg(any(test, feature = "internals"))]
pub fn takes(head: &[u8], state: &SecretString) -> bool {
    let door = Door { path: "/callback".to_owned(), ports: [8080, 8080], state: state.clone() };
    door.route(head).is_ok()
}

fn in_use(port: u16, error: &io::Error) -> Error {
    let what = match error.kind() {
        io::ErrorKind::AddrInUse => format!("port {port} is in use by another program"),
        io::ErrorKind::PermissionDenied => format!("port {port} may not be used by this account"),
        _ => format!("port {port} cannot be opened"),
    };
    Error::new(Code::AuthFailed, what).hint(
        "Choose another one with --port N (and register http://localhost:N/callback with the provider), \
         or use --paste, which needs no port.",
    )
}

#[cfg(test)]
#[path = "loopback_tests.rs"]
mod tests;
