//! One request on its way through the service: what asks for its reply and hands each message of it
//! on, in order.
//!
//! It does not know whether its messages are still wanted; dropping it is what cancels it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use futures_util::StreamExt as _;
use mcpwire_codec::{Encoded, line};
use mcpwire_service::{BoxError, Reply, ReplyItem, Request, Response, Service, oneshot};
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
    /// The place in the write queue; free again when this is dropped.
    pub(crate) place: OwnedSemaphorePermit,
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

    /// A place in the queue, if one is free.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Whether [`place`](Self::place) would give one.
    pub(crate) fn has_place(&self) -> bool {
        self.places.available_permits() > 0
    }

    /// Waits for a place in the queue, so a reply whose messages are not read is not asked for more.
    async fn send(&self, key: Key, kind: Kind, line: Encoded) {
        if let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            // Without a receiver, serving has ended and nobody reads the reply any more.
            let _ = self.queue.send(Outgoing {
                key,
                kind,
                line,
                place,
            });
        }
    }
}

/// The last message of a reply.
pub(crate) struct Answer {
    pub(crate) kind: Kind,
    pub(crate) line: Encoded,
}

/// Calls the service, sends what it notifies of, and gives its response. Every request that gets here
/// is answered, whatever the service does.
pub(crate) async fn answer<S>(service: S, request: Request, key: Key, outbox: Outbox) -> Answer
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    let id = request.id().clone();
    let response = unless_panicked(call(service, request, key, &outbox)).await;
    let kind = if response.as_result().is_some() {
        Kind::Result
    } else {
        Kind::Error
    };
    let line = encode(response, &id);
    Answer { kind, line }
}

/// The task of a reply that is not there at once.
pub(crate) async fn finish(reply: impl Future<Output = Answer>, key: Key, outbox: Outbox) {
    let Answer { kind, line } = reply.await;
    outbox.send(key, kind, line).await;
}

/// The line of a response.
pub(crate) fn encode(response: Response, id: &RequestId<'_>) -> Encoded {
    line::frame(response.encode(id))
}

async fn call<S>(service: S, request: Request, key: Key, outbox: &Outbox) -> Response
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    let mut items = match oneshot(service, request).await {
        Ok(Reply::Response(response)) => return response,
        Ok(Reply::Stream(items)) => items,
        Err(error) => return failure(error.into().to_string()),
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

/// What a panic says is for the operator, who finds it on `stderr`, and not for the peer.
async fn unless_panicked(work: impl Future<Output = Response>) -> Response {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        // Nothing of the work is looked at again after a panic, so it cannot be seen half-done.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| Poll::Ready(failure("the handler panicked")))
    })
    .await
}

fn failure(message: impl Into<std::borrow::Cow<'static, str>>) -> Response {
    Response::error(&Error::internal(message))
}
