//! How answers are written: in the turn after the one in which their request was read, and in one piece if
//! they are short.
//!
//! ```text
//!   read, read, read, write, write, write      and not      read, write, read, write, read, write
//! ```
//!
//! All that was ready has been read by then. What the same code does many times in a row it does faster, since
//! it stays in the processor's caches; and a peer on this machine, woken by the first answer, is still
//! awake when the others come.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Handle;

/// Up to so many bytes are copied into one piece, which the kernel takes faster than several.
const SHORT: usize = 1024;

/// What is longer is not put off: it would have left the processor's caches by then.
const LIGHT: usize = 16 * 1024;

/// A byte stream that puts the first write after a read off by one turn of its task.
#[derive(Debug)]
pub(crate) struct Writes<Io> {
    io: Io,
    /// Whether a write can be put off at all. One that is would only be an occasion for an idle worker to
    /// take the task over, where there is a second worker.
    alone: bool,
    /// Something was read that has not been answered.
    asked: bool,
    /// The write has been put off, and is not once more, whatever is read until then.
    waited: bool,
}

thread_local! {
    /// Where short pieces are joined; of each worker and not of each connection, most of which are idle.
    static JOINED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl<Io> Writes<Io> {
    pub(crate) fn new(io: Io) -> Self {
        Self {
            io,
            alone: Handle::try_current().is_ok_and(|runtime| runtime.metrics().num_workers() == 1),
            asked: false,
            waited: false,
        }
    }

    /// Whether it is the turn of a write of so many bytes.
    fn poll_turn(&mut self, cx: &Context<'_>, len: usize) -> Poll<()> {
        if self.alone && self.asked && !self.waited && len <= LIGHT {
            self.waited = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.asked = false;
        self.waited = false;
        Poll::Ready(())
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Writes<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        self.asked |= buf.filled().len() > before;
        read
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Writes<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_turn(cx, buf.len()));
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let len = bufs.iter().map(|buf| buf.len()).sum();
        ready!(self.poll_turn(cx, len));
        let io = Pin::new(&mut self.io);
        if len > SHORT {
            return io.poll_write_vectored(cx, bufs);
        }
        let mut joined = JOINED.take();
        joined.clear();
        for buf in bufs {
            joined.extend_from_slice(buf);
        }
        let written = io.poll_write(cx, &joined);
        JOINED.set(joined);
        written
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    /// What two tasks that answer one byte each do, in order.
    async fn order(make: fn(DuplexStream) -> Writes<DuplexStream>) -> String {
        let order = RefCell::new(String::new());
        let serve = async |server: DuplexStream| {
            let mut io = make(server);
            io.read_exact(&mut [0]).await.unwrap();
            order.borrow_mut().push('r');
            io.write_all(b"ab").await.unwrap();
            order.borrow_mut().push('w');
        };
        let ((mut one, first), (mut other, second)) = (duplex(8), duplex(8));
        one.write_all(b"x").await.unwrap();
        other.write_all(b"x").await.unwrap();
        tokio::join!(serve(first), serve(second));
        order.into_inner()
    }

    #[tokio::test]
    async fn all_is_read_before_the_first_answer_is_written() {
        let with_others = |io| Writes {
            alone: false,
            ..Writes::new(io)
        };
        assert_eq!(order(Writes::new).await, "rrww");
        assert_eq!(order(with_others).await, "rwrw");
    }

    /// Counts the calls.
    #[derive(Default)]
    struct Calls {
        whole: usize,
        vectored: usize,
    }

    impl AsyncWrite for Calls {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.whole += 1;
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.vectored += 1;
            Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn short_pieces_are_written_as_one() {
        let mut io = Writes::new(Calls::default());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        for body in [0, SHORT - 100, SHORT] {
            let pieces = [&[b'h'; 100][..], &vec![b'b'; body]];
            let pieces = pieces.map(IoSlice::new);
            let written = Pin::new(&mut io).poll_write_vectored(&mut cx, &pieces);
            assert!(matches!(written, Poll::Ready(Ok(len)) if len == 100 + body));
        }
        assert_eq!((io.io.whole, io.io.vectored), (2, 1));
    }

    #[tokio::test]
    async fn a_long_write_is_not_put_off() {
        let (mut client, server) = duplex(2 * LIGHT);
        let mut io = Writes::new(server);
        let mut cx = Context::from_waker(std::task::Waker::noop());
        for (len, expected) in [(LIGHT, false), (LIGHT + 1, true)] {
            client.write_all(b"x").await.unwrap();
            io.read_exact(&mut [0]).await.unwrap();
            let written = Pin::new(&mut io).poll_write(&mut cx, &vec![b'y'; len]);
            assert_eq!(written.is_ready(), expected, "{len}");
        }
    }

    /// Who reads before each write, as hyper does, still gets to write.
    #[tokio::test]
    async fn a_write_is_put_off_once() {
        let (mut client, server) = duplex(8);
        let mut io = Writes::new(server);
        let mut cx = Context::from_waker(std::task::Waker::noop());
        for _ in 0..3 {
            let mut written = Vec::new();
            for _ in 0..2 {
                client.write_all(b"x").await.unwrap();
                io.read_exact(&mut [0]).await.unwrap();
                written.push(Pin::new(&mut io).poll_write(&mut cx, b"y").is_ready());
            }
            assert_eq!(written, [false, true]);
            client.read_exact(&mut [0]).await.unwrap();
        }
    }
}
