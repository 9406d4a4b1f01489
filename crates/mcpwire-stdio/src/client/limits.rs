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
    /// The longest line that is read, in bytes and without its newline: 16 MiB by default. A longer
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
    /// How much of what a child process writes to `stderr` is kept, in bytes: the last 16 KiB by
    /// default. Up to twice as much is held.
    pub stderr_tail: usize,
    /// How long a child process may take to exit after its `stdin` was closed: 2 seconds by default.
    /// Then its group gets `SIGTERM` (STDIO-17).
    pub exit_grace: Duration,
    /// How long a child process may take to exit after `SIGTERM`: 2 seconds by default. Then its group
    /// gets `SIGKILL` (STDIO-18).
    pub term_grace: Duration,
    /// How often a child process is started again within `restart_window`: 5 times by default. Beyond
    /// that, calls fail with [`Error::GivenUp`](super::Error::GivenUp) (STDIO-27).
    pub restarts: usize,
    /// The time for which a start is remembered: 1 minute by default.
    pub restart_window: Duration,
    /// The pause before the first restart: 100 milliseconds by default. It doubles with each restart
    /// within `restart_window`, and up to half of it is taken off at random.
    pub backoff: Duration,
    /// The longest pause before a restart: 10 seconds by default.
    pub max_backoff: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_line_bytes: 16 * 1024 * 1024,
            max_depth: 128,
            max_in_flight: 256,
            reply_queue: 64,
            reply_stall: Duration::from_secs(5),
            write_stall: Duration::from_secs(5 * 60),
            listen_end_wait: Duration::from_secs(2),
            close_grace: Duration::from_secs(1),
            max_kept_bytes: 4 * 1024,
            stderr_tail: 16 * 1024,
            exit_grace: Duration::from_secs(2),
            term_grace: Duration::from_secs(2),
            restarts: 5,
            restart_window: Duration::from_secs(60),
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(10),
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

    /// Sets [`Limits::stderr_tail`].
    pub fn stderr_tail(mut self, bytes: usize) -> Self {
        self.stderr_tail = bytes;
        self
    }

    /// Sets [`Limits::exit_grace`].
    pub fn exit_grace(mut self, grace: Duration) -> Self {
        self.exit_grace = grace;
        self
    }

    /// Sets [`Limits::term_grace`].
    pub fn term_grace(mut self, grace: Duration) -> Self {
        self.term_grace = grace;
        self
    }

    /// Sets [`Limits::restarts`].
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts;
        self
    }

    /// Sets [`Limits::restart_window`].
    pub fn restart_window(mut self, window: Duration) -> Self {
        self.restart_window = window;
        self
    }

    /// Sets [`Limits::backoff`].
    pub fn backoff(mut self, pause: Duration) -> Self {
        self.backoff = pause;
        self
    }

    /// Sets [`Limits::max_backoff`].
    pub fn max_backoff(mut self, pause: Duration) -> Self {
        self.max_backoff = pause;
        self
    }

    /// The part of the limits that the codec applies.
    pub(crate) fn codec(&self) -> mcpwire_codec::Limits {
        mcpwire_codec::Limits::default()
            .max_message_bytes(self.max_line_bytes)
            .max_depth(self.max_depth)
    }
}
