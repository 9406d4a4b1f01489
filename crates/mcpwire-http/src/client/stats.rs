//! What was left out, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often something was ignored that a server sent, since the client was built. None of these ends
/// a reply; a number that grows says that the server is at fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events on a stream that are no message, and surely not the response.
    pub malformed: u64,
    /// Requests on a stream, which a server must not send (HTTP-24); they are not answered (HTTP-12).
    pub requests: u64,
    /// Events that do not hold a message by their name (HTTP-32).
    pub unknown_events: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) malformed: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) unknown_events: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            malformed: read(&self.malformed),
            requests: read(&self.requests),
            unknown_events: read(&self.unknown_events),
        }
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
