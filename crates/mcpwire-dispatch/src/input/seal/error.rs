//! What can go wrong with keys and sealed states.

use std::fmt;
use std::io;

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
    /// There are more keys than a ring takes.
    TooMany {
        /// The most that it takes.
        limit: usize,
    },
    /// One of the keys is text, repeats or counts: it was not drawn from a source of randomness.
    Weak {
        /// Which one, counted from 1.
        position: usize,
    },
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
            Self::TooMany { limit } => write!(f, "more than {limit} keys: drop the oldest ones"),
            Self::Weak { position } => write!(
                f,
                "key {position} is not random: take 32 random bytes, such as `openssl rand -hex 32` prints"
            ),
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

/// Why there is no key ring, or not the one that was expected. No key is in any message.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyRingError {
    /// Nothing is where the keys should be.
    Absent {
        /// Where that is.
        place: String,
    },
    /// What is there cannot be read.
    Unreadable {
        /// Where that is.
        place: String,
        /// Why.
        source: io::Error,
    },
    /// What is there holds no keys.
    Text {
        /// Where that is.
        place: String,
        /// Why.
        source: KeyTextError,
    },
    /// The key that seals is another one than expected.
    Different {
        /// Fingerprint of the key that was expected.
        expected: String,
        /// Fingerprint of the key that is there.
        found: String,
    },
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { place } => write!(
                f,
                "there is no request state key in {place}: every replica needs the same one"
            ),
            Self::Unreadable { place, .. } => {
                write!(f, "cannot read request state keys from {place}")
            }
            Self::Text { place, .. } => write!(f, "{place} holds no request state keys"),
            Self::Different { expected, found } => write!(
                f,
                "request state is sealed with the key {found}, not with {expected} as expected: \
                 this replica has other keys than the rest"
            ),
        }
    }
}

impl std::error::Error for KeyRingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::Text { source, .. } => Some(source),
            Self::Absent { .. } | Self::Different { .. } => None,
        }
    }
}
