//! What others put on the subject, and more of it than can be read.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test is a failed test"
)]

mod common;

use common::*;
use mcpwire_nats::{NatsBus, async_nats};
use mcpwire_service::{Change, ChangeBus as _};

#[tokio::test]
async fn junk_is_counted_and_changes_nothing() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let mut stream = listen(&buses[1]);
    let stranger = async_nats::connect(server.url()).await.unwrap();
    let junk = ["", "hello", "{}", "[1,2", "\u{0}", r#"{"version":1}"#];
    for payload in junk {
        let subject = buses[0].subject().to_owned();
        stranger.publish(subject, payload.into()).await.unwrap();
    }
    let long = "[".repeat(500_000);
    let subject = buses[0].subject().to_owned();
    stranger.publish(subject, long.into()).await.unwrap();
    stranger.flush().await.unwrap();
    for bus in &buses {
        until("all junk was seen", || bus.stats().junk == 7).await;
        assert!(bus.state().is_up());
    }
    buses[0].publish(Change::ToolsListChanged);
    assert_eq!(heard(&mut stream).await, Change::ToolsListChanged);
}

#[tokio::test]
async fn a_hole_in_the_numbers_of_a_replica_makes_listeners_re_read() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 1).await;
    let mut stream = listen(&buses[0]);
    let other = async_nats::connect(server.url()).await.unwrap();
    let tell = async |seq: u64, kind: &str| {
        let origin = "a".repeat(32);
        let message =
            format!(r#"{{"version":1,"origin":"{origin}","seq":{seq},"kind":"{kind}","beat":1}}"#);
        let subject = buses[0].subject().to_owned();
        other.publish(subject, message.into()).await.unwrap();
    };
    tell(0, "alive").await;
    tell(1, "tools/list_changed").await;
    assert_eq!(heard(&mut stream).await, Change::ToolsListChanged);
    tell(1, "tools/list_changed").await;
    tell(3, "prompts/list_changed").await;
    assert_eq!(heard(&mut stream).await, Change::Missed);
    // A sign of life tells of a loss that nothing came after.
    tell(4, "alive").await;
    assert_eq!(heard(&mut stream).await, Change::Missed);
    tell(5, "resources/list_changed").await;
    assert_eq!(heard(&mut stream).await, Change::ResourcesListChanged);
    let stats = buses[0].stats();
    assert_eq!((stats.gaps, stats.repeated_foreign), (2, 1));
}

/// One thread for everything, so that the bus does not get to read while the flood is read off the wire.
#[tokio::test]
async fn a_replica_that_reads_too_slowly_re_reads() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let limits = quick().incoming(4);
    let slow = NatsBus::builder(server.url(), "test")
        .limits(limits)
        .connect()
        .unwrap();
    up(&slow).await;
    let mut stream = listen(&slow);
    let flood = async_nats::connect(server.url()).await.unwrap();
    for _ in 0..2000 {
        let subject = slow.subject().to_owned();
        flood.publish(subject, "flood".into()).await.unwrap();
    }
    flood.flush().await.unwrap();
    assert_eq!(heard(&mut stream).await, Change::Missed);
    assert!(slow.stats().slow > 0);
    slow.publish(Change::ToolsListChanged);
    hears(&mut stream, &Change::ToolsListChanged).await;
}
