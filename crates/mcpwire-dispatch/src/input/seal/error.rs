//! What can go wrong with keys and sealed states.

use std::fmt;

/// Why a `requestState` that came back is refused (MRTR-31).
///
/// Each of them is answered with `-32602` (MRTR-36), before the handler runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateError {
    /// Not something that this server sealed, whatever the key.
    Malformed,
    /// Longer than the limit for states.
    TooLong {
        /// Bytes that came.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Sealed with a key that is not in this server's ring.
    UnknownKey,
    /// Altered, or sealed for another request or another principal; which one is not told.
    Refused,
    /// Its lifetime has passed.
    Expired,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => {
                f.write_str("is not one that this server issued: echo it byte for byte")
            }
            Self::TooLong { length, limit } => {
                write!(
                    f,
                    "has {length} bytes and this server reads {limit} at most"
                )
            }
            Self::UnknownKey => f.write_str(
                "was sealed with a key that this server does not hold: \
                 give all replicas the same keys, or send the request again without it",
            ),
            Self::Refused => f.write_str(
                "was altered, or belongs to another request or principal: \
                 repeat the request that it came with, or send this one without it",
            ),
            Self::Expired => f.write_str("has expired: send the request again without it"),
        }
    }
}

impl std::error::Error for StateError {}

/// Why a state could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealError {
    /// What is carried does not fit into the limit for states.
    TooLong {
        /// Bytes that the state would have.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The operating system gave no random bytes.
    NoRandomness,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length, limit } => {
                write!(
                    f,
                    "request state would have {length} bytes, more than the limit of {limit}"
                )
            }
            Self::NoRandomness => f.write_str("the operating system gave no random bytes"),
        }
    }
}

impl std::error::Error for SealError {}

/// Why a text holds no keys. The text itself is in no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyTextError {
    /// There is nothing in it.
    Empty,
    /// One of the words is not 32 bytes as hexadecimal digits or Base64.
    NotAKey {
        /// Which one, counted from 1.
        position: usize,
    },
}

impl fmt::Display for KeyTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("no key given: expected 32 bytes as hexadecimal digits or Base64")
            }
            Self::NotAKey { position } => {
                write!(
                    f,
                    "key {position} is not 32 bytes as 64 hexadecimal digits or as Base64"
                )
            }
        }
    }
}

impl std::error::Error for KeyTextError {}
