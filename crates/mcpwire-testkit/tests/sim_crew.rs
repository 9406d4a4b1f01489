//! A crew of clients over many seeds, while everything goes wrong.
#![cfg(feature = "sim")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

mod crew;

use crew::{Common, check_acts, crew, network};
use mcpwire_testkit::sim::{Cause, Faults, seeds};

#[test]
fn without_faults_nothing_fails() {
    let common = Common::default();
    let log = network(1, Faults::none(), &common).run().unwrap();
    let failed = log
        .events()
        .iter()
        .filter(|event| event.what.contains("failed"));
    assert_eq!(failed.count(), 0, "{log}");
    check_acts(&common, 1);
}

#[test]
fn everything_is_answered_in_the_end_whatever_goes_wrong() {
    for seed in seeds(0..20) {
        let common = Common::default();
        network(seed, Faults::default(), &common).run().unwrap();
        // Once, or twice where the balancer sent it twice.
        check_acts(&common, 2);
    }
}

#[test]
fn nothing_is_done_twice_unless_the_network_asks_twice() {
    for seed in seeds(100..108) {
        let common = Common::default();
        let faults = Faults::default().duplicates(0.0);
        network(seed, faults, &common).run().unwrap();
        check_acts(&common, 1);
    }
}

#[test]
fn replicas_with_keys_of_their_own_are_found_out() {
    let common = Common::default();
    let failure = crew(1, Faults::none(), move |index| common.other_keys(index));
    let failure = failure.run().unwrap_err();
    assert!(matches!(&failure.cause, Cause::Client { .. }), "{failure}");
    assert!(failure.to_string().contains("ask: Rpc"), "{failure}");
}

#[test]
fn replicas_that_keep_changes_to_themselves_are_found_out() {
    let common = Common::default();
    let failure = crew(1, Faults::none(), move |_| common.other_bus());
    let failure = failure.run().unwrap_err();
    let Cause::TooLong { unfinished, .. } = &failure.cause else {
        panic!("{failure:?}");
    };
    // The listeners.
    assert_eq!(unfinished, &["client-3", "client-4"]);
}
