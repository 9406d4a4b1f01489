//! One replica of a server whose listeners hear of a change wherever it happens.
//!
//! Start a `nats-server`, and then two of these:
//!
//! ```sh
//! cargo run -p mcpwire-nats --example nats_replica -- 127.0.0.1:8081
//! cargo run -p mcpwire-nats --example nats_replica -- 127.0.0.1:8082
//! ```
//!
//! Listen on the second one, and touch the note on the first:
//!
//! ```sh
//! curl -N http://127.0.0.1:8082/mcp -H 'Content-Type: application/json' \
//!   -H 'Accept: application/json, text/event-stream' \
//!   -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: subscriptions/listen' \
//!   -d '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{
//!        "notifications":{"resourceSubscriptions":["note://today"]},"_meta":{
//!        "io.modelcontextprotocol/protocolVersion":"2026-07-28",
//!        "io.modelcontextprotocol/clientCapabilities":{}}}}' &
//! curl http://127.0.0.1:8081/mcp -H 'Content-Type: application/json' \
//!   -H 'Accept: application/json, text/event-stream' \
//!   -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: touch' \
//!   -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"touch","_meta":{
//!        "io.modelcontextprotocol/protocolVersion":"2026-07-28",
//!        "io.modelcontextprotocol/clientCapabilities":{}}}}'
//! ```

use std::error::Error;

use mcpwire_dispatch::{Feature, Router};
use mcpwire_nats::NatsBus;
use mcpwire_service::{Change, ChangeBus as _};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let servers = std::env::var("NATS_URL").unwrap_or_else(|_| "nats://127.0.0.1:4222".to_owned());

    // It does not wait for NATS: until that is there, this replica's listeners hear this replica alone.
    let bus = NatsBus::builder(servers, "notes").connect()?;
    let touched = bus.clone();
    let server = Router::new("notes", "1")
        .bus(bus.clone())
        .declare(Feature::Resources)
        .tool("touch", move || {
            let uri = "note://today".into();
            touched.publish(Change::ResourceUpdated { uri });
            async { Ok("touched") }
        });

    let mut watch = bus.watch();
    let report = async move {
        while let Some(state) = watch.changed().await {
            eprintln!("NATS is {state}");
        }
    };
    let report = tokio::spawn(report);
    let listener = TcpListener::bind(address).await?;
    eprintln!("serving http://{}/mcp", listener.local_addr()?);
    mcpwire_http::serve(listener, server)
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await?;
    bus.shutdown().await;
    report.abort();
    Ok(())
}
