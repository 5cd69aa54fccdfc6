//! The pipe to the client, watched for its end.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::watch,
};

/// Reads on, and says when there is nothing more to come.
pub(in crate::mcp) struct ClosingReader<R> {
    inner: R,
    closing: watch::Sender<bool>,
}

impl<R> ClosingReader<R> {
    pub(in crate::mcp) fn new(inner: R, closing: watch::Sender<bool>) -> Self {
        Self { inner, closing }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for ClosingReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let wanted = buf.remaining() > 0;
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        let ended = match &read {
            Poll::Ready(Ok(())) => wanted && buf.filled().len() == before,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if ended {
            let _ = self.closing.send(true);
        }
        read
    }
}
