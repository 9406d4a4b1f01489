//! What `async-nats` says of a connection, until the session has read it.

use std::sync::{Mutex, PoisonError};

use async_nats::{ClientError, Event, ServerError};
use tokio::sync::Notify;

use crate::error::quoted;

/// Events pile up here without growing: of each kind there is one place.
#[derive(Debug, Default)]
pub(crate) struct Events {
    seen: Mutex<Seen>,
    pub(crate) rung: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The connection is lost.
    pub(crate) disconnected: bool,
    /// The server said that its end is near.
    pub(crate) lame_duck: bool,
    /// Messages that there was no room for.
    pub(crate) slow: u64,
    /// The last complaint of the server.
    pub(crate) words: Option<String>,
    /// It was about what this client may send or hear.
    pub(crate) denied: bool,
}

impl Events {
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn note(&self, event: Event) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Disconnected
            | Event::Closed
            | Event::ClientError(ClientError::MaxReconnects) => {
                seen.disconnected = true;
            }
            Event::LameDuckMode => seen.lame_duck = true,
            Event::SlowConsumer(_) => seen.slow += 1,
            Event::ServerError(error) => {
                let words = words(&error);
                seen.denied |= words
                    .to_ascii_lowercase()
                    .starts_with("permissions violation");
                seen.words = Some(words);
            }
            _ => return,
        }
        drop(seen);
        self.rung.notify_one();
    }
}

fn words(error: &ServerError) -> String {
    match error {
        ServerError::Other(words) => quoted(words),
        other => quoted(&other.to_string()),
    }
}
