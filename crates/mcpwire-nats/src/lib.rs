#![doc = include_str!("../README.md")]

mod builder;
mod bus;
mod error;
mod events;
mod limits;
mod link;
mod log;
mod message;
mod origins;
mod outgoing;
mod servers;
mod session;
mod state;
mod stats;
mod window;

/// The client of NATS that [`Builder::options`] takes its settings for.
pub use async_nats;
pub use builder::Builder;
pub use bus::NatsBus;
pub use error::{ConfigError, ConnectError, Reason};
pub use limits::Limits;
pub use state::{State, Watch};
pub use stats::Stats;
