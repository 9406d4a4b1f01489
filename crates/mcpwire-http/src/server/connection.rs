//! One connection: HTTP/1.1 or HTTP/2 on it, its tasks, and when it ends.

use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::Poll;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
#[cfg(feature = "http2")]
use hyper::server::conn::http2;
#[cfg(feature = "http2")]
use hyper_util::rt::{TokioExecutor, TokioTimer};
use mcpwire_service::{BoxError, Reply, Request, Service};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::Endpoint;
use super::aside::Aside;
use super::chunks::Chunks;
use super::endpoint::Exchange;
use super::events::Events;
use super::handover::Leaving;
use super::line::{InFlight, Line, Remote};
use super::probe::Probes;
use super::stall::Stall;
use super::stats::{Counters, count};
use super::version::{Ahead, Builders};
use super::writes::Writes;
use crate::bounds::{longest_header, other_than_hypers};
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
        let io = Writes::new(Stall::new(io, self.limits.write_timeout, counters));
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
        let line = Arc::new(Line::new(remote, self.phase.clone()));
        io.tell(Arc::clone(&line));
        let service = Attendant {
            site: Arc::clone(&self),
            line: Arc::clone(&line),
        };
        let mut connection = builders(&self.limits).serve(io, http2, service);
        let mut closing = false;
        loop {
            let over = pin!(self.over(&line, &mut phases, closing));
            let mut over = Aside::new(over);
            // In this order: what has just arrived comes before what has just run out.
            let left = poll_fn(|cx| match connection.poll_leave(cx, &line.handover) {
                Poll::Pending => over.poll(cx).map(|()| None),
                left @ Poll::Ready(_) => left.map(Some),
            });
            if let Some(left) = left.await {
                let Leaving { events, reuse } = self.note(left)?;
                let (io, early) = connection.into_parts()?;
                return Some(Box::new(Chunks::new(io, &early, events, reuse && !closing)));
            }
            // Who was told to go and still sits there is shown out. Hyper waits for the end of a first
            // head, however long that takes.
            if closing || (!http2 && !line.has_answered()) {
                return None;
            }
            closing = true;
            connection.graceful_shutdown();
        }
    }

    /// Ends when the connection should: it was idle for too long, or has a last request of HTTP/2.
    async fn over(&self, line: &Line, phases: &mut watch::Receiver<Phase>, closing: bool) {
        loop {
            let phase = *phases.borrow_and_update();
            let (patience, bound) = self.patience(phase);
            tokio::select! {
                biased;
                Ok(()) = phases.changed() => {}
                () = line.http2.notified(), if phase > Phase::Serving && !closing => return,
                () = line.idle(patience) => {
                    if !closing {
                        count(bound);
                    }
                    return;
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
    #[inline]
    fn route(&self, request: http::Request<Incoming>, line: InFlight) -> Exchange {
        let path = request.uri().path();
        if path == self.path {
            return self.endpoint.exchange(request, Some(line));
        }
        let probe = (self.probes).answer(path, request.method(), line.is_draining());
        let mut answer = probe.unwrap_or_else(|| nothing_here(&self.path));
        line.settle(&request.into_parts().0, &mut answer);
        Box::pin(ready(Ok(answer)))
    }
}

/// Serves the requests of one connection.
struct Attendant<S> {
    site: Arc<Site<S>>,
    line: Arc<Line>,
}

impl<S> hyper::service::Service<http::Request<Incoming>> for Attendant<S>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Exchange;

    fn call(&self, request: http::Request<Incoming>) -> Exchange {
        let in_flight = InFlight::begin(&self.line, request.version());
        self.site.route(request, in_flight)
    }
}

fn nothing_here(path: &str) -> Response<Body> {
    let mut response = Response::new(Body::text(format!("the MCP endpoint is at {path}\n")));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
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
