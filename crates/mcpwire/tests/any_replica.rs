//! Any copy of the example server answers any request of any conversation.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

#[path = "../examples/replica.rs"]
#[allow(dead_code, reason = "the program around the server is not run here")]
mod replica;

use mcpwire::dispatch::{KeyRing, LocalBus};
use mcpwire_testkit::law::{self, Options};

const KEYS: [u8; 32] = [7; 32];

#[test]
fn mrtr_43_any_copy_of_the_example_answers_any_request() {
    let deployments = law::deployments(|| {
        let bus = LocalBus::new();
        move || replica::server("replica", KeyRing::new(KEYS)).bus(bus.clone())
    });
    let options = Options::default().cases(100).principals(["ada"]);
    deployments.options(options).verify().unwrap();
}

/// What the example says of itself: its changes stay in their process.
#[test]
fn sub_15_without_a_shared_bus_a_change_reaches_one_copy() {
    let error = law::any_replica(
        || replica::server("replica", KeyRing::new(KEYS)),
        Options::default(),
    );
    let error = error.unwrap_err();
    let diverged = error.diverged().unwrap();
    assert_eq!(diverged.request.method, "subscriptions/listen", "{error}");
}
