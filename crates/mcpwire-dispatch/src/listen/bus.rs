//! The change bus of a server that is one process.

use std::fmt;

use futures_util::stream;
use mcpwire_service::{Change, ChangeBus, ChangeStream};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Carries changes to every subscriber in this process, and no further.
///
/// It holds a bounded number of changes for the slowest subscriber; one that falls behind loses the
/// oldest and gets [`Change::Missed`] for them (SUB-30). A server of several replicas needs a bus that
/// reaches them all.
#[derive(Clone)]
pub struct LocalBus(broadcast::Sender<Change>);

impl LocalBus {
    /// Changes that are held for a slow subscriber unless told otherwise.
    pub const DEFAULT_CAPACITY: usize = 1024;

    /// A bus that holds `capacity` changes for a slow subscriber, at least one.
    pub fn new(capacity: usize) -> Self {
        Self(broadcast::Sender::new(capacity.max(1)))
    }

    /// How many streams listen now.
    pub fn subscribers(&self) -> usize {
        self.0.receiver_count()
    }
}

impl Default for LocalBus {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl ChangeBus for LocalBus {
    fn publish(&self, change: Change) {
        // It fails where nobody listens, which is no failure.
        let _ = self.0.send(change);
    }

    fn subscribe(&self) -> ChangeStream {
        Box::pin(stream::unfold(
            self.0.subscribe(),
            |mut changes| async move {
                match changes.recv().await {
                    Ok(change) => Some((change, changes)),
                    Err(RecvError::Lagged(_)) => Some((Change::Missed, changes)),
                    Err(RecvError::Closed) => None,
                }
            },
        ))
    }
}

impl fmt::Debug for LocalBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalBus")
            .field("subscribers", &self.subscribers())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _};

    use super::*;

    fn updated(uri: &str) -> Change {
        Change::ResourceUpdated { uri: uri.into() }
    }

    #[tokio::test]
    async fn sub_32_every_subscriber_hears_what_comes_after_it() {
        let bus = LocalBus::default();
        bus.publish(updated("a:before"));
        let (mut one, mut two) = (bus.subscribe(), bus.subscribe());
        bus.publish(Change::ToolsListChanged);
        bus.publish(updated("a:x"));
        for stream in [&mut one, &mut two] {
            assert_eq!(stream.next().await, Some(Change::ToolsListChanged));
            assert_eq!(stream.next().await, Some(updated("a:x")));
            assert_eq!(stream.next().now_or_never(), None);
        }
    }

    #[tokio::test]
    async fn sub_30_a_slow_subscriber_is_told_that_it_missed_something() {
        let bus = LocalBus::new(2);
        let mut stream = bus.subscribe();
        for n in 0..5 {
            bus.publish(updated(&format!("a:{n}")));
        }
        assert_eq!(stream.next().await, Some(Change::Missed));
        assert_eq!(stream.next().await, Some(updated("a:3")));
        assert_eq!(stream.next().await, Some(updated("a:4")));
    }

    #[tokio::test]
    async fn a_subscriber_that_goes_leaves_nothing_behind() {
        let bus = LocalBus::default();
        let stream = bus.subscribe();
        assert_eq!(bus.subscribers(), 1);
        drop(stream);
        assert_eq!(bus.subscribers(), 0);
        drop(bus.subscribe());
        drop(bus);
    }

    #[tokio::test]
    async fn the_stream_ends_with_the_bus() {
        let bus = LocalBus::default();
        let mut stream = bus.subscribe();
        drop(bus);
        assert_eq!(stream.next().await, None);
    }
}
