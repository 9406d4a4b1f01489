//! The client side: a peer at the other end of two byte streams as a `Service`.
//!
//! [`connect`] takes any pair of byte streams, such as the halves of a socket. What it gives is called
//! like any other `Service<Request, Response = Reply>`: from as many places at once as like to, with
//! whatever IDs and progress tokens they have chosen.

#[cfg(unix)]
mod child;
mod connection;
mod error;
mod exchange;
mod handle;
mod incoming;
mod limits;
mod mailbox;
mod rewrite;
mod stats;
mod table;

#[cfg(unix)]
pub use child::{Child, Command};
pub use error::{Error, Loss};
pub use handle::{Client, ResponseFuture, connect};
pub use limits::Limits;
pub use stats::Stats;
