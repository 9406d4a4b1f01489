//! The bus as the server sees it.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use mcpwire_service::{Change, ChangeBus, ChangeStream, Interest, LocalBus, Reach};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::builder::{Builder, Checked};
use crate::error::{ConfigError, Reason};
use crate::link::Link;
use crate::message::{News, Origin};
use crate::outgoing::{Outgoing, Put};
use crate::state::{State, Watch};
use crate::stats::{Counters, Stats};

/// A change bus that reaches the streams of this process and, over NATS, those of every other replica.
///
/// Clones share one connection and one task, which ends with the last of them.
#[derive(Clone)]
pub struct NatsBus(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    state: watch::Receiver<State>,
    /// The link ends when this says so, or is gone.
    stop: watch::Sender<bool>,
}

/// What the handles of a bus and its link have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) origin: Origin,
    pub(crate) subject: String,
    pub(crate) local: LocalBus,
    pub(crate) outgoing: Outgoing,
    pub(crate) counters: Counters,
    pub(crate) max_message_bytes: usize,
}

impl Shared {
    /// What the others are told of a change. One that fits into no message takes no place in the queue.
    fn news(&self, change: Change) -> News {
        match change.into() {
            News::Updated(uri) if uri.len() >= self.max_message_bytes => {
                self.counters.oversized.one();
                News::Missed
            }
            news => news,
        }
    }
}

impl NatsBus {
    /// Settings of a bus for the server `name`, over the NATS servers of a list with commas
    /// (`nats://user:password@host:4222`).
    ///
    /// All replicas of one server use one name, and different servers on one NATS different ones: letters,
    /// digits, `-` and `_`.
    pub fn builder(servers: impl Into<String>, name: impl Into<String>) -> Builder {
        Builder::new(servers.into(), name.into())
    }

    pub(crate) fn start(checked: Checked) -> Result<Self, ConfigError> {
        let runtime = Handle::try_current().map_err(|_| ConfigError::NoRuntime)?;
        let mut origin = [0; 16];
        getrandom::fill(&mut origin).map_err(ConfigError::Random)?;
        let shared = Arc::new(Shared {
            origin: Origin(u128::from_ne_bytes(origin)),
            subject: checked.subject.clone(),
            local: LocalBus::default(),
            outgoing: Outgoing::new(checked.limits.queue),
            counters: Counters::default(),
            max_message_bytes: checked.limits.max_message_bytes,
        });
        let (state, watched) = watch::channel(State::Down {
            since: Instant::now(),
            reason: Reason::Starting,
        });
        let (stop, stopped) = watch::channel(false);
        runtime.spawn(Link::new(Arc::clone(&shared), checked, state).run(stopped));
        Ok(Self(Arc::new(Inner {
            shared,
            state: watched,
            stop,
        })))
    }

    /// The part of the bus that is in this process, with its subscribers and its numbers.
    pub fn local(&self) -> &LocalBus {
        &self.0.shared.local
    }

    /// Whether the other replicas are reached at this moment.
    pub fn state(&self) -> State {
        self.0.state.borrow().clone()
    }

    /// The state, to be waited on.
    pub fn watch(&self) -> Watch {
        Watch(self.0.state.clone())
    }

    /// What the bus did since it was made.
    pub fn stats(&self) -> Stats {
        self.0.shared.counters.stats()
    }

    /// The NATS subject that the replicas share.
    pub fn subject(&self) -> &str {
        &self.0.shared.subject
    }

    /// Sends what is queued, for at most the close grace, and ends the connection for all clones. Delivery
    /// within this process goes on. Cancel-safe: the end goes on without this future.
    pub async fn shutdown(&self) {
        self.0.stop.send_replace(true);
        let mut state = self.0.state.clone();
        // An error says that the link is gone, which is as good.
        let _ = state
            .wait_for(|state| matches!(state.reason(), Some(Reason::ShutDown)))
            .await;
    }
}

impl ChangeBus for NatsBus {
    fn publish(&self, change: Change) {
        let shared = &self.0.shared;
        shared.local.publish(change.clone());
        match shared.outgoing.put(shared.news(change)) {
            Put::Queued => {}
            Put::Coalesced => shared.counters.coalesced.one(),
            Put::Overflow => shared.counters.overflows.one(),
        }
    }

    fn subscribe(&self, interest: Interest) -> ChangeStream {
        self.0.shared.local.subscribe(interest)
    }

    fn reach(&self) -> Reach {
        match &*self.0.state.borrow() {
            State::Up => Reach::Replicas,
            State::Down { reason, .. } => Reach::Interrupted(reason.to_string()),
        }
    }
}

impl fmt::Debug for NatsBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsBus")
            .field("subject", &self.subject())
            .field("state", &*self.0.state.borrow())
            .finish_non_exhaustive()
    }
}
