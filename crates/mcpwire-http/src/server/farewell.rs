//! The orderly end of a subscription whose service takes no notice of the drain, as one that forwards
//! to another server does (SUB-19).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use mcpwire_codec::to_json;
use mcpwire_service::{Drain, Reply, ReplyItem, ReplyStream, Response};
use mcpwire_types::{RequestId, meta_key};
use tokio::time::sleep;

/// How long a service has to end a subscription by itself once the drain has begun.
const PATIENCE: Duration = Duration::from_millis(500);

/// Ends the answer to a `subscriptions/listen` with its result if the service does not.
pub(super) fn farewell(reply: Reply, drain: &Drain, id: &RequestId<'_>) -> Reply {
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
    let begun = drain.begun();
    Reply::Stream(ReplyStream::new(Farewell {
        items,
        due: Box::pin(async {
            begun.await;
            sleep(PATIENCE).await;
        }),
        result: Some(Response::result(result)),
    }))
}

struct Farewell {
    items: ReplyStream,
    due: Pin<Box<dyn Future<Output = ()> + Send>>,
    result: Option<Response>,
}

impl Stream for Farewell {
    type Item = ReplyItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReplyItem>> {
        if let Poll::Ready(item) = Pin::new(&mut self.items).poll_next(cx) {
            return Poll::Ready(item);
        }
        std::task::ready!(self.due.as_mut().poll(cx));
        Poll::Ready(self.result.take().map(ReplyItem::Response))
    }
}
