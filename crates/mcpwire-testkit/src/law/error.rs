//! What can be said against a server, or against the way it was tested.

use std::{fmt, io};

use super::diverged::Diverged;

/// Why the law does not hold, or cannot be checked.
///
/// `Debug` prints what `Display` does, so that `unwrap` in a test shows it as it is meant to be read.
#[non_exhaustive]
pub enum Error {
    /// An answer depends on which instance the request reaches.
    Diverged(Box<Diverged>),
    /// One instance answers the same conversation differently the second time.
    NotRepeatable(Box<Diverged>),
    /// A difference was seen once, and not when the same was done again: something else than the
    /// conversation and the placement decides, and shows rarely.
    Unsteady,
    /// Conversations could not be generated, with what proptest says: a strategy of the caller refuses
    /// too much.
    Generate(String),
    /// There is no runtime for the servers to run in.
    Runtime(io::Error),
    /// A runtime is running on this thread already: check the law in a plain `#[test]`.
    InsideRuntime,
}

impl Error {
    /// The request that answers differed for, if that is what it is about.
    pub fn diverged(&self) -> Option<&Diverged> {
        match self {
            Self::Diverged(it) | Self::NotRepeatable(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn with_seed(mut self, to: u64) -> Self {
        if let Self::Diverged(it) | Self::NotRepeatable(it) = &mut self {
            it.seed = Some(to);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diverged(diverged) => diverged.report(f),
            Self::NotRepeatable(diverged) => diverged.unrepeatable(f),
            Self::Unsteady => f.write_str(
                "an answer differed once, and not when the same was asked again: something decides that \
                 is neither in the conversation nor in the placement",
            ),
            Self::Generate(reason) => write!(f, "no conversations can be generated: {reason}"),
            Self::Runtime(_) => f.write_str("there is no runtime for the servers to run in"),
            Self::InsideRuntime => f.write_str(
                "the law brings a runtime of its own and cannot be checked inside of another one: \
                 use a plain #[test]",
            ),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Runtime(error) => Some(error),
            _ => None,
        }
    }
}
