#![doc = include_str!("../README.md")]

pub mod law;
mod mask;
mod memory;
pub mod record;
mod schema;
pub mod script;
mod tape;
mod transcript;

pub use mask::{Difference, Mask};
pub use memory::{Crossing, InMemory, InMemoryError, pipe};
pub use transcript::Item;
