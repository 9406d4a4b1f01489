//! Which HTTP status goes with which outcome.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Call, Server, double, soon};
use mcpwire_service::{Reply, Request, Response};
use mcpwire_types::Error;
use serde_json::json;

/// Answers `tools/call` with the error whose code is the tool's name; a trailing `!` makes it one
/// that is found before a handler runs.
fn failing() -> impl common::Double {
    double(|request: Request| async move {
        let name = request.message().text(mcpwire_codec::Part::Name).unwrap();
        let code = name.trim_end_matches('!').parse().unwrap();
        let error = Error::new(code, "so it goes");
        if name.ends_with('!') {
            Response::refusal(&error).into()
        } else {
            Reply::error(&error)
        }
    })
}

/// META-21, HDR-31.
#[tokio::test]
async fn err_24_conf_03_the_status_follows_the_code_and_who_found_the_error() {
    let server = Server::start(failing()).await;
    for (raised, refused, code) in [
        (404, 404, -32601),
        (400, 400, -32020),
        (400, 400, -32021),
        (400, 400, -32022),
        (400, 400, -32600),
        (400, 400, -32700),
        (200, 400, -32602),
        (200, 400, -32603),
        (200, 400, 7),
    ] {
        for (name, status) in [(format!("{code}"), raised), (format!("{code}!"), refused)] {
            let answer = Call::tool(&name).send(server.addr).await;
            assert_eq!(answer.refusal(), (status, code), "{name}");
            assert_eq!(answer.json()["id"], 1);
        }
    }
}

/// A status says more than 200, so it is not hidden in a stream (HTTP-55).
#[tokio::test]
async fn http_50_prescribed_statuses_are_sent_as_json_whatever_is_preferred() {
    let server = Server::start(failing()).await;
    let answer = Call::tool("-32601")
        .set("Accept", "text/event-stream")
        .send(server.addr)
        .await;
    assert_eq!(answer.refusal(), (404, -32601));
}

#[tokio::test]
async fn conf_03_http_13_what_is_no_request_is_a_bad_request_without_id() {
    let server = Server::start(failing()).await;
    for (code, body) in [
        (-32700, ""),
        (-32700, "   "),
        (-32700, "{"),
        (-32700, r#"{"jsonrpc":"2.0","id":1,"method":"a"}}"#),
        (-32700, "\u{feff}{}"),
        (-32600, "null"),
        (-32600, "7"),
        (-32600, "\"text\""),
        (-32600, "[]"),
        (-32600, r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
        (-32600, "{}"),
        (-32600, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
        (-32600, r#"{"jsonrpc":"2.0","id":1,"result":7}"#),
        (
            -32600,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}"#,
        ),
        (-32600, r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#),
        (-32600, r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#),
    ] {
        let answer = Call::raw(body).send(server.addr).await;
        assert_eq!(answer.refusal(), (400, code), "{body}");
        assert!(answer.json().get("id").is_none(), "{body}");
    }
}

#[tokio::test]
async fn http_54_the_id_is_there_wherever_it_can_be_read() {
    let server = Server::start(failing()).await;
    for (id, body) in [
        (json!(5), r#"{"id":5,"method":"ping"}"#),
        (json!("a"), r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#),
        (json!(5), r#"{"jsonrpc":"2.0","id":5,"method":7}"#),
        (
            json!(5),
            r#"{"jsonrpc":"2.0","id":5,"method":"ping","params":[]}"#,
        ),
        (
            json!(5),
            r#"{"jsonrpc":"2.0","id":5,"method":"ping","meth\u006fd":"pong"}"#,
        ),
    ] {
        let answer = Call::raw(body).send(server.addr).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["id"], id, "{body}");
    }
}

#[tokio::test]
async fn base_09_ids_come_back_as_they_were_sent() {
    let server = Server::start(common::echo()).await;
    for id in [
        json!(0),
        json!(-7),
        json!(i64::MAX),
        json!(""),
        json!("1"),
        json!("\"\\\u{7f}ü"),
    ] {
        let answer = Call::new("tools/list")
            .id(id.clone())
            .send(server.addr)
            .await;
        assert_eq!(answer.json()["id"], id);
    }
}

/// A layer around the service failed, or the service panicked: neither reaches the client in words,
/// and neither ends the connection, let alone the server.
#[tokio::test]
async fn err_08_failures_of_the_service_are_internal_errors() {
    let service = double(|request: Request| async move {
        match &*request.method() {
            "tools/list" => panic!("a secret"),
            "prompts/list" => std::future::pending().await,
            _ => Reply::result(common::RESULT),
        }
    });
    let timeout = tower::timeout::Timeout::new(service, std::time::Duration::from_millis(20));
    let server = Server::start(timeout).await;
    let mut bytes = Call::new("tools/list").bytes();
    bytes.extend(Call::new("prompts/list").bytes());
    bytes.extend(
        Call::new("resources/list")
            .header("Connection", "close")
            .bytes(),
    );
    let mut open = common::Open::send(server.addr, &bytes).await;
    let text = soon(open.until("complete")).await;
    let statuses: Vec<_> = text
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| &text[at + 9..at + 12])
        .collect();
    assert_eq!(statuses, ["500", "500", "200"], "{text}");
    assert_eq!(
        text.matches(r#""id":1,"error":{"code":-32603"#).count(),
        2,
        "{text}"
    );
    assert!(!text.contains("secret"));
}

/// HTTP-29.
#[tokio::test]
async fn http_60_61_sessions_and_resumption_are_ignored() {
    let server = Server::start(common::echo()).await;
    let call = Call::new("tools/list")
        .header("Mcp-Session-Id", "s")
        .header("Last-Event-ID", "9");
    let answer = call.send(server.addr).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("mcp-session-id"), None);
}
