//! A server with one tool, over HTTP and without any framework.
//!
//! Run it with `cargo run -p mcpwire-http --example serve`, and ask it something:
//!
//! ```sh
//! curl -i http://127.0.0.1:8080/mcp -H 'Content-Type: application/json' \
//!   -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: greet' \
//!   -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","_meta":{
//!        "io.modelcontextprotocol/protocolVersion":"2026-07-28",
//!        "io.modelcontextprotocol/clientCapabilities":{}}}}'
//! ```

use std::convert::Infallible;

use mcpwire_codec::Part;
use mcpwire_service::{Reply, Request};
use mcpwire_types::{Error, method};
use tokio::net::TcpListener;

async fn answer(request: Request) -> Result<Reply, Infallible> {
    let tool = request.message().text(Part::Name);
    Ok(match (&*request.method(), tool.as_deref()) {
        (method::TOOLS_CALL, Some("greet")) => Reply::result(
            r#"{"resultType":"complete","content":[{"type":"text","text":"good morning"}]}"#,
        ),
        (method::TOOLS_CALL, _) => Reply::error(&Error::invalid_params("there is one tool: greet")),
        (method, _) => Reply::error(&Error::method_not_found(method)),
    })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    eprintln!("serving http://{}/mcp", listener.local_addr()?);
    mcpwire_http::serve(listener, tower::service_fn(answer))
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await
}
