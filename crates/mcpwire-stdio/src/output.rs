//! The output: the lines that wait to be written, and the one place that writes them.
//!
//! Lines go out whole and in the order in which they were queued, several in one write where the
//! writer can do that, with one flush when none is left (STDIO-29). A line can be taken back until
//! its first byte is written (CANCEL-08). How many lines may wait is decided by those who queue them.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use mcpwire_codec::Encoded;
use mcpwire_types::RequestId;
use tokio::io::AsyncWrite;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

use crate::error::ServeError;
use crate::in_flight::Key;

/// The most that is written in one piece; as much as a pipe holds by default.
const PIECE: usize = 64 * 1024;

/// A line longer than this is written from where it is, if the writer takes several pieces at once.
/// Shorter ones are copied together: that costs less than telling a write of so many pieces.
const COPIED: usize = 16 * 1024;

/// Whose line it is.
#[derive(Debug)]
pub(crate) enum Owner {
    /// A message of a reply.
    Reply {
        key: Key,
        /// The response: with it the request is answered.
        last: bool,
        /// Held until the line is gone. What is queued by the reader itself goes without one: it knows
        /// how many lines wait.
        _place: Option<OwnedSemaphorePermit>,
    },
    /// The answer to a line that never became a request in flight.
    Refusal { id: Option<RequestId<'static>> },
}

#[derive(Debug)]
struct Line {
    encoded: Encoded,
    owner: Owner,
}

impl Line {
    fn belongs_to(&self, request: Key) -> bool {
        matches!(self.owner, Owner::Reply { key, .. } if key == request)
    }

    fn refuses(&self, request: &RequestId<'_>) -> bool {
        matches!(&self.owner, Owner::Refusal { id: Some(id) } if id == request)
    }
}

#[derive(Debug)]
pub(crate) struct Output<W> {
    writer: W,
    lines: VecDeque<Line>,
    /// How many bytes of the first line are written.
    written: usize,
    /// What is offered to the next write, in one piece. Kept for its memory.
    copied: Vec<u8>,
    /// Something was written and not flushed.
    unflushed: bool,
    /// How many of the lines are refusals.
    refusals: usize,
    /// Requests whose response was written since they were last taken.
    answered: Vec<Key>,
    stall: Duration,
    /// Runs while the writer takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<W: AsyncWrite + Unpin> Output<W> {
    pub(crate) fn new(writer: W, stall: Duration) -> Self {
        Self {
            writer,
            lines: VecDeque::new(),
            written: 0,
            copied: Vec::new(),
            unflushed: false,
            refusals: 0,
            answered: Vec::new(),
            stall,
            stalled: None,
        }
    }

    pub(crate) fn push(&mut self, encoded: Encoded, owner: Owner) {
        if matches!(owner, Owner::Refusal { .. }) {
            self.refusals += 1;
        }
        self.lines.push_back(Line { encoded, owner });
    }

    /// How many refusals wait to be written.
    pub(crate) fn refusals(&self) -> usize {
        self.refusals
    }

    /// How many lines wait to be written.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Nothing is left to write or flush.
    pub(crate) fn is_idle(&self) -> bool {
        self.lines.is_empty() && !self.unflushed
    }

    /// Whose line is written in part.
    pub(crate) fn begun(&self) -> Option<Key> {
        let line = self.lines.front().filter(|_| self.written > 0)?;
        match line.owner {
            Owner::Reply { key, .. } => Some(key),
            Owner::Refusal { .. } => None,
        }
    }

    /// The requests whose response was written since the last call.
    pub(crate) fn answered(&mut self) -> impl Iterator<Item = Key> + '_ {
        self.answered.drain(..)
    }

    /// Takes back what is queued for a reply.
    pub(crate) fn discard(&mut self, request: Key) {
        self.discard_if(|line| line.belongs_to(request));
    }

    /// Takes back refusals of a request.
    pub(crate) fn discard_refusals(&mut self, request: &RequestId<'_>) {
        self.discard_if(|line| line.refuses(request));
        self.refusals = self
            .lines
            .iter()
            .filter(|line| matches!(line.owner, Owner::Refusal { .. }))
            .count();
    }

    /// A line that is on its way cannot be taken back: half of it would spoil the next one.
    fn discard_if(&mut self, unwanted: impl Fn(&Line) -> bool) {
        let mut on_its_way = self.written > 0;
        self.lines
            .retain(|line| std::mem::take(&mut on_its_way) || !unwanted(line));
    }

    /// Writes or flushes something. Nothing is lost if the future is dropped.
    pub(crate) async fn progress(&mut self) -> Result<(), ServeError> {
        std::future::poll_fn(|cx| self.poll_progress(cx)).await
    }

    /// The same if it can be done without waiting, and `None` if it cannot or if there is nothing to do.
    pub(crate) fn try_progress(&mut self) -> Option<Result<(), ServeError>> {
        if self.is_idle() {
            return None;
        }
        match self.poll_progress(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(progress) => Some(progress),
            Poll::Pending => None,
        }
    }

    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ServeError>> {
        // The bytes are gathered anew at each attempt, so what was taken back meanwhile is left out.
        let written = if self.lines.is_empty() {
            None
        } else {
            Some(self.poll_write(cx))
        };
        let progress = match written {
            Some(written) if !self.lines.is_empty() => written,
            // With the last line, or after it where there is more to it than that.
            Some(written) => match self.poll_flush(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                _ => written,
            },
            None => self.poll_flush(cx),
        };
        if let Poll::Ready(progress) = progress {
            self.stalled = None;
            return Poll::Ready(progress.map_err(ServeError::Write));
        }
        let stall = self.stall;
        ready!(
            self.stalled
                .get_or_insert_with(|| Box::pin(sleep(stall)))
                .as_mut()
                .poll(cx)
        );
        Poll::Ready(Err(ServeError::Stalled { limit: stall }))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = if self.rest_of_first() > COPIED && self.writer.is_write_vectored() {
            ready!(self.poll_write_first(cx))?
        } else {
            ready!(self.poll_write_copied(cx))?
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.unflushed = true;
        self.advance(written);
        Poll::Ready(Ok(()))
    }

    fn rest_of_first(&self) -> usize {
        let first = self.lines.front().map_or(0, |line| line.encoded.len());
        first.saturating_sub(self.written)
    }

    /// Writes a long line in the chunks that it has.
    fn poll_write_first(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(line) = self.lines.front() else {
            return Poll::Ready(Ok(0));
        };
        let mut pieces = line.encoded.chunks().map(IoSlice::new);
        let mut pieces = &mut pieces[..];
        IoSlice::advance_slices(&mut pieces, self.written);
        Pin::new(&mut self.writer).poll_write_vectored(cx, pieces)
    }

    /// Writes as many lines as fit in one piece, up to the next long one.
    fn poll_write_copied(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.copied.clear();
        let mut skip = self.written;
        for (at, line) in self.lines.iter().enumerate() {
            if at > 0 && line.encoded.len() > COPIED {
                break;
            }
            for chunk in line.encoded.chunks() {
                let rest = chunk.get(skip..).unwrap_or_default();
                skip = skip.saturating_sub(chunk.len());
                let room = PIECE - self.copied.len();
                let fits = rest.get(..room).unwrap_or(rest);
                self.copied.extend_from_slice(fits);
            }
            if self.copied.len() == PIECE {
                break;
            }
        }
        Pin::new(&mut self.writer).poll_write(cx, &self.copied)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.writer).poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }

    /// Lets go of the lines that `more` bytes have completed.
    fn advance(&mut self, more: usize) {
        self.written += more;
        while let Some(line) = self.lines.front() {
            let Some(beyond) = self.written.checked_sub(line.encoded.len()) else {
                return;
            };
            match line.owner {
                Owner::Reply {
                    key, last: true, ..
                } => self.answered.push(key),
                Owner::Reply { .. } => {}
                Owner::Refusal { .. } => self.refusals -= 1,
            }
            self.lines.pop_front();
            self.written = beyond;
        }
    }

    /// Closes the writer, so that the peer of a socket sees the end.
    pub(crate) async fn close(&mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| Pin::new(&mut self.writer).poll_shutdown(cx)).await
    }
}

#[cfg(test)]
mod tests;
