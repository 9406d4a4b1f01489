//! One connection: HTTP/1.1 or HTTP/2 on it, its tasks, and when it ends.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
#[cfg(feature = "http2")]
use hyper::server::conn::http2;
use hyper::service::service_fn;
#[cfg(feature = "http2")]
use hyper_util::rt::{TokioExecutor, TokioTimer};
use mcpwire_service::{BoxError, Reply, Request, Service};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::Endpoint;
use super::chunks::Chunks;
use super::endpoint::Remote;
use super::events::Events;
use super::handover::{Exit, Handover, Leaving};
use super::probe::Probes;
use super::stall::Stall;
use super::stats::{Counters, count};
use super::version::{Ahead, Builders};
use crate::bounds::{longest_header, other_than_hypers};
use crate::persistence::closes;
use crate::{Body, Limits};

/// How far a server is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Phase {
    Serving,
    /// Every answer tells its connection to close; further connections may still come.
    Draining,
    /// The listener is closed.
    Closed,
}

/// What is going on on one connection.
///
/// It wakes nobody: that would be the task of the connection, for each request twice, to no end.
struct Traffic {
    requests: AtomicUsize,
    begin: Instant,
    /// When the last request ended, in milliseconds from `begin`; [`NEVER`](Self::NEVER) before.
    ended: AtomicU64,
    /// Told with each request of HTTP/2.
    http2: Notify,
}

impl Traffic {
    const NEVER: u64 = u64::MAX;

    fn new() -> Self {
        Self {
            requests: AtomicUsize::new(0),
            begin: Instant::now(),
            ended: AtomicU64::new(Self::NEVER),
            http2: Notify::new(),
        }
    }

    /// How long no request has been in progress.
    fn idle(&self) -> Duration {
        if self.requests.load(Ordering::Acquire) > 0 {
            return Duration::ZERO;
        }
        let ended = match self.ended.load(Ordering::Relaxed) {
            Self::NEVER => 0,
            ended => ended,
        };
        self.begin
            .elapsed()
            .saturating_sub(Duration::from_millis(ended))
    }

    /// Whether there is an answer that may still be on its way.
    fn has_answered(&self) -> bool {
        self.ended.load(Ordering::Relaxed) != Self::NEVER
    }
}

/// Counts a request as in progress for as long as it lives.
pub(crate) struct InFlight(Arc<Traffic>);

impl InFlight {
    fn begin(traffic: &Arc<Traffic>, version: Version) -> Self {
        traffic.requests.fetch_add(1, Ordering::Relaxed);
        if version == Version::HTTP_2 {
            traffic.http2.notify_one();
        }
        Self(Arc::clone(traffic))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let traffic = &*self.0;
        let now = traffic.begin.elapsed().as_millis();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        traffic.ended.store(now, Ordering::Relaxed);
        traffic.requests.fetch_sub(1, Ordering::Release);
    }
}

/// What all connections of a server have in common.
pub(crate) struct Site<S> {
    pub(crate) endpoint: Endpoint<S>,
    pub(crate) path: String,
    pub(crate) probes: Probes,
    pub(crate) limits: Limits,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) counters: Arc<Counters>,
}

impl<S> Site<S>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    /// Serves one connection to its end: with hyper, apart from long streams over HTTP/1.1. Dropping the
    /// future ends it, with all its requests: those of HTTP/2 run in tasks of their own, which see their
    /// stream closed.
    ///
    /// Over a shutdown HTTP/2 has a way to say which requests are still served, and hyper says it at
    /// once. HTTP/1.1 has none but `Connection: close` in an answer: a connection on which none is due
    /// is left open for a while, since the next request may be on its way already.
    pub(crate) async fn attend<Io, A>(
        self: Arc<Self>,
        io: Io,
        remote: A,
        slot: OwnedSemaphorePermit,
    ) where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        A: Clone + Send + Sync + 'static,
    {
        let _slot = slot;
        let _counted = self.counters.hold(|counters| &counters.connections);
        let counters = Arc::clone(&self.counters);
        let io = Stall::new(io, self.limits.write_timeout, counters);
        // What passes is beside the task, which would be longer by it until the connection ends.
        let Some((mut ahead, http2)) = Box::pin(self.look(io)).await else {
            return;
        };
        let remote: Remote = Arc::new(remote);
        loop {
            let exchange = Arc::clone(&self).exchange(ahead, http2, Arc::clone(&remote));
            let Some(mut stream) = Box::pin(exchange).await else {
                return;
            };
            if stream.send().await.is_err() {
                return;
            }
            let Some((io, early)) = stream.into_rest() else {
                return;
            };
            ahead = Ahead::new(io, early);
        }
    }

    /// Lets hyper serve the connection: to its end, or until it has only a long stream to send.
    async fn exchange<Io>(
        self: Arc<Self>,
        mut io: Ahead<Io>,
        http2: bool,
        remote: Remote,
    ) -> Option<Box<Chunks<Io, Box<Events>>>>
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut phases = self.phase.clone();
        let handover = Arc::new(Handover::default());
        io.tell(Arc::clone(&handover));
        let traffic = Arc::new(Traffic::new());
        let seen = Arc::clone(&traffic);
        let (site, exits) = (Arc::clone(&self), Arc::clone(&handover));
        let service = service_fn(move |request: http::Request<Incoming>| {
            let in_flight = InFlight::begin(&seen, request.version());
            site.route(request, &remote, in_flight, &exits)
        });
        let mut connection = builders(&self.limits).serve(io, http2, service);
        let mut closing = false;
        loop {
            let phase = *phases.borrow_and_update();
            let (patience, bound) = self.patience(phase);
            // In this order: what has just arrived comes before what has just run out.
            tokio::select! {
                biased;
                left = connection.leave(&handover) => {
                    let Leaving { events, reuse } = self.note(left)?;
                    let (io, early) = connection.into_parts()?;
                    return Some(Box::new(Chunks::new(io, &early, events, reuse && !closing)));
                }
                Ok(()) = phases.changed() => {}
                () = traffic.http2.notified(), if phase > Phase::Serving && !closing => {
                    closing = true;
                    connection.graceful_shutdown();
                }
                () = idle(&traffic, patience) => {
                    // Who was told to go and still sits there is shown out.
                    if closing {
                        return None;
                    }
                    closing = true;
                    count(bound);
                    // Hyper waits for the end of a first head, however long that takes.
                    if !http2 && !traffic.has_answered() {
                        return None;
                    }
                    connection.graceful_shutdown();
                }
            }
        }
    }

    /// Which HTTP the client speaks, once it has begun to; `None` if it does not in time.
    async fn look<Io>(&self, io: Io) -> Option<(Ahead<Io>, bool)>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let mut phases = self.phase.clone();
        let mut looking = pin!(Ahead::look(io));
        loop {
            let (patience, bound) = self.patience(*phases.borrow_and_update());
            tokio::select! {
                biased;
                looked = looking.as_mut() => return looked.ok(),
                Ok(()) = phases.changed() => {}
                () = tokio::time::sleep(patience) => {
                    count(bound);
                    return None;
                }
            }
        }
    }

    /// How long a connection may be idle, and the counter of those that were longer.
    fn patience(&self, phase: Phase) -> (Duration, &AtomicU64) {
        match phase {
            Phase::Closed => (self.limits.idle_drain, &self.counters.over_idle_drain),
            _ => (
                self.limits.header_read_timeout,
                &self.counters.over_header_read_timeout,
            ),
        }
    }

    /// What hyper leaves, if anything. Counts the bounds that it keeps.
    fn note(&self, left: hyper::Result<Option<Leaving>>) -> Option<Leaving> {
        let error = match left {
            Ok(leaving) => return leaving,
            Err(error) => error,
        };
        if error.is_parse_too_large() {
            count(&self.counters.over_max_header);
        }
        None
    }

    /// There is one path (HTTP-01), beside those of the probes. Elsewhere the answer is a bare `404`,
    /// unlike the `404` of an unknown method (HTTP-39).
    fn route(
        self: &Arc<Self>,
        request: http::Request<Incoming>,
        remote: &Remote,
        in_flight: InFlight,
        exits: &Arc<Handover>,
    ) -> impl Future<Output = Result<Response<Body>, std::convert::Infallible>> + Send + use<S>
    {
        let version = request.version();
        let mut reuse = !closes(request.headers());
        let path = request.uri().path();
        let answer = if path == self.path {
            Ok(self.endpoint.call_from(request, Arc::clone(remote)))
        } else {
            let probe = self
                .probes
                .answer(path, request.method(), self.is_draining());
            Err(probe.unwrap_or_else(|| nothing_here(&self.path)))
        };
        let (site, exits) = (Arc::clone(self), Arc::clone(exits));
        async move {
            let mut response = match answer {
                Ok(answer) => answer.await?,
                Err(response) => response,
            };
            if site.is_draining() && version < Version::HTTP_2 {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
                // Else hyper adds `keep-alive` for a client of HTTP/1.0 that asked for it.
                *response.version_mut() = version;
                reuse = false;
            }
            Ok(response.map(|body| {
                let body = body.hold(in_flight);
                // HTTP/1.0 has no chunks, and HTTP/2 has more to say than one stream.
                match version {
                    Version::HTTP_11 => body.leave_by(Exit::new(exits, reuse)),
                    _ => body,
                }
            }))
        }
    }

    fn is_draining(&self) -> bool {
        *self.phase.borrow() > Phase::Serving
    }
}

fn nothing_here(path: &str) -> Response<Body> {
    let mut response = Response::new(Body::text(format!("the MCP endpoint is at {path}\n")));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// Ends after no request was in progress for that long from now on, be it that none came or that its head
/// did not come to an end. It looks when that may be so at the earliest, and not each time that a request
/// comes or goes.
async fn idle(traffic: &Traffic, limit: Duration) {
    let begin = Instant::now();
    let mut left = limit;
    while !left.is_zero() {
        tokio::time::sleep(left).await;
        left = limit.saturating_sub(traffic.idle().min(begin.elapsed()));
    }
}

fn builders(limits: &Limits) -> Builders {
    // A header has to fit into the buffer.
    let header = longest_header(limits.max_header_bytes);
    let buffer = limits.max_buffer_bytes.clamp(header, u32::MAX as usize);
    // Without a clock of hyper's, which would be set anew for each head: see `idle`.
    let mut http1 = http1::Builder::new();
    http1.max_buf_size(buffer);
    if let Some(number) = other_than_hypers(limits.max_headers) {
        http1.max_headers(number);
    }
    Builders {
        http1,
        #[cfg(feature = "http2")]
        http2: http2_builder(limits, header, buffer),
    }
}

#[cfg(feature = "http2")]
fn http2_builder(limits: &Limits, header: usize, buffer: usize) -> http2::Builder<TokioExecutor> {
    let mut http2 = http2::Builder::new(TokioExecutor::new());
    http2
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_requests_per_connection)
        .max_header_list_size(u32::try_from(header).unwrap_or(u32::MAX))
        .max_send_buf_size(buffer)
        .keep_alive_interval(limits.keep_alive_interval)
        .keep_alive_timeout(limits.write_timeout);
    http2
}
