//! How "something changed" reaches every open `subscriptions/listen` stream.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;

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

/// Changes as one subscriber sees them, from the moment it subscribed.
pub type ChangeStream = Pin<Box<dyn Stream<Item = Change> + Send>>;

/// Carries changes to every subscriber, wherever it is connected.
///
/// An implementation is bounded: a subscriber that falls behind gets [`Change::Missed`] in place of
/// what it lost (SUB-30), and `publish` never waits for one.
pub trait ChangeBus: fmt::Debug + Send + Sync + 'static {
    /// Tells everybody, without waiting.
    fn publish(&self, change: Change);

    /// Everything published from now on.
    fn subscribe(&self) -> ChangeStream;
}
