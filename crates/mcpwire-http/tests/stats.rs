//! Each bound that is hit is counted, and what is open is known.
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

use common::{Call, Double, Open, RESULT, Server, channel, done, double, progress, soon};
use mcpwire_http::{Limits, Meter, Stats};
use mcpwire_service::{Reply, Request};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(60);

/// Answers lists, streams to listeners until the drain, and never answers tool calls.
fn service() -> impl Double {
    double(|request: Request| async move {
        match &*request.method() {
            "tools/list" => Reply::result(RESULT),
            "tools/call" => std::future::pending().await,
            _ => {
                let drain = request.context().drain.begun();
                let (sender, reply) = channel();
                sender.send(progress(1)).unwrap();
                tokio::spawn(async move {
                    tokio::select! {
                        () = drain => sender.send(done()).unwrap(),
                        () = sender.closed() => {}
                    }
                });
                reply
            }
        }
    })
}

async fn metered(limits: Limits) -> (Server, Meter) {
    let mut meter = None;
    let server = Server::start_with(service(), |serve| {
        let serve = serve.limits(limits);
        meter = Some(serve.meter());
        serve
    })
    .await;
    (server, meter.unwrap())
}

async fn until(meter: &Meter, reached: impl Fn(&Stats) -> bool) {
    soon(async {
        while !reached(&meter.stats()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_open_is_counted_until_it_ends() {
    let (server, meter) = metered(Limits::default()).await;
    let listen = Call::new("subscriptions/listen");
    let mut listener = listen.open(server.addr).await;
    listener.until("progress").await;
    let waiting = Call::tool("t").open(server.addr).await;
    until(&meter, |stats| stats.requests == 1).await;
    let stats = meter.stats();
    assert_eq!((stats.connections, stats.streams), (2, 1));
    assert_eq!((stats.connections_accepted, stats.streams_opened), (2, 1));
    drop((listener, waiting));
    until(&meter, |stats| {
        stats.connections + stats.requests + stats.streams == 0
    })
    .await;
    assert_eq!(meter.stats().streams_drained, 0);
}

#[tokio::test]
async fn refused_requests_are_counted_by_the_bound() {
    let limits = Limits::default()
        .max_concurrent_requests(1)
        .max_streams(1)
        .max_body_bytes(1000)
        .max_discarded_bytes(1000)
        .max_depth(5)
        .max_headers(20)
        .body_read_timeout(SHORT);
    let (server, meter) = metered(limits).await;
    let listen = Call::new("subscriptions/listen");
    let mut listener = listen.open(server.addr).await;
    listener.until("progress").await;
    assert_eq!(listen.send(server.addr).await.status, 503);
    assert_eq!(meter.stats().over_max_streams, 1);

    let long = Call::with("tools/list", serde_json::json!({"x": "x".repeat(2000)}));
    assert_eq!(long.send(server.addr).await.status, 413);
    assert_eq!(meter.stats().over_max_body_bytes, 1);
    assert_eq!(meter.stats().over_max_discarded_bytes, 1);

    let deep = Call::with("tools/list", serde_json::json!({"x": [[[[[[]]]]]]}));
    assert_eq!(deep.send(server.addr).await.status, 400);
    assert_eq!(meter.stats().over_max_depth, 1);

    let mut slow = Call::new("tools/list").bytes();
    slow.pop();
    let slow = Open::send(server.addr, &slow).await;
    let mut many = Call::new("tools/list");
    for n in 0..30 {
        many = many.header(&format!("X-{n}"), "x");
    }
    assert_eq!(slow.finish().await.status, 408);
    assert_eq!(meter.stats().over_body_read_timeout, 1);
    assert_eq!(many.send(server.addr).await.status, 431);
    until(&meter, |stats| stats.over_max_header == 1).await;

    let _open = Call::tool("t").open(server.addr).await;
    until(&meter, |stats| stats.requests == 1).await;
    assert_eq!(Call::tool("t").send(server.addr).await.status, 503);
    assert_eq!(meter.stats().over_max_concurrent_requests, 1);
}

#[tokio::test]
async fn connections_that_wait_or_ask_nothing_are_counted() {
    let limits = Limits::default()
        .max_connections(1)
        .header_read_timeout(Duration::from_millis(300));
    let (server, meter) = metered(limits).await;
    let mut first = TcpStream::connect(server.addr).await.unwrap();
    let mut second = Call::new("tools/list").open(server.addr).await;
    second.until("complete").await;
    // Either of them was all that there may be.
    until(&meter, |stats| stats.over_max_connections == 2).await;
    assert_eq!(meter.stats().over_header_read_timeout, 1);
    let mut rest = vec![];
    soon(first.read_to_end(&mut rest)).await.unwrap();
    until(&meter, |stats| stats.over_header_read_timeout == 2).await;
}

#[tokio::test]
async fn silence_and_slow_readers_are_counted() {
    let limits = Limits::default()
        .keep_alive_interval(Duration::from_millis(10))
        .write_timeout(SHORT);
    let service = double(|request: Request| async move {
        let (sender, reply) = channel();
        if &*request.method() == "tools/call" {
            tokio::spawn(async move {
                let params = format!(r#"{{"x":"{}"}}"#, "x".repeat(100_000));
                let large = mcpwire_service::Notification::new("notifications/message", params);
                while sender
                    .send(mcpwire_service::ReplyItem::Notification(large.clone()))
                    .is_ok()
                {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
        } else {
            tokio::spawn(async move { sender.closed().await });
        }
        reply
    });
    let mut meter = None;
    let server = Server::start_with(service, |serve| {
        let serve = serve.limits(limits);
        meter = Some(serve.meter());
        serve
    })
    .await;
    let meter = meter.unwrap();
    let silent = Call::new("subscriptions/listen").open(server.addr).await;
    until(&meter, |stats| stats.keep_alives > 2).await;
    drop(silent);
    let _unread = Call::tool("t").open(server.addr).await;
    until(&meter, |stats| stats.over_write_timeout == 1).await;
    until(&meter, |stats| stats.connections == 0).await;
}

#[tokio::test]
async fn what_a_shutdown_ends_is_counted_by_how() {
    let limits = Limits::default()
        .idle_drain(SHORT)
        .shutdown_grace(Duration::from_secs(1));
    let (mut server, meter) = metered(limits).await;
    let mut listener = Call::new("subscriptions/listen").open(server.addr).await;
    listener.until("progress").await;
    let _waiting = Call::tool("t").open(server.addr).await;
    until(&meter, |stats| stats.requests == 1).await;
    server.stop();
    server.ended().await;
    let stats = meter.stats();
    assert_eq!(stats.streams_drained, 1);
    // Once its stream had ended, the listener's connection asked nothing more.
    assert_eq!(stats.over_idle_drain, 1);
    assert_eq!(stats.over_shutdown_grace, 1);
    assert_eq!(
        (stats.connections, stats.requests, stats.streams),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn a_shutdown_with_nobody_there_counts_nothing() {
    let (mut server, meter) = metered(Limits::default().shutdown_grace(LONG)).await;
    assert_eq!(Call::new("tools/list").send(server.addr).await.status, 200);
    until(&meter, |stats| stats.connections == 0).await;
    server.stop();
    server.ended().await;
    let mut expected = Stats::default();
    expected.connections_accepted = 1;
    assert_eq!(meter.stats(), expected);
}
