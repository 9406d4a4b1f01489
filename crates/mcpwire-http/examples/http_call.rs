//! Asks a server what it is: one `server/discover`, and what comes back.
//!
//! Run it with `cargo run -p mcpwire-http --features client --example http_call -- URL`.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::process::ExitCode;

use futures_util::StreamExt as _;
use mcpwire_codec::Message;
use mcpwire_http::client::Client;
use mcpwire_service::{BoxError, Reply, ReplyItem, Request, oneshot};

const DISCOVER: &str = r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{
    "io.modelcontextprotocol/protocolVersion":"2026-07-28",
    "io.modelcontextprotocol/clientCapabilities":{}}}}"#;

#[tokio::main]
async fn main() -> ExitCode {
    let url = std::env::args().nth(1);
    let url = url.as_deref().unwrap_or("http://127.0.0.1:8080/mcp");
    match discover(url).await {
        Ok(result) => {
            println!("{result}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            let mut source = error.source();
            while let Some(error) = source {
                eprintln!("  {error}");
                source = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn discover(url: &str) -> Result<String, BoxError> {
    let client = Client::new(url)?;
    let request = Request::new(Message::decode(DISCOVER)?).map_err(|_| "not a request")?;
    let mut reply = oneshot(client, request).await?;
    let response = loop {
        match &mut reply {
            Reply::Response(response) => break response.clone(),
            Reply::Stream(stream) => match stream.next().await {
                Some(ReplyItem::Notification(notification)) => {
                    eprintln!("{}", notification.method());
                }
                Some(ReplyItem::Response(response)) => break response,
                None => return Err(stream.failure().unwrap_or_else(|| "no response".into())),
            },
        }
    };
    match (response.as_result(), response.as_error()) {
        (Some(result), _) => Ok(String::from_utf8_lossy(result).into_owned()),
        (None, error) => {
            let error = error.map(|(_, json)| String::from_utf8_lossy(json).into_owned());
            Err(error.unwrap_or_default().into())
        }
    }
}
