//! A message that has been read, and the ways to ask for its parts.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::ops::Range;

use bytes::Bytes;
use mcpwire_types::{Error, RequestId, error_code};
use serde_core::Deserialize;

use crate::encode::{self, Encoded};
use crate::envelope::{self, Found};
use crate::error::DecodeError;
use crate::limits::Limits;
use crate::part::{Kind, Member, Part};
use crate::slot::Slot;
use crate::text;
use crate::typed::parse_valid;

/// One JSON-RPC message: the bytes it came in, and where its parts stand in them.
///
/// All of it is known to be JSON and a valid message before there is a value of this type. Nothing
/// is copied and nothing of it is a tree: what is asked for is sliced out of the bytes, and read when
/// it is asked for.
///
/// The bytes are shared ([`Message::decode`]; cloning costs nothing) or borrowed
/// ([`Message::scan`]).
#[derive(Clone)]
pub struct Message<B = Bytes> {
    bytes: B,
    found: Found,
}

impl Message {
    /// Reads one message within the default [`Limits`].
    pub fn decode(bytes: impl Into<Bytes>) -> Result<Self, DecodeError> {
        Self::decode_with(bytes, &Limits::default())
    }

    /// Reads one message. Whitespace around it is allowed, anything else is not.
    pub fn decode_with(bytes: impl Into<Bytes>, limits: &Limits) -> Result<Self, DecodeError> {
        Self::read(bytes.into(), limits)
    }

    /// The JSON text of a part, exactly as it came, sharing the buffer of the message.
    ///
    /// A slice of the buffer keeps all of it; copy what is small and has to stay for long.
    pub fn slice(&self, part: Part) -> Option<Bytes> {
        Some(self.bytes.slice(self.range(part)?))
    }

    /// The message with another `id`, and otherwise byte for byte as it came: what a gateway sends on
    /// that numbers the requests of many peers by itself, and gives each answer its old `id` back.
    ///
    /// `None` if the message has no `id`. Of the two sides of the `id` the shorter is copied, which is
    /// a few bytes in what is written by and large (`{"jsonrpc":"2.0","id":`); the other one is shared.
    ///
    /// ```
    /// use mcpwire_codec::Message;
    ///
    /// let reply = Message::decode(r#"{"jsonrpc":"2.0","id":"abc","result":{}}"#)?;
    /// let again = reply.with_id(&7.into()).map(|encoded| encoded.to_bytes());
    /// assert_eq!(again.as_deref(), Some(&br#"{"jsonrpc":"2.0","id":7,"result":{}}"#[..]));
    /// # Ok::<(), mcpwire_codec::DecodeError>(())
    /// ```
    pub fn with_id(&self, id: &RequestId<'_>) -> Option<Encoded> {
        let place = self.found.spans.get(Slot::Id)?.range();
        Some(encode::replaced(&self.bytes, place, id))
    }

    /// The whole message, byte for byte as it came.
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl<'a> Message<&'a [u8]> {
    /// Reads one message within the default [`Limits`], and leaves the bytes where they are.
    pub fn scan(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Self::scan_with(bytes, &Limits::default())
    }

    /// Like [`Message::decode_with`], and leaves the bytes where they are.
    pub fn scan_with(bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        Self::read(bytes, limits)
    }

    /// The whole message, byte for byte as it came.
    pub fn as_slice(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<B: AsRef<[u8]>> Message<B> {
    fn read(bytes: B, limits: &Limits) -> Result<Self, DecodeError> {
        let mut message = Self {
            bytes,
            found: Found::nothing(),
        };
        envelope::read(message.bytes.as_ref(), limits, &mut message.found)?;
        Ok(message)
    }

    /// What the message is.
    pub fn kind(&self) -> Kind {
        self.found.kind
    }

    /// The `id`: always there in a request or result, perhaps in an error, never in a notification.
    pub fn id(&self) -> Option<RequestId<'_>> {
        self.found.id.map(|id| id.resolve(self.bytes.as_ref()))
    }

    /// The `method` of a request or notification, with its escapes resolved.
    pub fn method(&self) -> Option<Cow<'_, str>> {
        text::unquote(self.slot(Slot::Method)?)
    }

    /// The JSON text of the `method`, exactly as it came, with its quotes.
    pub fn raw_method(&self) -> Option<&[u8]> {
        self.slot(Slot::Method)
    }

    /// The JSON text of a part, exactly as it came.
    pub fn raw(&self, part: Part) -> Option<&[u8]> {
        self.slot(Slot::of(part))
    }

    /// Where the JSON text of a part stands in the message, in bytes.
    pub fn range(&self, part: Part) -> Option<Range<usize>> {
        Some(self.found.spans.get(Slot::of(part))?.range())
    }

    /// The string that a part is, borrowed unless it has escapes; `None` if the part is no JSON
    /// string, or not there.
    pub fn text(&self, part: Part) -> Option<Cow<'_, str>> {
        text::unquote(self.raw(part)?)
    }

    /// Reads a part as a type. A part that is not there is an error, as is one of another shape.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self, part: Part) -> Result<T, PartError> {
        let slot = Slot::of(part);
        let member = slot.member(self.kind());
        let span = self
            .found
            .spans
            .get(slot)
            .ok_or(PartError::Missing { member })?;
        let part = span.of(self.bytes.as_ref());
        // The same bytes have been found to be UTF-8; that they are text cannot be kept beside them
        // without taking it on trust. It is the one thing asked twice, at the speed of memory.
        let read = match simdutf8::basic::from_utf8(part) {
            Ok(text) => parse_valid(text),
            Err(_) => mcpwire_types::decode(part),
        };
        read.map_err(|source| PartError::Decode {
            path: format!("{member}{}", source.path().trim_start_matches('$')),
            offset: span.start() + source.offset(),
            source,
        })
    }

    fn slot(&self, slot: Slot) -> Option<&[u8]> {
        let span = self.found.spans.get(slot)?;
        Some(span.of(self.bytes.as_ref()))
    }
}

/// Shows what routes the message, and leaves out what it carries: payloads are long and may be secret.
impl<B: AsRef<[u8]>> fmt::Debug for Message<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("kind", &self.kind())
            .field("id", &self.id())
            .field("method", &self.method())
            .field("length", &self.bytes.as_ref().len())
            .finish_non_exhaustive()
    }
}

/// Why a part of a valid message could not be read as the type that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartError {
    /// The message has no such part.
    Missing {
        /// The member that is not there.
        member: Member,
    },
    /// The part has another shape than the type.
    Decode {
        /// The path from the message: `$.params.arguments.x`.
        path: String,
        /// Byte offset from the start of the message.
        offset: usize,
        /// The error as the type told it; its own path and offset start at the part.
        source: mcpwire_types::DecodeError,
    },
}

impl PartError {
    /// The path to the value at fault, from the message: `$.params.arguments.x`.
    pub fn path(&self) -> Cow<'_, str> {
        match self {
            Self::Missing { member } => member.to_string().into(),
            Self::Decode { path, .. } => path.into(),
        }
    }

    /// What the peer is told, if it is at fault: invalid params (ERR-07), and the sentence that this
    /// error displays as.
    pub fn to_error(&self) -> Error<'static> {
        Error::new(error_code::INVALID_PARAMS, self.to_string())
    }
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { member } => write!(f, "{member}: missing required member"),
            Self::Decode {
                path,
                offset,
                source,
            } => {
                write!(f, "{path}: {} (at byte {offset})", source.message())
            }
        }
    }
}

/// No [`source`](core::error::Error::source): what the type told is part of the sentence already.
impl core::error::Error for PartError {}
