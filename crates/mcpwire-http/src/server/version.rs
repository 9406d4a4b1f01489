//! Which HTTP a connection speaks, told by its first bytes; and the connection of either.
//!
//! `hyper-util` does the same, but hands hyper the first bytes alone: the buffer for the request is then
//! twice as long as it need be, for as long as the connection lives. The state of an HTTP/2 connection is
//! beside the task here, since most connections have none.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::rt::bounds::Http2ServerConnExec;
use hyper::server::conn::{http1, http2};
use hyper::service::HttpService;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcpwire_service::BoxError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Body;

/// What a client of HTTP/2 begins with (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A byte stream of which some bytes were read ahead.
#[derive(Debug)]
pub(crate) struct Ahead<Io> {
    io: Io,
    bytes: [u8; PREFACE.len()],
    /// Which of `bytes` are still to be read again.
    begin: u8,
    end: u8,
}

impl<Io> Ahead<Io> {
    fn left(&self) -> &[u8] {
        let range = usize::from(self.begin)..usize::from(self.end);
        self.bytes.get(range).unwrap_or_default()
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Ahead<Io> {
    /// Reads as much as tells which version the client speaks, and gives whether it is HTTP/2.
    pub(crate) async fn look(io: Io) -> io::Result<(Self, bool)> {
        let mut ahead = Self {
            io,
            bytes: [0; PREFACE.len()],
            begin: 0,
            end: 0,
        };
        loop {
            if !PREFACE.starts_with(ahead.left()) {
                return Ok((ahead, false));
            }
            if ahead.left().len() == PREFACE.len() {
                return Ok((ahead, true));
            }
            let before = ahead.end;
            std::future::poll_fn(|cx| ahead.poll_more(cx)).await?;
            // HTTP/1.1 knows what to make of an early end.
            if ahead.end == before {
                return Ok((ahead, false));
            }
        }
    }

    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let free = self.bytes.get_mut(usize::from(self.end)..);
        let mut buf = ReadBuf::new(free.unwrap_or_default());
        std::task::ready!(Pin::new(&mut self.io).poll_read(cx, &mut buf))?;
        // There are 24 at most.
        let read = u8::try_from(buf.filled().len()).unwrap_or_default();
        self.end += read;
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Ahead<Io> {
    /// What was read ahead comes in one piece with what follows it.
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.left();
        let len = left.len().min(buf.remaining());
        buf.put_slice(left.get(..len).unwrap_or_default());
        self.begin += u8::try_from(len).unwrap_or_default();
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        match Pin::new(&mut self.io).poll_read(cx, buf) {
            // A failure shows again in the next read.
            Poll::Pending | Poll::Ready(Err(_)) if len > 0 => Poll::Ready(Ok(())),
            other => other,
        }
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Ahead<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// The settings of both versions.
pub(crate) struct Builders {
    pub(crate) http1: http1::Builder,
    pub(crate) http2: http2::Builder<TokioExecutor>,
}

impl Builders {
    /// Serves a connection whose version is known.
    pub(crate) fn serve<Io, S>(&self, io: Ahead<Io>, http2: bool, service: S) -> Connection<Io, S>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
        S: HttpService<Incoming, ResBody = Body, Error: Into<BoxError>>,
        TokioExecutor: Http2ServerConnExec<S::Future, Body>,
    {
        let io = TokioIo::new(io);
        if http2 {
            Connection::Http2(Box::pin(self.http2.serve_connection(io, service)))
        } else {
            Connection::Http1(self.http1.serve_connection(io, service))
        }
    }
}

type Http2<Io, S> = Pin<Box<http2::Connection<TokioIo<Ahead<Io>>, S, TokioExecutor>>>;

/// A connection that is being served. Dropping it closes it.
#[expect(
    clippy::large_enum_variant,
    reason = "most connections are of the larger one, and need no second allocation"
)]
pub(crate) enum Connection<Io, S>
where
    S: HttpService<Incoming>,
{
    Http1(http1::Connection<TokioIo<Ahead<Io>>, S>),
    Http2(Http2<Io, S>),
}

impl<Io, S> Connection<Io, S>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    S: HttpService<Incoming, ResBody = Body, Error: Into<BoxError>> + Unpin,
    TokioExecutor: Http2ServerConnExec<S::Future, Body>,
{
    /// Ends it once the answers that are due have been sent.
    pub(crate) fn graceful_shutdown(&mut self) {
        match self {
            Self::Http1(connection) => Pin::new(connection).graceful_shutdown(),
            Self::Http2(connection) => connection.as_mut().graceful_shutdown(),
        }
    }
}

impl<Io, S> Future for Connection<Io, S>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    S: HttpService<Incoming, ResBody = Body, Error: Into<BoxError>> + Unpin,
    TokioExecutor: Http2ServerConnExec<S::Future, Body>,
{
    type Output = hyper::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Http1(connection) => Pin::new(connection).poll(cx),
            Self::Http2(connection) => connection.as_mut().poll(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What comes of these pieces: whether it is HTTP/2, and all bytes read again.
    async fn look(pieces: &[&[u8]]) -> (bool, Vec<u8>) {
        let (mut client, server) = tokio::io::duplex(1024);
        let send = async {
            for piece in pieces {
                client.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(client);
        };
        let read = async {
            let (mut ahead, http2) = Ahead::look(server).await.unwrap();
            let mut all = Vec::new();
            ahead.read_to_end(&mut all).await.unwrap();
            (http2, all)
        };
        tokio::join!(send, read).1
    }

    #[tokio::test]
    async fn the_first_bytes_tell_the_version_and_are_read_again() {
        let request = b"POST /mcp HTTP/1.1\r\nhost: a\r\n\r\n";
        assert_eq!(look(&[request]).await, (false, request.to_vec()));
        assert_eq!(
            look(&[b"P", b"RI", b" x"]).await,
            (false, b"PRI x".to_vec())
        );
        assert_eq!(look(&[b"PRI"]).await, (false, b"PRI".to_vec()));
        assert_eq!(look(&[]).await, (false, Vec::new()));
        let (begin, end) = PREFACE.split_at(7);
        let expected = [PREFACE, &b"more"[..]].concat();
        assert_eq!(look(&[begin, end, b"more"]).await, (true, expected));
    }

    #[tokio::test]
    async fn a_request_comes_in_one_piece() {
        let (mut client, server) = tokio::io::duplex(1024);
        client.write_all(&[b'x'; 100]).await.unwrap();
        let (mut ahead, http2) = Ahead::look(server).await.unwrap();
        assert!(!http2);
        let mut buffer = [0; 200];
        assert_eq!(ahead.read(&mut buffer).await.unwrap(), 100);
    }
}
