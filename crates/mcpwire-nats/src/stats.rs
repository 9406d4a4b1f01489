//! What a bus counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a bus did since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Changes that were sent to NATS, each once, however often it had to be sent.
    pub published: u64,
    /// Changes that NATS was seen to pass on, because they came back.
    pub confirmed: u64,
    /// Changes that were sent again on a new connection, because they had not come back.
    pub repeated: u64,
    /// Changes that were merged with an equal one that was still waiting.
    pub coalesced: u64,
    /// Times that the queue was full and all in it became `Missed`.
    pub overflows: u64,
    /// Changes that did not fit into a message and were told as `Missed`.
    pub oversized: u64,
    /// Messages that arrived.
    pub received: u64,
    /// Of these, those of this bus itself.
    pub own: u64,
    /// Of these, those of other replicas.
    pub foreign: u64,
    /// Of the foreign ones, changes that had been heard already.
    pub repeated_foreign: u64,
    /// Of these, those that are no message of a bus.
    pub junk: u64,
    /// Holes in the numbers of another replica: something of it was lost.
    pub gaps: u64,
    /// Messages that were lost because they arrived faster than they were read.
    pub slow: u64,
    /// Times that the connection came up.
    pub connects: u64,
    /// Times that the connection was lost after it had come up.
    pub disconnects: u64,
    /// Attempts to connect that failed.
    pub failed_attempts: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn one(&self) {
        self.add(1);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) published: Counter,
    pub(crate) confirmed: Counter,
    pub(crate) repeated: Counter,
    pub(crate) coalesced: Counter,
    pub(crate) overflows: Counter,
    pub(crate) oversized: Counter,
    pub(crate) received: Counter,
    pub(crate) own: Counter,
    pub(crate) foreign: Counter,
    pub(crate) repeated_foreign: Counter,
    pub(crate) junk: Counter,
    pub(crate) gaps: Counter,
    pub(crate) slow: Counter,
    pub(crate) connects: Counter,
    pub(crate) disconnects: Counter,
    pub(crate) failed_attempts: Counter,
}

impl Counters {
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            published: self.published.get(),
            confirmed: self.confirmed.get(),
            repeated: self.repeated.get(),
            coalesced: self.coalesced.get(),
            overflows: self.overflows.get(),
            oversized: self.oversized.get(),
            received: self.received.get(),
            own: self.own.get(),
            foreign: self.foreign.get(),
            repeated_foreign: self.repeated_foreign.get(),
            junk: self.junk.get(),
            gaps: self.gaps.get(),
            slow: self.slow.get(),
            connects: self.connects.get(),
            disconnects: self.disconnects.get(),
            failed_attempts: self.failed_attempts.get(),
        }
    }
}
