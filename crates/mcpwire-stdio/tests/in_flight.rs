//! Which requests are taken in, and under which IDs.

mod common;

use std::time::Duration;

use common::{Peer, Peers};
use mcpwire_stdio::{Limits, Server};
use serde_json::json;
use tokio::time::Instant;

const INVALID_REQUEST: i64 = -32600;
const INTERNAL_ERROR: i64 = -32603;

#[tokio::test]
async fn conf_28_an_id_in_flight_is_refused() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(1, "hang", json!({})).await;
    peers.alive.becomes(1).await;
    peer.request(1, "echo", json!({})).await;
    let sentence = peer.read_error(Some(json!(1)), INVALID_REQUEST).await;
    assert!(sentence.contains("in flight"), "{sentence}");
    // BASE-09: another type is another ID.
    peer.request("1", "echo", json!({})).await;
    peer.read_echo("1").await;
    // The first is not touched by that.
    assert_eq!(peers.alive.count(), 1);
    peer.cancel(1).await;
    peers.alive.becomes(0).await;
}

// The ID is free as soon as the peer can have read the response.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn base_07_an_answered_id_can_be_used_again() {
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    for _ in 0..2000 {
        peer.request("same", "echo", json!({})).await;
        peer.read_echo("same").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_beyond_the_limit_waits_and_is_refused() {
    let peers = Peers::default();
    let wait = Duration::from_secs(5);
    let limits = Limits::default().max_in_flight(3).max_in_flight_wait(wait);
    let mut peer = Peer::of(&peers, limits);
    for id in 0..3 {
        peer.request(id, "hang", json!({})).await;
    }
    peers.alive.becomes(3).await;
    let start = Instant::now();
    for id in 3..10 {
        peer.request(id, "echo", json!({})).await;
        let sentence = peer.read_error(Some(json!(id)), INTERNAL_ERROR).await;
        assert!(sentence.contains("max_in_flight"), "{sentence}");
        // The first has waited in vain for all of them.
        assert_eq!(start.elapsed(), wait);
    }
    // There is a way out of it.
    peer.cancel(1).await;
    peer.request(3, "echo", json!({})).await;
    peer.read_echo(3).await;
    assert_eq!(peers.alive.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_beyond_the_limit_takes_the_next_place() {
    let service = common::Double(|_| async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        Ok(mcpwire_service::Reply::result("{}"))
    });
    let start = Instant::now();
    let mut peer = Peer::serve(Server::new(service).limits(Limits::default().max_in_flight(2)));
    for id in 0..20 {
        peer.request(id, "slow", json!({})).await;
    }
    for _ in 0..20 {
        assert!(peer.read().await.get("result").is_some());
    }
    // Ten times two, side by side.
    assert_eq!(start.elapsed(), Duration::from_secs(9));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_is_refused_when_the_server_shuts_down() {
    let (signal, signalled) = tokio::sync::oneshot::channel::<()>();
    let peers = Peers::default();
    let limits = Limits::default()
        .max_in_flight(1)
        .max_in_flight_wait(Duration::MAX);
    let server = Server::new(peers.service()).limits(limits);
    let mut peer = Peer::serve(server.with_graceful_shutdown(async move {
        let _ = signalled.await;
    }));
    peer.request(1, "hang", json!({})).await;
    peer.request(2, "echo", json!({})).await;
    common::settle().await;
    signal.send(()).unwrap();
    let sentence = peer.read_error(Some(json!(2)), INTERNAL_ERROR).await;
    assert!(sentence.contains("shutting down"), "{sentence}");
    assert_eq!(peer.read_or_end().await, None);
}
