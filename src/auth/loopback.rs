//! The listener that receives the redirect of a sign-in on this machine.
//!
//! It is reachable by everybody on this machine and by every web page, and lives for minutes. So: only
//! loopback addresses, some kilobytes and seconds per caller, 32 callers at a time with the oldest silent
//! one making room, and no caller but the one with our state ends it. What a caller brings is judged by
//! `door`; who came with our state waits in the `parlour` for the page that says what really happened.

use std::{collections::VecDeque, io, net::SocketAddr, sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::{AbortHandle, JoinHandle, JoinSet},
    time::timeout,
};

use super::{
    callback::Outcome,
    door::{Door, Notice, too_long},
    page::Page,
    parlour::{Parlour, answer},
    redirect::Listen,
};
use crate::error::{Code, Error, Result};

/// How long a person may take on the provider's pages.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// A browser sends its request at once.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// Every program that ever served something on `localhost` has left its cookies there.
const LARGEST_HEAD: usize = 64 << 10;
const MOST_CALLERS: usize = 32;
/// How a connection begins on which TLS is spoken.
const TLS_HELLO: u8 = 0x16;

/// A bound port. Bound before the browser opens, so that nobody else can take it meanwhile.
pub struct Listener {
    sockets: Vec<TcpListener>,
    path: String,
    ports: [u16; 2],
}

/// Whoever came with our state and waits for the page. The port is free again when this is gone.
pub struct Browser {
    parlour: Arc<Parlour>,
    serving: JoinHandle<()>,
}

/// What the callers bring.
enum Event {
    Outcome(Outcome),
    Notice(Notice),
}

impl Listener {
    /// Binds 127.0.0.1 and, where there is IPv6, `::1`: `localhost` may mean either.
    #[allow(clippy::disallowed_methods, reason = "waits for the callback of a sign-in")]
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

    /// Waits for the redirect that carries `state`, and tells once of each thing that keeps a browser away.
    pub async fn wait(self, state: &SecretString, tell: impl Fn(Notice)) -> Result<(Outcome, Browser)> {
        self.wait_at_most(PATIENCE, state, tell).await
    }

    async fn wait_at_most(
        self,
        patience: Duration,
        state: &SecretString,
        tell: impl Fn(Notice),
    ) -> Result<(Outcome, Browser)> {
        let (sender, mut events) = mpsc::channel(MOST_CALLERS);
        let parlour = Arc::new(Parlour::default());
        let door = Door { path: self.path, ports: self.ports, state: state.clone() };
        let serving = tokio::spawn(serve(self.sockets, Arc::new(door), sender, Arc::clone(&parlour)));
        let browser = Browser { parlour, serving };
        let outcome = async {
            let mut told = Vec::new();
            loop {
                match events.recv().await? {
                    Event::Outcome(outcome) => return Some(outcome),
                    // Anybody can send these: a terminal is not filled with them.
                    Event::Notice(notice) if !told.contains(&notice) => {
                        told.push(notice);
                        tell(notice);
                    }
                    Event::Notice(_) => {}
                }
            }
        };
        let waited = timeout(patience, outcome).await;
        if let Ok(Some(outcome)) = waited {
            return Ok((outcome, browser));
        }
        browser.end().await;
        match waited {
            Ok(_) => Err(Error::internal("the listener of the sign-in ended")),
            Err(_) => Err(Error::new(Code::AuthFailed, "nobody came back from the sign-in page within 5 minutes")
                .hint("Run the same command again. If the browser showed an error, the registered redirect URI differs from the one sent; if it runs on another machine, use --paste.")),
        }
    }
}

/// Receives callers for as long as it runs.
async fn serve(
    sockets: Vec<TcpListener>,
    door: Arc<Door>,
    events: mpsc::Sender<Event>,
    parlour: Arc<Parlour>,
) {
    let mut callers = JoinSet::new();
    let mut order: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        // Out of descriptors, or a caller who left again: neither ends a sign-in.
        let Ok(stream) = accept(&sockets).await else {
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
        order.push_back(callers.spawn(receive(
            stream,
            Arc::clone(&door),
            events.clone(),
            Arc::clone(&parlour),
        )));
    }
}

impl Browser {
    /// Shows the last page to everybody who came with our state, and to who comes in the time after: a browser
    /// that looked ahead comes again, and a person loads a page anew. Then closes.
    pub async fn show(self, page: Page, after: Duration) {
        self.parlour.show(page, after).await;
        self.end().await;
    }

    /// The port is free when this returns.
    async fn end(mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.serving.abort();
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
async fn receive(mut stream: TcpStream, door: Arc<Door>, events: mpsc::Sender<Event>, parlour: Arc<Parlour>) {
    let Ok(read) = timeout(HEAD_TIME, read_head(&mut stream)).await else { return };
    let turned = match read {
        Head::Whole(head) => match door.route(&head) {
            Ok(visit) => {
                // Full or closed: somebody was first, and there is one page for all.
                parlour.enter(stream, &visit);
                let _ = events.try_send(Event::Outcome(visit.outcome));
                return;
            }
            Err(turned) => turned,
        },
        Head::TooLong(begin) => too_long(&begin),
        Head::Tls => {
            let _ = events.try_send(Event::Notice(Notice::Https));
            return;
        }
        Head::Nothing => return,
    };
    if let Some(notice) = turned.notice {
        let _ = events.try_send(Event::Notice(notice));
    }
    let _ = timeout(HEAD_TIME, answer(&mut stream, &turned.page, turned.head_only)).await;
}

/// What a caller sends up to the blank line.
enum Head {
    Whole(Vec<u8>),
    /// How the one that is too long begins.
    TooLong(Vec<u8>),
    Tls,
    Nothing,
}

/// Everything up to the blank line. A body is never read.
async fn read_head(stream: &mut TcpStream) -> Head {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => count,
            _ => return Head::Nothing,
        };
        let seen = head.len().saturating_sub(3);
        head.extend_from_slice(&buffer[..count]);
        if head[0] == TLS_HELLO {
            return Head::Tls;
        }
        if head[seen..].windows(4).any(|window| window == b"\r\n\r\n") {
            return Head::Whole(head);
        }
        if head.len() > LARGEST_HEAD {
            return Head::TooLong(head);
        }
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
