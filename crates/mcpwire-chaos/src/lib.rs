//! Replicas of a server behind a real balancer, while they are killed, paused and replaced.
//!
//! `mcpwire-replica` is the server, `mcpwire-chaos` runs the [`scenario`]s: it starts replicas and
//! nginx with the configuration in `docs/nginx.conf`, has a [`crew`] of clients talk to them through
//! nginx, and makes trouble meanwhile. `cargo xtask balancer` builds and runs both.

pub mod pure;
pub mod serial;
