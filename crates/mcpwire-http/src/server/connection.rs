//! One connection: HTTP/1.1 or HTTP/2 on it, its tasks, and when it ends.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use mcpwire_service::{BoxError, Reply, Request, Service};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Endpoint;
use super::stall::Stall;
use crate::{Body, Limits};

/// The address that a connection comes from, in the extensions of its HTTP requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is one address and will not become more"
)]
pub struct RemoteAddr(pub SocketAddr);

/// Counts a request as in progress for as long as it lives.
pub(crate) struct InFlight(Arc<watch::Sender<usize>>);

impl InFlight {
    fn begin(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// What all connections of a server have in common.
pub(crate) struct Site<S> {
    pub(crate) endpoint: Endpoint<S>,
    pub(crate) path: String,
    pub(crate) limits: Limits,
    pub(crate) drain: watch::Receiver<bool>,
}

impl<S> Site<S>
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    /// Serves one connection to its end. Dropping the future ends it, with all its requests: those of
    /// HTTP/2 run in tasks of their own, which see their stream closed.
    pub(crate) async fn attend(self: Arc<Self>, stream: TcpStream, remote: SocketAddr) {
        // Small messages back and forth are what this protocol is made of.
        drop(stream.set_nodelay(true));
        let io = TokioIo::new(Stall::new(stream, self.limits.write_timeout));
        let (count, mut in_flight) = watch::channel(0);
        let count = Arc::new(count);
        let site = Arc::clone(&self);
        let service = service_fn(move |request: http::Request<Incoming>| {
            site.route(request, remote, InFlight::begin(&count))
        });
        let builder = builder(&self.limits);
        let mut connection = pin!(builder.serve_connection(io, service));
        let mut drain = self.drain.clone();
        let mut closing = false;
        loop {
            tokio::select! {
                _ = connection.as_mut() => return,
                _ = drain.wait_for(|begun| *begun), if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = idle(&mut in_flight, self.limits.header_read_timeout) => {
                    // Who was told to go and still sits there is shown out.
                    if closing {
                        return;
                    }
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// There is one path (HTTP-01). Elsewhere the answer is a bare `404`, unlike the `404` of an
    /// unknown method (HTTP-39).
    fn route(
        &self,
        mut request: http::Request<Incoming>,
        remote: SocketAddr,
        in_flight: InFlight,
    ) -> impl Future<Output = Result<Response<Body>, std::convert::Infallible>> + Send + use<S>
    {
        request.extensions_mut().insert(RemoteAddr(remote));
        let answer = if request.uri().path() == self.path {
            Ok(self.endpoint.clone().call(request))
        } else {
            Err(nothing_here(&self.path))
        };
        async move {
            let response = match answer {
                Ok(answer) => answer.await?,
                Err(response) => response,
            };
            Ok(response.map(|body| body.hold(in_flight)))
        }
    }
}

fn nothing_here(path: &str) -> Response<Body> {
    let mut response = Response::new(Body::text(format!("the MCP endpoint is at {path}\n")));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// Ends after no request was in progress for that long.
async fn idle(in_flight: &mut watch::Receiver<usize>, limit: Duration) {
    loop {
        if in_flight.wait_for(|count| *count == 0).await.is_err() {
            return std::future::pending().await;
        }
        tokio::select! {
            () = tokio::time::sleep(limit) => return,
            _ = in_flight.wait_for(|count| *count > 0) => {}
        }
    }
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    /// The least that hyper takes.
    const LEAST_BUFFER: usize = 8192;
    // A header has to fit into the buffer, so the buffer is its limit.
    let buffer = limits
        .max_header_bytes
        .clamp(LEAST_BUFFER, u32::MAX as usize);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_headers(limits.max_headers)
        .max_buf_size(buffer);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_requests_per_connection)
        .max_header_list_size(u32::try_from(buffer).unwrap_or(u32::MAX))
        .max_send_buf_size(buffer)
        .keep_alive_interval(limits.keep_alive_interval)
        .keep_alive_timeout(limits.write_timeout);
    builder
}
