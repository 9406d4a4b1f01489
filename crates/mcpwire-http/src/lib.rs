#![doc = include_str!("../README.md")]

mod body;
mod limits;
mod server;

pub use body::Body;
pub use limits::Limits;
pub use server::{Config, Endpoint, RemoteAddr, Serve, serve};
