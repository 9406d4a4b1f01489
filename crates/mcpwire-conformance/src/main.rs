//! The fixture server: what the official conformance suite and the clients of other SDKs expect of a
//! server, written with the public interface of `mcpwire` as a user would.
//!
//! ```text
//! mcpwire-conformance --http 127.0.0.1:0   serve over HTTP; the first line on stdout is the URL
//! mcpwire-conformance --stdio              serve over stdin and stdout
//! ```

#![allow(
    clippy::unused_async,
    reason = "a handler is an async function, whether it waits or not"
)]

mod content;
mod input;
mod options;
mod peers;
mod prompts;
mod resources;
mod schemas;
mod tools;

use std::io::Write as _;

use mcpwire::dispatch::Limits;
use mcpwire::{Router, http, stdio};
use options::{Options, Transport};
use tokio::net::TcpListener;

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let options = Options::parse(std::env::args().skip(1))?;
    let server = server(options.page_size);
    match options.transport {
        Transport::Stdio => stdio::serve(server).await?,
        Transport::Http(address) => {
            let listener = TcpListener::bind(address).await?;
            let mut stdout = std::io::stdout();
            writeln!(stdout, "http://{}/mcp", listener.local_addr()?)?;
            stdout.flush()?;
            let end = end(options.until_stdin_closes);
            http::serve(listener, server)
                .with_graceful_shutdown(end)
                .await?;
        }
    }
    Ok(())
}

/// Everything the server offers. The order of registration is the order of the lists; the suite calls
/// the first tool and reads the first resource.
fn server(page_size: usize) -> Router {
    let router = Router::new("mcpwire-conformance", env!("CARGO_PKG_VERSION"))
        .limits(Limits::default().page_size(page_size))
        .instructions("A server for tests: nothing in it does anything.");
    let router = tools::register(router);
    let router = schemas::register(router);
    let router = input::register(router);
    let router = peers::register(router);
    let router = resources::register(router);
    prompts::register(router)
}

/// Ends on Ctrl-C; with the flag when standard input does, so as not to outlive whoever holds it.
async fn end(until_stdin_closes: bool) {
    if !until_stdin_closes {
        let _ = tokio::signal::ctrl_c().await;
        return;
    }
    let (sender, closed) = tokio::sync::oneshot::channel::<()>();
    // A thread of its own: a runtime that shuts down would wait for a blocking read.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(sender);
    });
    let _ = closed.await;
}

#[cfg(test)]
mod tests {
    use mcpwire::codec::Message;
    use mcpwire::service::{Reply, Request, oneshot};
    use serde_json::{Value, json};

    async fn ask(method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let message = Message::decode(message.to_string()).unwrap();
        let reply = oneshot(super::server(4), Request::new(message).unwrap()).await;
        let Reply::Response(response) = reply.unwrap() else {
            panic!("one response was due");
        };
        serde_json::from_slice(response.as_result().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn the_suite_finds_its_first_tool_and_resource_first() {
        let tools = ask("tools/list", json!({})).await;
        assert_eq!(tools["tools"][0]["name"], "test_simple_text");
        assert_eq!(tools["tools"].as_array().unwrap().len(), 4);
        assert!(tools["nextCursor"].is_string());
        let resources = ask("resources/list", json!({})).await;
        let first = &resources["resources"][0]["uri"];
        let read = ask("resources/read", json!({"uri": first})).await;
        assert_eq!(read["contents"][0]["uri"], *first);
    }

    #[tokio::test]
    async fn the_schema_arrives_untouched() {
        let mut params = json!({});
        loop {
            let page = ask("tools/list", params).await;
            let tools = page["tools"].as_array().unwrap();
            let is_it = |tool: &&Value| tool["name"] == "json_schema_2020_12_tool";
            if let Some(tool) = tools.iter().find(is_it) {
                assert_eq!(tool["inputSchema"], crate::schemas::contact());
                return;
            }
            params = json!({"cursor": page["nextCursor"]});
        }
    }
}
