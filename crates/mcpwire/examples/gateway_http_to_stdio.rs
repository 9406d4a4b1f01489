//! Makes a remote server, one that speaks over HTTP, a program for clients that start their servers.
//!
//! ```sh
//! cargo run -p mcpwire --example gateway_http_to_stdio -- http://127.0.0.1:8080/mcp
//! ```
//!
//! Requests and results pass as they are. A bearer token for the remote server is taken from `MCP_TOKEN`.
//! `https://` needs the feature `tls`.
//!
//! Clients over stdio know nothing of header fields, so that the gateway mirrors arguments for them.

#[tokio::main]
async fn main() -> Result<(), mcpwire::service::BoxError> {
    let url = std::env::args().nth(1).ok_or("name the URL of a server")?;
    let mut remote = mcpwire::http::client::Client::builder(&url);
    if let Ok(token) = std::env::var("MCP_TOKEN") {
        remote = remote.bearer(&token);
    }
    let service = mcpwire::client::Mirroring::new(remote.build()?);
    mcpwire::stdio::serve(service).await?;
    Ok(())
}
