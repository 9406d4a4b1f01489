//! rmcp with its defaults, behind axum. It has no bus of its own, so this has the usual one: a broadcast
//! channel that each stream listens to.

use std::sync::Arc;

use rmcp::model::{Implementation, ServerCapabilities, ServerConfig, SubscriptionFilter};
use rmcp::service::SubscriptionContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, ServerHandler};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Sender;
use tokio::sync::broadcast::error::RecvError;

use super::{Change, Publish};

const CAPACITY: usize = 1024;

#[derive(Clone)]
struct Handler(Sender<Change>);

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("bench", "1"))
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.0.subscribe();
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = context.cancelled() => return Ok(()),
            };
            let sink = context.sink();
            let sent = match change {
                Ok(Change::Tools) => sink.notify_tool_list_changed().await,
                Ok(Change::Resource(uri)) if wants(context.accepted(), &uri) => {
                    sink.notify_resource_updated(uri).await
                }
                Ok(Change::Resource(_)) | Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return Ok(()),
            };
            if sent.is_err() {
                return Ok(());
            }
        }
    }
}

fn wants(accepted: &SubscriptionFilter, uri: &str) -> bool {
    let uris = accepted.resource_subscriptions.as_deref();
    uris.is_some_and(|uris| uris.iter().any(|wanted| *wanted == uri))
}

impl Publish for Sender<Change> {
    fn publish(&self, change: Change) {
        // It fails where nobody listens.
        let _ = self.send(change);
    }
}

pub(super) fn start(listener: TcpListener) -> Arc<dyn Publish> {
    let changes = Sender::new(CAPACITY);
    let handler = Handler(changes.clone());
    let service = StreamableHttpService::new(
        move || Ok(handler.clone()),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    let router = axum::Router::new().nest_service("/mcp", service);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Arc::new(changes)
}
