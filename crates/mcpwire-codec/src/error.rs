//! Why bytes are not a message: what is wrong, where, what the peer is told, and with which `id`.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use core::fmt;

use mcpwire_types::{Error, RequestId, error_code};

use crate::part::{Kind, Member};
use crate::slot::Slot;

/// A refused message. Always the sender's fault.
///
/// It displays as a sentence that says what was found, where, and what to mend. [`Self::to_error`]
/// makes the JSON-RPC error of it; [`Self::kind`] says whether anybody waits for one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The text is not JSON. Nothing that stands in it is believed, not even an `id`.
    Syntax {
        /// Byte offset of the first byte that cannot stand where it stands; the length of the text
        /// where it ends too early.
        offset: usize,
        /// What the grammar asks for there.
        problem: Syntax,
        /// The path to the value that the byte is in or behind, see [`DecodeError::path`].
        path: String,
    },
    /// The text is not UTF-8 (BASE-02).
    Utf8 {
        /// Byte offset of the first byte that belongs to no character.
        offset: usize,
        /// The path to the value that the byte is in or behind, see [`DecodeError::path`].
        path: String,
    },
    /// The message is longer than the limit. Nothing of it was read.
    TooLong {
        /// The limit that applied, see [`Limits::max_message_bytes`](crate::Limits::max_message_bytes).
        limit: usize,
        /// The length of the message, in bytes.
        length: usize,
    },
    /// The message is JSON, and nested deeper than the limit.
    TooDeep {
        /// The limit that applied, see [`Limits::max_depth`](crate::Limits::max_depth).
        limit: usize,
        /// Byte offset of the first bracket beyond it.
        offset: usize,
        /// The path to the value that the bracket opens, see [`DecodeError::path`].
        path: String,
        /// What the rest of the message tells.
        outline: Outline,
    },
    /// The message is JSON, and has a member twice that routes, identifies or is reserved.
    Duplicate {
        /// The member.
        member: Member,
        /// Byte offset of its second name.
        offset: usize,
        /// What the rest of the message tells.
        outline: Outline,
    },
    /// The message is JSON, and neither a request nor a notification nor a response.
    Invalid {
        /// What it violates.
        problem: Invalid,
        /// Byte offset of the value at fault; of the object, where it lacks a member.
        offset: usize,
        /// What the rest of the message tells.
        outline: Outline,
    },
}

/// What could be made out of a refused message: enough to answer it, or to know better than to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// The `id`, if the message has exactly one and it is valid.
    pub id: Option<RequestId<'static>>,
    /// What the message is by the members it has, if they do not contradict each other.
    pub kind: Option<Kind>,
}

/// What the grammar of JSON asks for where a text violates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Syntax {
    /// The text starts with a byte order mark.
    ByteOrderMark,
    /// A control character stands unescaped in a string.
    ControlCharacter,
    /// There is nothing but whitespace.
    Empty,
    /// A backslash starts no escape that JSON knows.
    Escape,
    /// A name is not followed by its colon.
    ExpectedColon,
    /// An object goes on without a comma.
    ExpectedCommaOrBrace,
    /// An array goes on without a comma.
    ExpectedCommaOrBracket,
    /// A member does not start with its name in quotes.
    ExpectedName,
    /// No value starts here.
    ExpectedValue,
    /// Almost `true`, `false` or `null`.
    Literal,
    /// Half of a surrogate pair, which stands for no character.
    LoneSurrogate,
    /// A number that JSON does not know.
    Number,
    /// Something follows the value.
    TrailingBytes,
    /// The text ends before its value does.
    UnexpectedEnd,
}

/// What a JSON text violates that is not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Invalid {
    /// An array of messages, which this revision does not have (BASE-32).
    Batch,
    /// `error.code` is no integer (BASE-22).
    ErrorCodeNotAnInteger,
    /// `error.message` is no string (BASE-22).
    ErrorMessageNotAString,
    /// `error` is no object.
    ErrorNotAnObject,
    /// Members of a request and of a response stand together.
    RequestAndResponse,
    /// `id` is a fraction, has an exponent, or is `-0` (BASE-09).
    IdNotAnInteger,
    /// A notification has an `id` (BASE-26).
    IdOnNotification,
    /// `id` is an integer beyond 64 bits.
    IdOutOfRange,
    /// `id` is neither a string nor a number (BASE-04).
    IdNotAStringOrInteger,
    /// `id` is `null` (BASE-05).
    IdNull,
    /// `method` is no string.
    MethodNotAString,
    /// `error.code` is missing (BASE-22).
    MissingErrorCode,
    /// `error.message` is missing (BASE-22).
    MissingErrorMessage,
    /// A result does not say what it answers (BASE-10).
    MissingId,
    /// None of `method`, `result` and `error` is there.
    MissingMethod,
    /// `jsonrpc` is missing (BASE-01).
    MissingVersion,
    /// A text, number or literal instead of a message.
    NotAnObject,
    /// `params` is no object.
    ParamsNotAnObject,
    /// Both `result` and `error` are there (BASE-25).
    ResultAndError,
    /// `result` is no object (BASE-11).
    ResultNotAnObject,
    /// `result.resultType` is no string (BASE-12).
    ResultTypeNotAString,
    /// `jsonrpc` is not the string `"2.0"` (BASE-01).
    WrongVersion,
}

impl DecodeError {
    /// The JSON-RPC code that the peer is told: `-32700` if the text is not JSON, `-32600` if it is
    /// and no valid message all the same (ERR-02, ERR-03).
    pub fn code(&self) -> i64 {
        match self {
            Self::Syntax { .. } | Self::Utf8 { .. } => error_code::PARSE_ERROR,
            Self::TooLong { .. }
            | Self::TooDeep { .. }
            | Self::Duplicate { .. }
            | Self::Invalid { .. } => error_code::INVALID_REQUEST,
        }
    }

    /// The `id` to answer with, if the message is JSON and has exactly one that is valid, be it
    /// before or behind the fault. Without it the answer has no `id` member (BASE-21).
    pub fn id(&self) -> Option<&RequestId<'static>> {
        self.outline()?.id.as_ref()
    }

    /// What the refused message is by the members it has; `None` if it is not JSON or no telling.
    ///
    /// A refused notification is not answered (BASE-27), and a refused response neither: that would
    /// answer an answer.
    pub fn kind(&self) -> Option<Kind> {
        self.outline()?.kind
    }

    /// Byte offset of the fault, from the start of the message.
    pub fn offset(&self) -> usize {
        match *self {
            Self::Syntax { offset, .. }
            | Self::Utf8 { offset, .. }
            | Self::TooDeep { offset, .. }
            | Self::Duplicate { offset, .. }
            | Self::Invalid { offset, .. } => offset,
            Self::TooLong { limit, .. } => limit,
        }
    }

    /// The member at fault, if it is one that the codec reads.
    pub fn member(&self) -> Option<Member> {
        match self {
            Self::Duplicate { member, .. } => Some(*member),
            Self::Invalid { problem, .. } => problem.member(),
            _ => None,
        }
    }

    /// The path to the fault: `$.params.arguments[2]`, and `$` for the message itself. At most 16 steps
    /// are shown, and 64 characters of a name; `…` stands for the rest.
    pub fn path(&self) -> Cow<'_, str> {
        match self {
            Self::Syntax { path, .. } | Self::Utf8 { path, .. } | Self::TooDeep { path, .. } => {
                path.into()
            }
            Self::TooLong { .. } | Self::Duplicate { .. } | Self::Invalid { .. } => self
                .member()
                .map_or("$".into(), |member| member.to_string().into()),
        }
    }

    /// What the peer is told: [`Self::code`], and the sentence that this error displays as.
    pub fn to_error(&self) -> Error<'static> {
        Error::new(self.code(), self.to_string())
    }

    fn outline(&self) -> Option<&Outline> {
        match self {
            Self::TooDeep { outline, .. }
            | Self::Duplicate { outline, .. }
            | Self::Invalid { outline, .. } => Some(outline),
            Self::Syntax { .. } | Self::Utf8 { .. } | Self::TooLong { .. } => None,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax {
                offset,
                problem,
                path,
            } => write!(f, "not JSON: {problem} ({path}, at byte {offset})"),
            Self::Utf8 { offset, path } => write!(
                f,
                "not UTF-8: no character starts or goes on here ({path}, at byte {offset})"
            ),
            Self::TooLong { limit, length } => {
                write!(
                    f,
                    "the message has {length} bytes, and at most {limit} are read"
                )
            }
            Self::TooDeep {
                limit,
                offset,
                path,
                ..
            } => {
                write!(
                    f,
                    "arrays and objects are nested more than {limit} deep ({path}, at byte {offset})"
                )
            }
            Self::Duplicate { member, offset, .. } => {
                write!(
                    f,
                    "{member}: the member appears twice; send it once (at byte {offset})"
                )
            }
            Self::Invalid {
                problem, offset, ..
            } => {
                if let Some(member) = problem.member() {
                    write!(f, "{member}: ")?;
                }
                write!(f, "{problem} (at byte {offset})")
            }
        }
    }
}

impl core::error::Error for DecodeError {}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "the text starts with a byte order mark; leave it out",
            Self::ControlCharacter => "a control character stands in a string; escape it",
            Self::Empty => "the text is empty",
            Self::Escape => "the backslash starts no escape of JSON",
            Self::ExpectedColon => "expected `:` behind the name of a member",
            Self::ExpectedCommaOrBrace => "expected `,` or `}` behind the value of a member",
            Self::ExpectedCommaOrBracket => "expected `,` or `]` behind an element",
            Self::ExpectedName => "expected the name of a member in double quotes",
            Self::ExpectedValue => "expected a value",
            Self::Literal => "expected `true`, `false` or `null`",
            Self::LoneSurrogate => "the escape is half of a surrogate pair",
            Self::Number => "the number breaks off or has a leading zero",
            Self::TrailingBytes => "something follows the message; send one message at a time",
            Self::UnexpectedEnd => "the text ends in the middle of a value",
        })
    }
}

impl Invalid {
    /// The member at fault, if it is one member.
    fn member(self) -> Option<Member> {
        let slot = match self {
            Self::MissingVersion | Self::WrongVersion => Slot::Version,
            Self::IdNotAnInteger
            | Self::IdNotAStringOrInteger
            | Self::IdNull
            | Self::IdOnNotification
            | Self::IdOutOfRange
            | Self::MissingId => Slot::Id,
            Self::MethodNotAString | Self::MissingMethod => Slot::Method,
            Self::ParamsNotAnObject => Slot::Params,
            Self::ResultNotAnObject => Slot::Result,
            Self::ResultTypeNotAString => Slot::ResultType,
            Self::ErrorNotAnObject => Slot::Error,
            Self::ErrorCodeNotAnInteger | Self::MissingErrorCode => Slot::ErrorCode,
            Self::ErrorMessageNotAString | Self::MissingErrorMessage => Slot::ErrorMessage,
            Self::Batch | Self::NotAnObject | Self::RequestAndResponse | Self::ResultAndError => {
                return None;
            }
        };
        // The kind only matters to members of `_meta`, and none of these is one.
        Some(slot.member(Kind::Result))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Batch => {
                "an array is no message, and there are no batches; send one message at a time"
            }
            Self::ErrorCodeNotAnInteger => "expected an integer of at most 64 bits",
            Self::ErrorMessageNotAString | Self::MethodNotAString | Self::ResultTypeNotAString => {
                "expected a string"
            }
            Self::ErrorNotAnObject
            | Self::NotAnObject
            | Self::ParamsNotAnObject
            | Self::ResultNotAnObject => "expected an object",
            Self::RequestAndResponse => {
                "a message is a request, a notification or a response; \
                 `method` and `params` do not go with `result` and `error`"
            }
            Self::IdNotAnInteger => "a number as ID is an integer, without fraction and exponent",
            Self::IdOnNotification => "a notification has no ID; leave it out",
            Self::IdOutOfRange => {
                "the ID does not fit into 64 bits; use a smaller integer or a string"
            }
            Self::IdNotAStringOrInteger => "expected a string or an integer",
            Self::IdNull => "`null` is no ID; use a string or an integer",
            Self::MissingErrorCode | Self::MissingErrorMessage | Self::MissingId => {
                "missing required member"
            }
            Self::MissingMethod => {
                "missing required member, as there is no `result` and no `error`"
            }
            Self::MissingVersion => "missing required member; it is \"2.0\"",
            Self::ResultAndError => "a response has `result` or `error`, and not both",
            Self::WrongVersion => "expected the string \"2.0\"",
        })
    }
}
