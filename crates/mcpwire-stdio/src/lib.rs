#![doc = include_str!("../README.md")]

pub mod client;
mod connection;
mod error;
mod in_flight;
mod incoming;
mod limits;
mod lines;
mod output;
mod process;
mod reply;
mod server;

pub use error::ServeError;
pub use limits::Limits;
pub use server::{Server, serve};
