//! What a router needs to be one of several, and what a readiness check should see of it.

use std::fmt;

use mcpwire_service::Reach;
use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::router::Router;

/// The state of one replica, for its readiness check.
///
/// As JSON it is the body of a health endpoint: it has no secret in it, and the fingerprints let a
/// deployment compare replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Readiness {
    /// Whether this replica should get requests: [`lacks`](Self::lacks) is empty.
    pub ready: bool,
    /// What it lacks to be one of several, for people. Empty for a server that is alone.
    pub lacks: Vec<String>,
    /// The fingerprint of the key that seals request state.
    pub request_state_key: String,
    /// The fingerprints of all keys whose states are accepted, that one included.
    pub accepted_keys: Vec<String>,
    /// How far announced changes get; `None` when the server announces none.
    pub changes: Option<String>,
    /// `subscriptions/listen` streams that are open.
    pub subscriptions: u64,
}

impl Serialize for Readiness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Readiness", 6)?;
        object.serialize_field("ready", &self.ready)?;
        object.serialize_field("lacks", &self.lacks)?;
        object.serialize_field("requestStateKey", &self.request_state_key)?;
        object.serialize_field("acceptedKeys", &self.accepted_keys)?;
        object.serialize_field("changes", &self.changes)?;
        object.serialize_field("subscriptions", &self.subscriptions)?;
        object.end()
    }
}

impl fmt::Display for Readiness {
    /// As one line of JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

/// Why a server cannot be one of several replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplicaError {
    /// Request state is sealed with a key that no other process has.
    RandomKey,
    /// Changes reach the streams of this process alone.
    LocalChanges,
}

impl fmt::Display for ReplicaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RandomKey => {
                "request state is sealed with a random key of this process, so no other replica opens it: \
                 give all of them the same keys (Router::key_ring, KeyRing::from_env)"
            }
            Self::LocalChanges => {
                "changes reach the listen streams of this process alone: give all replicas a bus that \
                 connects them (Router::bus), or announce nothing (Router::without_changes)"
            }
        })
    }
}

impl std::error::Error for ReplicaError {}

/// One server as several processes.
impl Router {
    /// Says that this server is one of several replicas, and fails at start where a request would notice
    /// which one it hit: when keys are not shared, or changes do not travel.
    pub fn replicated(self) -> Result<Self, ReplicaError> {
        let registry = self.snapshot();
        if registry.input.keys.is_random() {
            return Err(ReplicaError::RandomKey);
        }
        if let Some(bus) = &registry.bus
            && bus.reach() == Reach::Process
        {
            return Err(ReplicaError::LocalChanges);
        }
        Ok(self.set(|registry| registry.replicated = true))
    }

    /// What a readiness check should know at this moment.
    ///
    /// A replica whose bus is interrupted stays ready: it answers every request, its subscribers hear
    /// of its own changes, and of everything else when the bus is back. `changes` tells.
    pub fn readiness(&self) -> Readiness {
        let registry = self.snapshot();
        let reach = registry.bus.as_ref().map(|bus| bus.reach());
        let mut lacks = Vec::new();
        if registry.replicated {
            if registry.input.keys.is_random() {
                lacks.push(ReplicaError::RandomKey.to_string());
            }
            if reach == Some(Reach::Process) {
                lacks.push(ReplicaError::LocalChanges.to_string());
            }
        }
        let keys = &registry.input.keys;
        Readiness {
            ready: lacks.is_empty(),
            lacks,
            request_state_key: keys.fingerprint(),
            accepted_keys: keys.fingerprints().collect(),
            changes: reach.map(|reach| reach.to_string()),
            subscriptions: registry.listening.stats().open,
        }
    }
}

#[cfg(test)]
mod tests {
    use mcpwire_service::{Change, ChangeBus, ChangeStream, Interest, LocalBus};

    use super::*;
    use crate::KeyRing;

    #[derive(Debug)]
    struct Far(Reach);

    impl ChangeBus for Far {
        fn publish(&self, _: Change) {}

        fn subscribe(&self, interest: Interest) -> ChangeStream {
            LocalBus::new().subscribe(interest)
        }

        fn reach(&self) -> Reach {
            self.0.clone()
        }
    }

    fn server() -> Router {
        Router::new("one of several", "1")
    }

    #[test]
    fn a_replica_shares_keys_and_changes_or_does_not_start() {
        let keys = KeyRing::new([7; 32]);
        let far = || Far(Reach::Replicas);
        let refused = |router: Router| router.replicated().unwrap_err();
        assert_eq!(refused(server().bus(far())), ReplicaError::RandomKey);
        let alone = server().key_ring(keys.clone());
        assert_eq!(refused(alone.clone()), ReplicaError::LocalChanges);
        assert!(alone.without_changes().replicated().is_ok());
        let shared = server().key_ring(keys.clone()).bus(far()).replicated();
        assert!(shared.unwrap().readiness().ready);
        // A bus that is down at the start comes up later.
        let down = Far(Reach::Interrupted("refused".to_owned()));
        let down = server().key_ring(keys).bus(down).replicated().unwrap();
        let readiness = down.readiness();
        assert!(readiness.ready);
        assert_eq!(readiness.changes.as_deref(), Some("interrupted: refused"));
    }

    #[test]
    fn what_is_lost_later_is_seen() {
        let replica = server()
            .key_ring(KeyRing::new([7; 32]))
            .bus(Far(Reach::Replicas));
        let replica = replica.replicated().unwrap().key_ring(KeyRing::random());
        let readiness = replica.readiness();
        assert!(!readiness.ready);
        assert_eq!(readiness.lacks, [ReplicaError::RandomKey.to_string()]);
    }

    #[test]
    fn readiness_is_json_without_a_secret() {
        let ring = KeyRing::new([0xab; 32]).accept([0xcd; 32]);
        let json = serde_json::to_value(server().key_ring(ring.clone()).readiness()).unwrap();
        let keys: Vec<_> = ring.fingerprints().collect();
        assert_eq!(
            json,
            serde_json::json!({
                "ready": true,
                "lacks": [],
                "requestStateKey": ring.fingerprint(),
                "acceptedKeys": keys,
                "changes": "this process alone",
                "subscriptions": 0,
            })
        );
    }
}
