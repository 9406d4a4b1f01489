//! Why a call has no response.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use mcpwire_codec::DecodeError;

/// Why a call has no response. What a peer says in an error response is a response, and not in here.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The server ended the listen stream with `notifications/cancelled`, and its result did not
    /// follow within [`Limits::listen_end_wait`](super::Limits::listen_end_wait) (SUB-26).
    Ended {
        /// The reason that the server gave, cut at 256 characters.
        reason: Option<String>,
    },
    /// The child process was started too often, and is not started again before some time has passed.
    GivenUp {
        /// How many restarts there were: the budget.
        restarts: usize,
        /// Within which time.
        window: Duration,
        /// When the next start is possible, counted from when the error was made.
        retry_after: Duration,
        /// How the last process ended, if one could be started.
        last: Option<Loss>,
    },
    /// The connection was lost before there was a response.
    Lost {
        /// How it was lost.
        loss: Loss,
        /// The request was never written, not even in part, so it cannot have had an effect.
        unsent: bool,
    },
    /// The response is not valid. Other requests are not affected.
    Malformed {
        /// What is wrong with it.
        source: DecodeError,
        /// The line as it came, cut at
        /// [`Limits::max_kept_bytes`](super::Limits::max_kept_bytes).
        raw: Bytes,
        /// How many bytes the line has.
        length: usize,
    },
    /// The request could not be given a progress token of its own. Nothing that a `Request` can hold
    /// is known to lead here.
    Request(DecodeError),
    /// The reply was not read for so long that it held up others, see
    /// [`Limits::reply_stall`](super::Limits::reply_stall). The request was cancelled.
    Stalled {
        /// The limit that was reached.
        limit: Duration,
    },
    /// The child process could not be started.
    Start {
        /// The program.
        program: String,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A line came that is longer than [`Limits::max_line_bytes`](super::Limits::max_line_bytes),
    /// while this request was the only one that it could belong to.
    TooLong {
        /// The limit that applied, in bytes.
        limit: usize,
    },
}

impl Error {
    /// Whether the request was never written, not even in part. Sending it again is safe then,
    /// whatever it does.
    pub fn is_unsent(&self) -> bool {
        match self {
            Self::Lost { unsent, .. } => *unsent,
            Self::GivenUp { .. } | Self::Request(_) | Self::Start { .. } => true,
            Self::Ended { .. }
            | Self::Malformed { .. }
            | Self::Stalled { .. }
            | Self::TooLong { .. } => false,
        }
    }

    /// How the connection was lost, if it was.
    pub fn loss(&self) -> Option<&Loss> {
        match self {
            Self::Lost { loss, .. } => Some(loss),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended { reason: None } => {
                f.write_str("the server ended the listen stream without a result")
            }
            Self::Ended {
                reason: Some(reason),
            } => write!(
                f,
                "the server ended the listen stream without a result: {reason:?}"
            ),
            Self::GivenUp {
                restarts,
                window,
                retry_after,
                last,
            } => {
                write!(
                    f,
                    "the server was restarted {restarts} times within {window:?}, which is the \
                     limit; the next start is possible in {retry_after:?}"
                )?;
                match last {
                    Some(last) => write!(f, "; {last}"),
                    None => Ok(()),
                }
            }
            Self::Lost {
                loss,
                unsent: false,
            } => write!(f, "the connection was lost before the response: {loss}"),
            Self::Lost { loss, unsent: true } => {
                write!(f, "the request was not sent: {loss}")
            }
            Self::Malformed { source, .. } => write!(f, "the response is malformed: {source}"),
            Self::Request(_) => f.write_str("the request cannot be given a progress token"),
            Self::Stalled { limit } => write!(
                f,
                "the reply was not read for {limit:?} and was given up (reply_stall)"
            ),
            Self::Start { program, .. } => write!(f, "{program:?} could not be started"),
            Self::TooLong { limit } => {
                write!(f, "the server sent a line of more than {limit} bytes")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // What these say is part of the sentence already.
            Self::Lost { loss, .. } => std::error::Error::source(loss),
            Self::Request(source) => Some(source),
            Self::Start { source, .. } => Some(source),
            Self::Ended { .. }
            | Self::GivenUp { .. }
            | Self::Malformed { .. }
            | Self::Stalled { .. }
            | Self::TooLong { .. } => None,
        }
    }
}

/// How a connection was lost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Loss {
    /// It was closed from this side, or whatever drove it was dropped.
    Closed,
    /// The peer has closed its output.
    Ended,
    /// The child process has ended, or was ended because it had closed its output.
    Exited {
        /// How it ended; `None` if it had to be killed first.
        status: Option<ExitStatus>,
        /// The end of what it wrote to `stderr`, in lossy UTF-8.
        stderr: Arc<str>,
    },
    /// The peer's output could not be read.
    Read(Arc<io::Error>),
    /// The peer takes no more input.
    Write(Arc<io::Error>),
    /// The peer took no input for as long as
    /// [`Limits::write_stall`](super::Limits::write_stall).
    WriteStalled {
        /// The limit that was reached.
        limit: Duration,
    },
}

/// Characters of a peer's text that are shown in a sentence.
const SHOWN: usize = 256;

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the client was closed"),
            Self::Ended => f.write_str("the server closed its output"),
            Self::Exited { status, stderr } => {
                match status {
                    Some(status) => write!(f, "the server exited ({status})")?,
                    None => f.write_str("the server closed its output and was ended")?,
                }
                let last = stderr.trim_end().lines().next_back().unwrap_or_default();
                if last.is_empty() {
                    return Ok(());
                }
                write!(f, "; the last it said: {:?}", shorten(last))
            }
            Self::Read(_) => f.write_str("the server's output could not be read"),
            Self::Write(_) => f.write_str("the server's input could not be written"),
            Self::WriteStalled { limit } => write!(
                f,
                "the server has read no input for {limit:?} (write_stall)"
            ),
        }
    }
}

impl std::error::Error for Loss {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(source) | Self::Write(source) => Some(source),
            Self::Closed | Self::Ended | Self::Exited { .. } | Self::WriteStalled { .. } => None,
        }
    }
}

/// The start of a peer's text, for a sentence.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
