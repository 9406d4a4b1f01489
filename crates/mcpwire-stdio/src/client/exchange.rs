//! One call as its caller holds it: what comes for it, and the cancellation if it is dropped.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use mcpwire_service::{BoxError, Reply, ReplyItem, ReplyStream};
use tokio::sync::mpsc::UnboundedSender;

use super::error::{Error, Loss};
use super::handle::{Command, Shared};
use super::mailbox::Receiver;
use super::rewrite::Number;

/// Dropping it before its end cancels the request (STDIO-16, CANCEL-03). It keeps the connection
/// open.
#[derive(Debug)]
pub(super) struct Exchange {
    number: Number,
    receiver: Receiver,
    commands: UnboundedSender<Command>,
    shared: Arc<Shared>,
    over: bool,
}

impl Exchange {
    pub(super) fn new(
        number: Number,
        receiver: Receiver,
        commands: UnboundedSender<Command>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            number,
            receiver,
            commands,
            shared,
            over: false,
        }
    }

    /// The next item. The first one decides what kind of reply it is.
    pub(super) fn poll_item(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<ReplyItem, Error>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let item = ready!(self.receiver.poll_next(cx)).unwrap_or_else(|| {
            // Whatever drove the connection was dropped, and cannot say any more how far it came.
            Err(Error::Lost {
                loss: self.shared.loss().unwrap_or(Loss::Closed),
                unsent: false,
            })
        });
        self.over = !matches!(item, Ok(ReplyItem::Notification(_)));
        Poll::Ready(Some(item))
    }

    /// The reply that starts with this item.
    pub(super) fn reply(self, first: ReplyItem) -> Reply {
        match first {
            ReplyItem::Response(response) => Reply::Response(response),
            first @ ReplyItem::Notification(_) => Reply::Stream(ReplyStream::fallible(Items {
                first: Some(first),
                rest: self,
            })),
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.over {
            // Without a receiver there is no connection, and nothing to cancel.
            let _ = self.commands.send(Command::Cancel(self.number));
        }
    }
}

struct Items {
    first: Option<ReplyItem>,
    rest: Exchange,
}

impl Stream for Items {
    type Item = Result<ReplyItem, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let item = ready!(self.rest.poll_item(cx));
        Poll::Ready(item.map(|item| item.map_err(BoxError::from)))
    }
}
