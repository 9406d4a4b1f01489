//! The server side of Streamable HTTP. The way of a request through it:
//!
//! ```text
//! serve ── connection ── endpoint ─┬─ fields     the header, in one pass  431
//!                                  ├─ access     Host and Origin          403, 421
//!                                  ├─ media      method and media types   405, 406, 415
//!                                  ├─ payload    the body, within limits  408, 413, 503
//!                                  ├─ mirror     headers against body     400
//!                                  ├─ (the service)
//!                                  └─ answer     JSON, or events          200, 400, 404
//! ```
//!
//! The connection is hyper's, but for an answer to `subscriptions/listen` over HTTP/1.1: once that is
//! silent for the first time, [`handover`] takes it from hyper, and [`chunks`] sends the rest. What hyper writes
//! passes [`writes`], which knows a good moment for it. The requests of a connection share their [`line`].
//!
//! Whatever refuses on the way gives a [`Refusal`](refusal::Refusal). No step knows what the service
//! does, and none keeps anything after the exchange.

mod access;
mod answer;
mod aside;
mod chunks;
mod config;
mod connection;
mod cors;
mod endpoint;
mod events;
mod farewell;
mod fields;
mod handover;
mod line;
mod listener;
mod media;
mod mirror;
mod payload;
mod probe;
mod refusal;
mod serve;
mod stall;
mod stats;
mod version;
mod work;
mod writes;

pub use config::Config;
pub use endpoint::Endpoint;
pub(crate) use events::Events;
pub(crate) use line::InFlight;
pub use listener::{Listener, RemoteAddr};
pub use probe::Probe;
pub use serve::{Serve, serve};
pub use stats::{Meter, Stats};
