//! Requests run beside each other, and their messages come out whole and in order.

mod common;

use std::collections::HashMap;

use common::{Peer, Peers};
use mcpwire_stdio::Limits;
use serde_json::json;

#[tokio::test]
async fn base_35_a_slow_request_delays_no_other() {
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    peer.request(1, "hang", json!({})).await;
    peer.request("1", "hang", json!({})).await;
    for id in 2..50 {
        peer.request(id, "echo", json!({ "a": id })).await;
        let reply = peer.read().await;
        assert_eq!(
            reply,
            json!({ "jsonrpc": "2.0", "id": id, "result": { "a": id } })
        );
    }
}

// BASE-09, BASE-10
#[tokio::test]
async fn base_10_ids_come_back_with_their_type() {
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    for id in [
        json!(0),
        json!(-5),
        json!(9_007_199_254_740_991_i64),
        json!("1"),
        json!(""),
        json!("ü\"\n"),
    ] {
        peer.request(id.clone(), "echo", json!({})).await;
        peer.read_echo(id).await;
    }
}

// STDIO-02, STDIO-29
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stdio_29_lines_of_many_replies_never_mix() {
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    // Longer than the pipe, so no line is written at one go.
    let padding = 10_000;
    for id in 0..8 {
        peer.request(id, "steps", json!({ "steps": 5, "padding": padding }))
            .await;
    }
    let mut responses = 0;
    while responses < 8 {
        let message = peer.read().await;
        if message.get("id").is_some() {
            responses += 1;
        } else {
            assert_eq!(
                message["params"]["message"].as_str().unwrap().len(),
                padding
            );
        }
    }
    assert_eq!(peer.finish().await, [] as [serde_json::Value; 0]);
}

// PROG-10: `steps` goes on after its response.
#[tokio::test]
async fn prog_10_notifications_keep_their_order_and_nothing_follows_the_response() {
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    peer.request("a", "steps", json!({ "steps": 200 })).await;
    for number in 0..200 {
        let message = peer.read().await;
        assert_eq!(message["method"], "notifications/progress");
        assert_eq!(message["params"]["progress"], number);
    }
    assert_eq!(
        peer.read().await,
        json!({ "jsonrpc": "2.0", "id": "a", "result": { "steps": 200 } })
    );
    peer.fence().await;
    assert!(peer.finish().await.is_empty());
}

#[tokio::test]
async fn a_burst_of_ten_thousand_requests_is_answered_once_each() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    let mut input = std::mem::replace(&mut peer.input, tokio::io::duplex(1).0);
    let sender = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        for id in 0..10_000 {
            let line =
                format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"echo","params":{{"n":{id}}}}}"#);
            input.write_all(line.as_bytes()).await.unwrap();
            input.write_all(b"\n").await.unwrap();
        }
        input
    });
    let mut seen = HashMap::new();
    for _ in 0..10_000 {
        let reply = peer.read().await;
        assert_eq!(reply["result"]["n"], reply["id"]);
        *seen.entry(reply["id"].as_u64().unwrap()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 10_000);
    drop(sender.await.unwrap());
    assert!(peer.finish().await.is_empty());
    peers.alive.becomes(0).await;
}
