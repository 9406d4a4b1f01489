//! The task of a bus: one session with NATS after the other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::builder::Checked;
use crate::bus::Shared;
use crate::error::Reason;
use crate::log;
use crate::origins::Origins;
use crate::session::{Ended, Session};
use crate::state::State;
use crate::window::Window;

/// What lasts longer than one connection.
pub(crate) struct Link {
    pub(crate) shared: Arc<Shared>,
    pub(crate) checked: Checked,
    pub(crate) window: Window,
    pub(crate) origins: Origins,
    /// The number of the last sign of life.
    pub(crate) beats: u64,
    state: watch::Sender<State>,
    /// Failures since the connection last held for a while.
    failures: u32,
    up_since: Option<Instant>,
    logged_loss: Option<Instant>,
}

impl Link {
    pub(crate) fn new(shared: Arc<Shared>, checked: Checked, state: watch::Sender<State>) -> Self {
        let limits = &checked.limits;
        Self {
            origins: Origins::new(limits.max_origins, limits.forget_origin_after),
            shared,
            checked,
            window: Window::default(),
            beats: 0,
            state,
            failures: 0,
            up_since: None,
            logged_loss: None,
        }
    }

    /// Ends when `stop` says so, or nobody is left to say it.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let opened = tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                opened = self.open() => opened,
            };
            let reason = match opened {
                Ok(session) => match session.run(&mut self, &mut stop).await {
                    Ended::Stopped => break,
                    Ended::Lost(reason) => reason,
                },
                Err(reason) => reason,
            };
            self.down(reason);
            let pause = self.pause();
            tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                () = sleep(pause) => {}
            }
        }
        if self.window.len() > 0 || !self.shared.outgoing.is_empty() {
            log::unsent(&self.shared.subject);
        }
        let down = self.state.borrow().down(Reason::ShutDown);
        self.state.send_replace(down);
    }

    async fn open(&self) -> Result<Session, Reason> {
        // Names are resolved outside of the client's own bound.
        let servers = u32::try_from(self.checked.servers.len()).unwrap_or(u32::MAX);
        let longest = self.checked.limits.connect_timeout.saturating_mul(servers);
        // rustls panics where it finds no provider, or two: that must not end the task.
        let open = AssertUnwindSafe(Session::open(&self.checked)).catch_unwind();
        match timeout(longest, open).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(_)) => {
                let reason =
                    "no TLS provider; turn on the feature `tls` of mcpwire-nats, or install one";
                Err(Reason::Tls(Arc::from(Box::from(reason))))
            }
            Err(_) => Err(Reason::NoAnswer { waited: longest }),
        }
    }

    /// The session works in both directions.
    pub(crate) fn up(&mut self) {
        self.up_since = Some(Instant::now());
        self.shared.counters.connects.one();
        log::up(&self.shared.subject);
        self.state.send_replace(State::Up);
    }

    fn down(&mut self, reason: Reason) {
        let before = self.state.borrow().clone();
        match self.up_since.take() {
            Some(since) => {
                self.shared.counters.disconnects.one();
                // A connection that does not hold is as bad as none.
                if since.elapsed() >= self.checked.limits.max_backoff {
                    self.failures = 0;
                }
            }
            None => self.shared.counters.failed_attempts.one(),
        }
        self.failures = self.failures.saturating_add(1);
        if matches!(before.reason(), None | Some(Reason::Starting)) {
            log::down(&self.shared.subject, &reason);
        } else {
            log::still_down(&self.shared.subject, &reason, self.failures);
        }
        self.state.send_replace(before.down(reason));
    }

    /// Between half of what the failures ask for, and all of it.
    fn pause(&self) -> Duration {
        let limits = &self.checked.limits;
        let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1).min(30));
        let longest = limits
            .backoff
            .saturating_mul(doubled)
            .min(limits.max_backoff);
        longest / 1000 * (500 + getrandom::u32().unwrap_or(0) % 501)
    }

    /// Logs a loss, unless one was logged just now.
    pub(crate) fn log_loss(&mut self, what: &'static str) {
        const AT_MOST_EVERY: Duration = Duration::from_secs(10);
        let recent = |at: Instant| at.elapsed() < AT_MOST_EVERY;
        if !self.logged_loss.is_some_and(recent) {
            self.logged_loss = Some(Instant::now());
            log::lost(&self.shared.subject, what);
        }
    }
}

/// Waits for the end of the bus.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that the last handle is gone.
    let _ = stop.wait_for(|stop| *stop).await;
}
