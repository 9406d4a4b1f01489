//! Makes a remote server, one that speaks over HTTP, a program for clients that start their servers.
//!
//! ```sh
//! cargo run -p mcpwire --example gateway_http_to_stdio -- http://127.0.0.1:8080/mcp
//! ```
//!
//! Requests and results pass as they are. A bearer token for the remote server is taken from `MCP_TOKEN`.
//! `https://` needs the feature `tls`.
//!
//! Arguments that a tool wants mirrored in header fields are not: a message says nothing of that, only
//! the tool's definition does.

#[tokio::main]
async fn main() -> Result<(), mcpwire::service::BoxError> {
    let url = std::env::args().nth(1).ok_or("name the URL of a server")?;
    let mut remote = mcpwire::http::client::Client::builder(&url);
    if let Ok(token) = std::env::var("MCP_TOKEN") {
        remote = remote.bearer(&token);
    }
    mcpwire::stdio::serve(remote.build()?).await?;
    Ok(())
}
