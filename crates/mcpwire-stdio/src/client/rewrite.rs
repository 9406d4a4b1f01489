//! Names between the caller and the connection: IDs and progress tokens.
//!
//! Callers choose theirs without knowing of each other, so on the connection each request has a
//! number of its own instead, as its ID and as its progress token (BASE-07, PROG-03). Everything else
//! stays byte for byte as it was given.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use mcpwire_codec::{DecodeError, Encoded, Limits, Message, Part, line};
use mcpwire_service::{Notification, Request, Response};
use mcpwire_types::{RequestId, method};

/// What the number of a request is from 1 on.
pub(super) type Number = i64;

/// What has to be known of a request to hand its messages back.
#[derive(Debug)]
pub(super) struct Names {
    /// The caller's progress token, as JSON.
    token: Option<Bytes>,
    /// The caller's ID as JSON, if the request is `subscriptions/listen`.
    subscription: Option<Bytes>,
    /// It asks for log messages.
    pub(super) logs: bool,
}

impl Names {
    pub(super) fn is_listen(&self) -> bool {
        self.subscription.is_some()
    }

    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The notification as the caller knows it. `token` is where its progress token stands in
    /// `params`.
    pub(super) fn notification(
        &self,
        message: &Message,
        token: Option<Range<usize>>,
    ) -> Notification {
        let method = message.method().unwrap_or_default().into_owned();
        let Some(params) = message.slice(Part::Params) else {
            return Notification::without_params(method);
        };
        let params = match (token, &self.token) {
            (Some(place), Some(token)) => splice(&params, place, token),
            _ => self.with_subscription(message, Part::Params, params),
        };
        Notification::new(method, params)
    }

    /// The response that a message is, as the caller knows it.
    pub(super) fn response(&self, message: &Message) -> Option<Response> {
        let response = Response::of_message(message)?;
        if !self.is_listen() || response.as_result().is_none() {
            return Some(response);
        }
        let result = response.into_result()?;
        let result = self.with_subscription(message, Part::Result, result);
        Some(Response::result(result))
    }

    fn with_subscription(&self, message: &Message, part: Part, text: Bytes) -> Bytes {
        let Some(id) = &self.subscription else {
            return text;
        };
        let (Some(outer), Some(place)) = (message.range(part), message.range(Part::SubscriptionId))
        else {
            return text;
        };
        match (
            place.start.checked_sub(outer.start),
            place.end.checked_sub(outer.start),
        ) {
            (Some(start), Some(end)) => splice(&text, start..end, id),
            _ => text,
        }
    }
}

/// The line of a request under its number.
pub(super) fn request(
    request: &Request,
    number: Number,
) -> Result<(Encoded, Names), Box<DecodeError>> {
    let message = request.message();
    // What is no token is left for the server to refuse.
    let token = request.progress_token().is_some();
    let token = message.slice(Part::ProgressToken).filter(|_| token);
    let listen = request.method() == method::SUBSCRIPTIONS_LISTEN;
    let place = token
        .as_ref()
        .and_then(|_| message.range(Part::ProgressToken));
    let names = Names {
        subscription: listen.then(|| json(request.id())),
        logs: message.raw(Part::LogLevel).is_some(),
        token,
    };
    let id = RequestId::Integer(number);
    let encoded = match place {
        Some(place) => {
            let text = splice(message.as_bytes(), place, number.to_string().as_bytes());
            // It was read before within whatever limits, and is no longer than a number makes it.
            let limits = Limits::default()
                .max_message_bytes(usize::MAX)
                .max_depth(usize::MAX);
            Message::decode_with(text, &limits)?.with_id(&id)
        }
        None => message.with_id(&id),
    };
    // A request has an ID.
    Ok((line::frame(encoded.unwrap_or_default()), names))
}

fn json(id: &RequestId<'_>) -> Bytes {
    // A string or an integer always serializes.
    mcpwire_codec::to_json(id)
        .map(Bytes::from)
        .unwrap_or_default()
}

/// The text with something else in this place.
fn splice(text: &Bytes, place: Range<usize>, with: &[u8]) -> Bytes {
    let front = text.get(..place.start).unwrap_or_default();
    let behind = text.get(place.end..).unwrap_or_default();
    if text.get(place) == Some(with) {
        return text.clone();
    }
    let mut spliced = BytesMut::with_capacity(front.len() + with.len() + behind.len());
    spliced.extend_from_slice(front);
    spliced.extend_from_slice(with);
    spliced.extend_from_slice(behind);
    spliced.freeze()
}

/// Where a part of a text stands in it, by its address.
pub(super) fn place(text: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= text.len()).then_some(start..end)
}
