//! The loopback HTTP/1.1 server under every simulated provider: one thread per connection, keep-alive, no TLS.
//!
//! It is made by hand because a simulation must be able to misbehave below HTTP: close a kept-alive connection
//! in the middle of a body, close it without a byte, drip, or never answer, and still shut down at once.
//! `tiny_http` owns its sockets and can do none of these.
//! It trusts its callers as far as a test may: heads and bodies are bounded, chunked requests are refused.

mod message;

pub use message::{Delivery, Request, Response, form_value};

use super::wait::{Stop, lock};
use message::{deliver, read_request};
use std::collections::HashMap;
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What a provider does with a request.
pub trait Handler: Send + Sync + 'static {
    /// The answer. Waiting goes through `stop`, so that a shutdown interrupts it.
    fn answer(&self, request: &Request, stop: &Stop) -> Response;
}

/// A running server. Dropping it closes every connection and joins every thread.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: Stop,
    open: Mutex<HashMap<u64, TcpStream>>,
    serving: Mutex<Vec<JoinHandle<()>>>,
}

impl Server {
    /// Starts on a free port of 127.0.0.1.
    #[allow(clippy::disallowed_methods, reason = "a simulated provider listens on loopback")]
    pub fn start(handler: Arc<dyn Handler>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared, &handler)
        });
        Ok(Self { address, shared, accepting: Some(accepting) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.set();
        // A connection to ourselves wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        for stream in lock(&self.shared.open).values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let serving = std::mem::take(&mut *lock(&self.shared.serving));
        for thread in serving {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, handler: &Arc<dyn Handler>) {
    for (number, stream) in (0_u64..).zip(listener.incoming()) {
        if shared.stop.is_set() {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(held) = stream.try_clone() else { continue };
        lock(&shared.open).insert(number, held);
        let thread = std::thread::spawn({
            let shared = Arc::clone(shared);
            let handler = Arc::clone(handler);
            move || {
                // An error here is the client's going away; there is nobody to tell.
                let _ = serve(&stream, handler.as_ref(), &shared.stop);
                let _ = stream.shutdown(Shutdown::Both);
                lock(&shared.open).remove(&number);
            }
        });
        let mut serving = lock(&shared.serving);
        serving.retain(|thread| !thread.is_finished());
        serving.push(thread);
    }
}

/// Answers the requests of one connection until either side ends it.
fn serve(stream: &TcpStream, handler: &dyn Handler, stop: &Stop) -> io::Result<()> {
    // Without this, a page written in two pieces waits for the client's delayed acknowledgement (40 ms).
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read_request(&mut reader)? {
        let response = handler.answer(&request, stop);
        let close = request.header("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if !deliver(stream, &response, close, stop)? || close || stop.is_set() {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::kit::client::{Client, Failure};
    use std::time::{Duration, Instant};

    /// Answers with its own request; the path chooses the delivery.
    struct Echo;

    impl Handler for Echo {
        fn answer(&self, request: &Request, stop: &Stop) -> Response {
            let delivery = match request.path.as_str() {
                "/cut" => Delivery::CutOff,
                "/drip" => Delivery::Drip(Duration::from_millis(32)),
                "/closed" => Delivery::Closed,
                "/hang" => Delivery::Hang,
                "/wait" => {
                    stop.wait(Duration::from_secs(600));
                    Delivery::Whole
                }
                _ => Delivery::Whole,
            };
            let body = format!("{} {} {}", request.method, request.path, request.body);
            Response { delivery, ..Response::new(200, "text/plain", body) }
        }
    }

    #[test]
    fn a_connection_is_kept_for_several_requests() {
        let server = Server::start(Arc::new(Echo)).unwrap();
        let mut client = Client::new(server.address());
        assert_eq!(client.get("/a?b=c", &[]).unwrap().body, "GET /a ");
        assert_eq!(client.post("/drip", "x=1").unwrap().body, "POST /drip x=1");
        assert_eq!(client.connections(), 1);
    }

    #[test]
    fn misbehaviour_below_http() {
        let server = Server::start(Arc::new(Echo)).unwrap();
        for (path, expected) in [("/cut", Failure::CutOff), ("/closed", Failure::NoAnswer)] {
            assert_eq!(Client::new(server.address()).get(path, &[]).unwrap_err(), expected, "{path}");
        }
    }

    #[test]
    fn dropping_the_server_ends_idle_hanging_and_waiting_connections() {
        let server = Server::start(Arc::new(Echo)).unwrap();
        let address = server.address();
        let waiting: Vec<_> = ["/hang", "/wait"]
            .map(|path| std::thread::spawn(move || Client::new(address).get(path, &[])))
            .into_iter()
            .collect();
        let mut idle = Client::new(address);
        idle.get("/", &[]).unwrap();
        while lock(&server.shared.open).len() < 3 {
            std::thread::yield_now();
        }
        let before = Instant::now();
        drop(server);
        assert!(before.elapsed() < Duration::from_secs(5));
        for thread in waiting {
            let _ = thread.join().unwrap();
        }
        assert!(TcpStream::connect(address).is_err());
    }
}
