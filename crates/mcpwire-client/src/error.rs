//! What a call can come to other than its result.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use mcpwire_service::{BoxError, HeaderParamError, MirrorError};
use mcpwire_types::{DecodeError, JSONValue, Map, error_code};

/// Why a call has no result.
///
/// Whatever the server sent is in here: an answer that cannot be read is handed over with the bytes
/// that it came as.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The server answered with an error.
    Rpc(RpcError),
    /// The transport, or a layer around it, failed.
    Transport(BoxError),
    /// The answer broke off before its result (SUB-22). What the server did is not known.
    Interrupted {
        /// What the transport says of it.
        source: Option<BoxError>,
    },
    /// The server has not answered in time. The request was cancelled (CANCEL-06).
    Timeout {
        /// How long it had: `timeout`, since the call or the last progress, or `max_timeout` in all.
        after: Duration,
    },
    /// The result is not what the method gives.
    Decode {
        /// The method that was asked.
        method: String,
        /// Where and why; path and offset start at the result.
        source: DecodeError,
        /// The JSON text of the result, whole.
        raw: Bytes,
    },
    /// The result is of a type that this client does not know (BASE-17).
    ResultType {
        /// The type.
        found: String,
        /// The JSON text of the result, whole.
        raw: Bytes,
    },
    /// The server speaks no version that this client speaks (VER-06).
    Version {
        /// The versions that it does speak.
        supported: Vec<String>,
        /// The answer that says so.
        answer: RpcError,
    },
    /// The server asked for input that it was not given.
    Input {
        /// The server's key for the input.
        key: String,
        /// Why it was not given.
        source: InputError,
        /// The JSON text of the `input_required` result.
        raw: Bytes,
    },
    /// The server asked for input again and again (MRTR-16).
    Rounds {
        /// How many times it was sent an answer.
        limit: usize,
        /// The JSON text of the last `input_required` result.
        raw: Bytes,
    },
    /// The parameters cannot be written as a JSON object.
    Params(serde_json::Error),
    /// An argument cannot be mirrored in a header field, as the tool asks for.
    Mirror(MirrorError),
    /// The tool's definition is against the rules, and the tool must not be called (HDR-12).
    InvalidTool {
        /// The tool.
        name: String,
        /// The rule that it breaks.
        source: HeaderParamError,
    },
    /// Structured output does not match the tool's `outputSchema` (TOOL-28).
    Output {
        /// The tool.
        name: String,
        /// The first violation, and where it is.
        message: String,
        /// The JSON text of the result, whole.
        raw: Bytes,
    },
    /// A list goes round in circles, or on without end (PAGE-12).
    Pages {
        /// How many pages were read.
        pages: usize,
        /// The cursor at which the client stopped.
        cursor: String,
    },
}

impl Error {
    /// The JSON-RPC code, if the server answered with an error.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Rpc(error) | Self::Version { answer: error, .. } => Some(error.code),
            _ => None,
        }
    }

    /// What the transport failed with, if it is an `E`, such as `mcpwire_http::client::Error`: its
    /// status, its headers, and whether the request was sent at all. Layers may stand around it.
    pub fn transport<E: std::error::Error + 'static>(&self) -> Option<&E> {
        let (Self::Transport(source)
        | Self::Interrupted {
            source: Some(source),
        }) = self
        else {
            return None;
        };
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(source.as_ref());
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// What the server sent and could not be used: the JSON text of a result, or of an error object.
    pub fn raw(&self) -> Option<&Bytes> {
        match self {
            Self::Rpc(error) | Self::Version { answer: error, .. } => Some(&error.raw),
            Self::Decode { raw, .. }
            | Self::ResultType { raw, .. }
            | Self::Input { raw, .. }
            | Self::Rounds { raw, .. }
            | Self::Output { raw, .. } => Some(raw),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rpc(error) => error.fmt(f),
            Self::Transport(source) => chain(f, source.as_ref()),
            Self::Interrupted { source: None } => {
                f.write_str("the answer broke off before its result")
            }
            Self::Interrupted {
                source: Some(source),
            } => {
                f.write_str("the answer broke off before its result: ")?;
                chain(f, source.as_ref())
            }
            Self::Timeout { after } => write!(f, "the server did not answer within {after:?}"),
            Self::Decode { method, source, .. } => {
                write!(f, "the result of {method} cannot be read: {source}")
            }
            Self::ResultType { found, .. } => {
                write!(f, "the result is of an unknown type: {found:?}")
            }
            Self::Version { supported, .. } => write!(
                f,
                "the server does not speak this client's version; it speaks {supported:?}"
            ),
            Self::Input { key, .. } => write!(f, "the server asks for input {key:?}"),
            Self::Rounds { limit, .. } => {
                write!(f, "the server asks for input still, after {limit} answers")
            }
            Self::Params(_) => f.write_str("the parameters cannot be written as a JSON object"),
            Self::Mirror(error) => error.fmt(f),
            Self::InvalidTool { name, .. } => write!(f, "tool {name:?} has an invalid definition"),
            Self::Output { name, message, .. } => write!(
                f,
                "the output of tool {name:?} does not match its schema: {message}"
            ),
            Self::Pages { pages, cursor } => {
                write!(
                    f,
                    "the list does not end: stopped after {pages} pages at {cursor:?}"
                )
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Input { source, .. } => Some(source),
            Self::Params(source) => Some(source),
            Self::InvalidTool { source, .. } => Some(source),
            Self::Version { answer, .. } => Some(answer),
            // The others say all they know themselves: that of a transport is a chain of causes, which
            // nobody would see who prints this error alone.
            _ => None,
        }
    }
}

/// An error with what caused it, in one line.
fn chain(f: &mut fmt::Formatter<'_>, error: &(dyn std::error::Error + 'static)) -> fmt::Result {
    write!(f, "{error}")?;
    let mut source = error.source();
    while let Some(cause) = source {
        write!(f, ": {cause}")?;
        source = cause.source();
    }
    Ok(())
}

/// An error that the server answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RpcError {
    /// The code, see `mcpwire_types::error_code`.
    pub code: i64,
    /// The message, for people.
    pub message: String,
    /// The JSON text of the error object, with all its members.
    pub raw: Bytes,
}

impl RpcError {
    pub(crate) fn new(code: i64, raw: Bytes) -> Self {
        let message = match mcpwire_types::decode::<mcpwire_types::Error<'_>>(&raw) {
            Ok(error) => error.message.into_owned(),
            Err(_) => String::new(),
        };
        Self { code, message, raw }
    }

    /// The JSON text of `data`, if there is one.
    pub fn data(&self) -> Option<String> {
        let error: mcpwire_types::Error<'_> = mcpwire_types::decode(&self.raw).ok()?;
        Some(error.data?.as_str().to_owned())
    }

    /// What versions the server speaks, if that is what the error is about.
    pub(crate) fn supported_versions(&self) -> Option<Vec<String>> {
        if self.code != error_code::UNSUPPORTED_PROTOCOL_VERSION {
            return None;
        }
        // Read by itself: servers leave out the member that names the version they refused.
        let data = self.data()?;
        let data: Map<'_, JSONValue<'_>> = mcpwire_types::decode_str(&data).ok()?;
        data.get("supported")?.parse().ok()
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The server's text: line breaks and the like must not forge lines of a log.
        let message = self.message.escape_debug();
        write!(f, "the server answered with error {}: {message}", self.code)
    }
}

impl std::error::Error for RpcError {}

/// Why the server was not given the input that it asked for.
#[derive(Debug)]
#[non_exhaustive]
pub enum InputError {
    /// There is no handler for it, and so the server was not told that it may ask (MRTR-09).
    NotOffered {
        /// The method of the input request.
        method: String,
    },
    /// The request cannot be read.
    Malformed(DecodeError),
    /// There are more input requests than the limit.
    TooMany {
        /// [`Limits::max_input_requests`](crate::Limits::max_input_requests).
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// The handler failed.
    Handler(BoxError),
    /// The handler's answer cannot be written as JSON.
    Answer(serde_json::Error),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered { method } => {
                write!(
                    f,
                    "this client has no handler for {method:?}, and did not declare one"
                )
            }
            Self::Malformed(error) => write!(f, "the input request cannot be read: {error}"),
            Self::TooMany { limit, found } => {
                write!(f, "there are {found} input requests, more than {limit}")
            }
            Self::Handler(_) => f.write_str("the handler failed"),
            Self::Answer(_) => f.write_str("the handler's answer cannot be written as JSON"),
        }
    }
}

impl std::error::Error for InputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Handler(source) => Some(source.as_ref()),
            Self::Answer(source) => Some(source),
            _ => None,
        }
    }
}
