#![doc = include_str!("../README.md")]

mod bus;
mod context;
mod header_params;
pub mod header_value;
mod metadata;
mod oneshot;
mod reply;
mod request;

pub use bus::{BusStats, Change, ChangeBus, ChangeStream, Interest, LocalBus, Reach};
pub use context::{Context, Drain, Extensions, MirroredParams, Principal};
pub use header_params::{HeaderParamError, HeaderParams, MirrorError};
pub use metadata::{check_handshake, check_metadata, check_required, check_version};
pub use oneshot::oneshot;
pub use reply::{Notification, Reply, ReplyItem, ReplyStream, Response};
pub use request::{Request, TraceContext};
pub use tower_service::Service;

/// Any error, as middleware of the tower ecosystem boxes it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
