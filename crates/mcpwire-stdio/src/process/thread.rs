//! A stream that may block, on a plain thread of its own.
//!
//! Not on the runtime's pool of blocking threads, as tokio's are: a runtime that shuts down waits for
//! those. A plain thread ends with the process, whatever it is waiting for.

use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The most that is read at once.
const READ: usize = 64 * 1024;

/// The most that is handed to the writing thread at once.
const WRITE: usize = 256 * 1024;

/// How soon a stream is asked again that its other owner has made non-blocking.
const AGAIN: Duration = Duration::from_millis(5);

/// Whoever shares a pipe or terminal with us may have made it non-blocking for us, too.
fn patiently<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(AGAIN),
            result => return result,
        }
    }
}

/// Starts the thread that reads `stdin`, one chunk ahead.
pub(super) fn read_on_thread(stdin: impl Read + Send + 'static) -> io::Result<Stdin> {
    let (sender, chunks) = channel(1);
    thread::Builder::new()
        .name("mcpwire-stdin".into())
        .spawn(move || read(stdin, &sender))?;
    Ok(Stdin {
        chunks,
        rest: Bytes::new(),
    })
}

fn read(mut stdin: impl Read, chunks: &Sender<io::Result<Bytes>>) {
    let mut buffer = vec![0; READ];
    loop {
        let chunk = match patiently(|| stdin.read(&mut buffer)) {
            Ok(0) => return,
            Ok(length) => Ok(Bytes::copy_from_slice(
                buffer.get(..length).unwrap_or_default(),
            )),
            Err(error) => Err(error),
        };
        let failed = chunk.is_err();
        if chunks.blocking_send(chunk).is_err() || failed {
            return;
        }
    }
}

#[derive(Debug)]
pub(super) struct Stdin {
    chunks: Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.chunks.poll_recv(cx)) {
                Some(chunk) => self.rest = chunk?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(self.rest.get(..length).unwrap_or_default());
        self.rest.advance(length);
        Poll::Ready(Ok(()))
    }
}

/// Starts the thread that writes `stdout`.
pub(super) fn write_on_thread(stdout: impl Write + Send + 'static) -> io::Result<Stdout> {
    let (to_thread, chunks) = channel(1);
    let (sender, from_thread) = channel(1);
    thread::Builder::new()
        .name("mcpwire-stdout".into())
        .spawn(move || write(stdout, chunks, &sender))?;
    Ok(Stdout {
        to_thread,
        from_thread,
        busy: false,
    })
}

fn write(mut stdout: impl Write, mut chunks: Receiver<Vec<u8>>, done: &Sender<io::Result<()>>) {
    while let Some(chunk) = chunks.blocking_recv() {
        let written = write_all(&mut stdout, &chunk);
        let failed = written.is_err();
        if done.blocking_send(written).is_err() || failed {
            return;
        }
    }
}

fn write_all(stdout: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match patiently(|| stdout.write(bytes))? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => bytes = bytes.get(written..).unwrap_or_default(),
        }
    }
    patiently(|| stdout.flush())
}

#[derive(Debug)]
pub(super) struct Stdout {
    to_thread: Sender<Vec<u8>>,
    from_thread: Receiver<io::Result<()>>,
    /// The thread has a chunk that it has not reported on.
    busy: bool,
}

impl Stdout {
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.busy {
            let written = ready!(self.from_thread.poll_recv(cx));
            self.busy = false;
            return Poll::Ready(written.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into())));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stdout {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_idle(cx))?;
        let length = pieces
            .iter()
            .map(|piece| piece.len())
            .sum::<usize>()
            .min(WRITE);
        let mut chunk = Vec::with_capacity(length);
        for piece in pieces {
            let room = (length - chunk.len()).min(piece.len());
            chunk.extend_from_slice(piece.get(..room).unwrap_or_default());
        }
        if length > 0 {
            // The thread holds no chunk, so there is room; without a thread there is no `stdout`.
            self.to_thread
                .try_send(chunk)
                .map_err(|_| io::ErrorKind::BrokenPipe)?;
            self.busy = true;
        }
        Poll::Ready(Ok(length))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_idle(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_idle(cx)
    }
}

#[cfg(test)]
mod tests;
