//! A crew of clients over many seeds, while everything goes wrong.
#![cfg(feature = "sim")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test is a failed test"
)]

mod crew;

use crew::{Common, check_acts, network};
use mcpwire_testkit::sim::{Faults, seeds};

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
    for seed in seeds(0..24) {
        let common = Common::default();
        network(seed, Faults::default(), &common).run().unwrap();
        // Once, or twice where the balancer sent it twice.
        check_acts(&common, 2);
    }
}

#[test]
fn nothing_is_done_twice_unless_the_network_asks_twice() {
    for seed in seeds(100..112) {
        let common = Common::default();
        let faults = Faults::default().duplicates(0.0);
        network(seed, faults, &common).run().unwrap();
        check_acts(&common, 1);
    }
}
