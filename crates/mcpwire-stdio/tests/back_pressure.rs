//! A peer that does not read slows the server down and does not fill its memory.

mod common;

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{Peer, Peers, settle, until};
use mcpwire_stdio::{Limits, ServeError};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

// One line is larger than the pipe, so whatever was asked for is queued.
const PADDING: usize = 8000;

#[tokio::test]
async fn a_stream_is_not_asked_for_more_than_the_queue_holds() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default().write_queue(8));
    peer.request(1, "flood", json!({ "padding": PADDING }))
        .await;
    settle().await;
    // What the queue holds, and one that waits for a place in it.
    assert_eq!(peers.asked.load(Ordering::SeqCst), 9);
    for read in 1..20 {
        assert_eq!(peer.read().await["params"]["progress"], read - 1);
        settle().await;
        assert_eq!(peers.asked.load(Ordering::SeqCst), 9 + read);
    }
}

#[tokio::test]
async fn many_streams_share_the_queue() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default().write_queue(8));
    for id in 0..20 {
        peer.request(id, "flood", json!({ "padding": PADDING }))
            .await;
    }
    settle().await;
    assert_eq!(peers.asked.load(Ordering::SeqCst), 8 + 20);
}

// A stream that floods takes its turn with the others.
#[tokio::test]
async fn a_flood_delays_another_reply_by_no_more_than_the_queue() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default().write_queue(8));
    peer.request(1, "flood", json!({ "padding": PADDING }))
        .await;
    settle().await;
    peer.request(2, "echo", json!({})).await;
    settle().await;
    for _ in 0..10 {
        if peer.read().await.get("id") == Some(&json!(2)) {
            return;
        }
    }
    panic!("the response is still waiting");
}

#[tokio::test]
async fn cancellations_are_read_while_replies_wait() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default().write_queue(4));
    for id in 0..10 {
        peer.request(id, "flood", json!({ "padding": PADDING }))
            .await;
    }
    settle().await;
    for id in 0..10 {
        peer.cancel(id).await;
    }
    peers.alive.becomes(0).await;
}

// Refusals are queued in bounds, too: beyond them input stays where it is.
#[tokio::test]
async fn input_is_not_read_while_too_many_refusals_wait() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default().write_queue(8));
    // The pipes hold some lines and the reading buffer some more; then nothing moves.
    let mut sent = 0;
    while timeout(Duration::from_millis(200), peer.input.write_all(b"?\n"))
        .await
        .is_ok()
    {
        sent += 1;
        assert!(sent < 100_000, "everything was read");
    }
    // Nothing is lost: each line that was sent is answered, in its time.
    for _ in 0..sent {
        peer.read_error(None, -32700).await;
    }
    peer.fence().await;
    assert!(peer.finish().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_is_given_up_at_last() {
    let peers = Peers::default();
    let limit = Duration::from_secs(60);
    let mut peer = Peer::of(&peers, Limits::default().write_stall(limit));
    let start = tokio::time::Instant::now();
    peer.request(1, "flood", json!({ "padding": PADDING }))
        .await;
    // Each message that is read starts the clock anew.
    for _ in 0..5 {
        tokio::time::sleep(limit / 2).await;
        peer.read().await;
    }
    let end = peer.serving.await.unwrap();
    assert!(
        matches!(end, Err(ServeError::Stalled { limit: found }) if found == limit),
        "{end:?}"
    );
    assert!(start.elapsed() >= limit / 2 * 5 + limit);
    until(|| peers.alive.count() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn silence_is_no_stall() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(1, "hang", json!({})).await;
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
    peer.fence().await;
}
