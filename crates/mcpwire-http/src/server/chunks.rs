//! The rest of an event stream over HTTP/1.1, from where hyper was left: the chunks of its body
//! (RFC 9112, 7.1), until it ends or the client goes.

use std::fmt::Write as _;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::events::Events;

/// How much is put together for one write, in bytes of events. The longest chunk, too.
const BATCH: usize = 16 * 1024;
/// How much of a request that comes too early is read. The rest waits in the kernel.
const EARLY: usize = 256;
/// How many writes are made before others get their turn.
const TURN: usize = 16;

/// Where the events come from.
pub(crate) trait Source: Unpin {
    /// The next bytes of the body; `None` after the last ones.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;
}

impl Source for Box<Events> {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        Events::poll_piece(self, cx)
    }
}

/// An event stream whose head was sent, and whatever of its body was ready by then, in whole chunks.
///
/// Dropping it closes the connection and cancels what works on the events.
pub(crate) struct Chunks<Io, S> {
    io: Io,
    source: S,
    /// What the client sent after the request: the beginning of its next one.
    early: Bytes,
    /// Bytes of the source that are not in a chunk yet.
    piece: Bytes,
    /// Chunks that are to be written.
    out: BytesMut,
    dirty: bool,
    over: bool,
}

impl<Io, S> Chunks<Io, S>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    S: Source,
{
    pub(crate) fn new(io: Io, early: &[u8], source: S) -> Self {
        Self {
            io,
            source,
            // A copy: what it comes from may be a small part of a large buffer.
            early: Bytes::copy_from_slice(early),
            piece: Bytes::new(),
            out: BytesMut::new(),
            dirty: false,
            over: false,
        }
    }

    /// Sends the stream to its end.
    ///
    /// # Errors
    ///
    /// The client has gone, or has closed its side, or does not read.
    pub(crate) async fn send(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_send(cx)).await
    }

    /// The byte stream, and what the client sent early.
    pub(crate) fn into_parts(self) -> (Io, Bytes) {
        (self.io, self.early)
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.listen(cx)?;
        for _ in 0..TURN {
            ready!(self.poll_write(cx))?;
            if self.over {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_fill(cx));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Looks whether the client is still there, as far as it has sent nothing: else its next request
    /// hides the end, and writing finds out.
    fn listen(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if !self.early.is_empty() {
            return Ok(());
        }
        let mut bytes = [0; EARLY];
        let mut buf = ReadBuf::new(&mut bytes);
        match Pin::new(&mut self.io).poll_read(cx, &mut buf)? {
            Poll::Pending => Ok(()),
            Poll::Ready(()) if buf.filled().is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            Poll::Ready(()) => {
                self.early = Bytes::copy_from_slice(buf.filled());
                Ok(())
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, &self.out))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.advance(written);
            self.dirty = true;
        }
        if self.dirty {
            // Nothing is kept while there is nothing to say.
            self.out = BytesMut::new();
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.dirty = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Puts what is ready into chunks: at least one, or the last.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.out.len() < BATCH {
            if self.piece.is_empty() {
                match self.source.poll_piece(cx) {
                    Poll::Ready(Some(piece)) => self.piece = piece,
                    Poll::Ready(None) => {
                        self.over = true;
                        self.out.extend_from_slice(b"0\r\n\r\n");
                        break;
                    }
                    Poll::Pending if self.out.is_empty() => return Poll::Pending,
                    Poll::Pending => break,
                }
            }
            let len = self.piece.len().min(BATCH);
            chunk(&mut self.out, &self.piece.split_to(len));
        }
        Poll::Ready(())
    }
}

/// Adds one chunk. An empty one would be the last.
fn chunk(out: &mut BytesMut, data: &[u8]) {
    /// How long what is put around the data is, for the longest.
    const SIZE: usize = "4000\r\n\r\n".len();
    if data.is_empty() {
        return;
    }
    out.reserve(data.len() + SIZE);
    // There is no end to a `BytesMut` but that of the memory.
    let _ = write!(out, "{:X}\r\n", data.len());
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}
