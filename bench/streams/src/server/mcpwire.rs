//! Ours, with its defaults apart from the number of streams.

use std::sync::Arc;

use mcpwire_dispatch::{Changes, Feature, Router};
use mcpwire_http::{Limits, serve};
use tokio::net::TcpListener;

use super::{Change, Publish};

/// More than there are descriptors.
const STREAMS: usize = 1_000_000;

impl Publish for Changes {
    fn publish(&self, change: Change) {
        match change {
            Change::Tools => self.tools_changed(),
            Change::Resource(uri) => self.resource_updated(uri),
        }
    }
}

pub(super) fn start(listener: TcpListener) -> Arc<dyn Publish> {
    let router = Router::new("bench", "1")
        .limits(mcpwire_dispatch::Limits::default().max_subscriptions(STREAMS))
        .declare(Feature::Tools)
        .declare(Feature::Resources);
    let changes = router.changes();
    let limits = Limits::default()
        .max_connections(STREAMS)
        .max_streams(STREAMS);
    tokio::spawn(async move { serve(listener, router).limits(limits).await });
    Arc::new(changes)
}
