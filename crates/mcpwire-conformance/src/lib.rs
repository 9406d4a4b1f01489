//! The fixture server, for its program and for tests: what it offers, without a transport.

#![allow(
    clippy::unused_async,
    reason = "a handler is an async function, whether it waits or not"
)]

mod content;
mod input;
mod peers;
mod prompts;
mod resources;
mod schemas;
mod tools;

use mcpwire::Router;
use mcpwire::dispatch::Limits;

/// Everything the server offers. The order of registration is the order of the lists; the suite calls
/// the first tool and reads the first resource.
pub fn server(page_size: usize) -> Router {
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
