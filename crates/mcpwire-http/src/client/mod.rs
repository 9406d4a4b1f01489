//! The client side of Streamable HTTP: a remote server as a `Service`. The way of a request:
//!
//! ```text
//! handle ── outgoing    message to HTTP request        (errors before anything is sent)
//!        ── pool        a connection that was kept, or a new one
//!              ├─ connector   TCP, TLS, one timeout
//!              └─ connection  sends, and drives HTTP/1.1
//!        ── exchange    waits for the head of the answer, and sorts it by status
//!              ├─ body      JSON, within limits ── message ── Reply::Response
//!              │    └─ direct   where it is long
//!              └─ events    an event stream     ── message ── Reply::Stream, or Reply::Response
//! ```
//!
//! Nothing is kept after an exchange but pooled connections. There are no sessions, no resumption and
//! no redirects, and no request is sent twice, except one that a pooled connection closed on before
//! any of it was written.

mod body;
mod builder;
mod connection;
mod connector;
mod direct;
mod error;
mod events;
mod exchange;
mod handle;
mod idle;
mod limits;
mod message;
mod outgoing;
mod pool;
mod stats;
mod stream;
mod target;

pub use builder::{BuildError, Builder};
pub use error::{Error, Refusal};
pub use handle::{Client, ResponseFuture};
pub use limits::Limits;
pub use stats::Stats;
