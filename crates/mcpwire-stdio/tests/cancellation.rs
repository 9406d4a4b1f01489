//! `notifications/cancelled`: the work stops, and nothing of it is heard any more.

mod common;

use std::time::Duration;

use common::{Peer, Peers, cancellation, settle};
use mcpwire_stdio::Limits;
use serde_json::json;

#[tokio::test]
async fn cancel_07_the_work_is_dropped_and_not_answered() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(7, "hang", json!({})).await;
    peers.alive.becomes(1).await;
    peer.cancel(7).await;
    peers.alive.becomes(0).await;
    peer.fence().await;
    assert!(peer.finish().await.is_empty());
}

// SUB-18: a client ends a listen stream this way, and nothing is said about it.
#[tokio::test]
async fn sub_18_a_cancelled_listen_stream_is_dropped_without_a_word() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request("l", "subscriptions/listen", json!({ "notifications": {} }))
        .await;
    assert_eq!(
        peer.read().await["method"],
        "notifications/subscriptions/acknowledged"
    );
    peer.cancel("l").await;
    peers.alive.becomes(0).await;
    peer.fence().await;
    assert!(peer.finish().await.is_empty());
}

// CANCEL-09, CANCEL-12, BASE-27
#[tokio::test]
async fn cancel_12_cancellations_that_mean_nothing_are_ignored() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(1, "echo", json!({})).await;
    peer.read_echo(1).await;
    peer.request(2, "hang", json!({})).await;
    peers.alive.becomes(1).await;
    // Answered, never asked, and of the other type (BASE-09).
    for id in [json!(1), json!(3), json!("2")] {
        peer.cancel(id).await;
    }
    for params in [
        "{}",
        "[2]",
        "2",
        "null",
        r#"{"requestId":null}"#,
        r#"{"requestId":2.0}"#,
        r#"{"requestId":[2]}"#,
        r#"{"requestid":2}"#,
        r#"{"requestId":3,"requestId":2}"#,
    ] {
        let line =
            format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{params}}}"#);
        peer.line(&line).await;
    }
    peer.line(r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#)
        .await;
    peer.fence().await;
    assert_eq!(peers.alive.count(), 1);
    peer.cancel(2).await;
    peers.alive.becomes(0).await;
    assert!(peer.finish().await.is_empty());
}

// CANCEL-08: also what was queued before the cancellation came.
#[tokio::test]
async fn cancel_08_queued_messages_are_taken_back() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default().write_queue(16));
    // Each line is larger than the pipe, and nobody reads.
    let padding = 6000;
    for (id, steps) in [("first", 1), ("unwanted", 3), ("last", 1)] {
        peer.request(id, "steps", json!({ "steps": steps, "padding": padding }))
            .await;
        settle().await;
    }
    assert_eq!(peers.alive.count(), 0, "everything is queued");
    peer.cancel("unwanted").await;
    // A bad line is answered behind all that: then the cancellation has been seen as well.
    peer.line("?").await;

    let mut ids = Vec::new();
    let mut steps = 0;
    loop {
        let message = peer.read().await;
        match message.get("id") {
            Some(id) => ids.push(id.clone()),
            None if message.get("error").is_some() => break,
            None => steps += 1,
        }
    }
    assert_eq!(ids, ["first", "last"]);
    assert_eq!(steps, 2);
    assert!(peer.finish().await.is_empty());
}

// CANCEL-08: half a line cannot be taken back, and the next one begins on a line of its own.
#[tokio::test]
async fn cancel_08_a_line_on_its_way_is_finished() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(1, "flood", json!({ "padding": 10_000 })).await;
    // So much of the first line is in the pipe that the rest of it can only be waiting.
    common::until(|| peers.asked.load(std::sync::atomic::Ordering::SeqCst) > 10).await;
    peer.cancel(1).await;
    peers.alive.becomes(0).await;
    peer.request(2, "echo", json!({})).await;
    assert_eq!(peer.read().await["params"]["progress"], 0);
    peer.read_echo(2).await;
    assert!(peer.finish().await.is_empty());
}

#[tokio::test]
async fn cancel_08_a_refusal_is_taken_back_too() {
    let peers = Peers::default();
    let mut peer = Peer::of(
        &peers,
        Limits::default()
            .max_in_flight(1)
            .max_in_flight_wait(Duration::ZERO),
    );
    peer.request(1, "flood", json!({ "padding": 10_000 })).await;
    peers.alive.becomes(1).await;
    for id in [2, 3, 4] {
        peer.request(id, "echo", json!({})).await;
    }
    peer.cancel(3).await;
    peer.cancel(1).await;
    peers.alive.becomes(0).await;
    let mut refused = Vec::new();
    while refused.len() < 2 {
        let message = peer.read().await;
        refused.extend(message.get("id").cloned());
    }
    assert_eq!(refused, [2, 4]);
    assert!(peer.finish().await.is_empty());
}

// CANCEL-11: whoever wins, at most one whole reply comes, and none after the cancellation was seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancel_11_races_end_well() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    let mut answered = 0;
    for round in 0..500 {
        let id = format!("r{round}");
        peer.request(id.clone(), "steps", json!({ "steps": round % 5 }))
            .await;
        for _ in 0..round % 7 {
            tokio::task::yield_now().await;
        }
        // In one write, so that the fence is at the heels of the cancellation.
        let fence = json!({ "jsonrpc": "2.0", "id": "fence", "method": "echo", "params": {} });
        peer.send(&format!("{}\n{fence}\n", cancellation(id.clone())))
            .await;
        let mut next = 0;
        loop {
            let message = peer.read().await;
            if message["id"] == "fence" {
                break;
            }
            assert!(next <= round % 5, "{message} after the response");
            if message["id"] == id {
                assert_eq!(next, round % 5, "a response without its notifications");
                answered += 1;
            } else {
                assert_eq!(message["params"]["progress"], next);
            }
            next += 1;
        }
    }
    assert!(answered <= 500);
    assert!(peer.finish().await.is_empty());
    peers.alive.becomes(0).await;
}

// BASE-07: after a cancellation the ID is free as well.
#[tokio::test]
async fn base_07_a_cancelled_id_can_be_used_again() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    for _ in 0..20 {
        peer.request(1, "hang", json!({})).await;
        peer.cancel(1).await;
        peer.request(1, "echo", json!({})).await;
        peer.read_echo(1).await;
    }
    peers.alive.becomes(0).await;
    assert!(peer.finish().await.is_empty());
}
