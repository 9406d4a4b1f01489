#![doc = include_str!("../README.md")]

pub mod law;
mod mask;
mod memory;
pub mod record;
mod schema;
pub mod script;
#[cfg(feature = "sim")]
pub mod sim;
mod tape;
mod transcript;

pub use mask::{Difference, Mask};
pub use memory::{Crossing, InMemory, InMemoryError, pipe};
pub use transcript::Item;
