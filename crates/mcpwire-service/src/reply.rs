//! What a service gives back: one response, or notifications that end in one.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use mcpwire_codec::{
    Encoded, Message, Part, WrittenResult, encode_notification, encode_raw_error, encode_result,
};
use mcpwire_types::{Error, RequestId, error_code};

use crate::BoxError;

/// The answer to a request.
///
/// Dropping it cancels what still works on it (CANCEL-07).
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the protocol knows these two shapes of an answer"
)]
pub enum Reply {
    /// The whole answer.
    Response(Response),
    /// Notifications that belong to the request, then the response.
    Stream(ReplyStream),
}

impl Reply {
    /// A reply that is one result; `result` is a JSON object.
    pub fn result(result: impl Into<Bytes>) -> Self {
        Self::Response(Response::result(result))
    }

    /// A reply that is one error.
    pub fn error(error: &Error<'_>) -> Self {
        Self::Response(Response::error(error))
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self::Response(response)
    }
}

/// A response without its ID, as ready JSON: the transport puts the ID of the request around it.
#[derive(Clone, Debug)]
pub struct Response {
    body: Body,
    refused: bool,
    complete: bool,
}

#[derive(Clone, Debug)]
enum Body {
    Result(Bytes),
    Written(WrittenResult),
    Received(Received),
    Error { code: i64, json: Bytes },
}

/// A result in the message that it came in. Whoever asked under the same ID gets that message, byte for
/// byte: a gateway has nothing to copy then.
#[derive(Clone, Debug)]
struct Received {
    message: Bytes,
    id: RequestId<'static>,
    result: Range<usize>,
}

impl Received {
    fn json(&self) -> Bytes {
        self.message.slice(self.result.clone())
    }
}

impl Response {
    /// `result` is the JSON text of the result object (BASE-11).
    pub fn result(result: impl Into<Bytes>) -> Self {
        Self {
            body: Body::Result(result.into()),
            refused: false,
            complete: false,
        }
    }

    /// A result with room for its envelope, which is the faster way for one that is written for this
    /// response alone.
    pub fn written(result: WrittenResult) -> Self {
        Self {
            body: Body::Written(result),
            refused: false,
            complete: false,
        }
    }

    /// The response that a message is, sharing its buffer; `None` for a request or notification. For the
    /// request with the ID of that message a result goes on in it, byte for byte.
    pub fn of_message(message: &Message) -> Option<Self> {
        if let (Some(result), Some(id)) = (message.range(Part::Result), message.id()) {
            let result_type = message.raw(Part::ResultType);
            return Some(Self {
                body: Body::Received(Received {
                    message: message.as_bytes().clone(),
                    id: id.into_owned(),
                    result,
                }),
                refused: false,
                complete: result_type.is_none_or(|json| json == br#""complete""#),
            });
        }
        let json = message.slice(Part::Error)?;
        let error = message.parse::<Error<'_>>(Part::Error);
        let code = error.map_or(error_code::INTERNAL_ERROR, |error| error.code);
        Some(Self::raw_error(code, json))
    }

    /// An error that the work itself came to, such as an unknown tool.
    pub fn error(error: &Error<'_>) -> Self {
        let json = mcpwire_codec::to_json(error).unwrap_or_else(|_| {
            format!(
                r#"{{"code":{},"message":"internal error"}}"#,
                error_code::INTERNAL_ERROR
            )
            .into()
        });
        Self {
            body: Body::Error {
                code: error.code,
                json: json.into(),
            },
            refused: false,
            complete: false,
        }
    }

    /// An error found before any handler ran: the request itself is at fault. HTTP answers it with a
    /// client-error status (CONF-03).
    pub fn refusal(error: &Error<'_>) -> Self {
        Self {
            refused: true,
            ..Self::error(error)
        }
    }

    /// The same response, as one that refuses the request, see [`Response::refusal`]. A result stays
    /// a result.
    pub fn refused(self) -> Self {
        Self {
            refused: matches!(self.body, Body::Error { .. }),
            ..self
        }
    }

    /// An error object that is JSON already, as a gateway forwards it.
    pub fn raw_error(code: i64, json: impl Into<Bytes>) -> Self {
        Self {
            body: Body::Error {
                code,
                json: json.into(),
            },
            refused: false,
            complete: false,
        }
    }

    /// The JSON text of the result, unless this is an error.
    pub fn as_result(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Result(result) => Some(result),
            Body::Written(result) => Some(result.as_json()),
            Body::Received(received) => received.message.get(received.result.clone()),
            Body::Error { .. } => None,
        }
    }

    /// The same, to be shared: nothing is copied.
    pub fn into_result(self) -> Option<Bytes> {
        match self.body {
            Body::Result(result) => Some(result),
            Body::Written(result) => Some(result.into_json()),
            Body::Received(received) => Some(received.json()),
            Body::Error { .. } => None,
        }
    }

    /// The code and the JSON text of the error object, if this is an error.
    pub fn as_error(&self) -> Option<(i64, &Bytes)> {
        match &self.body {
            Body::Result(_) | Body::Written(_) | Body::Received(_) => None,
            Body::Error { code, json } => Some((*code, json)),
        }
    }

    /// Whether this is a result whose type is known to be `complete` (BASE-18), so that nobody has to
    /// look for it: the message has told, see [`Response::of_message`].
    pub fn is_known_complete(&self) -> bool {
        self.complete
    }

    /// Whether the request was refused before a handler saw it, see [`Response::refusal`].
    pub fn is_refusal(&self) -> bool {
        self.refused
    }

    /// The JSON-RPC message that answers the request with this ID (BASE-10, BASE-20).
    pub fn encode(self, id: &RequestId<'_>) -> Encoded {
        match self.body {
            Body::Result(result) => encode_result(id, result),
            Body::Written(result) => result.encode(id),
            Body::Received(received) if received.id == *id => Encoded::whole(received.message),
            Body::Received(received) => encode_result(id, received.json()),
            Body::Error { json, .. } => encode_raw_error(Some(id), json),
        }
    }
}

/// A notification that travels with a reply.
#[derive(Clone, Debug)]
pub struct Notification {
    method: Cow<'static, str>,
    params: Option<Bytes>,
}

impl Notification {
    /// `params` is the JSON text of an object.
    pub fn new(method: impl Into<Cow<'static, str>>, params: impl Into<Bytes>) -> Self {
        Self {
            method: method.into(),
            params: Some(params.into()),
        }
    }

    /// A notification that has no `params`.
    pub fn without_params(method: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method: method.into(),
            params: None,
        }
    }

    /// The method, such as `notifications/progress`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The JSON text of `params`.
    pub fn params(&self) -> Option<&Bytes> {
        self.params.as_ref()
    }

    /// The JSON-RPC message.
    pub fn encode(self) -> Encoded {
        encode_notification(&self.method, self.params)
    }
}

/// One step of a [`ReplyStream`].
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the protocol knows nothing else on this stream"
)]
pub enum ReplyItem {
    /// Comes any number of times, before the response.
    Notification(Notification),
    /// Comes once and ends the stream.
    Response(Response),
}

/// Notifications that end in one [`Response`].
///
/// After the response the stream is over, whatever the inner stream still holds (PROG-10). An inner
/// stream that ends without a response ends this one the same way; transports report that as an
/// internal error (CONF-27). Where there is a reason, such as a connection that broke,
/// [`failure`](Self::failure) tells it.
pub struct ReplyStream {
    items: Items,
    failure: Option<BoxError>,
}

enum Items {
    Sure(Pin<Box<dyn Stream<Item = ReplyItem> + Send>>),
    Fallible(Pin<Box<dyn Stream<Item = Result<ReplyItem, BoxError>> + Send>>),
    Ended,
}

impl ReplyStream {
    /// Takes any stream of items.
    pub fn new(items: impl Stream<Item = ReplyItem> + Send + 'static) -> Self {
        Self {
            items: Items::Sure(Box::pin(items)),
            failure: None,
        }
    }

    /// Takes a stream that may break before its response, as those of clients do. An error ends it.
    pub fn fallible(
        items: impl Stream<Item = Result<ReplyItem, BoxError>> + Send + 'static,
    ) -> Self {
        Self {
            items: Items::Fallible(Box::pin(items)),
            failure: None,
        }
    }

    /// Why the stream ended without a response, once it has: handed out once. `None` where nothing
    /// is known.
    pub fn failure(&mut self) -> Option<BoxError> {
        self.failure.take()
    }
}

impl Stream for ReplyStream {
    type Item = ReplyItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReplyItem>> {
        let item = match &mut self.items {
            Items::Sure(items) => ready!(items.as_mut().poll_next(cx)),
            Items::Fallible(items) => match ready!(items.as_mut().poll_next(cx)).transpose() {
                Ok(item) => item,
                Err(failure) => {
                    self.failure = Some(failure);
                    None
                }
            },
            Items::Ended => return Poll::Ready(None),
        };
        if matches!(item, None | Some(ReplyItem::Response(_))) {
            self.items = Items::Ended;
        }
        Poll::Ready(item)
    }
}

impl fmt::Debug for ReplyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyStream")
            .field("ended", &matches!(self.items, Items::Ended))
            .field("failure", &self.failure)
            .finish()
    }
}
