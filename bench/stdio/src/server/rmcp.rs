//! rmcp with its defaults.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::transport::IntoTransport;
use rmcp::{RoleServer, ServiceExt as _, schemars, tool, tool_router};
use serde::Deserialize;

#[derive(Deserialize, schemars::JsonSchema)]
struct Search {
    query: String,
    limit: u32,
}

#[derive(Clone)]
struct Server;

#[tool_router(server_handler)]
impl Server {
    #[tool]
    async fn search_files(&self, Parameters(search): Parameters<Search>) -> String {
        let Search { query, limit } = search;
        format!("{query} {limit}")
    }
}

/// As its README says.
#[tokio::main]
pub(super) async fn stdio() -> Result<(), String> {
    serve(rmcp::transport::io::stdio()).await
}

/// As it recommends where both are pipes.
#[tokio::main]
pub(super) async fn pipes() -> Result<(), String> {
    serve(rmcp::transport::io::stdio_pipes()).await
}

async fn serve<T, E, A>(transport: T) -> Result<(), String>
where
    T: IntoTransport<RoleServer, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let server = Server.serve(transport).await;
    let server = server.map_err(|error| error.to_string())?;
    server.waiting().await.map_err(|error| error.to_string())?;
    Ok(())
}
