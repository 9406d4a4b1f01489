//! Connecting, calling and letting go, again and again: nothing grows.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "test helpers")]

mod common;
mod common_client;

use std::time::Duration;

use common::Peers;
use common_client::*;
use mcpwire_stdio::Server;
use mcpwire_stdio::client::{Client, Command, Limits};
use serde_json::json;
use tokio::net::UnixStream;

/// Answers everything with an empty object, and starts fast.
const QUICK: &str = r#"
while read -r line; do
    id=${line#*\"id\":}
    printf '{"jsonrpc":"2.0","id":%s,"result":{}}\n' "${id%%,*}"
done
"#;

fn quick() -> Command {
    Command::new("/bin/sh").args(["-c", QUICK])
}

/// Open files, threads and tasks.
fn held() -> [usize; 3] {
    let count = |directory: &str| std::fs::read_dir(directory).unwrap().count();
    let tasks = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    [count("/proc/self/fd"), count("/proc/self/task"), tasks]
}

/// The processes that this one has started.
fn children() -> Vec<u32> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(process) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let rest = stat.rsplit_once(") ").map(|(_, rest)| rest);
        let of = rest.and_then(|rest| rest.split(' ').nth(1)).map(str::parse);
        if of == Some(Ok(std::process::id())) {
            children.push(process);
        }
    }
    children
}

/// What ends by itself may take a moment.
async fn becomes(expected: [usize; 3]) {
    let start = std::time::Instant::now();
    while held() != expected {
        assert!(start.elapsed() < LONG, "{:?} and not {expected:?}", held());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// In one test, since all of them look at the whole process.
#[tokio::test]
async fn nothing_grows() {
    a_thousand_connections().await;
    a_thousand_calls_that_are_dropped().await;
    a_hundred_child_processes().await;
    stdio_05_nothing_of_the_guard_is_left().await;
}

async fn round(peers: &Peers, number: usize) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (reader, writer) = theirs.into_split();
    tokio::spawn(Server::new(peers.service()).serve(reader, writer));
    let (reader, writer) = ours.into_split();
    let client = Client::spawn(reader, writer, Limits::default());
    let reply = call(&client, request(1, "echo", json!({}))).await;
    assert_eq!(result(reply), json!({}));
    // Some are left in the middle of something.
    match number % 4 {
        0 => drop(start(&client, request(2, "hang", json!({})))),
        1 => drop(stream(call(&client, listen(3)).await)),
        2 => client.close().await,
        _ => {}
    }
}

async fn a_thousand_connections() {
    let peers = Peers::default();
    round(&peers, 0).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = held();
    for number in 0..1000 {
        round(&peers, number).await;
    }
    becomes(before).await;
    peers.alive.becomes(0).await;
}

async fn a_thousand_calls_that_are_dropped() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let peers = Peers::default();
    let (reader, writer) = theirs.into_split();
    tokio::spawn(Server::new(peers.service()).serve(reader, writer));
    let (reader, writer) = ours.into_split();
    let client = Client::spawn(reader, writer, Limits::default().max_in_flight(8));
    let before = held();
    for _ in 0..1000 {
        drop(start(&client, request(1, "hang", json!({}))));
        let reply = call(&client, request(1, "echo", json!({}))).await;
        assert_eq!(result(reply), json!({}));
    }
    peers.alive.becomes(0).await;
    becomes(before).await;
}

async fn a_hundred_child_processes() {
    let round = async || {
        let server = quick().start();
        let reply = call(&server, request(1, "any", json!({}))).await;
        assert_eq!(result(reply), json!({}));
        server
    };
    round().await.close().await;
    let before = held();
    for number in 0..100 {
        let server = round().await;
        if number % 2 == 0 {
            server.close().await;
        }
    }
    becomes(before).await;
}

async fn stdio_05_nothing_of_the_guard_is_left() {
    let server = quick().start();
    result(call(&server, request(1, "any", json!({}))).await);
    assert_eq!(children().len(), 2);
    within(server.close()).await;
    assert_eq!(children(), [0; 0]);

    let server = quick().without_guard().start();
    result(call(&server, request(1, "any", json!({}))).await);
    assert_eq!(children().len(), 1);
    within(server.close()).await;
    assert_eq!(children(), [0; 0]);
}
