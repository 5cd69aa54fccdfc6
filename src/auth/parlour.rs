//! Who came to the redirect address with our state, waiting for the page that says how the sign-in ended.
//!
//! There is one page for all of them. A browser may look ahead and come again, a person may load the page anew, and
//! both must read what happened, not that a code is used up or nobody listens any more.

use std::{io, sync::Arc, time::Duration};

use tiny_http::{HTTPVersion, Header, Response};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

use super::{
    door::Visit,
    page::{self, Page},
};

/// A page is taken at once.
const TAKING: Duration = Duration::from_secs(5);
/// How long the page itself is waited for by who only looked ahead, or left before it came.
const RETURN: Duration = Duration::from_secs(5);
/// A person and a browser are no more than these.
const MOST_WAITING: usize = 8;

pub struct Parlour {
    page: watch::Sender<Option<Arc<Page>>>,
    guests: watch::Sender<Guests>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Guests {
    waiting: usize,
    /// The page has been given to somebody who sees it.
    seen: bool,
}

impl Default for Parlour {
    fn default() -> Self {
        Self { page: watch::Sender::new(None), guests: watch::Sender::new(Guests::default()) }
    }
}

/// One who waits, counted for as long as this lives.
struct Guest(watch::Sender<Guests>);

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.send_modify(|guests| guests.waiting -= 1);
    }
}

impl Parlour {
    /// Lets a caller wait for the page, on a task of its own: nobody who makes room for others.
    pub fn enter(&self, mut stream: TcpStream, visit: &Visit) {
        let room = self.guests.send_if_modified(|guests| {
            let room = guests.waiting < MOST_WAITING;
            guests.waiting += usize::from(room);
            room
        });
        if !room {
            return;
        }
        let guest = Guest(self.guests.clone());
        let mut page = self.page.subscribe();
        let (head_only, sees) = (visit.head_only, visit.seen);
        tokio::spawn(async move {
            let Ok(page) = page.wait_for(Option::is_some).await.map(|page| page.clone()) else { return };
            let Some(page) = page else { return };
            let answered = timeout(TAKING, answer(&mut stream, &page, head_only)).await;
            if sees && matches!(answered, Ok(Ok(()))) {
                guest.0.send_modify(|guests| guests.seen = true);
            }
        });
    }

    /// Gives the page to everybody who waits and to who comes in the time after; longer, when nobody has seen it.
    pub async fn show(&self, page: Page, after: Duration) {
        self.page.send_replace(Some(Arc::new(page)));
        let mut guests = self.guests.subscribe();
        let _ = timeout(TAKING, guests.wait_for(|guests| guests.waiting == 0)).await;
        if !guests.borrow().seen {
            let _ = timeout(RETURN, guests.wait_for(|guests| guests.seen)).await;
        }
        tokio::time::sleep(after).await;
        let _ = timeout(TAKING, guests.wait_for(|guests| guests.waiting == 0)).await;
    }
}

/// Answers a caller and closes.
pub async fn answer(stream: &mut TcpStream, page: &Page, head_only: bool) -> io::Result<()> {
    let mut bytes = Vec::new();
    print_answer(page, head_only, &mut bytes)?;
    stream.write_all(&bytes).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection before the page is read.
    let mut rest = vec![0; 16 << 10];
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
fn print_answer(page: &Page, head_only: bool, out: &mut Vec<u8>) -> io::Result<()> {
    let allow = (page.status == 405).then_some(("Allow", "GET, HEAD"));
    let headers = page::HEADERS.iter().copied().chain(allow);
    let mut answer = Response::from_string(page.html()).with_status_code(page.status);
    for (name, value) in headers {
        if let Ok(header) = Header::from_bytes(name, value) {
            answer.add_header(header);
        }
    }
    answer.raw_print(&mut *out, HTTPVersion(1, 1), &[], head_only, None)
}
