//! Writing: an envelope of a few bytes around a payload that is JSON already.
//!
//! A short payload is copied into one piece with its envelope, which is cheaper than three pieces are for
//! whoever writes them. A longer one is never copied.
//!
//! What is given as ready JSON is not read again; that it is one JSON text is up to the caller. It
//! comes from a serializer or from a [`Message`], and both see to it.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::buf::Chain;
use bytes::{Buf, Bytes};
use mcpwire_types::{Error, RequestId};

use crate::message::Message;
use crate::typed::{push_integer, push_string, to_json};

/// The longest payload that is copied.
const SHORT: usize = 4096;

/// One message, ready to be written, in up to three chunks: a payload of more than 4 KiB stands between the
/// two halves of its envelope and has not been copied. Cloning shares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    pub(crate) head: Bytes,
    pub(crate) body: Bytes,
    pub(crate) tail: Bytes,
}

impl Encoded {
    /// A message that is JSON already, byte for byte.
    pub fn whole(message: Bytes) -> Self {
        Self {
            head: message,
            ..Self::default()
        }
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.head.len() + self.body.len() + self.tail.len()
    }

    /// Whether there is nothing to write; no message is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The chunks in order, for a vectored write; some may be empty.
    pub fn chunks(&self) -> [&[u8]; 3] {
        [&self.head, &self.body, &self.tail]
    }

    /// The chunks as one [`Buf`], which writers consume as far as they get.
    pub fn into_buf(self) -> Chain<Chain<Bytes, Bytes>, Bytes> {
        self.head.chain(self.body).chain(self.tail)
    }

    /// The message in one piece; copies, unless there is but one chunk.
    pub fn to_bytes(&self) -> Bytes {
        match self.chunks() {
            [_, [], []] => self.head.clone(),
            [[], _, []] => self.body.clone(),
            [[], [], _] => self.tail.clone(),
            chunks => chunks.concat().into(),
        }
    }

    /// [`to_bytes`](Self::to_bytes) where the chunks are of no further use.
    pub fn into_bytes(self) -> Bytes {
        if self.body.is_empty() && self.tail.is_empty() {
            self.head
        } else {
            self.to_bytes()
        }
    }
}

/// Forwards a message byte for byte.
impl From<Message> for Encoded {
    fn from(message: Message) -> Self {
        Self {
            body: message.as_bytes().clone(),
            ..Self::default()
        }
    }
}

/// A response with a result. `result` is a JSON object, ready to be sent (BASE-10, BASE-11).
pub fn encode_result(id: &RequestId<'_>, result: Bytes) -> Encoded {
    let mut head = head(ID.len() + id_room(id) + RESULT.len(), &result);
    push_id(&mut head, id);
    head.extend_from_slice(RESULT);
    close(head, result)
}

/// What stands before a result.
pub(crate) fn push_result_head(out: &mut Vec<u8>, id: &RequestId<'_>) {
    out.extend_from_slice(START);
    push_id(out, id);
    out.extend_from_slice(RESULT);
}

/// A response with an error. Without an `id` the member is left out (BASE-21).
pub fn encode_error(id: Option<&RequestId<'_>>, error: &Error<'_>) -> Encoded {
    let error = to_json(error).map_or(
        // Nothing an `Error` can hold fails to serialize; should that change, the peer is answered.
        Bytes::from_static(br#"{"code":-32603,"message":"the error cannot be serialized"}"#),
        Bytes::from,
    );
    encode_raw_error(id, error)
}

/// A response with an error that is JSON already: an object with `code` and `message` (BASE-22).
pub fn encode_raw_error(id: Option<&RequestId<'_>>, error: Bytes) -> Encoded {
    let room = id.map_or(0, |id| ID.len() + id_room(id));
    let mut head = head(room + ERROR.len(), &error);
    if let Some(id) = id {
        push_id(&mut head, id);
    }
    head.extend_from_slice(ERROR);
    close(head, error)
}

/// A notification. `params` is a JSON object, ready to be sent.
pub fn encode_notification(method: &str, params: Option<Bytes>) -> Encoded {
    let room = METHOD.len() + text_room(method) + PARAMS.len();
    let mut head = head(room, params.as_deref().unwrap_or_default());
    push_method(&mut head, method);
    match params {
        Some(params) => {
            head.extend_from_slice(PARAMS);
            close(head, params)
        }
        None => close(head, Bytes::new()),
    }
}

/// A request. `params` is a JSON object, ready to be sent (BASE-08).
pub fn encode_request(id: &RequestId<'_>, method: &str, params: Bytes) -> Encoded {
    let room = ID.len() + id_room(id) + METHOD.len() + text_room(method) + PARAMS.len();
    let mut head = head(room, &params);
    push_id(&mut head, id);
    push_method(&mut head, method);
    head.extend_from_slice(PARAMS);
    close(head, params)
}

/// A request whose `params` are written where they stay, `room` being about how many bytes they need.
/// They are one JSON object, as in [`encode_request`].
pub fn write_request<E>(
    id: &RequestId<'_>,
    method: &str,
    room: usize,
    params: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Bytes, E> {
    let envelope = ID.len() + id_room(id) + METHOD.len() + text_room(method) + PARAMS.len();
    let mut out = Vec::with_capacity(START.len() + envelope + room + END.len());
    out.extend_from_slice(START);
    push_id(&mut out, id);
    push_method(&mut out, method);
    out.extend_from_slice(PARAMS);
    params(&mut out)?;
    out.extend_from_slice(END);
    Ok(out.into())
}

const START: &[u8] = br#"{"jsonrpc":"2.0""#;
const ID: &[u8] = br#","id":"#;
const METHOD: &[u8] = br#","method":"#;
const PARAMS: &[u8] = br#","params":"#;
const RESULT: &[u8] = br#","result":"#;
const ERROR: &[u8] = br#","error":"#;
pub(crate) const END: &[u8] = b"}";

/// The start of a message, with room for `more` bytes before the payload, and for a short payload. Where
/// that is exact, as it is unless something has to be escaped, what comes of it is allocated once.
fn head(more: usize, body: &[u8]) -> Vec<u8> {
    let rest = if body.len() <= SHORT {
        body.len() + END.len()
    } else {
        0
    };
    let mut head = Vec::with_capacity(START.len() + more + rest);
    head.extend_from_slice(START);
    head
}

fn close(mut head: Vec<u8>, body: Bytes) -> Encoded {
    if body.len() <= SHORT {
        head.extend_from_slice(&body);
        head.extend_from_slice(END);
        return Encoded::whole(head.into());
    }
    Encoded {
        head: head.into(),
        body,
        tail: Bytes::from_static(END),
    }
}

/// Bytes of an ID that needs no escapes.
fn id_room(id: &RequestId<'_>) -> usize {
    match id {
        RequestId::String(string) => text_room(string),
        RequestId::Integer(integer) => {
            let digits = integer.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
            digits + usize::from(*integer < 0)
        }
    }
}

/// Bytes of a string that needs no escapes.
fn text_room(text: &str) -> usize {
    text.len() + 2
}

/// A message with another `id` in the place of the one it has. Copies the shorter side of it.
pub(crate) fn replaced(message: &Bytes, place: Range<usize>, id: &RequestId<'_>) -> Encoded {
    let (front, rest) = message.split_at(place.start.min(message.len()));
    let behind = rest.get(place.len()..).unwrap_or_default();
    let mut own = Vec::with_capacity(128 + front.len().min(behind.len()));
    if front.len() <= behind.len() {
        own.extend_from_slice(front);
        push_id_value(&mut own, id);
        return Encoded {
            head: own.into(),
            body: message.slice_ref(behind),
            tail: Bytes::new(),
        };
    }
    push_id_value(&mut own, id);
    own.extend_from_slice(behind);
    Encoded {
        head: Bytes::new(),
        body: message.slice_ref(front),
        tail: own.into(),
    }
}

fn push_id(out: &mut Vec<u8>, id: &RequestId<'_>) {
    out.extend_from_slice(ID);
    push_id_value(out, id);
}

fn push_id_value(out: &mut Vec<u8>, id: &RequestId<'_>) {
    match id {
        RequestId::Integer(integer) => push_integer(out, *integer),
        RequestId::String(string) => push_string(out, string),
    }
}

fn push_method(out: &mut Vec<u8>, method: &str) {
    out.extend_from_slice(METHOD);
    push_string(out, method);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(encoded: &Encoded) -> String {
        String::from_utf8(encoded.to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn envelopes() {
        let id = RequestId::Integer(-7);
        let body = Bytes::from_static(b"{}");
        let error = Error::new(-32601, "no such method");
        let cases = [
            (
                encode_result(&id, body.clone()),
                r#"{"jsonrpc":"2.0","id":-7,"result":{}}"#,
            ),
            (
                encode_error(Some(&id), &error),
                r#"{"jsonrpc":"2.0","id":-7,"error":{"code":-32601,"message":"no such method"}}"#,
            ),
            // BASE-21
            (
                encode_error(None, &error),
                r#"{"jsonrpc":"2.0","error":{"code":-32601,"message":"no such method"}}"#,
            ),
            (
                encode_notification("a/b", None),
                r#"{"jsonrpc":"2.0","method":"a/b"}"#,
            ),
            (
                encode_notification("a/b", Some(body.clone())),
                r#"{"jsonrpc":"2.0","method":"a/b","params":{}}"#,
            ),
            (
                encode_request(&RequestId::String("x".into()), "a/b", body),
                r#"{"jsonrpc":"2.0","id":"x","method":"a/b","params":{}}"#,
            ),
        ];
        let written = write_request(&id, "a/b", 0, |out| {
            out.extend_from_slice(b"{}");
            Ok::<_, ()>(())
        });
        assert_eq!(
            written.unwrap(),
            encode_request(&id, "a/b", Bytes::from_static(b"{}")).to_bytes()
        );
        for (encoded, expected) in cases {
            assert_eq!(text(&encoded), expected);
            assert_eq!(text(&encoded), encoded.clone().into_bytes());
            assert_eq!(encoded.len(), expected.len());
            assert!(!encoded.is_empty());
        }
    }

    #[test]
    fn ids_are_escaped() {
        // BASE-09
        for id in ["", "92", "\"\\\n\u{1f}\u{7f}", "</script>", "ü\u{2028}😀"] {
            let encoded = encode_result(&RequestId::String(id.into()), Bytes::from_static(b"{}"));
            let value: serde_json::Value = serde_json::from_slice(&encoded.to_bytes()).unwrap();
            assert_eq!(value["id"], id);
        }
    }

    #[test]
    fn payloads_are_not_copied() {
        let result = Bytes::from(vec![b' '; SHORT + 1]);
        let encoded = encode_result(&RequestId::Integer(1), result.clone());
        assert_eq!(encoded.chunks()[1].as_ptr(), result.as_ptr());

        let message = Message::decode(r#"{"jsonrpc":"2.0","method":"a"}"#).unwrap();
        let forwarded = Encoded::from(message.clone()).to_bytes();
        assert_eq!(forwarded.as_ptr(), message.as_bytes().as_ptr());
    }

    #[test]
    fn another_id_copies_the_shorter_side() {
        let id = RequestId::String("\"".into());
        for (message, expected, shared) in [
            (
                r#"{"jsonrpc":"2.0", "id": 1 ,"result":{"long":"enough"}}"#,
                r#"{"jsonrpc":"2.0", "id": "\"" ,"result":{"long":"enough"}}"#,
                25,
            ),
            (
                r#"{"jsonrpc":"2.0","result":{"long":"enough"},"id":"abc"}"#,
                r#"{"jsonrpc":"2.0","result":{"long":"enough"},"id":"\""}"#,
                0,
            ),
        ] {
            let message = Message::decode(message).unwrap();
            let encoded = message.with_id(&id).unwrap();
            assert_eq!(text(&encoded), expected);
            let start = message.as_bytes().as_ptr().wrapping_add(shared);
            assert_eq!(encoded.chunks()[1].as_ptr(), start);
        }
        for message in [
            r#"{"jsonrpc":"2.0","method":"a"}"#,
            r#"{"jsonrpc":"2.0","error":{"code":1,"message":""}}"#,
        ] {
            assert_eq!(Message::decode(message).unwrap().with_id(&id), None);
        }
    }

    #[test]
    fn the_buffer_is_the_message() {
        let encoded = encode_request(
            &RequestId::Integer(1),
            "m",
            Bytes::from_static(b"{\"a\":1}"),
        );
        let mut buffer = encoded.clone().into_buf();
        assert_eq!(buffer.remaining(), encoded.len());
        assert_eq!(buffer.copy_to_bytes(buffer.remaining()), encoded.to_bytes());
    }
}
