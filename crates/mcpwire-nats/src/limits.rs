//! The bounds of a bus.

use std::time::Duration;

/// Bounds of a bus, all of them finite unless made otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    pub(crate) queue: usize,
    pub(crate) unconfirmed: usize,
    pub(crate) max_message_bytes: usize,
    pub(crate) incoming: usize,
    pub(crate) max_origins: usize,
    pub(crate) forget_origin_after: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) answer_timeout: Duration,
    pub(crate) beat: Duration,
    pub(crate) backoff: Duration,
    pub(crate) max_backoff: Duration,
    pub(crate) close_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue: 1024,
            unconfirmed: 256,
            max_message_bytes: 16 * 1024,
            incoming: 8192,
            max_origins: 1024,
            forget_origin_after: Duration::from_secs(600),
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(5),
            beat: Duration::from_secs(5),
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(1),
            close_grace: Duration::from_secs(1),
        }
    }
}

impl Limits {
    /// Different changes that wait to be told to the other replicas (1024). Beyond it all of them become
    /// one [`Change::Missed`](mcpwire_service::Change::Missed), and the counter `overflows` grows.
    pub fn queue(mut self, changes: usize) -> Self {
        self.queue = changes;
        self
    }

    /// Changes that were told and did not come back from NATS yet (256). Beyond it the others wait in the
    /// queue.
    pub fn unconfirmed(mut self, changes: usize) -> Self {
        self.unconfirmed = changes;
        self
    }

    /// Length of one message (16 KiB). A longer one is not sent, and the others are told `Missed` in its
    /// place; one that arrives is junk.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// Messages that arrived and were not read yet (8192). Beyond it they are lost, and the streams of
    /// this replica get `Missed`.
    pub fn incoming(mut self, messages: usize) -> Self {
        self.incoming = messages;
        self
    }

    /// Other replicas whose numbers are remembered (1024). Beyond it the one that was silent for longest
    /// is forgotten, and its next change arrives as `Missed`.
    pub fn max_origins(mut self, replicas: usize) -> Self {
        self.max_origins = replicas;
        self
    }

    /// How long a silent replica is remembered (10 minutes).
    pub fn forget_origin_after(mut self, time: Duration) -> Self {
        self.forget_origin_after = time;
        self
    }

    /// How long one attempt to connect may take, for each server of the list (5 s).
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// How long a message may take to come back from NATS (5 s). Then the connection counts as lost.
    pub fn answer_timeout(mut self, time: Duration) -> Self {
        self.answer_timeout = time;
        self
    }

    /// How often a replica says that it is there, and what its last number was (5 s). What a replica lost
    /// without anything after it is noticed within this time.
    pub fn beat(mut self, time: Duration) -> Self {
        self.beat = time;
        self
    }

    /// The pause after the first failure to connect (100 ms), which doubles up to `max` (1 s). Half of
    /// each is left to chance, so that replicas do not come back all at once.
    pub fn backoff(mut self, first: Duration, max: Duration) -> Self {
        self.backoff = first;
        self.max_backoff = max;
        self
    }

    /// How long the end of the bus waits for what is queued (1 s). Then it is dropped.
    pub fn close_grace(mut self, time: Duration) -> Self {
        self.close_grace = time;
        self
    }

    /// No timer may be zero: it would spin.
    pub(crate) fn bounded(mut self) -> Self {
        let least = Duration::from_millis(1);
        for time in [
            &mut self.connect_timeout,
            &mut self.answer_timeout,
            &mut self.beat,
            &mut self.backoff,
            &mut self.max_backoff,
        ] {
            *time = (*time).max(least);
        }
        self.unconfirmed = self.unconfirmed.max(1);
        self.incoming = self.incoming.max(1);
        self
    }
}
