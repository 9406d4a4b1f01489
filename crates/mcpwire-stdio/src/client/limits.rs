//! The bounds of the client side. Each is finite by default and has a setting of its own.

use std::time::Duration;

/// What one peer may make a client hold, and for how long.
///
/// Memory for one connection is bounded by these: one line of input, and for each of `max_in_flight`
/// requests its own line, a cancellation, `reply_queue` notifications and a response.
///
/// ```
/// use mcpwire_stdio::client::Limits;
///
/// let limits = Limits::default().max_in_flight(32).reply_queue(8);
/// assert_eq!((limits.max_in_flight, limits.reply_queue), (32, 8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest line that is read, in bytes and without its newline: 4 MiB by default. A longer
    /// one is skipped as it comes in and counted. If just one request is in flight, that request
    /// fails with [`Error::TooLong`](super::Error::TooLong), since nothing else could have been meant.
    pub max_line_bytes: usize,
    /// How many arrays and objects of a message may be open at once: 128 by default. A deeper
    /// response fails its request with [`Error::Malformed`](super::Error::Malformed); another
    /// message is skipped and counted.
    pub max_depth: usize,
    /// How many requests may be in flight at once: 256 by default, at least 1, open
    /// `subscriptions/listen` streams included. One more waits in `poll_ready`, or in its future.
    pub max_in_flight: usize,
    /// How many notifications of one reply may wait to be taken: 64 by default, at least 1. The
    /// response has a place of its own. With one more, no input is read until there is a place, or
    /// `reply_stall` has passed.
    pub reply_queue: usize,
    /// How long a reply with a full queue may hold up the input: 5 seconds by default. Then it ends
    /// with [`Error::Stalled`](super::Error::Stalled), and its request is cancelled.
    pub reply_stall: Duration,
    /// How long the output may take nothing at all while there is something to write: 5 minutes by
    /// default. Then the connection is lost with [`Loss::WriteStalled`](super::Loss::WriteStalled).
    pub write_stall: Duration,
    /// How long the result of a listen stream may follow the `notifications/cancelled` that told its
    /// end: 2 seconds by default. Then the stream ends with [`Error::Ended`](super::Error::Ended)
    /// (SUB-26).
    pub listen_end_wait: Duration,
    /// How long what is still queued, cancellations above all, may take to be written once nobody
    /// uses the client any more; and how long answers are still read once the output is broken: 1
    /// second by default.
    pub close_grace: Duration,
    /// How much of a malformed response an error keeps, in bytes: 4 KiB by default.
    pub max_kept_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_line_bytes: 4 * 1024 * 1024,
            max_depth: 128,
            max_in_flight: 256,
            reply_queue: 64,
            reply_stall: Duration::from_secs(5),
            write_stall: Duration::from_secs(5 * 60),
            listen_end_wait: Duration::from_secs(2),
            close_grace: Duration::from_secs(1),
            max_kept_bytes: 4 * 1024,
        }
    }
}

impl Limits {
    /// Sets [`Limits::max_line_bytes`].
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_depth`].
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels;
        self
    }

    /// Sets [`Limits::max_in_flight`].
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// Sets [`Limits::reply_queue`].
    pub fn reply_queue(mut self, notifications: usize) -> Self {
        self.reply_queue = notifications;
        self
    }

    /// Sets [`Limits::reply_stall`].
    pub fn reply_stall(mut self, stall: Duration) -> Self {
        self.reply_stall = stall;
        self
    }

    /// Sets [`Limits::write_stall`].
    pub fn write_stall(mut self, stall: Duration) -> Self {
        self.write_stall = stall;
        self
    }

    /// Sets [`Limits::listen_end_wait`].
    pub fn listen_end_wait(mut self, wait: Duration) -> Self {
        self.listen_end_wait = wait;
        self
    }

    /// Sets [`Limits::close_grace`].
    pub fn close_grace(mut self, grace: Duration) -> Self {
        self.close_grace = grace;
        self
    }

    /// Sets [`Limits::max_kept_bytes`].
    pub fn max_kept_bytes(mut self, bytes: usize) -> Self {
        self.max_kept_bytes = bytes;
        self
    }

    /// The part of the limits that the codec applies.
    pub(crate) fn codec(&self) -> mcpwire_codec::Limits {
        mcpwire_codec::Limits::default()
            .max_message_bytes(self.max_line_bytes)
            .max_depth(self.max_depth)
    }
}
