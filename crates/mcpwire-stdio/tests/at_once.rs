//! What can be answered at once is, and nobody else has to wait for what cannot.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

mod common;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{BoxReply, Double, Peer, Peers};
use mcpwire_service::{Reply, Request};
use mcpwire_stdio::{Limits, Server};
use serde_json::json;

fn line(id: usize, method: &str, params: &serde_json::Value) -> String {
    let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    format!("{request}\n")
}

// More of them than the write queue holds, in one read.
#[tokio::test]
async fn stdio_29_requests_that_come_together_are_answered_in_their_order() {
    let mut peer = Peer::of(&Peers::default(), Limits::default().write_queue(8));
    let lines: String = (0..60).map(|id| line(id, "echo", &json!({}))).collect();
    assert!(lines.len() < 4096, "they fit into the pipe");
    peer.send(&lines).await;
    let mut seen = HashSet::new();
    for id in 0..60 {
        let answer = peer.read().await;
        assert_eq!(answer["id"], id, "{answer}");
        seen.insert(id);
    }
    assert_eq!(seen.len(), 60);
    assert!(peer.finish().await.is_empty());
}

// BASE-35: what is pending, a stream or an error stands between answers that are there at once.
#[tokio::test]
async fn base_35_each_kind_of_reply_finds_its_way_among_the_others() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    let mut lines = line(1, "hang", &json!({}));
    for (id, method) in [
        (2, "echo"),
        (3, "steps"),
        (4, "fail"),
        (5, "panic"),
        (6, "echo"),
    ] {
        lines += &line(id, method, &json!({ "steps": 3 }));
    }
    peer.send(&lines).await;
    let (mut answers, mut notices) = (HashSet::new(), 0);
    while answers.len() < 5 {
        let message = peer.read().await;
        match message["id"].as_u64() {
            Some(id) => {
                assert!(
                    id != 3 || notices == 3,
                    "the response of a stream is its last message"
                );
                assert_eq!(
                    message.get("error").is_some(),
                    matches!(id, 4 | 5),
                    "{message}"
                );
                assert!(answers.insert(id), "{message}");
            }
            None => notices += 1,
        }
    }
    assert_eq!(peers.alive.count(), 1);
    peer.cancel(1).await;
    peers.alive.becomes(0).await;
    assert!(peer.finish().await.is_empty());
}

// BASE-35: a handler that computes does not keep the next ones from another processor.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn base_35_after_a_reply_that_takes_long_the_next_ones_are_worked_on_beside_each_other() {
    let (busy, met) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let service = {
        let met = Arc::clone(&met);
        Double(move |request: Request| -> BoxReply {
            let (busy, met) = (Arc::clone(&busy), Arc::clone(&met));
            Box::pin(async move {
                if request.method() == "compute" {
                    std::thread::sleep(Duration::from_millis(500));
                } else {
                    // Each is done as soon as it has seen the other one.
                    busy.fetch_add(1, Ordering::SeqCst);
                    let start = Instant::now();
                    while busy.load(Ordering::SeqCst) < 2 && start.elapsed() < common::LONG {
                        std::thread::yield_now();
                    }
                    met.fetch_or(busy.load(Ordering::SeqCst) == 2, Ordering::SeqCst);
                }
                Ok(Reply::result("{}"))
            })
        })
    };
    let mut peer = Peer::serve(Server::new(service));
    let mut lines = line(1, "compute", &json!({}));
    lines += &line(2, "meet", &json!({}));
    lines += &line(3, "meet", &json!({}));
    peer.send(&lines).await;
    for _ in 0..3 {
        let message = peer.read().await;
        assert!(message["result"].is_object(), "{message}");
    }
    assert!(met.load(Ordering::SeqCst));
}
