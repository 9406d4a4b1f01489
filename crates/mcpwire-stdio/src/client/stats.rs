//! What was left out, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often something was dropped that a peer sent, since the client was made. None of these ends a
/// connection; a number that grows says that the peer is at fault, or a limit too low.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Messages that belong to a request that is answered or cancelled already (CANCEL-10).
    pub late: u64,
    /// Lines that are no message, and name no request in flight (STDIO-28).
    pub malformed: u64,
    /// Requests, which a server must not send (STDIO-11); they are not answered (STDIO-10).
    pub requests: u64,
    /// Replies that were given up because nobody read them, see [`Error::Stalled`](super::Error::Stalled).
    pub stalled: u64,
    /// Lines beyond [`Limits::max_line_bytes`](super::Limits::max_line_bytes).
    pub too_long: u64,
    /// Responses and notifications that belong to no request of this client, or say not to which
    /// (STDIO-14, PROG-15).
    pub unmatched: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) late: AtomicU64,
    pub(super) malformed: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) stalled: AtomicU64,
    pub(super) too_long: AtomicU64,
    pub(super) unmatched: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            late: read(&self.late),
            malformed: read(&self.malformed),
            requests: read(&self.requests),
            stalled: read(&self.stalled),
            too_long: read(&self.too_long),
            unmatched: read(&self.unmatched),
        }
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
