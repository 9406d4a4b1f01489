//! The client itself: a handle on a pool of connections to one endpoint.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, Uri};
use mcpwire_service::{Reply, Request, Service};

use super::pool::Pool;
use super::stats::Counters;
use super::{BuildError, Builder, Error, Limits, Stats, exchange, outgoing};
use crate::boxed::boxed;

/// An MCP endpoint somewhere else, as a service.
///
/// Cloning is cheap, and clones share their connections. It is always ready: connections are made as
/// calls need them, over HTTP/1.1 as many as there are calls at a time. A limit on those is a matter of
/// middleware, such as tower's `ConcurrencyLimit`.
///
/// Dropping a reply, or the future of it, closes its stream and so cancels the request (HTTP-66). The
/// last clone takes the unused connections along.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What all calls of a client have in common.
pub(super) struct Shared {
    pub(super) pool: Pool,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) limits: Limits,
    pub(super) counters: Counters,
}

impl Client {
    /// A client of the endpoint at this URL, with the defaults of [`Builder`].
    pub fn new(url: &str) -> Result<Self, BuildError> {
        Self::builder(url).build()
    }

    /// A client of the endpoint at this URL, such as `http://127.0.0.1:8080/mcp`, with settings.
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    /// What was left out so far, of all clones together.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read()
    }

    pub(super) fn from_shared(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl Service<Request> for Client {
    type Response = Reply;
    type Error = Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> ResponseFuture {
        let post = match outgoing::request(&self.shared.headers, &request) {
            Ok(post) => post,
            Err(error) => return ResponseFuture(Box::pin(ready(Err(error)))),
        };
        let id = request.id().clone();
        let shared = Arc::clone(&self.shared);
        ResponseFuture(boxed(|| exchange::run(shared, post, id)))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("uri", &self.shared.uri)
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}

/// A call in progress. Dropping it cancels the request.
#[must_use = "a call is made when it is awaited"]
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send>>);

impl Future for ResponseFuture {
    type Output = Result<Reply, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
