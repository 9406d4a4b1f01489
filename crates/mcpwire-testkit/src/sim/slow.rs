//! A byte stream that is read slowly.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use turmoil::net::TcpStream;

/// How much is taken in at a time.
const BITE: usize = 128;

/// How long the reader chews on it.
const PAUSE: Duration = Duration::from_millis(5);

/// A connection of a client, read as it comes or slowly.
pub(super) struct Pace {
    inner: TcpStream,
    slow: bool,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(super) fn new(inner: TcpStream, slow: bool) -> Self {
        Self {
            inner,
            slow,
            pause: None,
        }
    }
}

impl AsyncRead for Pace {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.slow {
            return Pin::new(&mut this.inner).poll_read(cx, buf);
        }
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(cx));
            this.pause = None;
        }
        let mut bite = [0; BITE];
        let mut bite = ReadBuf::new(&mut bite);
        let mut bite = bite.take(buf.remaining());
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut bite))?;
        buf.put_slice(bite.filled());
        this.pause = Some(Box::pin(sleep(PAUSE)));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pace {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
