//! One request on its way through the service: what asks for its reply and hands each message of it
//! on, in order.
//!
//! It does not know whether its messages are still wanted; dropping it is what cancels it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::StreamExt as _;
use mcpwire_codec::{Encoded, line};
use mcpwire_service::{
    BoxError, Reply, ReplyItem, ReplyStream, Request, Response, Service, oneshot,
};
use mcpwire_types::{Error, RequestId};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::in_flight::Key;

/// One message of a reply, ready to be written.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) key: Key,
    pub(crate) kind: Kind,
    pub(crate) line: Encoded,
    /// The place in the write queue, of a message that came by way of the [`Outbox`]; free again when
    /// this is dropped.
    pub(crate) place: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Notification,
    Result,
    Error,
}

/// The way from reply tasks to the owner of the output.
///
/// The channel itself needs no bound: nothing enters it without a place in the write queue.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    queue: UnboundedSender<Outgoing>,
    places: Arc<Semaphore>,
}

impl Outbox {
    pub(crate) fn new(places: usize) -> (Self, UnboundedReceiver<Outgoing>) {
        let (queue, outgoing) = unbounded_channel();
        let places = places.clamp(1, Semaphore::MAX_PERMITS);
        (
            Self {
                queue,
                places: Arc::new(Semaphore::new(places)),
            },
            outgoing,
        )
    }

    /// Waits for a place in the queue, so a reply whose messages are not read is not asked for more.
    async fn send(&self, key: Key, kind: Kind, line: Encoded) {
        if let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            // Without a receiver, serving has ended and nobody reads the reply any more.
            let _ = self.queue.send(Outgoing {
                key,
                kind,
                line,
                place: Some(place),
            });
        }
    }
}

/// What of a reply is not there yet.
pub(crate) enum Rest<S: Service<Request>> {
    Uncalled(Box<(S, Request)>),
    Called(Pin<Box<S::Future>>),
    Stream(ReplyStream),
}

/// Calls the service; gives its response, if that is there without waiting for anything.
pub(crate) fn begin<S>(service: S, request: Request) -> Result<Response, Rest<S>>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    let begun = catch_unwind(AssertUnwindSafe(|| call_now(service, request)));
    begun.unwrap_or_else(|_| Ok(panicked()))
}

fn call_now<S>(mut service: S, request: Request) -> Result<Response, Rest<S>>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    // What is not ready goes to a task, which asks again; that is what will be woken.
    let mut cx = Context::from_waker(Waker::noop());
    match service.poll_ready(&mut cx) {
        Poll::Ready(Ok(())) => {}
        Poll::Ready(Err(error)) => return Ok(failed(error)),
        Poll::Pending => return Err(Rest::Uncalled(Box::new((service, request)))),
    }
    let mut reply = Box::pin(service.call(request));
    match reply.as_mut().poll(&mut cx) {
        Poll::Ready(reply) => response(reply).map_err(Rest::Stream),
        Poll::Pending => Err(Rest::Called(reply)),
    }
}

/// Sends the rest of a reply. Every request that gets here is answered, whatever the service does.
pub(crate) async fn finish<S>(rest: Rest<S>, id: RequestId<'static>, key: Key, outbox: Outbox)
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    let response = unless_panicked(respond(rest, key, &outbox)).await;
    let (kind, line) = last(response, &id);
    outbox.send(key, kind, line).await;
}

/// The last message of a reply.
pub(crate) fn last(response: Response, id: &RequestId<'_>) -> (Kind, Encoded) {
    let kind = if response.as_result().is_some() {
        Kind::Result
    } else {
        Kind::Error
    };
    (kind, encode(response, id))
}

/// The line of a response.
pub(crate) fn encode(response: Response, id: &RequestId<'_>) -> Encoded {
    line::frame(response.encode(id))
}

async fn respond<S>(rest: Rest<S>, key: Key, outbox: &Outbox) -> Response
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    let begun = match rest {
        Rest::Uncalled(call) => response(oneshot(call.0, call.1).await),
        Rest::Called(reply) => response(reply.await),
        Rest::Stream(items) => Err(items),
    };
    let mut items = match begun {
        Ok(response) => return response,
        Err(items) => items,
    };
    while let Some(item) = items.next().await {
        match item {
            ReplyItem::Notification(notification) => {
                let line = line::frame(notification.encode());
                outbox.send(key, Kind::Notification, line).await;
            }
            ReplyItem::Response(response) => return response,
        }
    }
    failure("the reply ended without a response")
}

/// The response, or the stream that ends in it.
fn response(reply: Result<Reply, impl Into<BoxError>>) -> Result<Response, ReplyStream> {
    match reply {
        Ok(Reply::Response(response)) => Ok(response),
        Ok(Reply::Stream(items)) => Err(items),
        Err(error) => Ok(failed(error)),
    }
}

async fn unless_panicked(work: impl Future<Output = Response>) -> Response {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        // Nothing of the work is looked at again after a panic, so it cannot be seen half-done.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| Poll::Ready(panicked()))
    })
    .await
}

/// What a panic says is for the operator, who finds it on `stderr`, and not for the peer.
fn panicked() -> Response {
    failure("the handler panicked")
}

fn failed(error: impl Into<BoxError>) -> Response {
    failure(error.into().to_string())
}

fn failure(message: impl Into<std::borrow::Cow<'static, str>>) -> Response {
    Response::error(&Error::internal(message))
}
