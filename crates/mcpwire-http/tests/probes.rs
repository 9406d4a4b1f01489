//! Readiness and liveness: asked by whatever runs the server, past everything that guards it.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Answer, Call, Server, double, echo, soon};
use mcpwire_http::{Limits, Probe};
use mcpwire_service::Reply;
use tokio::sync::mpsc::unbounded_channel;

/// As Kubernetes asks: by the address of the machine.
fn ask(method: &str, path: &str) -> Call {
    let call = Call {
        body: String::new(),
        ..Call::raw("")
    };
    call.method(method)
        .target(path)
        .without("Content-Type")
        .without("Accept")
        .set("Host", "10.1.2.3:8080")
}

fn summary(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body.trim_end())
}

#[tokio::test]
async fn readiness_says_what_the_check_says() {
    let up = Arc::new(AtomicBool::new(false));
    let check = Arc::clone(&up);
    let server = Server::start_with(echo(), |serve| {
        serve.liveness("livez").readiness("/readyz", move || {
            if check.load(Ordering::SeqCst) {
                Probe::up().json(r#"{"keys":"3f9a"}"#)
            } else {
                Probe::down("the index is being loaded")
            }
        })
    })
    .await;
    let answer = ask("GET", "/readyz").send(server.addr).await;
    assert_eq!(summary(&answer), (503, "the index is being loaded"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    up.store(true, Ordering::SeqCst);
    let answer = ask("GET", "/readyz?verbose").send(server.addr).await;
    assert_eq!(
        (answer.status, answer.json()["keys"].as_str()),
        (200, Some("3f9a"))
    );
    let head = ask("HEAD", "/readyz").send(server.addr).await;
    assert_eq!(summary(&head), (200, ""));
    assert_eq!(
        head.header("content-length"),
        answer.header("content-length")
    );
    let answer = ask("GET", "/livez").send(server.addr).await;
    assert_eq!(summary(&answer), (200, "alive"));
    let answer = ask("POST", "/livez").send(server.addr).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, HEAD"))
    );
    // The endpoint itself is as guarded as ever.
    let foreign = Call::new("tools/list").set("Host", "10.1.2.3:8080");
    assert_eq!(foreign.send(server.addr).await.status, 421);
}

#[tokio::test]
async fn a_check_that_panics_is_a_check_that_failed() {
    let server = Server::start_with(echo(), |serve| {
        serve.readiness("/readyz", || panic!("a test"))
    })
    .await;
    let answer = ask("GET", "/readyz").send(server.addr).await;
    assert_eq!(summary(&answer), (503, "the check failed"));
}

#[tokio::test]
async fn probes_are_answered_when_no_request_is() {
    let (started, mut starts) = unbounded_channel();
    let service = double(move |_| {
        started.send(()).unwrap();
        std::future::pending::<Reply>()
    });
    let limits = Limits::default().max_concurrent_requests(1);
    let server = Server::start_with(service, |serve| {
        serve.limits(limits).readiness("/readyz", Probe::up)
    })
    .await;
    let _open = Call::tool("t").open(server.addr).await;
    soon(starts.recv()).await.unwrap();
    assert_eq!(Call::tool("t").send(server.addr).await.status, 503);
    let answer = ask("GET", "/readyz").send(server.addr).await;
    assert_eq!(summary(&answer), (200, "ready"));
}

#[tokio::test]
async fn over_a_drain_the_server_is_alive_and_not_ready() {
    let limits = Limits::default().drain_delay(Duration::from_millis(1500));
    let mut server = Server::start_with(echo(), |serve| {
        serve
            .limits(limits)
            .liveness("/livez")
            .readiness("/readyz", Probe::up)
    })
    .await;
    server.stop();
    soon(async { while ask("GET", "/readyz").send(server.addr).await.status != 503 {} }).await;
    let answer = ask("GET", "/readyz").open(server.addr).await.finish().await;
    assert_eq!(summary(&answer), (503, "the server is shutting down"));
    assert_eq!(answer.header("connection"), Some("close"));
    let answer = ask("GET", "/livez").send(server.addr).await;
    assert_eq!(summary(&answer), (200, "alive"));
    server.ended().await;
}
