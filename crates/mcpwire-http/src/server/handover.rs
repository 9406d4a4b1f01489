//! How an event stream leaves hyper, which keeps two buffers of 8 KiB and its own state for each
//! connection that has an answer in progress.
//!
//! ```text
//!   hyper sends the head, and the events ─▶ the events are offered ─▶ all of it ─▶ taken by the
//!   that are ready                          when none is ready        is flushed   connection's task
//! ```

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use super::events::Events;

/// Where a body leaves its events for the task of the connection.
///
/// The body, the byte stream below hyper and the task are polled by one task, one after the other.
#[derive(Default)]
pub(crate) struct Handover {
    stage: AtomicU8,
    leaving: Mutex<Option<Leaving>>,
}

const OFFERED: u8 = 1;
const FLUSHED: u8 = 2;

/// The events of an answer of which hyper has sent the beginning.
pub(super) struct Leaving {
    pub(super) events: Box<Events>,
    /// Whether the client expects to use the connection again.
    pub(super) reuse: bool,
}

impl Handover {
    /// Hyper has written all it had: it flushes what is below it after that alone.
    pub(super) fn flushed(&self) {
        if self.stage.load(Ordering::Relaxed) == OFFERED {
            self.stage.store(FLUSHED, Ordering::Relaxed);
        }
    }

    /// What leaves, once hyper has nothing of it left. Taken once.
    pub(super) fn take(&self) -> Option<Leaving> {
        if self.stage.load(Ordering::Relaxed) != FLUSHED {
            return None;
        }
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        leaving.take()
    }

    /// Everything of these events that was ready is in hyper's hands, and no more will be.
    pub(crate) fn offer(&self, events: Box<Events>, reuse: bool) {
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        *leaving = Some(Leaving { events, reuse });
        self.stage.store(OFFERED, Ordering::Relaxed);
    }
}
