//! Connections: kept, used again, closed, and never more than there should be.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use std::time::Duration;

use mcpwire_http::client::{Client, Limits};
use remote::{
    COMPLETE, EVENTS, RESULT, Remote, begin, call, event, items, json_answer, list, progress,
    result, soon, stream,
};

/// An event stream that ends properly.
fn chunked(body: &str) -> String {
    let head = EVENTS.replace("Connection: close", "Transfer-Encoding: chunked");
    format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let remote = Remote::start().await;
    let client = remote.client();
    let both = [progress(1), RESULT.to_owned()]
        .map(|message| event(&message))
        .concat();
    let first = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(json_answer(RESULT)).await;
    soon(first).await.unwrap().unwrap();
    for answer in [
        json_answer(RESULT),
        chunked(&event(RESULT)),
        chunked(&both),
        json_answer(RESULT),
    ] {
        // A connection comes back once its end has been seen, which is a moment after the answer.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let call = begin(&client.clone(), list());
        peer.request().await;
        peer.send(answer).await;
        if let mcpwire_service::Reply::Stream(stream) = soon(call).await.unwrap().unwrap() {
            assert_eq!(items(stream).await.0.last().unwrap(), COMPLETE);
        }
    }
    assert!(remote.is_left_alone().await);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let remote = Remote::start().await;
    let client = remote.client();
    for _ in 0..5 {
        let call = begin(&client, list());
        let mut peer = remote.accept().await;
        peer.request().await;
        peer.send(json_answer(RESULT)).await;
        assert_eq!(result(soon(call).await.unwrap().unwrap()), COMPLETE);
        // A call that meets the end of its connection on the way may have had an effect, and fails.
        drop(peer);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_unused_connection_is_closed_in_time() {
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .limits(Limits::default().pool_idle_timeout(Duration::from_millis(100)))
        .build()
        .unwrap();
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(json_answer(RESULT)).await;
    soon(call).await.unwrap().unwrap();
    peer.closed().await;
}

#[tokio::test]
async fn no_more_than_so_many_connections_are_kept() {
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .limits(Limits::default().max_idle_connections(1))
        .build()
        .unwrap();
    let calls = [begin(&client, list()), begin(&client, list())];
    let mut peers = [remote.accept().await, remote.accept().await];
    for peer in &mut peers {
        peer.request().await;
        peer.send(json_answer(RESULT)).await;
    }
    for call in calls {
        soon(call).await.unwrap().unwrap();
    }
    let [first, second] = peers;
    tokio::select! {
        () = first.closed() => {}
        () = second.closed() => {}
    }
}

#[tokio::test]
async fn the_last_client_takes_its_connections_along() {
    let remote = Remote::start().await;
    let client = remote.client();
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(json_answer(RESULT)).await;
    soon(call).await.unwrap().unwrap();
    drop(client);
    peer.closed().await;
}

/// How many files this process has open.
#[cfg(target_os = "linux")]
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Waits until no more files are open than before.
#[cfg(target_os = "linux")]
async fn back_to(before: usize) {
    soon(async {
        while open_files() > before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thousand_clients_leave_nothing_behind() {
    let server = Remote::start().await.always(json_answer(RESULT), false);
    let before = open_files();
    for _ in 0..1000 {
        let reply = call(&server.client(), list()).await.unwrap();
        assert_eq!(result(reply), COMPLETE);
    }
    back_to(before).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thousand_dropped_replies_leave_nothing_behind() {
    let events = format!("{EVENTS}{}", event(&progress(1)));
    let server = Remote::start().await.always(events, false);
    let client = server.client();
    let before = open_files();
    for _ in 0..1000 {
        drop(stream(call(&client, list()).await.unwrap()));
    }
    back_to(before).await;
}
