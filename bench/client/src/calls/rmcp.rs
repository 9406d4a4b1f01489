//! rmcp with its defaults over reqwest, and the same revision.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, JsonObject,
    ProtocolVersion,
};
use rmcp::service::{ClientLifecycleMode, RunningService, serve_client_with_lifecycle};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{RoleClient, ServiceError};

use super::Caller;
use crate::{message, text};

type Client = Arc<RunningService<RoleClient, ClientConfig>>;

pub(super) async fn start(url: &str) -> Result<Client, String> {
    let transport = StreamableHttpClientTransport::from_uri(url.to_owned());
    let info = ClientConfig::new(
        ClientCapabilities::default(),
        Implementation::new("bench", "1"),
    );
    let lifecycle = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    let client = serve_client_with_lifecycle(info, transport, lifecycle).await;
    Ok(Arc::new(client.map_err(text)?))
}

impl Caller for Client {
    async fn call(&self) -> Result<(), String> {
        let mut arguments = JsonObject::new();
        arguments.insert("text".to_owned(), message::TEXT.into());
        let call = CallToolRequestParams::new("echo").with_arguments(arguments);
        let result = self
            .call_tool(call)
            .await
            .map_err(|error: ServiceError| text(error))?;
        let found = match &*result.content {
            [content] => content.as_text().map(|content| content.text.as_str()),
            _ => None,
        };
        match found {
            Some(found) if found == message::TEXT => Ok(()),
            _ => Err("an unexpected answer".to_owned()),
        }
    }
}
