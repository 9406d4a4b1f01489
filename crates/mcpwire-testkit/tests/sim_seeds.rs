//! The same seed is the same run.
#![cfg(feature = "sim")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test is a failed test"
)]

mod crew;

use crew::{Common, network};
use mcpwire_testkit::sim::{Faults, Log};

fn run(seed: u64) -> Log {
    network(seed, Faults::default(), &Common::default())
        .run()
        .unwrap()
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [3, 14, 159, 2653] {
        let (first, second) = (run(seed), run(seed));
        let differ = first.events().iter().zip(second.events());
        let differ = differ
            .enumerate()
            .find(|(_, (first, second))| first != second);
        assert!(differ.is_none(), "seed {seed}: {differ:#?}");
        assert_eq!(first, second);
    }
}

#[test]
fn another_seed_is_another_run() {
    assert_ne!(run(1), run(2));
}
