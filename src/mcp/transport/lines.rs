//! One message on each line, and an answer for every line that somebody waits on.
//!
//! The transport of the library drops what is no JSON without a word, and takes wrong parameters for an unknown
//! method; here `message` judges each line. Writing is the library's.
//!
//! Invariant: `receive` may be dropped at any await and begun again, so whatever must survive is kept in the struct.

use std::{io, pin::Pin};

use rmcp::{
    RoleServer,
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
    transport::{Transport, async_rw::AsyncRwTransport},
};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader, Empty, empty};

use super::{
    message::{self, Line},
    message_id::IdScan,
};

/// The longest line that is taken. What is longer is passed over without being kept.
const LONGEST: usize = 16 << 20;

pub(in crate::mcp) struct Lines<R, W: AsyncWrite> {
    read: BufReader<R>,
    line: Vec<u8>,
    /// Set while a line that is too long is passed over: its id may still come.
    passing: Option<IdScan>,
    write: AsyncRwTransport<RoleServer, Empty, W>,
    /// The refusal that is being written.
    owed: Option<Sending>,
}

type Sending = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    pub(in crate::mcp) fn new(read: R, write: W) -> Self {
        Self {
            read: BufReader::new(read),
            line: Vec::new(),
            passing: None,
            write: AsyncRwTransport::new_server(empty(), write),
            owed: None,
        }
    }

    /// The next line, judged; `None` at the end of the input. What has no line end is no line.
    async fn next(&mut self) -> Option<Line> {
        loop {
            let available = self.read.fill_buf().await.ok().filter(|bytes| !bytes.is_empty())?;
            let end = available.iter().position(|&byte| byte == b'\n');
            let piece = &available[..end.unwrap_or(available.len())];
            match &mut self.passing {
                Some(scan) => scan.feed(piece),
                None if self.line.len() + piece.len() > LONGEST => {
                    let mut scan = IdScan::default();
                    scan.feed(&self.line);
                    scan.feed(piece);
                    (self.line, self.passing) = (Vec::new(), Some(scan));
                }
                None => self.line.extend_from_slice(piece),
            }
            let taken = end.map_or(available.len(), |end| end + 1);
            self.read.consume(taken);
            if end.is_some() {
                let line = std::mem::take(&mut self.line);
                return Some(match self.passing.take() {
                    Some(scan) => message::too_long(LONGEST, scan),
                    None => message::judge(&line),
                });
            }
        }
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        item: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.write.send(item)
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            if let Some(owed) = &mut self.owed {
                let sent = owed.await;
                self.owed = None;
                sent.ok()?;
            }
            match self.next().await? {
                Line::Message(message) => return Some(*message),
                Line::Refused(error, id) => {
                    tracing::debug!(code = error.code.0, "a line was refused");
                    self.owed = Some(Box::pin(self.write.send(ServerJsonRpcMessage::error(error, id))));
                }
                Line::Nothing => {}
            }
        }
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.write.close()
    }
}
