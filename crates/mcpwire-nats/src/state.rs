//! Whether the other replicas are reached.

use std::fmt;
use std::time::Instant;

use tokio::sync::watch;

use crate::error::Reason;

/// Whether the other replicas are reached at this moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// They are.
    Up,
    /// They are not; the streams of this replica hear its own changes all the same.
    Down {
        /// Since when.
        since: Instant,
        /// Why: the latest reason, if there was more than one since then.
        reason: Reason,
    },
}

impl State {
    /// Whether the other replicas are reached.
    pub fn is_up(&self) -> bool {
        matches!(self, Self::Up)
    }

    /// Why they are not.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Up => None,
            Self::Down { reason, .. } => Some(reason),
        }
    }

    /// The state after a failure: the time of the first one stays.
    pub(crate) fn down(&self, reason: Reason) -> Self {
        let since = match self {
            Self::Up => Instant::now(),
            Self::Down { since, .. } => *since,
        };
        Self::Down { since, reason }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up => f.write_str("up"),
            Self::Down { since, reason } => {
                write!(f, "down for {} s: {reason}", since.elapsed().as_secs())
            }
        }
    }
}

/// The state of a bus, to be waited on. It does not keep the bus alive.
#[derive(Clone, Debug)]
pub struct Watch(pub(crate) watch::Receiver<State>);

impl Watch {
    /// The state at this moment.
    pub fn state(&self) -> State {
        self.0.borrow().clone()
    }

    /// Waits for another state than the one seen last; `None` once the bus has ended. Cancel-safe.
    pub async fn changed(&mut self) -> Option<State> {
        self.0.changed().await.ok()?;
        Some(self.0.borrow_and_update().clone())
    }

    /// Waits until the other replicas are reached; whether they are, or the bus has ended. Cancel-safe.
    pub async fn up(&mut self) -> bool {
        self.0.wait_for(State::is_up).await.is_ok()
    }
}
