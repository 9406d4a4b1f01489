//! What a server holds open, and how often each of its bounds was hit, in numbers.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The state of a server or an endpoint: what is open now, and what has happened since it was made.
///
/// Each bound in [`Limits`](crate::Limits) that this side can see being hit has a number here. Of
/// `max_requests_per_connection` it sees nothing: HTTP/2 makes the client wait. The numbers about
/// connections stay 0 for an endpoint inside another server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Connections that are open now.
    pub connections: u64,
    /// Requests that are being read now, or wait for the start of their answer: what
    /// `max_concurrent_requests` bounds.
    pub requests: u64,
    /// Event streams that are open now: what `max_streams` bounds.
    pub streams: u64,
    /// Connections that were accepted.
    pub connections_accepted: u64,
    /// Event streams that were opened.
    pub streams_opened: u64,
    /// `subscriptions/listen` streams that ended with their result over a drain.
    pub streams_drained: u64,
    /// Comments that were sent on silent streams, after `keep_alive_interval`.
    pub keep_alives: u64,
    /// How often there were as many connections as there may be, so that further ones had to wait.
    pub over_max_connections: u64,
    /// Requests refused with `503`.
    pub over_max_concurrent_requests: u64,
    /// Answers that could not be event streams: they came as plain JSON, or as `503`.
    pub over_max_streams: u64,
    /// Bodies that were too long.
    pub over_max_body_bytes: u64,
    /// Refused requests whose bodies went on for too long to be read to their end.
    pub over_max_discarded_bytes: u64,
    /// Messages whose JSON nests too deep.
    pub over_max_depth: u64,
    /// Bodies that took too long to arrive.
    pub over_body_read_timeout: u64,
    /// Connections closed since no request came on them in time; idle ones, for the most part.
    pub over_header_read_timeout: u64,
    /// Request heads beyond `max_header_bytes` or `max_headers` (HTTP/1.1 alone).
    pub over_max_header: u64,
    /// Connections closed since what was sent on them was not read.
    pub over_write_timeout: u64,
    /// Connections closed over a shutdown since no further request came on them.
    pub over_idle_drain: u64,
    /// Connections cut at the end of a shutdown, with what was in progress on them.
    pub over_shutdown_grace: u64,
}

/// Reads the [`Stats`] of a server, for as long as you like. Clones read the same.
#[derive(Clone, Debug)]
pub struct Meter(pub(super) Arc<Counters>);

impl Meter {
    /// The numbers as they are now. Each is exact; together they are no snapshot of one moment.
    pub fn stats(&self) -> Stats {
        self.0.read()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(super) connections: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) streams: AtomicU64,
    pub(super) connections_accepted: AtomicU64,
    pub(super) streams_opened: AtomicU64,
    pub(super) streams_drained: AtomicU64,
    pub(super) keep_alives: AtomicU64,
    pub(super) over_max_connections: AtomicU64,
    pub(super) over_max_concurrent_requests: AtomicU64,
    pub(super) over_max_streams: AtomicU64,
    pub(super) over_max_body_bytes: AtomicU64,
    pub(super) over_max_discarded_bytes: AtomicU64,
    pub(super) over_max_depth: AtomicU64,
    pub(super) over_body_read_timeout: AtomicU64,
    pub(super) over_header_read_timeout: AtomicU64,
    pub(super) over_max_header: AtomicU64,
    pub(super) over_write_timeout: AtomicU64,
    pub(super) over_idle_drain: AtomicU64,
    pub(super) over_shutdown_grace: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            connections: read(&self.connections),
            requests: read(&self.requests),
            streams: read(&self.streams),
            connections_accepted: read(&self.connections_accepted),
            streams_opened: read(&self.streams_opened),
            streams_drained: read(&self.streams_drained),
            keep_alives: read(&self.keep_alives),
            over_max_connections: read(&self.over_max_connections),
            over_max_concurrent_requests: read(&self.over_max_concurrent_requests),
            over_max_streams: read(&self.over_max_streams),
            over_max_body_bytes: read(&self.over_max_body_bytes),
            over_max_discarded_bytes: read(&self.over_max_discarded_bytes),
            over_max_depth: read(&self.over_max_depth),
            over_body_read_timeout: read(&self.over_body_read_timeout),
            over_header_read_timeout: read(&self.over_header_read_timeout),
            over_max_header: read(&self.over_max_header),
            over_write_timeout: read(&self.over_write_timeout),
            over_idle_drain: read(&self.over_idle_drain),
            over_shutdown_grace: read(&self.over_shutdown_grace),
        }
    }

    /// One more of what is open, until the guard is dropped.
    pub(super) fn hold(self: &Arc<Self>, gauge: Gauge) -> Held {
        count(gauge(self));
        Held {
            counters: Arc::clone(self),
            gauge,
        }
    }

    /// The same, unless there are `limit` already.
    pub(super) fn hold_within<C>(counters: C, limit: usize, gauge: Gauge) -> Option<Held<C>>
    where
        C: Deref<Target = Self>,
    {
        let one_more = |now| (now < limit as u64).then_some(now + 1);
        gauge(&counters)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .ok()?;
        Some(Held { counters, gauge })
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// One of the numbers.
type Gauge = fn(&Counters) -> &AtomicU64;

/// Something that is open for as long as this lives.
#[derive(Debug)]
pub(crate) struct Held<C = Arc<Counters>>
where
    C: Deref<Target = Counters>,
{
    counters: C,
    gauge: Gauge,
}

impl Held {
    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl<C: Deref<Target = Counters>> Drop for Held<C> {
    fn drop(&mut self) {
        (self.gauge)(&self.counters).fetch_sub(1, Ordering::Relaxed);
    }
}
