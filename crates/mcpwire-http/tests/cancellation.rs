//! A client that goes away cancels what it asked for, whatever the answer was going to be.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use common::{Call, Dropped, Server, channel, double, progress, soon};
use mcpwire_http::Limits;
use mcpwire_service::{Reply, Request};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Tells when a call starts and when it is dropped; `tools/list` never replies, `prompts/list`
/// replies with a stream that never ends.
fn watched() -> (UnboundedReceiver<&'static str>, impl common::Double) {
    let (sender, receiver) = unbounded_channel();
    let service = double(move |request: Request| watch(sender.clone(), request));
    (receiver, service)
}

async fn watch(sender: UnboundedSender<&'static str>, request: Request) -> Reply {
    let guard = Dropped(sender.clone(), "dropped");
    if &*request.method() == "prompts/list" {
        let (items, reply) = channel();
        items.send(progress(1)).unwrap();
        tokio::spawn(async move {
            let _guard = guard;
            items.closed().await;
        });
        sender.send("started").unwrap();
        return reply;
    }
    sender.send("started").unwrap();
    std::future::pending::<()>().await;
    drop(guard);
    unreachable!()
}

/// CANCEL-05, HTTP-67.
#[tokio::test]
async fn http_66_closing_the_stream_cancels() {
    let (mut told, service) = watched();
    let server = Server::start(service).await;
    let mut open = Call::new("prompts/list").open(server.addr).await;
    open.until("progress").await;
    assert_eq!(soon(told.recv()).await, Some("started"));
    drop(open);
    assert_eq!(soon(told.recv()).await, Some("dropped"));
}

#[tokio::test]
async fn http_69_closing_before_the_answer_cancels() {
    let (mut told, service) = watched();
    let server = Server::start(service).await;
    for accept in ["application/json", "application/json, text/event-stream"] {
        let open = Call::new("tools/list")
            .set("Accept", accept)
            .open(server.addr)
            .await;
        assert_eq!(soon(told.recv()).await, Some("started"));
        drop(open);
        assert_eq!(soon(told.recv()).await, Some("dropped"));
    }
}

#[tokio::test]
async fn http_66_a_reset_cancels() {
    let (mut told, service) = watched();
    let server = Server::start(service).await;
    for method in ["tools/list", "prompts/list"] {
        let open = Call::new(method).open(server.addr).await;
        assert_eq!(soon(told.recv()).await, Some("started"));
        open.stream.set_zero_linger().unwrap();
        drop(open);
        assert_eq!(soon(told.recv()).await, Some("dropped"));
    }
}

/// A request that was sent ahead hides the end of the connection from the reader. Writing finds out.
#[tokio::test]
async fn http_66_closing_behind_a_pipelined_request_cancels() {
    let (mut told, service) = watched();
    let limits = Limits::default().keep_alive_interval(Duration::from_millis(20));
    let server = Server::start_with(service, |serve| serve.limits(limits)).await;
    let mut open = Call::new("tools/list").open(server.addr).await;
    assert_eq!(soon(told.recv()).await, Some("started"));
    open.stream
        .write_all(b"POST /mcp HTTP/1.1\r\n")
        .await
        .unwrap();
    open.until("keep-alive").await;
    drop(open);
    assert_eq!(soon(told.recv()).await, Some("dropped"));
}

/// HTTP-68, CANCEL-08: the other requests of the client go on, and only they are answered.
#[tokio::test]
async fn closing_one_connection_cancels_nothing_else() {
    let (mut told, service) = watched();
    let server = Server::start(service).await;
    let mut kept = Call::new("prompts/list").open(server.addr).await;
    kept.until("progress").await;
    assert_eq!(soon(told.recv()).await, Some("started"));
    let open = Call::new("tools/list").open(server.addr).await;
    assert_eq!(soon(told.recv()).await, Some("started"));
    drop(open);
    assert_eq!(soon(told.recv()).await, Some("dropped"));
    assert!(told.try_recv().is_err());
    drop(kept);
    assert_eq!(soon(told.recv()).await, Some("dropped"));
}

#[tokio::test]
async fn dropping_the_server_cancels_everything() {
    let (mut told, service) = watched();
    let server = Server::start(service).await;
    let open = [
        Call::new("tools/list").open(server.addr).await,
        Call::new("prompts/list").open(server.addr).await,
    ];
    for _ in &open {
        assert_eq!(soon(told.recv()).await, Some("started"));
    }
    server.kill();
    for _ in &open {
        assert_eq!(soon(told.recv()).await, Some("dropped"));
    }
}
