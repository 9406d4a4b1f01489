//! Media types in both directions, and which HTTP methods there are.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Call, Server, done, double, echo, progress};
use mcpwire_service::{Reply, ReplyStream, Request};
use serde_json::json;

#[tokio::test]
async fn http_59_62_only_post_is_served() {
    let server = Server::start(echo()).await;
    for method in ["GET", "DELETE", "PUT", "PATCH", "HEAD", "TRACE", "BREW"] {
        let answer = Call::new("tools/list")
            .method(method)
            .send(server.addr)
            .await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
    }
    let options = Call::raw("").method("OPTIONS").send(server.addr).await;
    assert_eq!(
        (options.status, options.header("allow")),
        (204, Some("OPTIONS, POST"))
    );
}

/// CVE-2026-33252: a "simple" request of a web page never reaches a handler.
#[tokio::test]
async fn conf_24_other_content_types_are_unsupported() {
    let server = Server::start(echo()).await;
    let list = || Call::new("tools/list");
    let refused = [
        list().without("Content-Type"),
        list().set("Content-Type", "text/plain"),
        list().set("Content-Type", "text/plain; a=application/json"),
        list().set("Content-Type", "application/x-www-form-urlencoded"),
        list().set("Content-Type", "multipart/form-data; boundary=x"),
        list().set("Content-Type", "application/json, text/plain"),
        list().header("Content-Type", "text/plain"),
        list().header("Content-Encoding", "gzip"),
    ];
    for call in refused {
        let answer = call.send(server.addr).await;
        assert_eq!(
            answer.refusal(),
            (415, -32600),
            "{call:?}",
            call = call.headers
        );
    }
    let welcome = [
        list().set("Content-Type", "application/json; charset=utf-8"),
        list().set("Content-Type", "Application/Json"),
        list().header("Content-Encoding", "identity"),
    ];
    for call in welcome {
        assert_eq!(
            call.send(server.addr).await.status,
            200,
            "{:?}",
            call.headers
        );
    }
}

fn chatty() -> impl common::Double {
    double(|request: Request| async move {
        if &*request.method() == "tools/list" {
            return Reply::result(common::RESULT);
        }
        let items = [progress(1), progress(2), done()];
        Reply::Stream(ReplyStream::new(futures_util::stream::iter(items)))
    })
}

#[tokio::test]
async fn http_19_63_the_answer_is_of_a_kind_that_the_client_accepts() {
    let server = Server::start(chatty()).await;
    let (json, events) = ("application/json", "text/event-stream");
    for (accept, one, many) in [
        (
            "application/json, text/event-stream",
            Some(json),
            Some(events),
        ),
        ("*/*", Some(json), Some(events)),
        ("application/json", Some(json), Some(json)),
        ("text/event-stream", Some(events), Some(events)),
        ("application/*", Some(json), Some(json)),
        ("text/html, */*;q=0.1", Some(json), Some(events)),
        ("text/html", None, None),
        ("application/json;q=0", None, None),
    ] {
        for (method, expected) in [("tools/list", one), ("prompts/list", many)] {
            let answer = Call::new(method)
                .set("Accept", accept)
                .send(server.addr)
                .await;
            match expected {
                Some(kind) => {
                    assert_eq!(answer.status, 200, "{accept} {method}");
                    assert_eq!(
                        answer.header("content-type"),
                        Some(kind),
                        "{accept} {method}"
                    );
                }
                None => assert_eq!(answer.refusal(), (406, -32600), "{accept} {method}"),
            }
        }
    }
    let answer = Call::new("tools/list")
        .without("Accept")
        .send(server.addr)
        .await;
    assert_eq!(answer.header("content-type"), Some(json));
}

#[tokio::test]
async fn http_21_who_reads_only_json_gets_the_response_alone() {
    let server = Server::start(chatty()).await;
    let call = Call::new("prompts/list").set("Accept", "application/json");
    let answer = call.send(server.addr).await;
    assert_eq!(
        answer.json(),
        json!({"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete"}})
    );
}

#[tokio::test]
async fn who_reads_only_events_gets_one_event() {
    let server = Server::start(echo()).await;
    let call = Call::new("tools/list").set("Accept", "text/event-stream");
    let events = call.send(server.addr).await.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["result"]["method"], "tools/list");
}

#[tokio::test]
async fn http_33_a_listener_has_to_accept_events() {
    let server = Server::start(echo()).await;
    let call = Call::new("subscriptions/listen").set("Accept", "application/json");
    let answer = call.send(server.addr).await;
    assert_eq!(answer.refusal(), (406, -32600));
    assert_eq!(answer.json()["id"], 1);
}

#[tokio::test]
async fn http_01_39_there_is_one_path_and_elsewhere_a_bare_404() {
    let server = Server::start_with(echo(), |serve| serve.path("api/mcp")).await;
    for (target, status) in [
        ("/api/mcp", 200),
        ("/api/mcp?a=b", 200),
        ("/mcp", 404),
        ("/api/mcp/", 404),
        ("/", 404),
    ] {
        let answer = Call::new("tools/list")
            .target(target)
            .send(server.addr)
            .await;
        assert_eq!(answer.status, status, "{target}");
        if status == 404 {
            assert_eq!(
                answer.header("content-type"),
                Some("text/plain; charset=utf-8")
            );
        }
    }
}
