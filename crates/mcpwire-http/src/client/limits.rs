//! Every bound of the client side, with its default. What happens at a bound is said at its field.

use std::time::Duration;

use http::HeaderMap;

use crate::bounds::{field_bytes, longest_header};

limits! {
    /// The bounds of a [`Client`](super::Client): all finite unless told otherwise, all settable.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mcpwire_http::client::Limits;
    ///
    /// let limits = Limits::default()
    ///     .max_body_bytes(64 * 1024)
    ///     .response_timeout(Some(Duration::from_secs(5)));
    /// assert_eq!(limits.max_body_bytes, 65_536);
    /// ```
    struct Limits;

    /// The longest JSON answer in bytes, 16 MiB by default. A longer one is
    /// [`Error::BodyTooLong`](super::Error::BodyTooLong). Of a body that is kept for an error, as
    /// much is read, and the rest left unread.
    max_body_bytes: usize = 16 * 1024 * 1024,
    /// The longest event of a stream in bytes, 16 MiB by default. A longer one ends the reply with
    /// [`Error::EventTooLong`](super::Error::EventTooLong).
    max_event_bytes: usize = 16 * 1024 * 1024,
    /// How deep JSON may nest, 128 by default. Deeper is [`Error::Malformed`](super::Error::Malformed).
    max_depth: usize = 128,
    /// The longest head of an answer in bytes, 64 KiB by default and 8 KiB at least. A longer one is
    /// [`Error::HeadTooLarge`](super::Error::HeadTooLarge), or over HTTP/2, where the stream is ended
    /// for it, [`Error::Transport`](super::Error::Transport). As much is buffered for each connection.
    max_header_bytes: usize = 64 * 1024,
    /// The most header fields in an answer, 100 by default. More are
    /// [`Error::HeadTooLarge`](super::Error::HeadTooLarge).
    max_headers: usize = 100,
    /// How long it may take to make a connection, names and TLS included; 10 seconds by default.
    /// Beyond it: [`Error::Connect`](super::Error::Connect).
    connect_timeout: Duration = Duration::from_secs(10),
    /// How long the head of an answer may take, counted from the call and so including the
    /// connection; 10 minutes by default: a server that does not stream answers when the work is done.
    /// Beyond it: [`Error::ResponseTimeout`](super::Error::ResponseTimeout), and the request is
    /// cancelled.
    response_timeout: Option<Duration> = Some(Duration::from_secs(600)),
    /// How long a body that is not a stream may take from head to end, 30 seconds by default. Beyond
    /// it: [`Error::BodyTimeout`](super::Error::BodyTimeout).
    body_read_timeout: Duration = Duration::from_secs(30),
    /// How long a stream may be silent while somebody waits for it, 5 minutes by default. Every byte
    /// counts as life, those of comments too (HTTP-27). Beyond it:
    /// [`Error::IdleTimeout`](super::Error::IdleTimeout), and the request is cancelled.
    idle_timeout: Option<Duration> = Some(Duration::from_secs(300)),
    /// The most connections that are kept though nobody uses them, 256 by default. Further ones are
    /// closed after use: where more calls are made at a time, over HTTP/1.1, they keep on making
    /// connections.
    max_idle_connections: usize = 256,
    /// How long an unused connection is kept, 60 seconds by default.
    pool_idle_timeout: Duration = Duration::from_secs(60),
    /// How much of one answer is taken in over HTTP/2 before somebody reads it, 256 KiB by default.
    /// The server waits at that point.
    http2_stream_window: u32 = 256 * 1024,
    /// How many unread answers on one HTTP/2 connection must not hold up the others, 64 by default:
    /// the window of a connection is that of a stream so many times, 2 GiB at most.
    http2_unread_streams: u32 = 64,
    /// How often an HTTP/2 connection with calls on it is asked whether it still lives, every
    /// 15 seconds by default.
    http2_ping_interval: Duration = Duration::from_secs(15),
    /// How long the answer to that may take, 20 seconds by default. Beyond it the connection is
    /// closed, and the calls on it fail with [`Error::Transport`](super::Error::Transport) or
    /// [`Error::Broken`](super::Error::Broken).
    http2_ping_timeout: Duration = Duration::from_secs(20),
}

impl Limits {
    /// The most that the protocol allows for a window.
    const LARGEST_WINDOW: u32 = (1 << 31) - 1;

    pub(super) fn stream_window(&self) -> u32 {
        self.http2_stream_window.min(Self::LARGEST_WINDOW)
    }

    pub(super) fn connection_window(&self) -> u32 {
        self.http2_stream_window
            .saturating_mul(self.http2_unread_streams)
            .min(Self::LARGEST_WINDOW)
    }

    /// A head has to fit into the buffer, so the buffer is its limit.
    pub(super) fn head_buffer(&self) -> usize {
        longest_header(self.max_header_bytes)
    }

    /// Whether a head that was let through is larger than it may be: the buffers take in whole reads.
    pub(super) fn allow_head(&self, headers: &HeaderMap) -> bool {
        let fields = headers.iter().map(|(name, value)| field_bytes(name, value));
        headers.len() <= self.max_headers && fields.sum::<usize>() <= self.head_buffer()
    }

    pub(super) fn body(&self) -> mcpwire_codec::Limits {
        mcpwire_codec::Limits::default()
            .max_message_bytes(self.max_body_bytes)
            .max_depth(self.max_depth)
    }

    pub(super) fn event(&self) -> mcpwire_codec::Limits {
        self.body().max_message_bytes(self.max_event_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_of_a_connection_is_that_of_its_streams() {
        let limits = Limits::default()
            .http2_stream_window(1000)
            .http2_unread_streams(7);
        assert_eq!(limits.connection_window(), 7000);
        let limits = limits.http2_unread_streams(u32::MAX);
        assert_eq!(limits.connection_window(), 2_147_483_647);
    }
}
