//! Any replica of the fixture server answers any request of any conversation (MRTR-43, PAGE-04).
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use mcpwire::Router;
use mcpwire::dispatch::{KeyRing, LocalBus};
use mcpwire_testkit::law::{self, Options};

/// What replicas share: the key of their request state, and the bus that carries changes.
fn replica(bus: &LocalBus) -> Router {
    mcpwire_conformance::server(4)
        .key_ring(KeyRing::new([7; 32]))
        .bus(bus.clone())
}

#[test]
fn mrtr_43_any_replica_of_the_fixture_server_answers_any_request() {
    let deployments = law::deployments(|| {
        let bus = LocalBus::new();
        move || replica(&bus)
    });
    let options = Options::default().cases(256).principals(["ada", "bob"]);
    deployments.options(options).verify().unwrap();
}

#[test]
fn mrtr_43_replicas_with_keys_of_their_own_are_caught() {
    let error = law::any_replica(|| mcpwire_conformance::server(4), Options::default());
    assert!(error.unwrap_err().diverged().is_some());
}
