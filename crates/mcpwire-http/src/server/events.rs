//! An answer as an event stream (HTTP-22 to HTTP-29).
//!
//! Nothing runs ahead of the reader: the next item is asked for when the last one was taken.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use mcpwire_codec::{Encoded, sse};
use mcpwire_service::{ReplyItem, Response};
use mcpwire_types::RequestId;
use tokio::time::{Instant, Sleep, sleep};

use super::stats::{Held, count};
use super::work::{Failed, Work};
use crate::body::Pieces;

/// The events of one answer, keep-alive comments included.
pub(crate) struct Events {
    id: RequestId<'static>,
    work: Work,
    pieces: Pieces,
    interval: Duration,
    /// Runs while there is nothing to say.
    silence: Option<Pin<Box<Sleep>>>,
    /// Whether something was said since the silence was last waited for.
    spoke: bool,
    slot: Held,
    listens: bool,
}

impl Events {
    /// The stream begins with `first`, where that is known already. While it is not, the service may
    /// still come to an error whose status can no longer be sent (CONF-04). `listens` tells that it
    /// answers `subscriptions/listen`.
    pub(crate) fn new(
        id: RequestId<'static>,
        first: Option<ReplyItem>,
        work: Work,
        interval: Duration,
        slot: Held,
        listens: bool,
    ) -> Self {
        let pieces = Pieces::default();
        let mut events = Self {
            id,
            work,
            pieces,
            interval,
            silence: None,
            spoke: true,
            slot,
            listens,
        };
        if let Some(first) = first {
            events.pieces = events.event(Ok(first));
        }
        events
    }

    /// Whether it is going to be open for long, and silent for most of the time.
    pub(crate) fn listens(&self) -> bool {
        self.listens
    }

    /// Whether nothing will come any more.
    pub(crate) fn is_over(&self) -> bool {
        self.work.is_over() && self.pieces.is_empty()
    }

    pub(crate) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(piece) = self.pieces.next() {
                if self.pieces.is_empty() {
                    // Its memory is not needed until there is something to say again.
                    self.pieces = Pieces::default();
                }
                return Poll::Ready(Some(piece));
            }
            if self.work.is_over() {
                return Poll::Ready(None);
            }
            match self.work.poll_item(cx) {
                Poll::Ready(item) => {
                    self.pieces = self.event(item);
                    self.spoke = true;
                }
                Poll::Pending => {
                    ready!(self.poll_silence(cx));
                    self.spoke = true;
                    count(&self.slot.counters().keep_alives);
                    return Poll::Ready(Some(Bytes::from_static(sse::KEEP_ALIVE)));
                }
            }
        }
    }

    /// Ends when there was nothing to say for as long as may be.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let interval = self.interval;
        let silence = self
            .silence
            .get_or_insert_with(|| Box::pin(sleep(interval)));
        if std::mem::take(&mut self.spoke) {
            silence.as_mut().reset(Instant::now() + interval);
        }
        silence.as_mut().poll(cx)
    }

    fn event(&self, item: Result<ReplyItem, Failed>) -> Pieces {
        let message: Encoded = match item {
            Ok(ReplyItem::Notification(notification)) => notification.encode(),
            Ok(ReplyItem::Response(response)) => response.encode(&self.id),
            Err(failed) => Response::from(failed).encode(&self.id),
        };
        Pieces::of(sse::event(message))
    }
}
