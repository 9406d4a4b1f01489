//! What HTTP knows beside the message, across gateways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{Remote, answer, begin_post, child, over_http, over_stdio, request};

fn result(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
}

/// HDR-30: which arguments those fields mirror is for the last server in the row to judge.
#[tokio::test]
async fn hdr_30_mirrored_arguments_pass_from_http_to_http() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (address, _serving) = over_http(remote.client()).await;
    let message = request(
        "1",
        "tools/call",
        r#""name":"a","arguments":{"region":"eu"},"#,
    );
    let fields = [
        ("Mcp-Param-Region", "eu"),
        ("mcp-param-encoded", "=?base64?w6k=?="),
        ("Mcp-Param-Twice", "1"),
        ("Mcp-Param-Twice", "2"),
    ];
    let posted = begin_post(address, &message, &fields).await;
    let exchange = remote.hear().await;
    let mut params: Vec<String> = exchange
        .head
        .lines()
        .map(str::to_ascii_lowercase)
        .filter(|line| line.starts_with("mcp-param-"))
        .collect();
    params.sort();
    assert_eq!(
        params,
        [
            "mcp-param-encoded: =?base64?w6k=?=",
            "mcp-param-region: eu",
            "mcp-param-twice: 1",
            "mcp-param-twice: 2",
        ]
    );
    assert_eq!(exchange.field("mcp-method"), Some("tools/call"));
    assert_eq!(exchange.field("mcp-name"), Some("a"));
    exchange.json(200, &result("1")).await;
    assert_eq!(answer(posted).await.body().await, result("1"));
}

/// Who asks the gateway is not who asks the server behind it: credentials stay where they were meant
/// for, as do fields that nobody knows.
#[tokio::test]
async fn credentials_do_not_pass_from_http_to_http() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (address, _serving) = over_http(remote.client()).await;
    let fields = [
        ("Authorization", "Bearer secret"),
        ("Cookie", "secret=1"),
        ("X-Secret", "secret"),
    ];
    let posted = begin_post(address, &request("1", "tools/list", ""), &fields).await;
    let exchange = remote.hear().await;
    assert!(!exchange.head.contains("secret"), "{}", exchange.head);
    exchange.json(200, &result("1")).await;
    assert_eq!(answer(posted).await.status, 200);
}

/// A child over stdio knows no header fields; a caller over stdio has none.
#[tokio::test]
async fn hdr_30_mirrored_arguments_end_and_begin_with_http() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let message = request(
        "1",
        "tools/call",
        r#""name":"a","arguments":{"region":"eu"},"#,
    );
    let posted = begin_post(address, &message, &[("Mcp-Param-Region", "eu")]).await;
    assert_eq!(child.hear().await, message);
    child.say(&result("1")).await;
    assert_eq!(answer(posted).await.status, 200);

    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    caller.say(&message).await;
    let exchange = remote.hear().await;
    assert!(!exchange.head.to_ascii_lowercase().contains("mcp-param-"));
    exchange.json(200, &result("1")).await;
    assert_eq!(caller.hear().await, result("1"));
}
