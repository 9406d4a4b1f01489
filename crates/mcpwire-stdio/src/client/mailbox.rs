//! Where the messages of one reply wait for whoever reads it.
//!
//! There is room for so many notifications, and always for the response or error that ends the reply,
//! so that what ends a reply never waits for its reader.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use mcpwire_service::{Notification, ReplyItem, Response};

use super::error::Error;

/// The two ends of a new mailbox.
pub(super) fn mailbox(room: usize) -> (Sender, Receiver) {
    let shared = Arc::new(Mutex::new(State {
        room: room.max(1),
        ..State::default()
    }));
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

#[derive(Debug, Default)]
struct State {
    notifications: VecDeque<Notification>,
    room: usize,
    end: Option<Result<Response, Error>>,
    /// The other end was dropped.
    abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Nothing panics while it holds the lock, and the state is whole at any time.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
pub(super) struct Sender(Arc<Mutex<State>>);

impl Sender {
    /// Hands the notification back if there is no room for it. Where nobody reads any more, it is
    /// dropped.
    pub(super) fn push(&self, notification: Notification) -> Result<(), Notification> {
        let mut state = lock(&self.0);
        if state.abandoned {
            return Ok(());
        }
        if state.notifications.len() >= state.room {
            return Err(notification);
        }
        state.notifications.push_back(notification);
        wake(state.reader.take(), state);
        Ok(())
    }

    /// Ends the reply.
    pub(super) fn finish(self, end: Result<Response, Error>) {
        let mut state = lock(&self.0);
        state.end = Some(end);
        wake(state.reader.take(), state);
    }

    /// Waits until there is room, or nobody reads any more.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.0);
        if state.abandoned || state.notifications.len() < state.room {
            return Poll::Ready(());
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether the reader is gone.
    pub(super) fn is_abandoned(&self) -> bool {
        lock(&self.0).abandoned
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.abandoned = true;
        wake(state.reader.take(), state);
    }
}

#[derive(Debug)]
pub(super) struct Receiver(Arc<Mutex<State>>);

impl Receiver {
    /// The next message. `None` after the end, and where the sender is gone without one.
    pub(super) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<ReplyItem, Error>>> {
        let mut state = lock(&self.0);
        if let Some(notification) = state.notifications.pop_front() {
            wake(state.writer.take(), state);
            return Poll::Ready(Some(Ok(ReplyItem::Notification(notification))));
        }
        if let Some(end) = state.end.take() {
            return Poll::Ready(Some(end.map(ReplyItem::Response)));
        }
        if state.abandoned {
            return Poll::Ready(None);
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.abandoned = true;
        state.notifications.clear();
        wake(state.writer.take(), state);
    }
}

/// Whoever is woken may want the lock.
fn wake(waker: Option<Waker>, state: MutexGuard<'_, State>) {
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
