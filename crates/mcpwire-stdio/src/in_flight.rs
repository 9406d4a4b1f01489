//! Which requests are waiting for their response.
//!
//! A request is in here from the moment it is accepted until its response is written, its
//! cancellation is read, or serving ends. Nothing keyed by a request ID outlives that, so an ID may
//! be used again as soon as the peer has seen the response (BASE-07).

use std::collections::{HashMap, VecDeque};

use mcpwire_types::RequestId;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Tells one request from an earlier one with the same ID. Never used twice on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) u64);

/// A request that waits for its response.
#[derive(Debug)]
pub(crate) struct Entry {
    key: Key,
    pub(crate) id: RequestId<'static>,
    pub(crate) listen: Option<Listen>,
    /// The task that works on it, unless it was answered at once.
    reply: Option<AbortHandle>,
}

/// How far a `subscriptions/listen` stream has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    /// Nothing was sent yet.
    Requested,
    /// The acknowledgement was sent, so the stream exists and its end has to be told (CANCEL-14).
    Open,
    /// The end was told; only the response may follow.
    Ended,
}

/// All of them, in the order in which they came, which is that of their keys, and by ID.
#[derive(Debug)]
pub(crate) struct InFlight {
    entries: VecDeque<Entry>,
    keys: HashMap<RequestId<'static>, Key>,
    last: u64,
    /// When a request last came or went.
    changed: Instant,
}

impl InFlight {
    pub(crate) fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            keys: HashMap::new(),
            last: 0,
            changed: Instant::now(),
        }
    }

    pub(crate) fn insert(&mut self, id: RequestId<'static>, listen: bool, now: Instant) -> Key {
        self.last += 1;
        let key = Key(self.last);
        let listen = listen.then_some(Listen::Requested);
        self.changed = now;
        self.keys.insert(id.clone(), key);
        self.entries.push_back(Entry {
            key,
            id,
            listen,
            reply: None,
        });
        key
    }

    /// From here on a cancellation ends this task.
    pub(crate) fn works(&mut self, key: Key, reply: AbortHandle) {
        if let Some(entry) = self.get_mut(key) {
            entry.reply = Some(reply);
        }
    }

    pub(crate) fn contains(&self, id: &RequestId<'static>) -> bool {
        self.keys.contains_key(id)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Entry> {
        let at = self.place(key)?;
        self.entries.get_mut(at)
    }

    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = (Key, &mut Entry)> {
        self.entries.iter_mut().map(|entry| (entry.key, entry))
    }

    /// The response was written.
    pub(crate) fn answered(&mut self, key: Key) {
        if let Some(entry) = self.remove(key) {
            self.keys.remove(&entry.id);
            self.changed = Instant::now();
        }
    }

    /// Stops the work on a request; gives the key under which its messages may still be queued.
    pub(crate) fn cancel(&mut self, id: &RequestId<'static>) -> Option<Key> {
        let key = self.keys.remove(id)?;
        if let Some(entry) = self.remove(key) {
            if let Some(reply) = entry.reply {
                reply.abort();
            }
            self.changed = Instant::now();
        }
        Some(key)
    }

    fn place(&self, key: Key) -> Option<usize> {
        self.entries.binary_search_by_key(&key, |it| it.key).ok()
    }

    fn remove(&mut self, key: Key) -> Option<Entry> {
        let at = self.place(key)?;
        self.entries.remove(at)
    }

    /// When a request last came or went.
    pub(crate) fn changed(&self) -> Instant {
        self.changed
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
