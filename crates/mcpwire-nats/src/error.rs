//! What can be wrong with a bus.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// An error of `async-nats`, behind the trait alone: its types are no part of this crate's promise.
type Source = Arc<dyn Error + Send + Sync>;

/// Settings with which no bus can be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// The name of the server, or its prefix, is no part of a NATS subject.
    Subject {
        /// What was given.
        given: String,
    },
    /// The list of NATS servers is empty.
    NoServers,
    /// The address of a NATS server is none. The address is not shown: it may hold a password.
    Server {
        /// Its place in the list, from 0.
        index: usize,
        /// What is wrong with it.
        source: io::Error,
    },
    /// Two addresses have different credentials.
    Credentials {
        /// The place of the second one in the list, from 0.
        index: usize,
    },
    /// `tls://` was asked for, and the feature `tls` is off.
    NoTls {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// There is no tokio runtime for the task of the bus.
    NoRuntime,
    /// The system gave no random number for the identity of the bus.
    Random(getrandom::Error),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject { given } => write!(
                f,
                "`{}` cannot be part of a NATS subject: use letters, digits, `-` and `_`, at most 64 of them",
                given.escape_debug()
            ),
            Self::NoServers => f.write_str("the list of NATS servers is empty"),
            Self::Server { index, .. } => {
                write!(f, "NATS server {index} of the list has no valid address")
            }
            Self::Credentials { index } => write!(
                f,
                "NATS server {index} of the list has other credentials than one before it"
            ),
            Self::NoTls { index } => write!(
                f,
                "NATS server {index} of the list asks for TLS, and the feature `tls` of mcpwire-nats is off"
            ),
            Self::NoRuntime => f.write_str("a NATS bus has to be made inside of a tokio runtime"),
            Self::Random(_) => {
                f.write_str("there is no random number for the identity of the NATS bus")
            }
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Server { source, .. } => Some(source),
            Self::Random(source) => Some(source),
            _ => None,
        }
    }
}

/// Why the other replicas are not reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// The first attempt to connect has not ended yet.
    Starting,
    /// No server could be reached, or none answered as NATS does.
    Unreachable(Source),
    /// A server was reached and does not accept the credentials.
    Refused(Source),
    /// A server was reached and no TLS connection could be made to it.
    Tls(Source),
    /// The server does not let this client send or hear the subject; in its own words.
    Denied(String),
    /// The connection was lost; with the last words of the server, where it had any.
    Disconnected(Option<String>),
    /// A message did not come back from the server in time.
    NoAnswer {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The bus was shut down.
    ShutDown,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("the first attempt to connect to NATS has not ended yet"),
            Self::Unreachable(source) => write!(f, "NATS cannot be reached: {source}"),
            Self::Refused(source) => write!(f, "NATS refuses the credentials: {source}"),
            Self::Tls(source) => write!(f, "there is no TLS connection to NATS: {source}"),
            Self::Denied(words) => write!(f, "NATS denies the subject: {words}"),
            Self::Disconnected(None) => f.write_str("the connection to NATS was lost"),
            Self::Disconnected(Some(words)) => {
                write!(f, "the connection to NATS was lost: {words}")
            }
            Self::NoAnswer { waited } => write!(f, "NATS did not answer within {waited:?}"),
            Self::ShutDown => f.write_str("the NATS bus was shut down"),
        }
    }
}

impl Error for Reason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreachable(source) | Self::Refused(source) | Self::Tls(source) => {
                Some(&**source)
            }
            _ => None,
        }
    }
}

/// Why [`Builder::connect_now`](crate::Builder::connect_now) gave no bus.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// No bus can be made with these settings.
    Config(ConfigError),
    /// The first attempt failed.
    Down(Reason),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(source) => source.fmt(f),
            Self::Down(source) => source.fmt(f),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Config(source) => source.source(),
            Self::Down(source) => source.source(),
        }
    }
}

impl From<ConfigError> for ConnectError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

/// Words of a server, made fit for a log.
pub(crate) fn quoted(words: &str) -> String {
    const LONGEST: usize = 200;
    words
        .chars()
        .take(LONGEST)
        .flat_map(char::escape_debug)
        .collect()
}
