#![doc = include_str!("../README.md")]

#[cfg(any(feature = "client", feature = "server"))]
mod bell;
#[cfg(any(feature = "client", feature = "server"))]
#[macro_use]
mod bounds;

#[cfg(feature = "server")]
mod body;
#[cfg(any(feature = "client", feature = "server"))]
mod boxed;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "server")]
mod limits;
#[cfg(any(feature = "client", feature = "server"))]
mod patience;
#[cfg(any(feature = "client", feature = "server"))]
mod persistence;
#[cfg(feature = "server")]
mod server;

#[cfg(feature = "server")]
pub use body::Body;
#[cfg(feature = "server")]
pub use limits::Limits;
#[cfg(feature = "server")]
pub use server::{Config, Endpoint, Listener, Meter, Probe, RemoteAddr, Serve, Stats, serve};
