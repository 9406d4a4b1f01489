//! Asks a server what it is: one `server/discover`, and what comes back.
//!
//! Run it with `cargo run -p mcpwire-http --features client --example http_call -- URL`.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use mcpwire_codec::Message;
use mcpwire_http::client::Client;
use mcpwire_service::{BoxError, Reply, Request, oneshot};

const DISCOVER: &str = r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{
    "io.modelcontextprotocol/protocolVersion":"2026-07-28",
    "io.modelcontextprotocol/clientCapabilities":{}}}}"#;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let url = std::env::args().nth(1);
    let client = Client::new(url.as_deref().unwrap_or("http://127.0.0.1:8080/mcp"))?;
    let request = Request::new(Message::decode(DISCOVER)?).map_err(|_| "not a request")?;
    match oneshot(client, request).await? {
        Reply::Response(response) => match (response.as_result(), response.as_error()) {
            (Some(result), _) => println!("{}", String::from_utf8_lossy(result)),
            (None, Some((code, error))) => {
                return Err(format!("error {code}: {}", String::from_utf8_lossy(error)).into());
            }
            (None, None) => {}
        },
        Reply::Stream(_) => return Err("a stream, where there should be one response".into()),
    }
    Ok(())
}
