//! A run that failed, and how to see it fail again.

use std::fmt;
use std::time::Duration;

use mcpwire_service::BoxError;

use super::log::Log;

/// A run that failed. It says which seed to run again; its `Debug`, as `unwrap` prints it, ends with the
/// last events.
#[non_exhaustive]
pub struct Failure {
    /// The seed of the run.
    pub seed: u64,
    /// When it failed, simulated.
    pub at: Duration,
    /// Why.
    pub cause: Cause,
    /// What happened before.
    pub log: Log,
}

/// Why a run failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// A client gave back an error.
    Client {
        /// The client: `client-0`.
        name: String,
        /// Its error.
        source: BoxError,
    },
    /// Something panicked, such as an assertion in a client.
    Panic(String),
    /// Clients were not done within [`Network::max_duration`](super::Network::max_duration).
    TooLong {
        /// The limit, simulated.
        limit: Duration,
        /// Who was not done.
        unfinished: Vec<String>,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seed, at) = (self.seed, self.at.as_secs_f64());
        let variable = super::SEED;
        write!(
            f,
            "the run with seed {seed} failed after {at:.3} simulated seconds: {}; \
             to repeat it, set {variable}={seed}",
            self.cause
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client { name, source } => {
                write!(f, "{name}: {source}")?;
                let mut cause = source.source();
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            }
            Self::Panic(message) => f.write_str(message),
            Self::TooLong { limit, unfinished } => write!(
                f,
                "{} not done within {limit:?} (max_duration)",
                unfinished.join(", ")
            ),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Enough to see what led to it.
        const LAST: usize = 40;
        write!(f, "{self}; the last events:")?;
        for event in self.log.tail(LAST) {
            write!(f, "\n{event}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {
    // The cause is in the message already, with all of its own.
}
