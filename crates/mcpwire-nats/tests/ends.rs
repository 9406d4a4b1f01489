//! How a bus ends, and what keeps it from beginning.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test is a failed test"
)]

mod common;

use common::*;
use futures_util::StreamExt as _;
use mcpwire_nats::{ConnectError, NatsBus, Reason};
use mcpwire_service::{Change, ChangeBus as _};

#[tokio::test]
async fn the_last_handle_ends_the_connection_and_the_streams() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let bus = bus(&server);
    up(&bus).await;
    assert_eq!(server.connections(), 1);
    let mut watch = bus.watch();
    let mut stream = listen(&bus);
    let other = bus.clone();
    drop(bus);
    other.publish(Change::ToolsListChanged);
    assert_eq!(heard(&mut stream).await, Change::ToolsListChanged);
    assert!(other.state().is_up());
    drop(other);
    while watch.changed().await.is_some() {}
    until("the connection is gone", || server.connections() == 0).await;
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn the_last_handle_ends_a_bus_that_never_came_up() {
    if !installed() {
        return;
    }
    let server = NatsServer::new();
    let bus = bus(&server);
    let mut watch = bus.watch();
    drop(bus);
    let ended = tokio::time::timeout(LONG, async { while watch.changed().await.is_some() {} });
    assert!(ended.await.is_ok());
}

/// Of this crate, and of the client of NATS, which goes on by itself when its connection is lost.
#[tokio::test]
async fn no_task_outlives_the_last_handle() {
    if !installed() {
        return;
    }
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let mut server = NatsServer::running();
    let bus = bus(&server);
    for _ in 0..3 {
        up(&bus).await;
        server.kill();
        down(&bus).await;
        server.start();
    }
    up(&bus).await;
    until("lost connections leave nothing", || tasks() <= 3).await;
    server.kill();
    down(&bus).await;
    drop(bus);
    until("all tasks have ended", || tasks() == 0).await;
}

#[tokio::test]
async fn shutdown_sends_what_is_queued() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    buses[0].publish(Change::ToolsListChanged);
    buses[0].shutdown().await;
    let state = buses[0].state();
    assert!(matches!(state.reason(), Some(Reason::ShutDown)), "{state}");
    assert_eq!(heard(&mut streams[1]).await, Change::ToolsListChanged);
    until("the connection is gone", || server.connections() == 1).await;
    // This process hears its own changes all the same.
    buses[0].publish(Change::PromptsListChanged);
    hears(&mut streams[0], &Change::PromptsListChanged).await;
    buses[0].shutdown().await;
}

#[tokio::test]
async fn credentials_come_with_the_address_and_are_checked() {
    if !installed() {
        return;
    }
    let mut server = NatsServer::with_config("authorization { user: a, password: secret }");
    server.start();
    let at = |user: &str| format!("nats://{user}@127.0.0.1:{}", server.port());
    let bus = NatsBus::builder(at("a:secret"), "test")
        .connect_now()
        .await
        .unwrap();
    assert!(bus.state().is_up());
    let refused = NatsBus::builder(at("a:wrong-one"), "test").limits(quick());
    let error = refused.connect_now().await.err().unwrap();
    assert!(
        matches!(error, ConnectError::Down(Reason::Refused(_))),
        "{error:?}"
    );
    assert!(!format!("{error:?} {error}").contains("wrong-one"));
}

#[tokio::test]
async fn a_subject_that_is_denied_is_said_so() {
    if !installed() {
        return;
    }
    let config = r#"authorization { users: [ { user: a, password: b,
        permissions: { publish: "other.>", subscribe: "other.>" } } ] }"#;
    let mut server = NatsServer::with_config(config);
    server.start();
    let address = format!("nats://a:b@127.0.0.1:{}", server.port());
    let denied = NatsBus::builder(&address, "test").limits(quick());
    let error = denied.connect_now().await.err().unwrap();
    assert!(
        matches!(error, ConnectError::Down(Reason::Denied(_))),
        "{error:?}"
    );
    let allowed = NatsBus::builder(&address, "test")
        .prefix("other")
        .limits(quick());
    allowed.connect_now().await.unwrap();
}

#[tokio::test]
async fn who_needs_nats_at_the_start_gets_an_error() {
    if !installed() {
        return;
    }
    let server = NatsServer::new();
    let builder = NatsBus::builder(server.url(), "test").limits(quick());
    let error = builder.connect_now().await.err().unwrap();
    assert!(
        matches!(error, ConnectError::Down(Reason::Unreachable(_))),
        "{error:?}"
    );
}
