//! Every bound of this crate, with its default. What happens at a bound is said at its field.

use std::time::Duration;

limits! {
    /// The bounds of the transport: all finite unless told otherwise, all settable. How often one was
    /// hit is in the field of [`Stats`](crate::Stats) that is named after it (`over_max_streams`), as
    /// far as this side can see it.
    ///
    /// ```
    /// use mcpwire_http::Limits;
    /// let limits = Limits::default().max_body_bytes(64 * 1024).max_streams(32);
    /// assert_eq!(limits.max_body_bytes, 65_536);
    /// ```
    struct Limits;

    /// The longest request body in bytes, 4 MiB by default. A longer one is answered `413`.
    max_body_bytes: usize = 4 * 1024 * 1024,
    /// How much of the body of a refused request is read and thrown away so that the client gets to
    /// see the answer, 16 MiB by default. Past it the connection is closed under the client's hands.
    max_discarded_bytes: usize = 16 * 1024 * 1024,
    /// How deep JSON may nest, 128 by default. Deeper is answered `400`.
    max_depth: usize = 128,
    /// How long a body may take to arrive, 30 seconds by default. A slower one is answered `408`.
    body_read_timeout: Duration = Duration::from_secs(30),
    /// How long a connection without a request in progress may take to send the whole header of the
    /// next one, 30 seconds by default; so it also ends idle connections, by closing them. After an
    /// answer it may be a quarter more: no clock is read for a request.
    /// Behind a balancer that keeps connections, set it above the balancer's keep-alive timeout, or that
    /// one lower: else both may act on the same connection at the same moment.
    header_read_timeout: Duration = Duration::from_secs(30),
    /// The longest request header in bytes, 64 KiB by default and 8 KiB at least. A longer one is
    /// answered `431`.
    max_header_bytes: usize = 64 * 1024,
    /// How much is read or written at once, in bytes, 128 KiB by default and no less than the longest
    /// header. As much is buffered at most for each connection and direction; what does not fit waits.
    max_buffer_bytes: usize = 128 * 1024,
    /// The most header fields in a request, 100 by default. More are answered `431` (HTTP/1.1 only:
    /// HTTP/2 is bounded by `max_header_bytes`).
    max_headers: usize = 100,
    /// The most connections at a time, 1024 by default. Further ones wait to be accepted.
    max_connections: usize = 1024,
    /// The most requests in progress on one HTTP/2 connection, 128 by default. The protocol makes
    /// further ones wait.
    max_requests_per_connection: u32 = 128,
    /// The most requests that are being read or still wait for the start of their answer, 512 by
    /// default. Further ones are answered `503` with `Retry-After`.
    max_concurrent_requests: usize = 512,
    /// The most event streams that are open at a time, 512 by default. Where a request cannot do
    /// with plain JSON, further ones are answered `503` with `Retry-After`.
    max_streams: usize = 512,
    /// How long an event stream stays silent before a comment is sent on it, and how long an answer
    /// may be awaited before it becomes an event stream; 15 seconds by default (HTTP-27).
    keep_alive_interval: Duration = Duration::from_secs(15),
    /// How long a client may leave what is sent to it unread, 30 seconds by default. The connection
    /// of one that takes longer is closed, and its requests are cancelled.
    write_timeout: Duration = Duration::from_secs(30),
    /// How long a server goes on accepting connections once its shutdown has begun, 0 by default.
    /// Meanwhile the readiness probe answers `503`, every answer tells its connection to close, and
    /// `subscriptions/listen` streams end.
    ///
    /// Set it where the balancer learns from a probe, or from somebody else, that this server goes:
    /// to the time that this takes (in Kubernetes, a few seconds). Where the balancer goes elsewhere
    /// when a connection is refused, as nginx does, 0 is right.
    drain_delay: Duration = Duration::ZERO,
    /// How long a connection without a request is left open once the listener is closed in a
    /// shutdown, 1 second by default; longer than `shutdown_grace` it never is.
    ///
    /// The next request on it is answered, and told to close. Without that time a connection would
    /// be closed at the very moment when a balancer writes a request to it, which it then may not
    /// send again. To close that gap entirely, set the balancer's own keep-alive timeout below this
    /// one (or this one above it): then it is the balancer that closes.
    idle_drain: Duration = Duration::from_secs(1),
    /// How long a graceful shutdown waits for answers in progress, counted from when the listener is
    /// closed, 10 seconds by default. What is left is cut.
    shutdown_grace: Duration = Duration::from_secs(10),
}
