//! How long the client waits, for what, and what it does then.
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

use futures_util::{FutureExt, StreamExt};
use mcpwire_http::client::{Client, Error, Limits};
use remote::{
    COMPLETE, EVENTS, RESULT, Remote, begin, call, event, items, json_answer, list, progress,
    result, soon, stream,
};
use tokio::time::sleep;

/// Long enough to be told from none at all.
const SHORT: Duration = Duration::from_millis(150);

fn client(remote: &Remote, set: impl FnOnce(Limits) -> Limits) -> Client {
    Client::builder(&remote.url())
        .limits(set(Limits::default()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let remote = Remote::start().await;
    let client = client(&remote, |limits| limits.response_timeout(Some(SHORT)));
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    let error = soon(call).await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::ResponseTimeout { limit: SHORT }),
        "{error:?}"
    );
    assert!(!error.is_unsent());
    peer.closed().await;
    let again = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(json_answer(RESULT)).await;
    assert_eq!(result(soon(again).await.unwrap().unwrap()), COMPLETE);
}

#[tokio::test]
async fn half_a_head_is_no_answer() {
    let remote = Remote::start().await;
    let client = client(&remote, |limits| limits.response_timeout(Some(SHORT)));
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: appl").await;
    let error = soon(call).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::ResponseTimeout { .. }), "{error:?}");
    peer.closed().await;
}

#[tokio::test]
async fn without_a_timeout_there_is_none() {
    let remote = Remote::start().await;
    let limits = |limits: Limits| limits.response_timeout(None).idle_timeout(None);
    let call = begin(&client(&remote, limits), list());
    let mut peer = remote.accept().await;
    peer.request().await;
    sleep(SHORT).await;
    peer.send(EVENTS).await;
    sleep(SHORT).await;
    peer.send(event(RESULT)).await;
    assert_eq!(result(soon(call).await.unwrap().unwrap()), COMPLETE);
}

#[tokio::test]
async fn a_body_that_drips_is_given_up() {
    let remote = Remote::start().await;
    let client = client(&remote, |limits| limits.body_read_timeout(SHORT));
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    let bytes = json_answer(RESULT);
    let dripping = tokio::spawn(async move {
        for byte in bytes.bytes() {
            if tokio::io::AsyncWriteExt::write_all(&mut peer.stream, &[byte])
                .await
                .is_err()
            {
                return;
            }
            let in_the_body = byte == b'{';
            sleep(Duration::from_millis(if in_the_body { 100 } else { 1 })).await;
        }
        peer.closed().await;
    });
    let error = soon(call).await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::BodyTimeout { limit: SHORT }),
        "{error:?}"
    );
    soon(dripping).await.unwrap();
}

#[tokio::test]
async fn a_silent_stream_is_given_up() {
    let remote = Remote::start().await;
    let client = client(&remote, |limits| limits.idle_timeout(Some(SHORT)));
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(EVENTS).await;
    let error = soon(call).await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::IdleTimeout { limit: SHORT }),
        "{error:?}"
    );
    peer.closed().await;

    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(format!("{EVENTS}{}", event(&progress(1)))).await;
    let (items, failure) = items(stream(soon(call).await.unwrap().unwrap())).await;
    assert_eq!(items.len(), 1);
    assert!(
        matches!(failure, Some(Error::IdleTimeout { .. })),
        "{failure:?}"
    );
    peer.closed().await;
}

#[tokio::test]
async fn http_27_comments_count_as_life() {
    let remote = Remote::start().await;
    let client = client(&remote, |limits| limits.idle_timeout(Some(SHORT)));
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(EVENTS).await;
    for _ in 0..10 {
        sleep(SHORT / 3).await;
        peer.send(":\r\n").await;
    }
    peer.send(event(RESULT)).await;
    assert_eq!(result(soon(call).await.unwrap().unwrap()), COMPLETE);
}

#[tokio::test]
async fn a_reader_who_takes_his_time_is_not_blamed_on_the_server() {
    let remote = Remote::start().await;
    let client = client(&remote, |limits| limits.idle_timeout(Some(SHORT)));
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(format!("{EVENTS}{}", event(&progress(1)))).await;
    let mut stream = stream(soon(call).await.unwrap().unwrap());
    soon(stream.next()).await.unwrap();
    // One look, so that the clock runs, and then none for a while.
    assert!(stream.next().now_or_never().is_none());
    peer.send(event(RESULT)).await;
    sleep(SHORT * 2).await;
    let (items, failure) = items(stream).await;
    assert_eq!(items, [COMPLETE]);
    assert!(failure.is_none());
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unsent() {
    let remote = Remote::start().await;
    let client = remote.client();
    drop(remote);
    let error = call(&client, list()).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(error.is_unsent());
}

/// Two frames are all that it takes to be an HTTP/2 server; the rest is silence.
#[tokio::test]
async fn an_http2_connection_that_has_died_is_found_out() {
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .http2_prior_knowledge()
        .limits(
            Limits::default()
                .response_timeout(None)
                .http2_ping_interval(SHORT)
                .http2_ping_timeout(SHORT),
        )
        .build()
        .unwrap();
    for _ in 0..2 {
        let call = begin(&client, list());
        let mut peer = remote.accept().await;
        peer.send(SETTINGS).await;
        let error = soon(call).await.unwrap().unwrap_err();
        assert!(
            matches!(error, Error::Transport { unsent: false, .. }),
            "{error:?}"
        );
    }
}

/// What is ignored is endless here, and the task that reads it has to see its own timeout all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_what_is_ignored_can_be_given_up() {
    let remote = Remote::start().await;
    let client = remote.client();
    let call = tokio::spawn(async move {
        tokio::time::timeout(SHORT, mcpwire_service::oneshot(client, list())).await
    });
    let mut peer = remote.accept().await;
    peer.request().await;
    let flood = tokio::spawn(async move {
        peer.send(EVENTS).await;
        let requests = event(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).repeat(100);
        while tokio::io::AsyncWriteExt::write_all(&mut peer.stream, requests.as_bytes())
            .await
            .is_ok()
        {}
    });
    soon(call).await.unwrap().unwrap_err();
    soon(flood).await.unwrap();
}

#[tokio::test]
async fn calls_that_wait_for_one_connection_are_all_unsent() {
    let remote = Remote::start().await;
    let url = remote.url();
    drop(remote);
    let client = Client::builder(&url)
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let calls: Vec<_> = (0..10).map(|_| begin(&client, list())).collect();
    for call in calls {
        let error = soon(call).await.unwrap().unwrap_err();
        assert!(error.is_unsent(), "{error:?}");
    }
}
