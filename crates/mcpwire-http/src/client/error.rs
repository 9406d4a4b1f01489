//! Why a call has no response.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use mcpwire_codec::DecodeError;
use mcpwire_service::BoxError;
use mcpwire_types::RequestId;

/// Why a call has no response. What a server says in an error response is a response, and not in here,
/// unless the status says more than it ([`Error::Status`]).
///
/// A reply stream that breaks hands the same error out, in a box.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The answer was longer than [`Limits::max_body_bytes`](super::Limits::max_body_bytes).
    BodyTooLong {
        /// The limit that applied, in bytes.
        limit: usize,
    },
    /// The answer was not complete within
    /// [`Limits::body_read_timeout`](super::Limits::body_read_timeout).
    BodyTimeout {
        /// The limit that was reached.
        limit: Duration,
    },
    /// The connection broke in the middle of the answer.
    Broken(BoxError),
    /// There was no connection: the name is unknown, nobody listens, TLS failed, or
    /// [`Limits::connect_timeout`](super::Limits::connect_timeout) was reached.
    Connect(BoxError),
    /// The answer is neither JSON nor an event stream (HTTP-19).
    ContentType {
        /// The status, a successful one.
        status: StatusCode,
        /// The `Content-Type`, if there is one.
        content_type: Option<String>,
        /// The body, cut at [`Limits::max_body_bytes`](super::Limits::max_body_bytes).
        body: Bytes,
    },
    /// The answer is successful and empty, such as `202` or `204`.
    Empty {
        /// The status.
        status: StatusCode,
    },
    /// The event stream ended before the response (HTTP-29, HTTP-30).
    Ended,
    /// An event was longer than [`Limits::max_event_bytes`](super::Limits::max_event_bytes).
    EventTooLong {
        /// The limit that applied, in bytes.
        limit: usize,
    },
    /// The head of the answer was longer than
    /// [`Limits::max_header_bytes`](super::Limits::max_header_bytes), or had more fields than
    /// [`Limits::max_headers`](super::Limits::max_headers).
    HeadTooLarge,
    /// Something that the request mirrors cannot stand in a header field. Nothing was sent.
    Header {
        /// The name of the field.
        name: String,
        /// What is wrong with it.
        source: http::Error,
    },
    /// The event stream was silent for as long as
    /// [`Limits::idle_timeout`](super::Limits::idle_timeout). The request was cancelled.
    IdleTimeout {
        /// The limit that was reached.
        limit: Duration,
    },
    /// The answer is no valid message.
    Malformed {
        /// What is wrong with it.
        source: DecodeError,
        /// The message as it came.
        raw: Bytes,
    },
    /// The request names no protocol version in its `_meta` (META-10), which HTTP wants in a header
    /// (HTTP-35). Nothing was sent.
    NoProtocolVersion,
    /// The answer is a message, and no response (BASE-28).
    NotAResponse {
        /// The message as it came.
        raw: Bytes,
    },
    /// The server sends the client elsewhere. That is never followed (HTTP-72).
    Redirect {
        /// The status.
        status: StatusCode,
        /// The `Location`, if there is one.
        location: Option<String>,
    },
    /// There was no answer within [`Limits::response_timeout`](super::Limits::response_timeout). The
    /// request was cancelled.
    ResponseTimeout {
        /// The limit that was reached.
        limit: Duration,
    },
    /// The server, or something in front of it, refused the request with a status that says more than
    /// any JSON-RPC error, or has none.
    Status(Box<Refusal>),
    /// The exchange failed before there was the head of an answer.
    Transport {
        /// What failed.
        source: BoxError,
        /// None of the request was written.
        unsent: bool,
    },
    /// The response is for another request (HTTP-71).
    WrongId {
        /// The ID of the request.
        expected: RequestId<'static>,
        /// The ID of the response.
        found: RequestId<'static>,
        /// The response as it came.
        raw: Bytes,
    },
}

/// An answer with a status of failure: what [`Error::Status`] is about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The status, such as `401` or `503`.
    pub status: StatusCode,
    /// Every header field, `WWW-Authenticate` and `Retry-After` among them.
    pub headers: HeaderMap,
    /// The body, as much of it as came, cut at
    /// [`Limits::max_body_bytes`](super::Limits::max_body_bytes).
    pub body: Bytes,
    /// The error in the body, if it is a JSON-RPC error about this request.
    pub error: Option<mcpwire_types::Error<'static>>,
}

impl Error {
    /// Whether the request surely never reached the server, so that sending it again is safe,
    /// whatever it does.
    pub fn is_unsent(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Header { .. } | Self::NoProtocolVersion => true,
            Self::Transport { unsent, .. } => *unsent,
            _ => false,
        }
    }

    /// The status of the answer, where that is what the error is about.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::ContentType { status, .. }
            | Self::Empty { status }
            | Self::Redirect { status, .. } => Some(*status),
            Self::Status(refusal) => Some(refusal.status),
            _ => None,
        }
    }

    /// Sorts what hyper says before there is an answer.
    pub(super) fn transport(error: hyper::Error) -> Self {
        if error.is_parse_too_large() {
            return Self::HeadTooLarge;
        }
        Self::Transport {
            unsent: error.is_canceled(),
            source: error.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyTooLong { limit } => {
                write!(
                    f,
                    "the answer is longer than {limit} bytes (max_body_bytes)"
                )
            }
            Self::BodyTimeout { limit } => write!(
                f,
                "the answer was not complete within {limit:?} (body_read_timeout)"
            ),
            Self::Broken(_) => f.write_str("the connection broke in the middle of the answer"),
            Self::Connect(_) => f.write_str("no connection could be made"),
            Self::ContentType {
                status,
                content_type,
                ..
            } => write!(
                f,
                "the answer ({}) is neither application/json nor text/event-stream, but {}",
                status.as_u16(),
                Shown(content_type.as_deref())
            ),
            Self::Empty { status } => write!(f, "the answer ({}) is empty", status.as_u16()),
            Self::Ended => f.write_str("the event stream ended before the response"),
            Self::EventTooLong { limit } => {
                write!(f, "an event is longer than {limit} bytes (max_event_bytes)")
            }
            Self::HeadTooLarge => {
                f.write_str("the head of the answer is too large (max_header_bytes, max_headers)")
            }
            Self::Header { name, .. } => write!(f, "the header field {name:?} cannot be sent"),
            Self::IdleTimeout { limit } => write!(
                f,
                "the event stream was silent for {limit:?} (idle_timeout)"
            ),
            Self::Malformed { .. } => f.write_str("the answer is no valid message"),
            Self::NoProtocolVersion => f.write_str(
                "the request has no _meta[\"io.modelcontextprotocol/protocolVersion\"]: \
                 HTTP needs it for MCP-Protocol-Version",
            ),
            Self::NotAResponse { .. } => f.write_str("the answer is a message, but no response"),
            Self::Redirect { status, location } => write!(
                f,
                "the server redirects ({}) to {}, which is not followed",
                status.as_u16(),
                Shown(location.as_deref())
            ),
            Self::ResponseTimeout { limit } => {
                write!(f, "there was no answer within {limit:?} (response_timeout)")
            }
            Self::Status(refusal) => refusal.fmt(f),
            Self::Transport { unsent: true, .. } => {
                f.write_str("the connection was lost before the request was sent")
            }
            Self::Transport { .. } => f.write_str("the exchange failed before there was an answer"),
            Self::WrongId {
                expected, found, ..
            } => write!(
                f,
                "the response is for the request with ID {}, not for {}",
                Id(found),
                Id(expected)
            ),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status)?;
        match &self.error {
            Some(error) => write!(f, ": {} ({})", Shown(Some(&error.message)), error.code),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(source) | Self::Connect(source) | Self::Transport { source, .. } => {
                Some(&**source)
            }
            Self::Header { source, .. } => Some(source),
            Self::Malformed { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// How many characters of a peer's text stand in a sentence.
const SHOWN: usize = 200;

/// A peer's text for a log: quoted, escaped and cut.
struct Shown<'a>(Option<&'a str>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = self.0 else {
            return f.write_str("nothing");
        };
        match text.char_indices().nth(SHOWN).map(|(end, _)| end) {
            Some(end) => write!(f, "{:?}…", text.get(..end).unwrap_or_default()),
            None => write!(f, "{text:?}"),
        }
    }
}

struct Id<'a>(&'a RequestId<'static>);

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            RequestId::String(text) => Shown(Some(text)).fmt(f),
            RequestId::Integer(number) => number.fmt(f),
        }
    }
}
