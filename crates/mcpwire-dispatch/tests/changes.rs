//! Changes of the server reach `subscriptions/listen` (SUB rows; the stream itself is tested where it is
//! made).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use mcpwire_dispatch::{Changes, Feature, LocalBus, Router, resource, resource_template};
use mcpwire_service::{Drain, Reply, ReplyItem, ReplyStream, oneshot};
use serde_json::{Value, json};
use support::{call_tool, next, request};

async fn listen(server: &Router, filter: Value) -> ReplyStream {
    let request = request("subscriptions/listen", json!({ "notifications": filter }));
    match oneshot(server.clone(), request).await.unwrap() {
        Reply::Stream(stream) => stream,
        Reply::Response(response) => panic!("a stream was due: {response:?}"),
    }
}

/// The next notification: its method and its params.
async fn heard(stream: &mut ReplyStream) -> (String, Value) {
    match next(stream).await {
        Some(ReplyItem::Notification(sent)) => (
            sent.method().to_owned(),
            serde_json::from_slice(sent.params().unwrap()).unwrap(),
        ),
        other => panic!("a notification was due: {other:?}"),
    }
}

/// A replica that starts has nothing to tell those that run.
#[tokio::test]
async fn a_server_that_is_put_together_announces_nothing() {
    let bus = LocalBus::new();
    let running = Router::new("running", "1")
        .bus(bus.clone())
        .declare(Feature::Tools)
        .declare(Feature::Prompts)
        .declare(Feature::Resources);
    let all =
        json!({"toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": true});
    let mut stream = listen(&running, all).await;
    heard(&mut stream).await;
    let starting = Router::new("starting", "1")
        .bus(bus.clone())
        .tool("t", async || Ok("t"))
        .prompt("p", async || Ok("p"))
        .resource(resource("a://b"), async || Ok("b"))
        .resource_template(resource_template("a://{c}"), async || Ok("c"));
    assert_eq!(bus.stats().published, 0);
    starting.add_tool("later", async || Ok("t")).unwrap();
    assert_eq!(
        heard(&mut stream).await.0,
        "notifications/tools/list_changed"
    );
}

/// PROMPT-17, RES-18.
#[tokio::test]
async fn tool_38_what_the_router_does_is_announced() {
    let server = Router::new("changing", "1")
        .declare(Feature::Tools)
        .declare(Feature::Prompts)
        .declare(Feature::Resources);
    let all = json!({
        "toolsListChanged": true,
        "promptsListChanged": true,
        "resourcesListChanged": true,
        "resourceSubscriptions": ["a://b"],
    });
    let mut stream = listen(&server, all.clone()).await;
    let (method, params) = heard(&mut stream).await;
    assert_eq!(method, "notifications/subscriptions/acknowledged");
    assert_eq!(params["notifications"], all);

    server.add_tool("t", async || Ok("t")).unwrap();
    assert_eq!(
        heard(&mut stream).await.0,
        "notifications/tools/list_changed"
    );
    assert!(server.remove_tool("t"));
    assert_eq!(
        heard(&mut stream).await.0,
        "notifications/tools/list_changed"
    );
    server.add_prompt("p", async || Ok("p")).unwrap();
    assert_eq!(
        heard(&mut stream).await.0,
        "notifications/prompts/list_changed"
    );
    server.add_resource("a://b", async || Ok("r")).unwrap();
    assert_eq!(
        heard(&mut stream).await.0,
        "notifications/resources/list_changed"
    );
    server
        .add_resource_template("a://b/{c}", async || Ok("r"))
        .unwrap();
    assert_eq!(
        heard(&mut stream).await.0,
        "notifications/resources/list_changed"
    );
    server.changes().resource_updated("a://b");
    let (method, params) = heard(&mut stream).await;
    assert_eq!(method, "notifications/resources/updated");
    assert_eq!(params["uri"], "a://b");
    assert_eq!(params["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
}

/// RES-19.
#[tokio::test]
async fn sub_15_a_handler_announces_changes() {
    let server = Router::new("changing", "1").tool("touch", async |changes: Changes| {
        changes.tools_changed();
        Ok(())
    });
    let mut stream = listen(&server, json!({"toolsListChanged": true})).await;
    heard(&mut stream).await;
    call_tool(&server, "touch", json!({})).await;
    assert_eq!(
        heard(&mut stream).await.0,
        "notifications/tools/list_changed"
    );
}

#[tokio::test]
async fn sub_09_only_what_is_declared_is_acknowledged() {
    let server = Router::new("tools", "1").tool("t", async || Ok(()));
    let asked = json!({"toolsListChanged": true, "promptsListChanged": true, "resourceSubscriptions": ["a://b"]});
    let (_, params) = heard(&mut listen(&server, asked).await).await;
    assert_eq!(params["notifications"], json!({"toolsListChanged": true}));
}

#[tokio::test]
async fn sub_19_a_drain_ends_the_stream_with_its_result() {
    let server = Router::new("tools", "1").tool("t", async || Ok(()));
    let mut request = request("subscriptions/listen", json!({"notifications": {}}));
    request.context_mut().drain = Drain::new(|| std::future::ready(()));
    let Reply::Stream(mut stream) = oneshot(server, request).await.unwrap() else {
        panic!("a stream was due")
    };
    heard(&mut stream).await;
    let Some(ReplyItem::Response(response)) = next(&mut stream).await else {
        panic!("the result was due")
    };
    let result: Value = serde_json::from_slice(response.as_result().unwrap()).unwrap();
    assert_eq!(result["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
    assert_eq!(
        result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
        "tools"
    );
    assert!(next(&mut stream).await.is_none());
}
