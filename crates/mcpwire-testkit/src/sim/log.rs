//! What happened, in order.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What happened in a run, in order. Two runs are the same if their logs are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    events: Vec<Event>,
    left_out: usize,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The time since the start of the run, simulated.
    pub at: Duration,
    /// The host that tells: `client-0`, `balancer`, `network`.
    pub who: String,
    /// What it tells.
    pub what: String,
}

impl Log {
    /// How many events are kept; those after them are only counted.
    pub const MAX_EVENTS: usize = 100_000;

    /// The events, the first one first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// How many events were left out because there were [`MAX_EVENTS`](Self::MAX_EVENTS) already.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The last events, this many at most.
    pub(super) fn tail(&self, len: usize) -> &[Event] {
        let start = self.events.len().saturating_sub(len);
        self.events.get(start..).unwrap_or_default()
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            writeln!(f, "{event}")?;
        }
        if self.left_out > 0 {
            writeln!(f, "and {} more", self.left_out)?;
        }
        Ok(())
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_secs_f64();
        write!(f, "{at:9.3}s {:<10} {}", self.who, self.what)
    }
}

/// A log that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal(Arc<Mutex<Log>>);

impl Journal {
    /// For hosts: they know what time it is.
    pub(super) fn note(&self, who: &str, what: impl fmt::Display) {
        self.note_at(turmoil::sim_elapsed().unwrap_or_default(), who, what);
    }

    pub(super) fn note_at(&self, at: Duration, who: &str, what: impl fmt::Display) {
        let what = what.to_string();
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if log.events.len() < Log::MAX_EVENTS {
            log.events.push(Event {
                at,
                who: who.to_owned(),
                what,
            });
        } else {
            log.left_out += 1;
        }
    }

    /// Takes the log out.
    pub(super) fn take(&self) -> Log {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
