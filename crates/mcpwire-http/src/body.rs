//! The body of an answer: nothing, ready bytes, or an event stream.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use mcpwire_codec::Encoded;

use crate::server::{Events, InFlight};

/// Up to this length a message is copied into one piece: that is cheaper than three frames.
const ONE_PIECE: usize = 4096;

/// The body of every answer of an [`Endpoint`](crate::Endpoint).
///
/// Dropping it cancels what still works on the answer (HTTP-66).
pub struct Body {
    content: Content,
    in_flight: Option<InFlight>,
}

enum Content {
    Ready(Pieces),
    Events(Box<Events>),
    /// Gives its events away as soon as none is ready; `None` after that.
    Leaving {
        events: Option<Box<Events>>,
        /// Whether the connection may be used again.
        reuse: bool,
    },
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self::ready(Pieces::default())
    }

    pub(crate) fn text(text: impl Into<Bytes>) -> Self {
        Self::ready(Pieces::One(text.into()))
    }

    pub(crate) fn message(message: Encoded) -> Self {
        Self::ready(Pieces::of(message))
    }

    pub(crate) fn events(events: Events) -> Self {
        Self {
            content: Content::Events(Box::new(events)),
            in_flight: None,
        }
    }

    fn ready(pieces: Pieces) -> Self {
        Self {
            content: Content::Ready(pieces),
            in_flight: None,
        }
    }

    /// Whether this is the stream of a subscription.
    pub(crate) fn listens(&self) -> bool {
        matches!(&self.content, Content::Events(events) if events.listens())
    }

    /// Has an event stream hand itself over to its connection, which may be used again or not, once all of
    /// it that is ready was taken. Another body stays what it is.
    pub(crate) fn leave(&mut self, reuse: bool) {
        let content = std::mem::replace(&mut self.content, Content::Ready(Pieces::default()));
        self.content = match content {
            Content::Events(events) => Content::Leaving {
                events: Some(events),
                reuse,
            },
            content => content,
        };
    }

    /// Ties the guard's life to the body's.
    pub(crate) fn hold(&mut self, in_flight: InFlight) {
        self.in_flight = Some(in_flight);
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        let piece = match &mut this.content {
            Content::Ready(pieces) => pieces.next(),
            Content::Events(events) => ready!(events.poll_piece(cx)),
            Content::Leaving { events, reuse } => {
                let Some(leaving) = events else {
                    return Poll::Pending;
                };
                match leaving.poll_piece(cx) {
                    Poll::Ready(piece) => piece,
                    Poll::Pending => {
                        if let (Some(events), Some(held)) = (events.take(), &this.in_flight) {
                            held.offer(events, *reuse);
                        }
                        // It may be that nothing is flushed this time, as nothing is to be written.
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Ready(pieces) => pieces.is_empty(),
            Content::Events(events)
            | Content::Leaving {
                events: Some(events),
                ..
            } => events.is_over(),
            Content::Leaving { events: None, .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Ready(pieces) => SizeHint::with_exact(pieces.len()),
            Content::Events(_) | Content::Leaving { .. } => SizeHint::default(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.content {
            Content::Ready(pieces) if pieces.is_empty() => "empty",
            Content::Ready(_) => "ready",
            Content::Events(_) | Content::Leaving { .. } => "events",
        };
        f.debug_struct("Body")
            .field("kind", &kind)
            .field("held", &self.in_flight.is_some())
            .finish()
    }
}

/// Bytes of a message that wait to be sent.
#[derive(Debug)]
pub(crate) enum Pieces {
    /// Most answers are short; empty once it has been taken.
    One(Bytes),
    Several(VecDeque<Bytes>),
}

impl Pieces {
    pub(crate) fn of(message: Encoded) -> Self {
        if message.len() <= ONE_PIECE {
            return Self::One(message.into_bytes());
        }
        let mut rest = message.into_buf();
        let mut pieces = VecDeque::with_capacity(3);
        while rest.has_remaining() {
            let len = rest.chunk().len();
            pieces.push_back(rest.copy_to_bytes(len));
        }
        Self::Several(pieces)
    }

    pub(crate) fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::One(piece) if piece.is_empty() => None,
            Self::One(piece) => Some(std::mem::take(piece)),
            Self::Several(pieces) => pieces.pop_front(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::One(piece) => piece.is_empty(),
            Self::Several(pieces) => pieces.is_empty(),
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::One(piece) => piece.len() as u64,
            Self::Several(pieces) => pieces.iter().map(|piece| piece.len() as u64).sum(),
        }
    }
}

impl Default for Pieces {
    fn default() -> Self {
        Self::One(Bytes::new())
    }
}
