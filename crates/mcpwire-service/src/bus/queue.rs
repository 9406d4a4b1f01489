//! What one subscriber still has to be told: bounded, and each thing once (SUB-04, SUB-30).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use super::{Change, Interest};

/// What happened to a change that a subscriber was to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It waits now.
    Queued,
    /// The same waited already.
    Coalesced,
    /// Too much waited: a resource above it stands for it.
    Widened,
}

/// One subscriber: what it wants, and what waits for it.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) interest: Interest,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Change>,
    closed: bool,
    reader: Option<Waker>,
}

impl Subscriber {
    pub(super) fn new(interest: Interest) -> Self {
        Self {
            interest,
            queue: Mutex::default(),
        }
    }

    /// Puts in a change of interest. `subscribed` is the resource that covers an updated one.
    pub(super) fn tell(
        &self,
        change: &Change,
        subscribed: Option<&Arc<str>>,
    ) -> (Told, Option<Waker>) {
        let mut queue = self.lock();
        let full = queue.waiting.len() >= self.interest.max_pending;
        let (change, told) = match (change, subscribed) {
            (Change::ResourceUpdated { uri }, Some(subscribed)) if full && uri != subscribed => {
                let uri = Arc::clone(subscribed);
                (Change::ResourceUpdated { uri }, Told::Widened)
            }
            _ => (change.clone(), Told::Queued),
        };
        // Who is told to look at everything again will see this as well.
        if queue.waiting.contains(&Change::Missed) || queue.waiting.contains(&change) {
            return (Told::Coalesced, None);
        }
        if change == Change::Missed {
            queue.waiting.clear();
        }
        queue.waiting.push_back(change);
        (told, queue.reader.take())
    }

    /// The stream ends after what waits already.
    pub(super) fn close(&self) -> Option<Waker> {
        let mut queue = self.lock();
        queue.closed = true;
        queue.reader.take()
    }

    pub(super) fn poll(&self, reader: &Waker) -> Poll<Option<Change>> {
        let mut queue = self.lock();
        if let Some(change) = queue.waiting.pop_front() {
            if queue.waiting.is_empty() {
                // A burst must not be paid for as long as the stream lives.
                queue.waiting = VecDeque::new();
            }
            return Poll::Ready(Some(change));
        }
        if queue.closed {
            return Poll::Ready(None);
        }
        if !(queue.reader.as_ref()).is_some_and(|known| known.will_wake(reader)) {
            let before = queue.reader.replace(reader.clone());
            // What a waker holds is not known here: it goes once the lock is free.
            drop(queue);
            drop(before);
        }
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn updated(uri: &str) -> Change {
        Change::ResourceUpdated { uri: uri.into() }
    }

    fn subscriber(uris: &[&str], max_pending: usize) -> Subscriber {
        Subscriber::new(Interest {
            tools_list: true,
            resources: uris.iter().map(|uri| (*uri).into()).collect(),
            max_pending,
            ..Interest::default()
        })
    }

    fn tell(subscriber: &Subscriber, change: &Change) -> Told {
        let above = match change {
            Change::ResourceUpdated { uri } => subscriber.interest.covering(uri),
            _ => None,
        };
        subscriber.tell(change, above).0
    }

    fn drain(subscriber: &Subscriber) -> Vec<Change> {
        std::iter::from_fn(|| match subscriber.poll(Waker::noop()) {
            Poll::Ready(change) => change,
            Poll::Pending => None,
        })
        .collect()
    }

    #[test]
    fn sub_30_equal_changes_are_coalesced() {
        let one = subscriber(&["a:x", "a:y"], 10);
        for uri in ["a:x", "a:y", "a:x", "a:x/1", "a:y"] {
            tell(&one, &updated(uri));
        }
        assert_eq!(tell(&one, &updated("a:x")), Told::Coalesced);
        assert_eq!(
            drain(&one),
            [updated("a:x"), updated("a:y"), updated("a:x/1")]
        );
        assert_eq!(tell(&one, &updated("a:x")), Told::Queued);
        assert_eq!(drain(&one), [updated("a:x")]);
    }

    #[test]
    fn sub_30_with_too_much_to_tell_the_subscribed_resource_stands_for_it() {
        let one = subscriber(&["a:x"], 2);
        assert_eq!(tell(&one, &updated("a:x/0")), Told::Queued);
        assert_eq!(tell(&one, &updated("a:x/1")), Told::Queued);
        assert_eq!(tell(&one, &updated("a:x/2")), Told::Widened);
        assert_eq!(tell(&one, &updated("a:x/3")), Told::Coalesced);
        // A list has nothing above it and is never left out.
        assert_eq!(tell(&one, &Change::ToolsListChanged), Told::Queued);
        assert_eq!(
            drain(&one),
            [
                updated("a:x/0"),
                updated("a:x/1"),
                updated("a:x"),
                Change::ToolsListChanged
            ]
        );
    }

    #[test]
    fn sub_30_a_loss_stands_for_everything() {
        let one = subscriber(&["a:x"], 10);
        tell(&one, &updated("a:x"));
        assert_eq!(tell(&one, &Change::Missed), Told::Queued);
        assert_eq!(tell(&one, &Change::Missed), Told::Coalesced);
        assert_eq!(tell(&one, &updated("a:x")), Told::Coalesced);
        assert_eq!(drain(&one), [Change::Missed]);
        tell(&one, &updated("a:x"));
        assert_eq!(drain(&one), [updated("a:x")]);
    }

    #[test]
    fn what_waits_is_told_before_the_end() {
        let one = subscriber(&[], 10);
        tell(&one, &Change::ToolsListChanged);
        one.close();
        assert_eq!(drain(&one), [Change::ToolsListChanged]);
        assert_eq!(one.poll(Waker::noop()), Poll::Ready(None));
    }

    proptest! {
        /// Whatever happens, the queue is bounded, has nothing twice, and forgets no subscription.
        #[test]
        fn sub_30_the_queue_is_bounded(uris in prop::collection::vec("a:[xy](/[0-9]{1,2})?", 0..200)) {
            let one = subscriber(&["a:x", "a:y"], 8);
            for uri in &uris {
                tell(&one, &updated(uri));
                prop_assert!(one.lock().waiting.len() <= 8 + 2);
            }
            let told = drain(&one);
            for (index, change) in told.iter().enumerate() {
                prop_assert!(!told[..index].contains(change));
            }
            for uri in &uris {
                let watched = if uri.starts_with("a:x") { "a:x" } else { "a:y" };
                prop_assert!(told.contains(&updated(uri)) || told.contains(&updated(watched)));
            }
        }
    }
}
