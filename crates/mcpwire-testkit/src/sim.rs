#![doc = include_str!("../SIM.md")]
//!
//! How it is put together:
//!
//! ```text
//! network ── starts one host for each replica, one for the balancer, one for each client
//!         ── schedule   crashes, holds and losses, step by step    (faults, chance)
//! peer    ── a client's connections, some of them slow              (slow)
//! balancer ─ one request after another to one replica after another (upstream)
//! replica ── an endpoint on each connection
//! log     ── what happened, in order
//! ```

mod balancer;
mod chance;
mod failure;
mod faults;
mod log;
mod network;
mod peer;
mod replica;
mod schedule;
mod slow;
mod upstream;

pub use failure::{Cause, Failure};
pub use faults::Faults;
pub use log::{Event, Log};
pub use network::Network;
pub use peer::Peer;

/// The environment variable that names the one seed to run, see [`seeds`].
pub const SEED: &str = "MCPWIRE_SEED";

/// The port that balancer and replicas listen on.
const PORT: u16 = 80;

/// The name of the balancer's host.
const BALANCER: &str = "balancer";

/// These seeds, or only the one that `MCPWIRE_SEED` names: to repeat the run that a [`Failure`] tells of.
///
/// # Panics
///
/// When the variable is set and is no number: a run with other seeds than those asked for would say
/// nothing.
pub fn seeds(usual: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let Ok(seed) = std::env::var(SEED) else {
        return usual.into_iter().collect();
    };
    #[expect(
        clippy::expect_used,
        reason = "another seed must not pass for this one"
    )]
    let seed = seed.parse().expect("MCPWIRE_SEED is to be a number");
    vec![seed]
}

fn replica_name(index: usize) -> String {
    format!("replica-{index}")
}
