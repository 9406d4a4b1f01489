//! rmcp behind axum, without sessions, as its README says.

use std::sync::Arc;

use rmcp::handler::server::router::tool::{ToolRoute, ToolRouter};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResult, ContentBlock, Implementation, ProgressNotificationParam, RequestMetaObject,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, Peer, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use tokio::net::TcpListener;

use super::Echo;
use crate::work::{DESCRIPTION, other_tool};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Json,
    Events,
}

/// Its tools are put together once, not for each request.
#[derive(Clone)]
struct Tools {
    router: Arc<ToolRouter<Self>>,
}

#[tool_router]
impl Tools {
    #[tool(
        description = "Gives back the text that it was given, for models that want to see it again"
    )]
    async fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }

    #[tool(
        description = "Gives back the text that it was given, for models that want to see it again"
    )]
    async fn steps(
        &self,
        Parameters(Echo { text }): Parameters<Echo>,
        meta: RequestMetaObject,
        client: Peer<RoleServer>,
    ) -> Result<String, ErrorData> {
        let token = meta.get_progress_token();
        let token = token.ok_or_else(|| ErrorData::invalid_params("no progress token", None))?;
        for step in [1.0, 2.0] {
            let params = ProgressNotificationParam::new(token.clone(), step).with_total(2.0);
            // It fails where nobody listens any more.
            let _ = client.notify_progress(params).await;
        }
        Ok(text)
    }
}

#[tool_handler(router = self.router)]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("bench", "1"))
    }
}

pub(super) fn start(listener: TcpListener, tools: usize, answer: Answer) {
    let mut router = Tools::tool_router();
    let schema = Tools::echo_tool_attr().input_schema;
    for number in 2..tools {
        let tool = Tool::new(other_tool(number), DESCRIPTION, Arc::clone(&schema));
        router.add_route(ToolRoute::new_dyn(tool, |_| {
            Box::pin(async { Ok(CallToolResult::success(vec![ContentBlock::text("")]).into()) })
        }));
    }
    let tools = Tools {
        router: Arc::new(router),
    };
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(answer == Answer::Json);
    let service = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let router = axum::Router::new().nest_service("/mcp", service);
    tokio::spawn(async move { axum::serve(listener, router).await });
}
