#![doc = include_str!("../README.md")]

pub mod law;
mod mask;
mod schema;
mod tape;
mod transcript;

pub use mask::{Difference, Mask};
pub use transcript::Item;
