//! A clock that runs only while somebody waits in vain.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Measures silence: of the peer, not of whoever should be reading.
#[derive(Debug)]
pub(super) struct Idle {
    limit: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
    running: bool,
}

impl Idle {
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self {
            limit,
            sleep: None,
            running: false,
        }
    }

    /// The peer has sent something.
    pub(super) fn life(&mut self) {
        self.running = false;
    }

    /// Nothing is there: ready with the limit once that is so for too long.
    pub(super) fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some(limit) = self.limit else {
            return Poll::Pending;
        };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !self.running {
            self.running = true;
            // What is too far away for the clock never comes.
            let Some(deadline) = Instant::now().checked_add(limit) else {
                return Poll::Pending;
            };
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx).map(|()| limit)
    }
}
