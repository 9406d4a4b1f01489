//! Which requests are in flight: from when they are queued to be written until their response is
//! read, they are cancelled, or the connection is lost. Nothing of a request is kept beyond that.

use std::collections::{BTreeSet, HashMap, VecDeque};

use mcpwire_service::Response;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::error::Error;
use super::mailbox::Sender;
use super::rewrite::{Names, Number};

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) mailbox: Sender,
    pub(super) names: Names,
    /// The last byte of its line is written.
    pub(super) sent: bool,
    /// The server has told the end of the listen stream.
    pub(super) ended: Option<Told>,
    /// The place among those in flight.
    pub(super) place: OwnedSemaphorePermit,
}

/// The end of a listen stream.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) reason: Option<String>,
}

impl Entry {
    /// Ends the reply, and gives the place back.
    pub(super) fn finish(self, end: Result<Response, Error>) -> OwnedSemaphorePermit {
        self.mailbox.finish(end);
        self.place
    }
}

#[derive(Debug, Default)]
pub(super) struct Table {
    entries: HashMap<Number, Entry>,
    /// Those that ask for log messages.
    logging: BTreeSet<Number>,
    /// Listen streams whose end was told, and until when their result may come, the oldest first.
    ends: VecDeque<(Instant, Number)>,
    /// The highest number that was ever in here.
    highest: Number,
}

impl Table {
    pub(super) fn insert(&mut self, number: Number, entry: Entry) {
        self.highest = self.highest.max(number);
        if entry.names.logs {
            self.logging.insert(number);
        }
        self.entries.insert(number, entry);
    }

    pub(super) fn get(&self, number: Number) -> Option<&Entry> {
        self.entries.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: Number) -> Option<&mut Entry> {
        self.entries.get_mut(&number)
    }

    pub(super) fn remove(&mut self, number: Number) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        if entry.names.logs {
            self.logging.remove(&number);
        }
        if entry.ended.is_some() {
            self.ends.retain(|(_, other)| *other != number);
        }
        Some(entry)
    }

    /// Takes all of them out, the oldest first.
    pub(super) fn take(&mut self) -> Vec<(Number, Entry)> {
        self.logging.clear();
        self.ends.clear();
        let mut entries: Vec<_> = self.entries.drain().collect();
        entries.sort_unstable_by_key(|(number, _)| *number);
        entries
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a request had this number that is not in flight any more.
    pub(super) fn is_past(&self, number: Number) -> bool {
        (1..=self.highest).contains(&number) && !self.entries.contains_key(&number)
    }

    /// The only request in flight.
    pub(super) fn only(&self) -> Option<Number> {
        match self.entries.len() {
            1 => self.entries.keys().next().copied(),
            _ => None,
        }
    }

    /// The only request in flight that asks for log messages (STDIO-14).
    pub(super) fn only_logging(&self) -> Option<Number> {
        match self.logging.len() {
            1 => self.logging.first().copied(),
            _ => None,
        }
    }

    /// The end of a listen stream was told. Later deadlines come later.
    pub(super) fn end(&mut self, number: Number, reason: Option<String>, deadline: Instant) {
        if let Some(entry) = self.entries.get_mut(&number)
            && entry.ended.is_none()
        {
            entry.ended = Some(Told { reason });
            self.ends.push_back((deadline, number));
        }
    }

    /// When the next listen stream has waited long enough for its result.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.ends.front().map(|(deadline, _)| *deadline)
    }

    /// The listen stream that has waited the longest.
    pub(super) fn ended(&mut self) -> Option<Entry> {
        let (_, number) = self.ends.pop_front()?;
        self.remove(number)
    }
}
