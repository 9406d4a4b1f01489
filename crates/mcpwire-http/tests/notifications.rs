//! Notifications are accepted or refused, and never answered.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Call, Server, double};
use serde_json::json;

fn unreachable_service() -> impl common::Double {
    double(|_| async { panic!("a notification is no request") })
}

#[tokio::test]
async fn http_15_base_27_an_accepted_notification_gets_202_and_nothing_else() {
    let server = Server::start(unreachable_service()).await;
    let body =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    let plain = Call::raw(body.to_string());
    let full = plain
        .clone()
        .header("MCP-Protocol-Version", "2026-07-28")
        .header("Mcp-Method", "notifications/cancelled");
    let unknown = Call::raw(r#"{"jsonrpc":"2.0","method":"notifications/of/the/future"}"#);
    for call in [plain, full, unknown] {
        let answer = call.send(server.addr).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (202, ""),
            "{call:?}",
            call = call.body
        );
        assert_eq!(answer.header("content-type"), None);
    }
}

#[tokio::test]
async fn http_16_17_a_refused_notification_gets_400_without_id() {
    let server = Server::start(unreachable_service()).await;
    let call = || Call::raw(r#"{"jsonrpc":"2.0","method":"notifications/a"}"#);
    for (call, code) in [
        (call().header("Mcp-Method", "notifications/b"), -32020),
        (
            call()
                .header("Mcp-Method", "notifications/a")
                .header("Mcp-Method", "x"),
            -32020,
        ),
        (call().header("MCP-Protocol-Version", "2025-11-25"), -32022),
        (
            Call::raw(r#"{"jsonrpc":"2.0","method":"notifications/a","params":[]}"#),
            -32600,
        ),
        (Call::raw(r#"{"jsonrpc":"2.0","method":7}"#), -32600),
        (Call::raw(r#"{"method":"notifications/a"}"#), -32600),
    ] {
        let answer = call.send(server.addr).await;
        assert_eq!(answer.refusal(), (400, code), "{}", call.body);
        assert!(answer.json().get("id").is_none());
    }
}
