//! The orderly end of a subscription whose service takes no notice of the drain, as one that forwards
//! to another server does (SUB-19).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use mcpwire_codec::to_json;
use mcpwire_service::{Drain, Reply, ReplyItem, ReplyStream, Response};
use mcpwire_types::{Error, RequestId, meta_key};
use tokio::time::{Sleep, sleep};

use super::stats::{Counters, count};

/// How long a service has to end a subscription by itself once the drain has begun.
const PATIENCE: Duration = Duration::from_millis(500);

/// Ends the answer to a `subscriptions/listen` with its result if the service does not.
pub(super) fn farewell(
    reply: Reply,
    drain: &Drain,
    id: &RequestId<'static>,
    counters: Arc<Counters>,
) -> Reply {
    let items = match reply {
        Reply::Response(_) => return reply,
        Reply::Stream(items) => items,
    };
    Reply::Stream(ReplyStream::new(Farewell {
        items,
        drain: Stage::Awaited(drain.begun()),
        id: id.clone(),
        counters,
    }))
}

/// SUB-20
fn result(id: &RequestId<'_>) -> Response {
    let id = match to_json(id) {
        Ok(id) => id,
        Err(error) => return Response::error(&Error::internal(error.to_string())),
    };
    let key = meta_key::SUBSCRIPTION_ID;
    let start = format!(r#"{{"resultType":"complete","_meta":{{"{key}":"#);
    Response::result([start.as_bytes(), &id, b"}}"].concat())
}

struct Farewell {
    items: ReplyStream,
    drain: Stage,
    id: RequestId<'static>,
    counters: Arc<Counters>,
}

enum Stage {
    Awaited(Pin<Box<dyn Future<Output = ()> + Send>>),
    Begun(Pin<Box<Sleep>>),
}

impl Farewell {
    /// The patience that is left, once the drain has begun.
    fn patience(&mut self, cx: &mut Context<'_>) -> Poll<Pin<&mut Sleep>> {
        if let Stage::Awaited(begun) = &mut self.drain {
            ready!(begun.as_mut().poll(cx));
            self.drain = Stage::Begun(Box::pin(sleep(PATIENCE)));
        }
        match &mut self.drain {
            Stage::Awaited(_) => Poll::Pending,
            Stage::Begun(patience) => Poll::Ready(patience.as_mut()),
        }
    }
}

impl Stream for Farewell {
    type Item = ReplyItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReplyItem>> {
        if let Poll::Ready(item) = Pin::new(&mut self.items).poll_next(cx) {
            let ends = matches!(item, Some(ReplyItem::Response(_)));
            if ends && self.patience(cx).is_ready() {
                count(&self.counters.streams_drained);
            }
            return Poll::Ready(item);
        }
        ready!(ready!(self.patience(cx)).poll(cx));
        count(&self.counters.streams_drained);
        Poll::Ready(Some(ReplyItem::Response(result(&self.id))))
    }
}
