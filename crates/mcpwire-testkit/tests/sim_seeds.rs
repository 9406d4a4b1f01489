//! The same seed is the same run.
#![cfg(feature = "sim")]
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

mod crew;

use std::thread;

use crew::{Common, network};
use mcpwire_testkit::sim::{Faults, Log};

fn run(seed: u64) -> Log {
    network(seed, Faults::default(), &Common::default())
        .run()
        .unwrap()
}

/// At the same time, because what a process does beside must not matter either.
#[test]
fn the_same_seed_is_the_same_run() {
    const SEEDS: [u64; 4] = [3, 154, 159, 165];
    let other = thread::spawn(|| SEEDS.map(run));
    let mine = SEEDS.map(run);
    for (seed, (mine, other)) in SEEDS.iter().zip(mine.iter().zip(other.join().unwrap())) {
        let both = mine.events().iter().zip(other.events());
        let differ = both.enumerate().find(|(_, (mine, other))| mine != other);
        assert!(differ.is_none(), "seed {seed}: {differ:#?}");
        assert_eq!(*mine, other, "seed {seed}");
    }
}

#[test]
fn another_seed_is_another_run() {
    assert_ne!(run(1), run(2));
}
