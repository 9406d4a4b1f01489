//! Clients of the handshake revisions learn what is spoken here.
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
use mcpwire_service::{Reply, Request};
use mcpwire_types::Error;
use serde_json::json;

fn modern() -> impl common::Double {
    double(
        |request: Request| async move { Reply::error(&Error::method_not_found(&request.method())) },
    )
}

fn initialize() -> Call {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"},
    });
    let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    Call::raw(body.to_string())
}

#[tokio::test]
async fn ver_20_21_initialize_is_refused_with_the_versions_that_there_are() {
    let server = Server::start(modern()).await;
    // Some clients send the header from the first request on.
    let with_header = initialize().header("MCP-Protocol-Version", "2025-11-25");
    for call in [initialize(), with_header] {
        let answer = call.send(server.addr).await;
        assert_eq!(answer.refusal(), (400, -32022));
        let data = json!({"requested": "2025-11-25", "supported": ["2026-07-28"]});
        assert_eq!(answer.json()["error"]["data"], data);
        assert_eq!(answer.json()["id"], 0);
        assert!(answer.message().contains("2026-07-28"), "{answer:?}");
    }
}

#[tokio::test]
async fn ver_20_even_a_broken_initialize_is_told_the_versions() {
    let server = Server::start(modern()).await;
    for params in ["", r#","params":{}"#, r#","params":{"protocolVersion":7}"#] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":0,"method":"initialize"{params}}}"#);
        let answer = Call::raw(body).send(server.addr).await;
        assert_eq!(answer.refusal(), (400, -32022));
        assert_eq!(answer.json()["error"]["data"]["requested"], "");
    }
    let long = "9".repeat(1000);
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{"protocolVersion":"{long}"}}}}"#
    );
    let answer = Call::raw(body).send(server.addr).await;
    assert!(!answer.body.contains(&long));
}

/// VER-22: with modern metadata it is a method like any other, and an unknown one.
#[tokio::test]
async fn ver_22_initialize_with_modern_metadata_is_an_unknown_method() {
    let server = Server::start(modern()).await;
    let answer = Call::new("initialize").send(server.addr).await;
    assert_eq!(answer.refusal(), (404, -32601));
}

/// HTTP-41: other requests of such clients lack the header, or name a version of the past.
#[tokio::test]
async fn http_41_other_legacy_requests_are_refused() {
    let server = Server::start(modern()).await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert_eq!(
        Call::raw(body).send(server.addr).await.refusal(),
        (400, -32020)
    );
    let call = Call::raw(body).header("MCP-Protocol-Version", "2025-06-18");
    assert_eq!(call.send(server.addr).await.refusal(), (400, -32602));
    // HTTP-59: no stream to GET, no session to DELETE.
    for method in ["GET", "DELETE"] {
        let answer = Call::raw("")
            .method(method)
            .header("Mcp-Session-Id", "s")
            .send(server.addr)
            .await;
        assert_eq!(answer.status, 405);
    }
}
