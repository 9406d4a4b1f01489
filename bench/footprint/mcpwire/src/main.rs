//! One typed tool over HTTP.

#![forbid(unsafe_code)]

use mcpwire::{Args, Router, schemars};
use tokio::net::TcpListener;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Echo {
    text: String,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new("footprint", "1")
        .tool("echo", async |Args(Echo { text }): Args<Echo>| Ok(text));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    mcpwire::http::serve(listener, router).await
}
