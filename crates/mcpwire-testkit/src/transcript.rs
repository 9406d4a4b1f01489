//! Everything that comes out of a service for one request.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream as _;
use mcpwire_codec::{Message, Part, encode_notification};
use mcpwire_service::{
    BoxError, Context, Notification, Reply, ReplyItem, ReplyStream, Request, Response, Service,
};
use serde_json::{Value, json};

/// One thing that came out of a service in answer to a request.
///
/// Equal means: byte for byte. [`Mask`](crate::Mask) says where less is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// A notification: the whole message.
    Notification(Bytes),
    /// The result that ends the answer: the JSON text of the object.
    Result(Bytes),
    /// The error that ends the answer.
    Error {
        /// The JSON text of the error object.
        json: Bytes,
        /// Whether it was found before any handler ran, which HTTP answers with another status.
        refused: bool,
    },
    /// The reply ended without a response, for this reason if there is one.
    Broken(String),
    /// The service itself failed.
    Failed(String),
    /// Nothing came for as long as anybody waited.
    Silent,
    /// More notifications came than anybody wanted to hear.
    Endless,
}

impl Item {
    pub(crate) fn response(response: &Response) -> Self {
        match (response.as_result(), response.as_error()) {
            (Some(result), _) => Self::Result(Bytes::copy_from_slice(result)),
            (None, Some((_, json))) => Self::Error {
                json: json.clone(),
                refused: response.is_refusal(),
            },
            // A response is one of both.
            (None, None) => Self::Broken(String::new()),
        }
    }

    pub(crate) fn of(item: ReplyItem) -> Self {
        match item {
            ReplyItem::Response(response) => Self::response(&response),
            ReplyItem::Notification(notification) => {
                let params = notification.params().cloned();
                Self::Notification(encode_notification(notification.method(), params).to_bytes())
            }
        }
    }

    /// What a service gives for it. What went wrong instead of an answer is an error.
    pub(crate) fn into_reply_item(self) -> Result<ReplyItem, BoxError> {
        match self {
            Self::Notification(message) => {
                let message = Message::decode(message)?;
                let method = message.method().unwrap_or_default().into_owned();
                Ok(ReplyItem::Notification(match message.slice(Part::Params) {
                    Some(params) => Notification::new(method, params),
                    None => Notification::without_params(method),
                }))
            }
            Self::Result(json) => Ok(ReplyItem::Response(Response::result(json))),
            Self::Error { json, refused } => {
                let error: Value = serde_json::from_slice(&json)?;
                let code = error
                    .get("code")
                    .and_then(Value::as_i64)
                    .unwrap_or_default();
                let response = Response::raw_error(code, json);
                Ok(ReplyItem::Response(if refused {
                    response.refused()
                } else {
                    response
                }))
            }
            Self::Broken(reason) | Self::Failed(reason) => Err(reason.into()),
            Self::Silent | Self::Endless => Err("there was no end to this answer".into()),
        }
    }

    /// Whether nothing comes after it.
    pub fn is_last(&self) -> bool {
        !matches!(self, Self::Notification(_))
    }

    /// As JSON: `{"notification": ..}`, `{"result": ..}`, `{"error": ..}`, or what went wrong instead
    /// as `{"broken": ..}`, `{"failed": ..}`, `{"silent": true}`, `{"endless": true}`.
    pub fn to_json(&self) -> Value {
        // A payload that is no JSON is shown as the text that it is.
        let read = |json: &Bytes| -> Value {
            serde_json::from_slice(json)
                .unwrap_or_else(|_| String::from_utf8_lossy(json).into_owned().into())
        };
        match self {
            Self::Notification(json) => json!({"notification": read(json)}),
            Self::Result(json) => json!({"result": read(json)}),
            Self::Error {
                json,
                refused: false,
            } => json!({"error": read(json)}),
            Self::Error { json, .. } => json!({"error": read(json), "refused": true}),
            Self::Broken(reason) => json!({"broken": reason}),
            Self::Failed(reason) => json!({"failed": reason}),
            Self::Silent => json!({"silent": true}),
            Self::Endless => json!({"endless": true}),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(f)
    }
}

/// A reply that is read item by item.
#[derive(Debug)]
pub(crate) enum Answer {
    Last(Item),
    Stream(ReplyStream),
    Over,
}

impl Answer {
    /// Waits for the service and calls it.
    pub(crate) async fn to<S>(service: &mut S, request: Request) -> Self
    where
        S: Service<Request, Response = Reply>,
        S::Error: Into<BoxError>,
    {
        let failed = |error: S::Error| Self::Last(Item::Failed(error.into().to_string()));
        if let Err(error) = poll_fn(|cx| service.poll_ready(cx)).await {
            return failed(error);
        }
        match service.call(request).await {
            Ok(Reply::Response(response)) => Self::Last(Item::response(&response)),
            Ok(Reply::Stream(stream)) => Self::Stream(stream),
            Err(error) => failed(error),
        }
    }

    /// The next item; `None` after the last one.
    pub(crate) async fn next(&mut self) -> Option<Item> {
        let item = match self {
            Self::Last(item) => item.clone(),
            Self::Stream(stream) => {
                let next = poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await;
                match next {
                    Some(item) => Item::of(item),
                    None => Item::Broken(
                        stream
                            .failure()
                            .map(|why| why.to_string())
                            .unwrap_or_default(),
                    ),
                }
            }
            Self::Over => return None,
        };
        if item.is_last() {
            *self = Self::Over;
        }
        Some(item)
    }
}

/// A request from its JSON text; the error says why it is none.
pub(crate) fn request(line: impl Into<Bytes>, context: Context) -> Result<Request, String> {
    let message = Message::decode(line).map_err(|error| error.to_string())?;
    Request::with_context(message, context).map_err(|_| "it is no request".to_owned())
}
