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
    /// Whether something was written and not flushed.
    dirty: bool,
    /// Whether the last chunk is among them, or was.
    over: bool,
    /// Whether the connection is used again afterwards.
    reuse: bool,
}

impl<Io, S> Chunks<Io, S>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    S: Source,
{
    pub(crate) fn new(io: Io, early: &[u8], source: S, reuse: bool) -> Self {
        Self {
            io,
            source,
            // A copy: what it comes from may be a small part of a large buffer.
            early: Bytes::copy_from_slice(early),
            piece: Bytes::new(),
            out: BytesMut::new(),
            dirty: false,
            over: false,
            reuse,
        }
    }

    /// Sends the stream to its end, and ends the connection unless it is used again.
    ///
    /// # Errors
    ///
    /// The client has gone, or has closed its side, or does not read.
    pub(crate) async fn send(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_send(cx)).await?;
        if self.reuse {
            return Ok(());
        }
        poll_fn(|cx| Pin::new(&mut self.io).poll_shutdown(cx)).await
    }

    /// The byte stream with what the client sent early, if the connection is used again.
    pub(crate) fn into_rest(self) -> Option<(Io, Bytes)> {
        self.reuse.then_some((self.io, self.early))
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.listen(cx)?;
        let mut all = false;
        for _ in 0..TURN {
            ready!(self.poll_write(cx))?;
            if self.over {
                return Poll::Ready(Ok(()));
            }
            if all {
                // The source was asked for more in vain, and will wake the task.
                return Poll::Pending;
            }
            all = ready!(self.poll_fill(cx));
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

    /// Puts what is ready into chunks: at least one, or the last. Gives whether that was all for now.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        while self.out.len() < BATCH {
            if self.piece.is_empty() {
                match self.source.poll_piece(cx) {
                    Poll::Ready(Some(piece)) => self.piece = piece,
                    Poll::Ready(None) => {
                        self.over = true;
                        self.out.extend_from_slice(b"0\r\n\r\n");
                        return Poll::Ready(true);
                    }
                    Poll::Pending if self.out.is_empty() => return Poll::Pending,
                    Poll::Pending => return Poll::Ready(true),
                }
            }
            let len = self.piece.len().min(BATCH);
            chunk(&mut self.out, &self.piece.split_to(len));
        }
        Poll::Ready(false)
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::task::Waker;

    use tokio::io::DuplexStream;

    use super::*;

    /// Gives what is in it; then waits, or ends.
    #[derive(Default)]
    struct Script {
        pieces: VecDeque<Bytes>,
        over: bool,
        asked: usize,
    }

    impl Script {
        fn of(pieces: &[&[u8]]) -> Self {
            let pieces = pieces.iter().map(|piece| Bytes::copy_from_slice(piece));
            Self {
                pieces: pieces.collect(),
                ..Self::default()
            }
        }
    }

    impl Source for Script {
        fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
            self.asked += 1;
            match self.pieces.pop_front() {
                None if self.over => Poll::Ready(None),
                None => Poll::Pending,
                piece => Poll::Ready(piece),
            }
        }
    }

    /// Takes that many bytes in all, and no more than some at a time. Nothing comes of it.
    #[derive(Default)]
    struct Narrow {
        width: usize,
        room: usize,
        writes: Vec<Vec<u8>>,
        flushes: usize,
    }

    impl AsyncRead for Narrow {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Narrow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let len = bytes.len().min(self.width).min(self.room);
            if len == 0 {
                return Poll::Pending;
            }
            self.room -= len;
            self.writes.push(bytes[..len].to_vec());
            Poll::Ready(Ok(len))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.flushes += 1;
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn poll<Io, S>(chunks: &mut Chunks<Io, S>) -> Poll<io::Result<()>>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
        S: Source,
    {
        chunks.poll_send(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_is_ready_at_once_goes_out_in_one_write() {
        let io = Narrow {
            width: 1000,
            room: 1000,
            ..Narrow::default()
        };
        let mut chunks = Chunks::new(io, b"", Script::of(&[b"one", b"", &[b'x'; 28]]), true);
        assert!(poll(&mut chunks).is_pending());
        let expected = format!("3\r\none\r\n1C\r\n{}\r\n", "x".repeat(28));
        assert_eq!(chunks.io.writes, [expected.as_bytes()]);
        assert_eq!(chunks.io.flushes, 1);
        // Once for each, and once in vain.
        assert_eq!(chunks.source.asked, 4);
        // No memory is held while nothing is to be said.
        assert_eq!(chunks.out.capacity(), 0);
        chunks.source.over = true;
        assert!(poll(&mut chunks).is_ready());
        assert_eq!(chunks.io.writes[1], b"0\r\n\r\n");
    }

    #[test]
    fn a_write_goes_on_where_it_stopped_and_nothing_runs_ahead_of_it() {
        let large = vec![b'y'; 3 * BATCH + 5];
        for width in [1, 7, 4096, usize::MAX] {
            let io = Narrow {
                width,
                ..Narrow::default()
            };
            let mut source = Script::of(&[b"first", &large, b"last"]);
            source.over = true;
            let mut chunks = Chunks::new(io, b"", source, true);
            let mut rounds = 0;
            while poll(&mut chunks).is_pending() {
                if !chunks.out.is_empty() {
                    // It waits for room, and asks for nothing more until there is some.
                    assert!(chunks.out.len() <= 2 * BATCH + 32, "{}", chunks.out.len());
                    let asked = chunks.source.asked;
                    assert!(poll(&mut chunks).is_pending());
                    assert_eq!(chunks.source.asked, asked);
                }
                chunks.io.room = 10_000;
                rounds += 1;
                assert!(rounds < 100);
            }
            let all = chunks.io.writes.concat();
            assert_eq!(decode(&all), [b"first", &large[..], b"last"].concat());
        }
    }

    /// RFC 9112, 7.1, to the letter.
    fn decode(mut rest: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = rest.windows(2).position(|pair| pair == b"\r\n").unwrap();
            let size = std::str::from_utf8(&rest[..line]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            rest = &rest[line + 2..];
            body.extend_from_slice(&rest[..size]);
            assert_eq!(&rest[size..size + 2], b"\r\n");
            rest = &rest[size + 2..];
            if size == 0 {
                assert!(rest.is_empty());
                return body;
            }
        }
    }

    #[test]
    fn a_source_without_a_pause_lets_others_have_their_turn() {
        struct Endless;
        impl Source for Endless {
            fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
                Poll::Ready(Some(Bytes::from_static(&[b'z'; 1000])))
            }
        }
        let io = Narrow {
            width: usize::MAX,
            room: usize::MAX,
            ..Narrow::default()
        };
        let mut chunks = Chunks::new(io, b"", Endless, true);
        assert!(poll(&mut chunks).is_pending());
        assert!(chunks.io.writes.len() <= TURN);
    }

    fn open(early: &[u8]) -> (DuplexStream, Chunks<DuplexStream, Script>) {
        let (client, server) = tokio::io::duplex(64 * 1024);
        (client, Chunks::new(server, early, Script::default(), true))
    }

    #[tokio::test]
    async fn the_end_of_the_client_is_the_end() {
        let (client, mut chunks) = open(b"");
        assert!(poll(&mut chunks).is_pending());
        drop(client);
        let Poll::Ready(Err(error)) = poll(&mut chunks) else {
            panic!("an end was due")
        };
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn what_comes_early_is_kept_and_bounded() {
        use tokio::io::AsyncWriteExt as _;
        let (mut client, mut chunks) = open(b"");
        client.write_all(&[b'e'; 10_000]).await.unwrap();
        for _ in 0..100 {
            assert!(poll(&mut chunks).is_pending());
        }
        assert_eq!(chunks.early, [b'e'; EARLY][..]);
        let (mut client, mut chunks) = open(b"GET");
        client.write_all(b" /").await.unwrap();
        assert!(poll(&mut chunks).is_pending());
        assert_eq!(chunks.early, b"GET"[..]);
    }
}
