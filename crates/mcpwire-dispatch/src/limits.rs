//! Every bound of this crate, by name.

use std::time::Duration;

/// What a [`Router`](crate::Router) refuses to exceed. Every bound but that of a stream's age is
/// finite by default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Entries on one page of a list (PAGE-04); 100. At least 1.
    pub page_size: usize,
    /// Values in one answer to `completion/complete`; 100, which the protocol does not let grow
    /// (COMP-06).
    pub max_completions: usize,
    /// Notifications of one request that wait for a slow reader; 16. A handler that reports more
    /// waits (PROG-12). At least 1.
    pub outbox_capacity: usize,
    /// How long sealed request state is accepted; 10 minutes (MRTR-33).
    pub request_state_ttl: Duration,
    /// Bytes of request state, as text, that are looked at; 64 KiB.
    pub max_request_state: usize,
    /// Rounds of input that one request may take; 32 (MRTR-12).
    pub max_input_rounds: u32,
    /// URIs that one `subscriptions/listen` may watch; 256.
    pub max_resource_subscriptions: usize,
    /// Different changes that wait on one listen stream; 256. Of further updated URIs the watched one
    /// above them is announced (SUB-30). Counted by the bus, see
    /// [`BusStats`](mcpwire_service::BusStats).
    pub max_pending_updates: usize,
    /// `subscriptions/listen` streams that are open at a time; 10,000. Further requests are answered
    /// `-32603`, as are those at the next bound. Transports have bounds of their own. Counted in
    /// [`ListenStats`](crate::ListenStats), as are the next two.
    pub max_subscriptions: usize,
    /// Of those, streams of one [`Principal`](mcpwire_service::Principal); 100. Callers without one
    /// share the bound above.
    pub max_subscriptions_per_principal: usize,
    /// How old a listen stream may get; no bound by default. It ends with its result at 80 to 100
    /// hundredths of this, by chance, so that streams move to new replicas one by one (SUB-19). Needs a
    /// tokio runtime with its clock.
    pub max_subscription_age: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_size: 100,
            max_completions: 100,
            outbox_capacity: 16,
            request_state_ttl: Duration::from_secs(10 * 60),
            max_request_state: 65_536,
            max_input_rounds: 32,
            max_resource_subscriptions: 256,
            max_pending_updates: 256,
            max_subscriptions: 10_000,
            max_subscriptions_per_principal: 100,
            max_subscription_age: None,
        }
    }
}

impl Limits {
    /// Sets [`Limits::page_size`].
    pub fn page_size(mut self, entries: usize) -> Self {
        self.page_size = entries.max(1);
        self
    }

    /// Sets [`Limits::max_completions`].
    pub fn max_completions(mut self, values: usize) -> Self {
        self.max_completions = values.min(100);
        self
    }

    /// Sets [`Limits::outbox_capacity`].
    pub fn outbox_capacity(mut self, notifications: usize) -> Self {
        self.outbox_capacity = notifications.max(1);
        self
    }

    /// Sets [`Limits::request_state_ttl`].
    pub fn request_state_ttl(mut self, ttl: Duration) -> Self {
        self.request_state_ttl = ttl;
        self
    }

    /// Sets [`Limits::max_request_state`].
    pub fn max_request_state(mut self, bytes: usize) -> Self {
        self.max_request_state = bytes;
        self
    }

    /// Sets [`Limits::max_input_rounds`].
    pub fn max_input_rounds(mut self, rounds: u32) -> Self {
        self.max_input_rounds = rounds;
        self
    }

    /// Sets [`Limits::max_resource_subscriptions`].
    pub fn max_resource_subscriptions(mut self, uris: usize) -> Self {
        self.max_resource_subscriptions = uris;
        self
    }

    /// Sets [`Limits::max_pending_updates`].
    pub fn max_pending_updates(mut self, uris: usize) -> Self {
        self.max_pending_updates = uris;
        self
    }

    /// Sets [`Limits::max_subscriptions`].
    pub fn max_subscriptions(mut self, streams: usize) -> Self {
        self.max_subscriptions = streams;
        self
    }

    /// Sets [`Limits::max_subscriptions_per_principal`].
    pub fn max_subscriptions_per_principal(mut self, streams: usize) -> Self {
        self.max_subscriptions_per_principal = streams;
        self
    }

    /// Sets [`Limits::max_subscription_age`].
    pub fn max_subscription_age(mut self, age: Option<Duration>) -> Self {
        self.max_subscription_age = age;
        self
    }
}
