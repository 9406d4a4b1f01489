//! The changes that wait to be told to the other replicas.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::message::News;

/// A bounded queue in which equal changes are one, and too many are "something changed".
#[derive(Debug)]
pub(crate) struct Outgoing {
    waiting: Mutex<Waiting>,
    capacity: usize,
    /// Rung whenever something was put in.
    pub(crate) rung: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    order: VecDeque<News>,
    known: HashSet<News>,
    /// Stands for all that the queue had no room for, and for everything that comes while it waits.
    missed: bool,
}

/// What became of a change that was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    Queued,
    /// One that says as much waits already.
    Coalesced,
    /// The queue was full: it now says that something was missed.
    Overflow,
}

impl Outgoing {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            capacity: capacity.max(1),
            rung: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in here panics half-way, so what a poisoned lock holds is whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, news: News) -> Put {
        let put = self.lock().put(news, self.capacity);
        if put != Put::Coalesced {
            self.rung.notify_one();
        }
        put
    }

    pub(crate) fn take(&self) -> Option<News> {
        self.lock().take()
    }

    pub(crate) fn is_empty(&self) -> bool {
        let waiting = self.lock();
        !waiting.missed && waiting.order.is_empty()
    }
}

impl Waiting {
    fn put(&mut self, news: News, capacity: usize) -> Put {
        if self.missed || self.known.contains(&news) {
            return Put::Coalesced;
        }
        let full = self.order.len() >= capacity;
        if full || news == News::Missed {
            *self = Self {
                missed: true,
                ..Self::default()
            };
            return if full { Put::Overflow } else { Put::Queued };
        }
        self.known.insert(news.clone());
        self.order.push_back(news);
        Put::Queued
    }

    fn take(&mut self) -> Option<News> {
        if std::mem::take(&mut self.missed) {
            return Some(News::Missed);
        }
        let news = self.order.pop_front()?;
        self.known.remove(&news);
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn updated(uri: &str) -> News {
        News::Updated(uri.into())
    }

    #[test]
    fn changes_leave_in_order_and_equal_ones_once() {
        let queue = Outgoing::new(4);
        assert_eq!(queue.put(updated("a:1")), Put::Queued);
        assert_eq!(queue.put(News::Tools), Put::Queued);
        assert_eq!(queue.put(updated("a:1")), Put::Coalesced);
        assert_eq!(queue.take(), Some(updated("a:1")));
        assert_eq!(queue.put(updated("a:1")), Put::Queued);
        assert_eq!(queue.take(), Some(News::Tools));
        assert_eq!(queue.take(), Some(updated("a:1")));
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn too_many_become_one_that_stands_for_all() {
        let queue = Outgoing::new(2);
        for uri in ["a:1", "a:2"] {
            assert_eq!(queue.put(updated(uri)), Put::Queued);
        }
        assert_eq!(queue.put(updated("a:2")), Put::Coalesced);
        assert_eq!(queue.put(updated("a:3")), Put::Overflow);
        assert_eq!(queue.put(News::Tools), Put::Coalesced);
        assert!(!queue.is_empty());
        assert_eq!(queue.take(), Some(News::Missed));
        assert_eq!(queue.take(), None);
        assert!(queue.is_empty());
    }
}
