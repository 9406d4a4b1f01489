//! What the requests of one connection have in common.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Response, Version};
use tokio::sync::{Notify, watch};

use super::connection::Phase;
use super::events::Events;
use super::handover::Handover;
use crate::Body;
use crate::persistence::closes;

/// Where a connection comes from: what a [`Listener`](crate::Listener) says, shared by its requests.
pub(super) type Remote = Arc<dyn Any + Send + Sync>;

/// One connection, as its requests know it.
///
/// It wakes nobody: that would be the task of the connection, for each request twice, to no end.
pub(crate) struct Line {
    remote: Remote,
    pub(super) handover: Handover,
    /// Told with each request of HTTP/2.
    pub(super) http2: Notify,
    /// Has seen the server serving, and never looks again.
    phase: watch::Receiver<Phase>,
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Line {
    pub(super) fn new(remote: Remote, phase: watch::Receiver<Phase>) -> Self {
        Self {
            remote,
            phase,
            handover: Handover::default(),
            http2: Notify::new(),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
        }
    }

    /// Whether there is an answer that may still be on its way.
    pub(super) fn has_answered(&self) -> bool {
        self.ended.load(Ordering::Relaxed) > 0
    }

    /// Ends after no request was in progress for `limit` from now on, be it that none came or that its head
    /// did not come to an end.
    ///
    /// No clock is read for a request. It is looked now and then whether there were any, and so it may
    /// take longer by the time between two looks.
    pub(super) async fn idle(&self, limit: Duration) {
        let (mut seen, mut quiet) = (self.begun.load(Ordering::Relaxed), 0);
        while quiet < LOOKS {
            tokio::time::sleep(limit / LOOKS).await;
            let ended = self.ended.load(Ordering::Acquire);
            let begun = self.begun.load(Ordering::Relaxed);
            quiet = if begun == ended && begun == seen {
                quiet + 1
            } else {
                0
            };
            seen = begun;
        }
    }
}

/// How often it is looked within the time that a connection may be idle.
const LOOKS: u32 = 4;

/// A request of a connection, which counts as in progress for as long as this lives.
pub(crate) struct InFlight(Arc<Line>);

impl InFlight {
    #[inline]
    pub(super) fn begin(line: &Arc<Line>, version: Version) -> Self {
        line.begun.fetch_add(1, Ordering::Relaxed);
        if version == Version::HTTP_2 {
            line.http2.notify_one();
        }
        Self(Arc::clone(line))
    }

    pub(super) fn remote(&self) -> &Remote {
        &self.0.remote
    }

    /// Whether the server is on its way out; without a lock, since each request asks.
    pub(super) fn is_draining(&self) -> bool {
        self.0.phase.has_changed().unwrap_or(true)
    }

    /// Gives the events away to the connection; see [`Handover::offer`].
    pub(crate) fn offer(&self, events: Box<Events>, reuse: bool) {
        self.0.handover.offer(events, reuse);
    }

    /// Makes the answer one of this connection, which it may have to close. The request is in progress
    /// until the body of its answer is dropped.
    pub(super) fn settle(self, request: &Parts, response: &mut Response<Body>) {
        let draining = self.is_draining();
        if draining && request.version < Version::HTTP_2 {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
            // Else hyper adds `keep-alive` for a client of HTTP/1.0 that asked for it.
            *response.version_mut() = request.version;
        }
        let body = response.body_mut();
        // HTTP/1.0 has no chunks, and HTTP/2 has more to say than one stream.
        if request.version == Version::HTTP_11 && body.listens() {
            body.leave(!draining && !closes(&request.headers));
        }
        body.hold(self);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::time::timeout;

    use super::*;

    fn line() -> Arc<Line> {
        Arc::new(Line::new(Arc::new(()), watch::channel(Phase::Serving).1))
    }

    /// It may take a quarter more, and never less. (How much later a busy machine looks is not its business.)
    #[tokio::test]
    async fn header_read_timeout_counts_from_the_end_of_the_last_request() {
        let (line, limit) = (line(), Duration::from_millis(200));
        let request = InFlight::begin(&line, Version::HTTP_11);
        let idle = line.idle(limit);
        let last = async {
            tokio::time::sleep(Duration::from_millis(70)).await;
            drop(request);
            tokio::time::sleep(Duration::from_millis(70)).await;
            drop(InFlight::begin(&line, Version::HTTP_11));
            Instant::now()
        };
        let (ended, last) = tokio::join!(async { (idle.await, Instant::now()).1 }, last);
        assert!(ended - last >= limit, "{:?}", ended - last);
    }

    #[tokio::test]
    async fn a_request_in_progress_is_not_idle() {
        let line = line();
        let _request = InFlight::begin(&line, Version::HTTP_11);
        let idle = line.idle(Duration::from_millis(20));
        assert!(timeout(Duration::from_millis(200), idle).await.is_err());
    }
}
