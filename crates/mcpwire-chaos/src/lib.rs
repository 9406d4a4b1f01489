//! Replicas of a server behind a real balancer, while they are killed, paused and replaced.
//!
//! `mcpwire-replica` is the server, `mcpwire-chaos` runs the scenarios: it starts replicas and
//! nginx with the configuration in `docs/nginx.conf`, has a crew of clients talk to them through
//! nginx, and makes trouble meanwhile. `cargo xtask balancer` builds and runs both.

mod chance;
pub mod crew;
mod failed;
mod folder;
mod nats;
mod nginx;
mod process;
pub mod pure;
mod replica;
pub mod scenario;
pub mod serial;

pub use chance::Chance;
pub use failed::Failed;
pub use folder::Folder;
pub use nats::NatsServer;
pub use nginx::{Nginx, Settings};
pub use process::{find_program, free_port};
pub use replica::{Common, Replica};
