//! How "something changed" reaches every open `subscriptions/listen` stream.

mod interest;
mod local;
mod queue;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;

pub use interest::Interest;
pub use local::{BusStats, LocalBus};

/// A change that subscribers may want to hear of (SUB-15).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The set of tools is another one.
    ToolsListChanged,
    /// The set of prompts is another one.
    PromptsListChanged,
    /// The set of resources or resource templates is another one.
    ResourcesListChanged,
    /// The content of one resource is another one.
    ResourceUpdated {
        /// The resource, possibly below a subscribed one (SUB-27).
        uri: Arc<str>,
    },
    /// Changes were lost on the way: whatever is watched may have changed.
    Missed,
}

/// Changes as one subscriber sees them, from the moment it subscribed. Dropping it ends the
/// subscription.
pub type ChangeStream = Pin<Box<dyn Stream<Item = Change> + Send>>;

/// Carries changes to every subscriber, wherever it is connected.
///
/// An implementation is bounded, tells a subscriber what it is interested in and nothing else, and gives
/// it [`Change::Missed`] in place of what it lost (SUB-30). One that crosses machines is a [`LocalBus`]
/// for the subscribers of its own process, and a link between such buses.
pub trait ChangeBus: fmt::Debug + Send + Sync + 'static {
    /// Tells everybody, without waiting.
    fn publish(&self, change: Change);

    /// Everything of interest that is published from now on.
    fn subscribe(&self, interest: Interest) -> ChangeStream;

    /// How far changes get at this moment, for readiness checks.
    fn reach(&self) -> Reach {
        Reach::Process
    }
}

/// How far the changes of a [`ChangeBus`] get.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// To the subscribers of this process, and no further.
    Process,
    /// To those of every replica.
    Replicas,
    /// To those of every replica, were the way to them not interrupted; the reason, for a log.
    Interrupted(String),
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process => f.write_str("this process alone"),
            Self::Replicas => f.write_str("all replicas"),
            Self::Interrupted(reason) => write!(f, "interrupted: {reason}"),
        }
    }
}
