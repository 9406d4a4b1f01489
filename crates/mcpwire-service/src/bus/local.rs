//! The change bus of one process, and the last stretch of every other one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::interest::covers_of;
use super::queue::{Subscriber, Told};
use super::{Change, ChangeBus, ChangeStream, Interest};

/// Carries changes to every subscriber in this process, and no further. Clones are the same bus.
///
/// Publishing costs what the subscribers cost that are told; all others are not looked at. For each
/// there is a bounded queue of its own in which equal changes are one (SUB-30), so that none is slowed
/// down by another. The streams end when the last clone is dropped.
///
/// ```
/// use futures_util::{FutureExt as _, StreamExt as _};
/// use mcpwire_service::{Change, ChangeBus as _, Interest, LocalBus};
///
/// let bus = LocalBus::default();
/// let mut interest = Interest::default();
/// interest.resources = vec!["file:///docs".into()];
/// let mut changes = bus.subscribe(interest);
/// bus.publish(Change::ToolsListChanged);
/// let uri = "file:///docs/a.md".into();
/// bus.publish(Change::ResourceUpdated { uri });
/// let heard = changes.next().now_or_never().flatten();
/// assert!(matches!(heard, Some(Change::ResourceUpdated { .. })));
/// assert_eq!(changes.next().now_or_never(), None);
/// ```
#[derive(Clone, Default)]
pub struct LocalBus(Arc<Shared>);

/// What a [`LocalBus`] did since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BusStats {
    /// Streams that listen at this moment.
    pub subscribers: u64,
    /// Changes that were published.
    pub published: u64,
    /// Changes that were put into the queue of a subscriber.
    pub delivered: u64,
    /// Changes that a subscriber need not be told because the same waited for it already.
    pub coalesced: u64,
    /// Updated resources for which one above them had to stand, because too much waited
    /// ([`Interest::max_pending`]).
    pub widened: u64,
}

#[derive(Default)]
struct Shared {
    index: Mutex<Index>,
    published: AtomicU64,
    delivered: AtomicU64,
    coalesced: AtomicU64,
    widened: AtomicU64,
}

/// Subscribers in the order in which they came, so that they are told in one.
type Subscribers = BTreeMap<u64, Arc<Subscriber>>;

#[derive(Default)]
struct Index {
    next: u64,
    all: Subscribers,
    tools_list: Subscribers,
    prompts_list: Subscribers,
    resources_list: Subscribers,
    /// By the URI that was subscribed to.
    resources: HashMap<Arc<str>, Subscribers>,
}

impl Index {
    fn add(&mut self, subscriber: &Arc<Subscriber>) -> u64 {
        let number = self.next;
        self.next += 1;
        let interest = &subscriber.interest;
        let put = |subscribers: &mut Subscribers| {
            subscribers.insert(number, Arc::clone(subscriber));
        };
        put(&mut self.all);
        if interest.tools_list {
            put(&mut self.tools_list);
        }
        if interest.prompts_list {
            put(&mut self.prompts_list);
        }
        if interest.resources_list {
            put(&mut self.resources_list);
        }
        for uri in &interest.resources {
            put(self.resources.entry(Arc::clone(uri)).or_default());
        }
        number
    }

    fn remove(&mut self, number: u64, interest: &Interest) {
        self.all.remove(&number);
        self.tools_list.remove(&number);
        self.prompts_list.remove(&number);
        self.resources_list.remove(&number);
        for uri in &interest.resources {
            if let Some(subscribers) = self.resources.get_mut(uri) {
                subscribers.remove(&number);
                if subscribers.is_empty() {
                    self.resources.remove(uri);
                }
            }
        }
    }
}

impl LocalBus {
    /// A bus without subscribers.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many streams listen now.
    pub fn subscribers(&self) -> usize {
        self.0.index().all.len()
    }

    /// What happened so far.
    pub fn stats(&self) -> BusStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        BusStats {
            subscribers: self.subscribers() as u64,
            published: read(&self.0.published),
            delivered: read(&self.0.delivered),
            coalesced: read(&self.0.coalesced),
            widened: read(&self.0.widened),
        }
    }
}

impl Shared {
    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells some subscribers, and gives who has to be woken.
    fn tell(
        &self,
        subscribers: Option<&Subscribers>,
        change: &Change,
        subscribed: Option<&Arc<str>>,
        woken: &mut Vec<Waker>,
    ) {
        for subscriber in subscribers.into_iter().flat_map(BTreeMap::values) {
            let (told, reader) = subscriber.tell(change, subscribed);
            let counter = match told {
                Told::Queued => &self.delivered,
                Told::Coalesced => &self.coalesced,
                Told::Widened => &self.widened,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            woken.extend(reader);
        }
    }
}

impl ChangeBus for LocalBus {
    fn publish(&self, change: Change) {
        let shared = &*self.0;
        shared.published.fetch_add(1, Ordering::Relaxed);
        let mut woken = Vec::new();
        let index = shared.index();
        match &change {
            Change::ToolsListChanged => {
                shared.tell(Some(&index.tools_list), &change, None, &mut woken);
            }
            Change::PromptsListChanged => {
                shared.tell(Some(&index.prompts_list), &change, None, &mut woken);
            }
            Change::ResourcesListChanged => {
                shared.tell(Some(&index.resources_list), &change, None, &mut woken);
            }
            Change::ResourceUpdated { uri } => {
                for above in covers_of(uri) {
                    if let Some((subscribed, subscribers)) = index.resources.get_key_value(above) {
                        shared.tell(Some(subscribers), &change, Some(subscribed), &mut woken);
                    }
                }
            }
            Change::Missed => shared.tell(Some(&index.all), &change, None, &mut woken),
        }
        drop(index);
        // What a waker does is not known here, so no lock is held.
        woken.into_iter().for_each(Waker::wake);
    }

    fn subscribe(&self, interest: Interest) -> ChangeStream {
        let subscriber = Arc::new(Subscriber::new(interest));
        let number = self.0.index().add(&subscriber);
        Box::pin(Subscription {
            subscriber,
            number,
            bus: Arc::downgrade(&self.0),
        })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let index = self.index.get_mut().unwrap_or_else(PoisonError::into_inner);
        let subscribers = std::mem::take(&mut index.all);
        let readers = subscribers
            .values()
            .filter_map(|subscriber| subscriber.close());
        readers.for_each(Waker::wake);
    }
}

impl fmt::Debug for LocalBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalBus")
            .field("subscribers", &self.subscribers())
            .finish_non_exhaustive()
    }
}

struct Subscription {
    subscriber: Arc<Subscriber>,
    number: u64,
    bus: Weak<Shared>,
}

impl Stream for Subscription {
    type Item = Change;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Change>> {
        self.subscriber.poll(cx.waker())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(bus) = self.bus.upgrade() {
            bus.index().remove(self.number, &self.subscriber.interest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use futures_util::{FutureExt as _, StreamExt as _};
    use proptest::prelude::*;

    use super::*;

    fn updated(uri: &str) -> Change {
        Change::ResourceUpdated { uri: uri.into() }
    }

    fn interest(uris: &[&str]) -> Interest {
        Interest {
            tools_list: true,
            resources: uris.iter().map(|uri| (*uri).into()).collect(),
            ..Interest::default()
        }
    }

    fn ready(stream: &mut ChangeStream) -> Vec<Change> {
        std::iter::from_fn(|| stream.next().now_or_never().flatten()).collect()
    }

    #[test]
    fn sub_32_every_subscriber_hears_what_comes_after_it() {
        let bus = LocalBus::default();
        bus.publish(updated("a:before"));
        let mut streams = [(); 2].map(|()| bus.subscribe(interest(&["a:x", "a:before"])));
        bus.publish(Change::ToolsListChanged);
        bus.publish(Change::PromptsListChanged);
        bus.publish(updated("a:x/1"));
        for stream in &mut streams {
            assert_eq!(ready(stream), [Change::ToolsListChanged, updated("a:x/1")]);
        }
        let stats = bus.stats();
        assert_eq!(
            (stats.subscribers, stats.published, stats.delivered),
            (2, 4, 4)
        );
    }

    #[test]
    fn sub_27_one_update_below_two_subscriptions_is_told_once() {
        let bus = LocalBus::default();
        let mut stream = bus.subscribe(interest(&["a:x", "a:x/1", "a:x/"]));
        bus.publish(updated("a:x/1"));
        assert_eq!(ready(&mut stream), [updated("a:x/1")]);
    }

    #[test]
    fn sub_30_a_loss_is_told_to_all() {
        let bus = LocalBus::default();
        let mut stream = bus.subscribe(interest(&["a:x"]));
        bus.publish(updated("a:x"));
        bus.publish(Change::Missed);
        assert_eq!(ready(&mut stream), [Change::Missed]);
    }

    #[test]
    fn who_is_not_interested_is_not_woken() {
        #[derive(Default)]
        struct Wakes(AtomicUsize);
        impl Wake for Wakes {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let bus = LocalBus::default();
        let mut stream = bus.subscribe(interest(&["a:x"]));
        let count = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&count));
        let mut cx = Context::from_waker(&waker);
        assert!(stream.as_mut().poll_next(&mut cx).is_pending());
        bus.publish(Change::PromptsListChanged);
        bus.publish(updated("a:y"));
        assert_eq!(count.0.load(Ordering::SeqCst), 0);
        bus.publish(updated("a:x"));
        bus.publish(updated("a:x"));
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert_eq!(bus.stats().coalesced, 1);
    }

    #[test]
    fn a_subscriber_that_goes_leaves_nothing_behind() {
        let bus = LocalBus::default();
        let streams = [(); 3].map(|()| bus.subscribe(interest(&["a:x", "a:y"])));
        assert_eq!(bus.subscribers(), 3);
        drop(streams);
        assert_eq!(bus.subscribers(), 0);
        let index = bus.0.index();
        assert!(index.tools_list.is_empty() && index.resources.is_empty());
    }

    #[test]
    fn the_stream_ends_with_the_bus() {
        let bus = LocalBus::default();
        let mut stream = bus.subscribe(interest(&[]));
        let other = bus.clone();
        drop(bus);
        assert_eq!(stream.next().now_or_never(), None);
        other.publish(Change::ToolsListChanged);
        drop(other);
        assert_eq!(
            stream.next().now_or_never(),
            Some(Some(Change::ToolsListChanged))
        );
        assert_eq!(stream.next().now_or_never(), Some(None));
    }

    proptest! {
        /// The index finds whom asking each subscriber would find.
        #[test]
        fn sub_27_the_index_agrees_with_the_interest(
            watched in prop::collection::vec(prop::collection::vec("a:[/b]{0,5}", 0..4), 0..6),
            published in prop::collection::vec("a:[/b]{0,6}", 0..6),
        ) {
            let bus = LocalBus::default();
            let interests: Vec<_> = watched.iter().map(|uris| Interest {
                resources: uris.iter().map(|uri| uri.as_str().into()).collect(),
                ..Interest::default()
            }).collect();
            let mut streams: Vec<_> = interests.iter().map(|one| bus.subscribe(one.clone())).collect();
            for uri in &published {
                bus.publish(updated(uri));
                for (stream, interest) in streams.iter_mut().zip(&interests) {
                    let due: Vec<_> = interest.covering(uri).map(|_| updated(uri)).into_iter().collect();
                    prop_assert_eq!(ready(stream), due);
                }
            }
            streams.clear();
            prop_assert!(bus.0.index().resources.is_empty());
        }
    }
}
