//! An answer that is an event stream: notifications, then the response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use mcpwire_codec::sse::{Event, EventDecoder, Frame};
use mcpwire_codec::{Kind, Part};
use mcpwire_service::{BoxError, Notification, ReplyItem};
use mcpwire_types::RequestId;
use tokio::task::coop::poll_proceed;

use super::Error;
use super::connection::Body;
use super::handle::Shared;
use super::idle::Idle;
use super::message::{self, Answer};
use super::stats::count;

/// The stream, as it comes in. Dropping it closes it, and so cancels the request (HTTP-66).
pub(super) struct Events {
    body: Body,
    buffer: BytesMut,
    decoder: EventDecoder,
    idle: Idle,
    id: RequestId<'static>,
    shared: Arc<Shared>,
    limits: mcpwire_codec::Limits,
}

impl Events {
    pub(super) fn new(body: Body, id: RequestId<'static>, shared: Arc<Shared>) -> Self {
        let limits = &shared.limits;
        Self {
            body,
            buffer: BytesMut::new(),
            decoder: EventDecoder::new(limits.max_event_bytes),
            idle: Idle::new(limits.idle_timeout),
            id,
            limits: limits.event(),
            shared,
        }
    }

    /// The next item, or why there is none.
    pub(super) fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<ReplyItem, Error>> {
        loop {
            while let Some(frame) = self.decoder.decode(&mut self.buffer) {
                if let Some(item) = self.read(frame).transpose() {
                    return Poll::Ready(item);
                }
            }
            match ready!(self.poll_bytes(cx))? {
                Some(bytes) => self.buffer.extend_from_slice(&bytes),
                // An event that the stream ends in the middle of is none.
                None => return Poll::Ready(Err(Error::Ended)),
            }
        }
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            // A peer that never stops sending what is ignored must not keep the task to itself.
            let turn = ready!(poll_proceed(cx));
            let Poll::Ready(frame) = self.body.poll_frame(cx) else {
                let silence = self.idle.poll_silence(cx);
                return silence.map(|limit| Err(Error::IdleTimeout { limit }));
            };
            turn.made_progress();
            self.idle.life();
            match frame {
                None => return Poll::Ready(Ok(None)),
                Some(Err(error)) => return Poll::Ready(Err(Error::Broken(error.into()))),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Poll::Ready(Ok(Some(bytes)));
                    }
                }
            }
        }
    }

    /// Nothing that comes behind the response matters.
    pub(super) fn finish(self) {
        self.shared.pool.keep(self.body);
    }

    /// What a frame says to the caller, if anything.
    fn read(&self, frame: Frame) -> Result<Option<ReplyItem>, Error> {
        match frame {
            Frame::Event(event) => self.read_event(event),
            Frame::TooLong { limit } => Err(Error::EventTooLong { limit }),
            // Nothing can be opened anew in this revision (HTTP-29).
            Frame::Comment | Frame::Retry(_) => Ok(None),
        }
    }

    fn read_event(&self, event: Event) -> Result<Option<ReplyItem>, Error> {
        let counters = &self.shared.counters;
        if !event.is_message() || event.data.is_empty() {
            count(&counters.unknown_events);
            return Ok(None);
        }
        let answer = match message::decode(event.data, &self.limits) {
            Ok(answer) => answer,
            Err(Error::Malformed { source, .. })
                if message::is_about_another(&source, &self.id) =>
            {
                count(&counters.malformed);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        match answer.message.kind() {
            Kind::Request => {
                count(&counters.requests);
                Ok(None)
            }
            Kind::Notification => Ok(notification(&answer)),
            Kind::Result | Kind::Error => {
                let response = answer.response(&self.id)?;
                Ok(Some(ReplyItem::Response(response)))
            }
        }
    }
}

fn notification(answer: &Answer) -> Option<ReplyItem> {
    let method = answer.message.method()?.into_owned();
    Some(ReplyItem::Notification(
        match answer.message.slice(Part::Params) {
            Some(params) => Notification::new(method, params),
            None => Notification::without_params(method),
        },
    ))
}

/// The rest of a reply whose first item has been seen.
pub(super) struct Rest {
    pub(super) first: Option<ReplyItem>,
    /// Until the response has been seen.
    pub(super) events: Option<Events>,
}

impl Stream for Rest {
    type Item = Result<ReplyItem, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let Some(events) = &mut self.events else {
            return Poll::Ready(None);
        };
        let item = ready!(events.poll_item(cx));
        if matches!(item, Ok(ReplyItem::Response(_)))
            && let Some(events) = self.events.take()
        {
            events.finish();
        }
        Poll::Ready(Some(item.map_err(Into::into)))
    }
}
