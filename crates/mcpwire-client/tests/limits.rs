//! What happens at the bounds of the memory that a client has of its server.

#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::time::Duration;

use mcpwire_client::{Client, Limits};
use mcpwire_service::Reply;
use mcpwire_types::method;
use serde_json::json;
use tokio::time::advance;

mod common;
use common::Scripted;

/// Tools `a`, `b` and `c`, each with a mirrored argument; that of `c` has a long schema.
fn server() -> Scripted {
    let schema = |more: &str| {
        format!(
            r#"{{"type":"object","description":"{more}","properties":{{"r":{{"type":"string","x-mcp-header":"R"}}}}}}"#
        )
    };
    let tools = format!(
        r#"{{"tools":[{{"name":"a","inputSchema":{0}}},{{"name":"b","inputSchema":{0}}},{{"name":"c","inputSchema":{1}}}]}}"#,
        schema(""),
        schema(&"x".repeat(1000)),
    );
    Scripted::new(move |_, request| match &*request.method() {
        method::TOOLS_LIST => Reply::result(tools.clone()),
        _ => Reply::result(r#"{"content":[]}"#),
    })
}

/// Which of the tools have their argument mirrored.
async fn remembered(limits: Limits) -> Vec<&'static str> {
    let server = server();
    let client = Client::builder(server.clone()).limits(limits).build();
    assert_eq!(client.list_tools().await.unwrap().len(), 3);
    let mut names = Vec::new();
    for name in ["a", "b", "c"] {
        client.call_tool(name, &json!({"r": "x"})).await.unwrap();
        if !server.fields(server.count() - 1).is_empty() {
            names.push(name);
        }
    }
    names
}

#[tokio::test]
async fn no_more_tools_are_remembered_than_the_limit() {
    assert_eq!(remembered(Limits::default()).await, ["a", "b", "c"]);
    assert_eq!(remembered(Limits::default().max_tools(2)).await, ["b", "c"]);
    assert!(remembered(Limits::default().max_tools(0)).await.is_empty());
}

#[tokio::test]
async fn long_schemas_are_not_looked_into() {
    let limits = Limits::default().max_schema_bytes(500);
    assert_eq!(remembered(limits).await, ["a", "b"]);
}

/// Reads of two resources with answers of 10,000 bytes, again and again.
async fn asked(limits: Limits, wait: Duration) -> usize {
    let text = "x".repeat(10_000);
    let result = format!(
        r#"{{"contents":[{{"uri":"x:/","text":"{text}"}}],"ttlMs":100000,"cacheScope":"public"}}"#
    );
    let server = Scripted::new(move |_, _| Reply::result(result.clone()));
    let client = Client::builder(server.clone())
        .limits(limits)
        .cache("")
        .build();
    for _ in 0..2 {
        client.read_resource("x:/a").await.unwrap();
        client.read_resource("x:/b").await.unwrap();
        advance(wait).await;
    }
    server.count()
}

#[tokio::test(start_paused = true)]
async fn the_cache_holds_no_more_bytes_than_the_limit() {
    let limits = |bytes| Limits::default().max_cache_bytes(bytes);
    assert_eq!(asked(limits(30_000), Duration::ZERO).await, 2);
    assert_eq!(asked(limits(15_000), Duration::ZERO).await, 4);
    assert_eq!(asked(limits(5_000), Duration::ZERO).await, 4);
}

/// Whatever the server says.
#[tokio::test(start_paused = true)]
async fn nothing_is_cached_for_longer_than_the_limit() {
    let limits = Limits::default().max_cache_age(Duration::from_secs(5));
    assert_eq!(asked(limits.clone(), Duration::from_secs(4)).await, 2);
    assert_eq!(asked(limits, Duration::from_secs(5)).await, 4);
}
