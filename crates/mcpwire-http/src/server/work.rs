//! One call of the service and what comes of it, item by item: polled where nothing that the service
//! does can take the connection down.
//!
//! ```text
//!               a stream          response, end, or panic
//!   Calling ────────────────▶ Replying ───────────────────▶ Over
//!      └──────── one response, or no reply at all ───────────▲
//! ```

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use mcpwire_service::{BoxError, Reply, ReplyItem, ReplyStream, Request, Response, Service};
use mcpwire_types::{Error, method};

use super::farewell::farewell;
use super::stats::Counters;
use crate::boxed::boxed;

/// The service gave no response: it panicked, a layer around it failed (a timeout, for example), or
/// its stream ended too early (CONF-27).
///
/// What exactly happened stays here: it is nothing that a stranger should read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

/// What the client gets in place of the response.
impl From<Failed> for Response {
    fn from(_: Failed) -> Self {
        Self::error(&Error::internal("the server failed to answer this request"))
    }
}

type Call = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send>>;

/// A call in progress. Dropping it cancels the call.
pub(crate) enum Work {
    Calling(Call),
    Replying(ReplyStream),
    Over,
}

impl Work {
    pub(crate) fn start<S>(service: S, request: Request, counters: &Arc<Counters>) -> Self
    where
        S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send> + Send + 'static,
    {
        if request.method() != method::SUBSCRIPTIONS_LISTEN {
            return Self::Calling(boxed(|| call(service, request)));
        }
        let (drain, id) = (request.context().drain.clone(), request.id().clone());
        let counters = Arc::clone(counters);
        Self::Calling(Box::pin(async move {
            let reply = call(service, request).await?;
            Ok(farewell(reply, &drain, &id, counters))
        }))
    }

    /// Whether the response, or the failure in its place, has come.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// The next notification or the response. May be dropped and asked for again.
    pub(crate) async fn item(&mut self) -> Result<ReplyItem, Failed> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// The response, without the notifications before it.
    pub(crate) async fn response(&mut self) -> Result<Response, Failed> {
        loop {
            if let ReplyItem::Response(response) = self.item().await? {
                return Ok(response);
            }
        }
    }

    pub(crate) fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<ReplyItem, Failed>> {
        let item = ready!(self.poll_next(cx));
        if !matches!(item, Ok(ReplyItem::Notification(_))) {
            *self = Self::Over;
        }
        Poll::Ready(item)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<ReplyItem, Failed>> {
        loop {
            match self {
                Self::Calling(call) => match ready!(catch(|| call.as_mut().poll(cx))?) {
                    Ok(Reply::Response(response)) => {
                        return Poll::Ready(Ok(ReplyItem::Response(response)));
                    }
                    Ok(Reply::Stream(items)) => *self = Self::Replying(items),
                    Err(_) => return Poll::Ready(Err(Failed)),
                },
                Self::Replying(items) => {
                    let item = ready!(catch(|| Pin::new(items).poll_next(cx))?);
                    return Poll::Ready(item.ok_or(Failed));
                }
                Self::Over => return Poll::Ready(Err(Failed)),
            }
        }
    }
}

/// Waits until the service is ready and calls it. The request is long, and here once.
#[expect(
    clippy::manual_async_fn,
    reason = "an async fn keeps room for each argument twice"
)]
fn call<S>(mut service: S, request: Request) -> impl Future<Output = Result<Reply, BoxError>> + Send
where
    S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send> + Send,
{
    async move {
        let ready = poll_fn(|cx| service.poll_ready(cx)).await;
        ready.map_err(Into::into)?;
        service.call(request).await.map_err(Into::into)
    }
}

/// Runs code of the service; a panic in it is a failure of this one request.
fn catch<T>(run: impl FnOnce() -> T) -> Result<T, Failed> {
    // What the closure leaves behind half-done belongs to the request and is dropped with it.
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| Failed)
}
