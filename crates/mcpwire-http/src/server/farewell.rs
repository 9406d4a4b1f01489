//! The orderly end of a subscription whose service takes no notice of the drain, as one that forwards
//! to another server does (SUB-19).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use mcpwire_codec::to_json;
use mcpwire_service::{Drain, Reply, ReplyItem, ReplyStream, Response};
use mcpwire_types::{RequestId, meta_key};
use tokio::time::{Sleep, sleep};

use super::stats::{Counters, count};

/// How long a service has to end a subscription by itself once the drain has begun.
const PATIENCE: Duration = Duration::from_millis(500);

/// Ends the answer to a `subscriptions/listen` with its result if the service does not.
pub(super) fn farewell(
    reply: Reply,
    drain: &Drain,
    id: &RequestId<'_>,
    counters: Arc<Counters>,
) -> Reply {
    let items = match reply {
        Reply::Response(_) => return reply,
        Reply::Stream(items) => items,
    };
    let Ok(id) = to_json(id) else {
        return Reply::Stream(items);
    };
    let key = meta_key::SUBSCRIPTION_ID;
    let start = format!(r#"{{"resultType":"complete","_meta":{{"{key}":"#);
    let result = [start.as_bytes(), &id, b"}}"].concat();
    Reply::Stream(ReplyStream::new(Farewell {
        items,
        drain: Stage::Awaited(Box::pin(drain.begun())),
        result: Some(Response::result(result)),
        counters,
    }))
}

struct Farewell {
    items: ReplyStream,
    drain: Stage,
    result: Option<Response>,
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
        Poll::Ready(self.result.take().map(ReplyItem::Response))
    }
}
