//! Why serving ended before its time.

use std::time::Duration;
use std::{fmt, io};

/// The byte streams failed. No fault of a message or of the service ends here: those are answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// Input could not be read. What was in flight was given its grace, as at the end of input.
    Read(io::Error),
    /// Output could not be written, other than because the peer has closed its end.
    Write(io::Error),
    /// The peer read no output for as long as [`Limits::write_stall`](crate::Limits::write_stall).
    Stalled {
        /// The limit that was reached.
        limit: Duration,
    },
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(_) => f.write_str("input could not be read"),
            Self::Write(_) => f.write_str("output could not be written"),
            Self::Stalled { limit } => {
                write!(f, "the peer has read no output for {limit:?} (write_stall)")
            }
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) | Self::Write(error) => Some(error),
            Self::Stalled { .. } => None,
        }
    }
}
