//! The bounds of the transport. Each is finite by default and has a setting of its own.

use std::time::Duration;

/// What one peer may make the transport hold, and for how long.
///
/// Memory for one connection is bounded by these and by the size of a single message of the service:
/// one line of input, `max_in_flight` requests and one more, and three times `write_queue` messages of
/// output.
///
/// ```
/// use std::time::Duration;
/// use mcpwire_stdio::Limits;
///
/// let limits = Limits::default().max_in_flight(32).shutdown_grace(Duration::from_millis(500));
/// assert_eq!((limits.max_in_flight, limits.write_queue), (32, 64));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest line that is read, in bytes and without its newline: 4 MiB by default. A longer
    /// one is skipped as it comes in and answered with `-32600` without an ID (STDIO-28).
    pub max_line_bytes: usize,
    /// How many arrays and objects of a message may be open at once: 128 by default. A deeper one is
    /// answered with `-32600`.
    pub max_depth: usize,
    /// How many requests may be waiting for their response at once: 256 by default, open
    /// `subscriptions/listen` streams included. One more waits, and what comes behind it with it, see
    /// [`Limits::max_in_flight_wait`].
    pub max_in_flight: usize,
    /// How long a request beyond `max_in_flight` waits for a place, counted from when a request last
    /// came or went: 1 second by default. Then it is answered with `-32603`, and so is, at once,
    /// every other until something moves.
    pub max_in_flight_wait: Duration,
    /// How many messages of replies may wait to be written: 64 by default, at least 1. Beyond that,
    /// replies are not asked for their next message. While fewer wait, a reply that is there at once
    /// joins them. As many refusals may wait besides; beyond that, no input is read.
    pub write_queue: usize,
    /// How long the output may take nothing at all while there is something to write: 5 minutes by
    /// default. Then serving ends with [`ServeError::Stalled`](crate::ServeError::Stalled).
    pub write_stall: Duration,
    /// How long requests in flight may still be answered, and the answers be read by the peer, after
    /// the end of input or the shutdown signal: 2 seconds by default. What is left then is dropped
    /// (STDIO-30).
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_line_bytes: 4 * 1024 * 1024,
            max_depth: 128,
            max_in_flight: 256,
            max_in_flight_wait: Duration::from_secs(1),
            write_queue: 64,
            write_stall: Duration::from_secs(5 * 60),
            shutdown_grace: Duration::from_secs(2),
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

    /// Sets [`Limits::max_in_flight_wait`].
    pub fn max_in_flight_wait(mut self, wait: Duration) -> Self {
        self.max_in_flight_wait = wait;
        self
    }

    /// Sets [`Limits::write_queue`].
    pub fn write_queue(mut self, messages: usize) -> Self {
        self.write_queue = messages;
        self
    }

    /// Sets [`Limits::write_stall`].
    pub fn write_stall(mut self, stall: Duration) -> Self {
        self.write_stall = stall;
        self
    }

    /// Sets [`Limits::shutdown_grace`].
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.shutdown_grace = grace;
        self
    }

    /// The part of the limits that the codec applies.
    pub(crate) fn codec(&self) -> mcpwire_codec::Limits {
        mcpwire_codec::Limits::default()
            .max_message_bytes(self.max_line_bytes)
            .max_depth(self.max_depth)
    }
}
