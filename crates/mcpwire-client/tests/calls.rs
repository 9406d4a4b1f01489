//! Each method of the revision against a router in the same process: nothing but a `Service` is
//! between the two.

use mcpwire_client::Client;
use mcpwire_dispatch::schemars::JsonSchema;
use mcpwire_dispatch::{Args, HandlerError, Json, Router, prompt, resource, tool};
use mcpwire_types::{ContentBlock, PromptReference, TextOrBlobResourceContents};
use serde::{Deserialize, Serialize};
use serde_json::json;

mod common;

#[derive(Deserialize, JsonSchema)]
struct Add {
    x: i64,
    y: i64,
}

#[derive(Serialize, JsonSchema)]
struct Sum {
    sum: i64,
}

fn router() -> Router {
    Router::new("sums", "1.0.0")
        .tool(tool("add"), |Args(a): Args<Add>| async move {
            Ok(Json(Sum { sum: a.x + a.y }))
        })
        .tool(tool("fail"), || async {
            Err::<String, _>(HandlerError::tool("no such luck"))
        })
        .resource(resource("test://note"), || async { Ok("a note") })
        .prompt(prompt("greet"), || async { Ok("Hello!") })
}

/// DISC-02, DISC-06, DISC-09
#[tokio::test]
async fn disc_01_a_server_is_discovered() {
    let client = Client::new(router());
    let found = client.discover().await.unwrap();
    assert_eq!(found.supported_versions, ["2026-07-28"]);
    let info = found.meta.unwrap().server_info.unwrap();
    assert_eq!(info.name, "sums");
}

/// VER-10: nothing was asked before.
#[tokio::test]
async fn tool_24_a_tool_is_called() {
    let client = Client::new(router());
    let tools = client.list_tools().await.unwrap();
    assert_eq!(
        tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(),
        ["add", "fail"]
    );
    let result = client
        .call_tool("add", &json!({"x": 2, "y": 3}))
        .await
        .unwrap();
    assert_eq!(result.structured_content.unwrap().as_str(), r#"{"sum":5}"#);
}

/// TOOL-33: what a tool fails with is for the model to read, and no error of the call.
#[tokio::test]
async fn tool_33_a_tool_that_fails_has_a_result() {
    let client = Client::new(router());
    let result = client.call_tool("fail", &()).await.unwrap();
    assert_eq!(result.is_error, Some(true));
    assert!(
        matches!(&result.content[..], [ContentBlock::Text(text)] if text.text == "no such luck")
    );
}

#[tokio::test]
async fn tool_32_an_unknown_tool_is_an_error_of_the_protocol() {
    let error = Client::new(router())
        .call_tool("nope", &())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(-32602));
    assert!(error.to_string().contains("nope"), "{error}");
}

/// RES-09
#[tokio::test]
async fn res_01_resources_are_listed_and_read() {
    let client = Client::new(router());
    let listed = client.list_resources().await.unwrap();
    assert_eq!(listed[0].uri, "test://note");
    assert!(client.list_resource_templates().await.unwrap().is_empty());
    let read = client.read_resource("test://note").await.unwrap();
    let [TextOrBlobResourceContents::Text(text)] = &read.contents[..] else {
        panic!("{read:?}");
    };
    assert_eq!(text.text, "a note");
}

/// PROMPT-07, PROMPT-14
#[tokio::test]
async fn prompt_01_prompts_are_listed_and_read() {
    let client = Client::new(router());
    assert_eq!(client.list_prompts().await.unwrap()[0].name, "greet");
    let prompt = client.get_prompt("greet", []).await.unwrap();
    assert_eq!(prompt.messages.len(), 1);
}

/// COMP-02
#[tokio::test]
async fn completion_01_what_the_server_lacks_is_an_error_with_its_code() {
    let client = Client::new(router());
    let error = client
        .complete(PromptReference::new("greet"), "who", "a")
        .await
        .unwrap_err();
    assert!(error.code().is_some(), "{error}");
}

/// META-10 to META-12, BASE-06, BASE-07: each request says all there is to know, under an ID of its own.
#[tokio::test]
async fn meta_10_each_request_carries_its_metadata() {
    let server = common::Scripted::always(r#"{"content":[]}"#);
    let client = Client::builder(server.clone())
        .info("tester", "0.1")
        .build();
    for _ in 0..2 {
        client
            .call_tool("t", &json!({"a": 1}))
            .meta("com.example/x", &[1, 2])
            .await
            .unwrap();
    }
    let (first, second) = (server.message(0), server.message(1));
    assert_ne!(first["id"], second["id"]);
    assert_eq!(
        first["params"],
        json!({"name": "t", "arguments": {"a": 1}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "tester", "version": "0.1"},
            "com.example/x": [1, 2],
        }})
    );
}

/// META-30
#[tokio::test]
async fn meta_30_a_trace_goes_along() {
    let server = common::Scripted::always(r#"{"content":[]}"#);
    let client = Client::new(server.clone());
    let mut trace = mcpwire_service::TraceContext::default();
    trace.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    client.call_tool("t", &()).trace(&trace).await.unwrap();
    let meta = &server.message(0)["params"]["_meta"];
    assert_eq!(meta["traceparent"], trace.traceparent.unwrap().as_ref());
    assert!(meta.get("tracestate").is_none());
}

#[tokio::test]
async fn parameters_that_cannot_be_sent_are_an_error_here() {
    let server = common::Scripted::always("{}");
    let client = Client::new(server.clone());
    for error in [
        client.call_tool("t", &[1]).await.unwrap_err(),
        client
            .call_tool("t", &())
            .meta("io.modelcontextprotocol/protocolVersion", "1")
            .await
            .unwrap_err(),
    ] {
        assert!(
            matches!(error, mcpwire_client::Error::Params(_)),
            "{error:?}"
        );
    }
    assert_eq!(server.count(), 0);
}
