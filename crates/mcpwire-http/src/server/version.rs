//! Which HTTP a connection speaks, told by its first bytes; and the connection of either.
//!
//! `hyper-util` does the same, but hands hyper the first bytes alone: the buffer for the request is then
//! twice as long as it need be, for as long as the connection lives. The state of an HTTP/2 connection is
//! beside the task here, since most connections have none.

use std::future::{Future as _, poll_fn};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
#[cfg(feature = "http2")]
use hyper::server::conn::http2;
use hyper::service::HttpService;
#[cfg(feature = "http2")]
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use mcpwire_service::BoxError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::handover::{Handover, Leaving};
use super::line::Line;
use crate::Body;

/// What a client of HTTP/2 begins with (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A byte stream of which some bytes were read ahead.
pub(crate) struct Ahead<Io> {
    io: Io,
    /// Those that are still to be read again.
    left: Bytes,
    /// Who waits for everything to be flushed.
    line: Option<Arc<Line>>,
}

impl<Io> Ahead<Io> {
    pub(crate) fn new(io: Io, left: Bytes) -> Self {
        let line = None;
        Self { io, left, line }
    }

    /// Tells when whoever uses this flushes it.
    pub(crate) fn tell(&mut self, line: Arc<Line>) {
        self.line = Some(line);
    }

    /// The byte stream, without what was read ahead.
    pub(crate) fn into_inner(self) -> Io {
        self.io
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Ahead<Io> {
    /// Reads as much as tells which version the client speaks, and gives whether it is HTTP/2.
    pub(crate) async fn look(io: Io) -> io::Result<(Self, bool)> {
        let mut io = io;
        let mut bytes = [0; PREFACE.len()];
        let mut buf = ReadBuf::new(&mut bytes);
        let http2 = loop {
            if !PREFACE.starts_with(buf.filled()) {
                break false;
            }
            if buf.remaining() == 0 {
                break true;
            }
            let before = buf.filled().len();
            poll_fn(|cx| Pin::new(&mut io).poll_read(cx, &mut buf)).await?;
            // HTTP/1.1 knows what to make of an early end.
            if buf.filled().len() == before {
                break false;
            }
        };
        Ok((Self::new(io, Bytes::copy_from_slice(buf.filled())), http2))
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Ahead<Io> {
    /// What was read ahead comes in one piece with what follows it.
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let len = self.left.len().min(buf.remaining());
        buf.put_slice(&self.left.split_to(len));
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        match Pin::new(&mut self.io).poll_read(cx, buf) {
            // A failure shows again in the next read.
            Poll::Pending | Poll::Ready(Err(_)) => Poll::Ready(Ok(())),
            read @ Poll::Ready(Ok(())) => read,
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
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        if let (Some(line), Poll::Ready(Ok(()))) = (&self.line, &flushed) {
            line.handover.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// The settings of both versions.
pub(crate) struct Builders {
    pub(crate) http1: http1::Builder,
    #[cfg(feature = "http2")]
    pub(crate) http2: http2::Builder<TokioExecutor>,
}

impl Builders {
    /// Serves a connection whose version is known. Without the feature `http2`, HTTP/1.1 has no use for
    /// a request of HTTP/2, and closes the connection.
    #[cfg_attr(
        not(feature = "http2"),
        expect(unused_variables, reason = "there is but one version")
    )]
    pub(crate) fn serve<Io, S>(&self, io: Ahead<Io>, http2: bool, service: S) -> Connection<Io, S>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
        S: HttpService<Incoming, ResBody = Body, Error: Into<BoxError>, Future: Send + 'static>,
    {
        let io = TokioIo::new(io);
        #[cfg(feature = "http2")]
        if http2 {
            return Connection::Http2(Box::pin(self.http2.serve_connection(io, service)));
        }
        Connection::Http1(self.http1.serve_connection(io, service))
    }
}

#[cfg(feature = "http2")]
type Http2<Io, S> = Pin<Box<http2::Connection<TokioIo<Ahead<Io>>, S, TokioExecutor>>>;

/// A connection that is being served. Dropping it closes it.
#[cfg_attr(
    feature = "http2",
    expect(
        clippy::large_enum_variant,
        reason = "most connections are of the larger one, and need no second allocation"
    )
)]
pub(crate) enum Connection<Io, S>
where
    S: HttpService<Incoming>,
{
    Http1(http1::Connection<TokioIo<Ahead<Io>>, S>),
    #[cfg(feature = "http2")]
    Http2(Http2<Io, S>),
}

impl<Io, S> Connection<Io, S>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    S: HttpService<Incoming, ResBody = Body, Error: Into<BoxError>, Future: Send + 'static> + Unpin,
{
    /// Ends it once the answers that are due have been sent.
    pub(crate) fn graceful_shutdown(&mut self) {
        match self {
            Self::Http1(connection) => Pin::new(connection).graceful_shutdown(),
            #[cfg(feature = "http2")]
            Self::Http2(connection) => connection.as_mut().graceful_shutdown(),
        }
    }

    /// Takes HTTP/1.1 off the byte stream, and gives what was read of it and not understood yet.
    #[cfg_attr(
        not(feature = "http2"),
        expect(clippy::unnecessary_wraps, reason = "there is but one version")
    )]
    pub(crate) fn into_parts(self) -> Option<(Io, Bytes)> {
        match self {
            Self::Http1(connection) => {
                let parts = connection.into_parts();
                Some((parts.io.into_inner().into_inner(), parts.read_buf))
            }
            #[cfg(feature = "http2")]
            Self::Http2(_) => None,
        }
    }

    /// Goes on until it ends, or until an answer leaves it by the handover.
    #[inline]
    pub(crate) fn poll_leave(
        &mut self,
        cx: &mut Context<'_>,
        handover: &Handover,
    ) -> Poll<hyper::Result<Option<Leaving>>> {
        let end = match self {
            Self::Http1(connection) => Pin::new(connection).poll(cx),
            #[cfg(feature = "http2")]
            Self::Http2(connection) => connection.as_mut().poll(cx),
        };
        match (end, handover.take()) {
            (Poll::Pending, None) => Poll::Pending,
            (Poll::Pending, leaving) => Poll::Ready(Ok(leaving)),
            (Poll::Ready(end), _) => Poll::Ready(end.map(|()| None)),
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
