//! What the bytes of an answer say to the one who asked.

use bytes::{Bytes, BytesMut};
use mcpwire_codec::{DecodeError, Invalid, Kind, Limits, Message, Part};
use mcpwire_service::Response;
use mcpwire_types::RequestId;

use super::Error;

/// Reads a message, and an error response with `"id": null` as if it had no ID.
///
/// JSON-RPC has `null` where a server could not read the ID of a request, and servers do send it; the
/// codec refuses it, for it names nobody. Here there is one request that it can be about.
pub(super) fn decode(bytes: Bytes, limits: &Limits) -> Result<Answer, Error> {
    let source = match Message::decode_with(bytes.clone(), limits) {
        Ok(message) => {
            return Ok(Answer {
                message,
                nameless: false,
            });
        }
        Err(source) => source,
    };
    match without_null(bytes.clone(), &source, limits) {
        Some(message) => Ok(Answer {
            message,
            nameless: true,
        }),
        None => Err(Error::Malformed { source, raw: bytes }),
    }
}

/// The same error response with another ID in the place of `null`, so that everything else is byte for
/// byte what came.
fn without_null(bytes: Bytes, error: &DecodeError, limits: &Limits) -> Option<Message> {
    const NULL: &[u8] = b"null";
    let DecodeError::Invalid {
        problem: Invalid::IdNull,
        offset,
        ..
    } = *error
    else {
        return None;
    };
    let mut bytes = BytesMut::from(bytes);
    let id = bytes.get_mut(offset..offset.checked_add(NULL.len())?)?;
    if id != NULL {
        return None;
    }
    id.copy_from_slice(b"0   ");
    let message = Message::decode_with(bytes, limits).ok()?;
    (message.kind() == Kind::Error).then_some(message)
}

/// A message that came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) message: Message,
    /// Its ID is not one.
    nameless: bool,
}

impl Answer {
    /// The response that the message is, if it answers this request.
    pub(super) fn response(&self, id: &RequestId<'static>) -> Result<Response, Error> {
        let message = &self.message;
        let raw = || message.as_bytes().clone();
        let Some(response) = Response::of_message(message) else {
            return Err(Error::NotAResponse { raw: raw() });
        };
        match message.id().filter(|_| !self.nameless) {
            Some(found) if found != *id => {
                return Err(Error::WrongId {
                    expected: id.clone(),
                    found: found.into_owned(),
                    raw: raw(),
                });
            }
            _ => {}
        }
        Ok(response)
    }

    /// The error object, read as a type.
    pub(super) fn error(&self) -> Option<mcpwire_types::Error<'_>> {
        self.message.parse(Part::Error).ok()
    }
}

/// Whether what could not be read is surely not the response to this request.
pub(super) fn is_about_another(error: &DecodeError, id: &RequestId<'static>) -> bool {
    match error.kind() {
        Some(Kind::Notification | Kind::Request) => true,
        Some(Kind::Result | Kind::Error) | None => error.id().is_some_and(|found| found != id),
    }
}
