//! Answers that are event streams: what counts, what is ignored, what ends them.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use futures_util::StreamExt;
use mcpwire_http::client::{Client, Error, Limits};
use mcpwire_service::Reply;
use remote::{
    COMPLETE, EVENTS, RESULT, Remote, begin, event, items, list, progress, response, result, soon,
    stream,
};

/// The reply to a stream of these bytes, which ends after them.
async fn reply(body: &str) -> Result<Reply, Error> {
    Remote::start()
        .await
        .answer(format!("{EVENTS}{body}"))
        .await
}

/// How a stream of these bytes ends that has begun with a notification.
async fn end(body: &str) -> (Vec<String>, Option<Error>) {
    let body = format!("{}{body}", event(&progress(1)));
    let (mut items, failure) = items(stream(reply(&body).await.unwrap())).await;
    assert_eq!(items.remove(0), "notifications/progress");
    (items, failure)
}

#[tokio::test]
async fn http_20_notifications_come_before_the_response() {
    let body = [&*progress(1), &*progress(2), RESULT].map(event).concat();
    let (items, failure) = items(stream(reply(&body).await.unwrap())).await;
    let progress = "notifications/progress";
    assert_eq!(items, [progress, progress, COMPLETE]);
    assert!(failure.is_none());
}

#[tokio::test]
async fn a_stream_of_a_response_alone_is_a_response() {
    assert_eq!(result(reply(&event(RESULT)).await.unwrap()), COMPLETE);
    let with_comments = format!(": hello\n\n\nretry: 5\n\n{}", event(RESULT));
    assert_eq!(result(reply(&with_comments).await.unwrap()), COMPLETE);
    let error = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"m"}}"#;
    let response = response(reply(&event(error)).await.unwrap());
    assert_eq!(response.as_error().unwrap().0, -32603);
    assert!(!response.is_refusal());
}

#[tokio::test]
async fn http_32_wherever_the_bytes_are_cut_the_items_are_the_same() {
    let body = format!(
        ": comment\r\n\r\nevent: message\r\ndata: {}\r\rdata: {}\ndata:{}\n\n",
        progress(1),
        &RESULT[..1],
        &RESULT[1..]
    );
    let bytes = format!("{EVENTS}{body}");
    for cut in EVENTS.len()..bytes.len() {
        let remote = Remote::start().await;
        let call = begin(&remote.client(), list());
        let mut peer = remote.accept().await;
        peer.request().await;
        peer.send(&bytes[..cut]).await;
        tokio::task::yield_now().await;
        peer.send(&bytes[cut..]).await;
        drop(peer);
        let reply = soon(call).await.unwrap().unwrap();
        let (items, failure) = items(stream(reply)).await;
        assert_eq!(items, ["notifications/progress", COMPLETE], "cut at {cut}");
        assert!(failure.is_none());
    }
}

#[tokio::test]
async fn bytes_may_come_one_by_one() {
    let remote = Remote::start().await;
    let call = begin(&remote.client(), list());
    let mut peer = remote.accept().await;
    peer.request().await;
    let bytes = format!("{EVENTS}{}{}", event(&progress(1)), event(RESULT));
    let sending = tokio::spawn(async move {
        for byte in bytes.bytes() {
            peer.send([byte]).await;
        }
    });
    let reply = soon(call).await.unwrap().unwrap();
    let (items, _) = items(stream(reply)).await;
    assert_eq!(items, ["notifications/progress", COMPLETE]);
    // The response may be had before the server has finished.
    sending.abort();
}

#[tokio::test]
async fn items_come_as_they_are_sent() {
    let remote = Remote::start().await;
    let call = begin(&remote.client(), list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(format!("{EVENTS}{}", event(&progress(1)))).await;
    let mut stream = stream(soon(call).await.unwrap().unwrap());
    soon(stream.next()).await.unwrap();
    for n in 2..5 {
        peer.send(event(&progress(n))).await;
        soon(stream.next()).await.unwrap();
    }
    peer.send(event(RESULT)).await;
    soon(stream.next()).await.unwrap();
    assert!(soon(stream.next()).await.is_none());
    peer.closed().await;
}

#[tokio::test]
async fn nothing_counts_after_the_response() {
    let second = RESULT.replace("complete", "second");
    let body = format!("{}{}{}", event(RESULT), event(&second), event(&progress(9)));
    let (items, failure) = end(&body).await;
    assert_eq!(items, [COMPLETE]);
    assert!(failure.is_none());
    assert_eq!(result(reply(&body).await.unwrap()), COMPLETE);
}

#[tokio::test]
async fn http_24_a_request_of_the_server_is_counted_and_not_answered() {
    let remote = Remote::start().await;
    let client = remote.client();
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let unknown = "event: other\ndata: {}\n\n";
    let malformed = r#"{"jsonrpc":"2.0","method":7,"params":[]}"#;
    let body = format!(
        "{}{unknown}{}{}",
        event(ping),
        event(malformed),
        event(RESULT)
    );
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(format!("{EVENTS}{body}")).await;
    assert_eq!(result(soon(call).await.unwrap().unwrap()), COMPLETE);
    let stats = client.stats();
    assert_eq!(stats.requests, 1);
    assert_eq!(stats.unknown_events, 1);
    assert_eq!(stats.malformed, 1);
    peer.closed().await;
}

#[tokio::test]
async fn http_71_a_response_for_another_request_ends_the_stream() {
    let other = RESULT.replace(r#""id":1"#, r#""id":2"#);
    let (items, failure) = end(&format!("{}{}", event(&other), event(RESULT))).await;
    assert!(items.is_empty());
    assert!(
        matches!(failure, Some(Error::WrongId { .. })),
        "{failure:?}"
    );
    let error = reply(&event(&other)).await.unwrap_err();
    assert!(matches!(error, Error::WrongId { .. }), "{error:?}");
}

#[tokio::test]
async fn what_may_have_been_the_response_ends_the_stream() {
    for bad in [
        "nonsense",
        r#"{"jsonrpc":"2.0","id":1,"result":[]}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{},"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":null,"result":{}}"#,
        &format!("[{RESULT}]"),
    ] {
        let (items, failure) = end(&format!("{}{}", event(bad), event(RESULT))).await;
        assert!(items.is_empty());
        assert!(
            matches!(failure, Some(Error::Malformed { .. })),
            "{bad}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn what_belongs_to_another_does_not() {
    let malformed = r#"{"jsonrpc":"2.0","id":2,"result":[]}"#;
    let (items, failure) = end(&format!("{}{}", event(malformed), event(RESULT))).await;
    assert_eq!(items, [COMPLETE]);
    assert!(failure.is_none());
}

#[tokio::test]
async fn http_30_a_stream_that_ends_too_early_says_so() {
    for body in ["", ": comment\n\n", &event(RESULT)[..RESULT.len() + 7]] {
        let (items, failure) = end(body).await;
        assert!(items.is_empty());
        assert!(matches!(failure, Some(Error::Ended)), "{body}: {failure:?}");
        let error = reply(body).await.unwrap_err();
        assert!(matches!(error, Error::Ended), "{body}: {error:?}");
        assert!(!error.is_unsent());
    }
}

#[tokio::test]
async fn a_stream_that_breaks_says_so() {
    let head = EVENTS.replace("Connection: close", "Transfer-Encoding: chunked");
    let body = event(&progress(1));
    let bytes = format!("{head}{:x}\r\n{body}\r\n10\r\nda", body.len());
    let reply = Remote::start().await.answer(bytes).await.unwrap();
    let (items, failure) = items(stream(reply)).await;
    assert_eq!(items, ["notifications/progress"]);
    assert!(matches!(failure, Some(Error::Broken(_))), "{failure:?}");
}

#[tokio::test]
async fn an_event_without_end_is_not_kept() {
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .limits(Limits::default().max_event_bytes(1000))
        .build()
        .unwrap();
    let call = begin(&client, list());
    let mut peer = remote.accept().await;
    peer.request().await;
    peer.send(format!("{EVENTS}data: \"{}", "x".repeat(2000)))
        .await;
    let error = soon(call).await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::EventTooLong { limit: 1000 }),
        "{error:?}"
    );
    peer.closed().await;
}

#[tokio::test]
async fn comments_without_end_cost_nothing() {
    let comment = format!(": {}\n\n", "x".repeat(200_000));
    let (items, failure) = end(&format!("{comment}{}", event(RESULT))).await;
    assert_eq!(items, [COMPLETE]);
    assert!(failure.is_none());
}

#[tokio::test]
async fn a_notification_without_params_has_none() {
    let bare = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    let mut stream = stream(reply(&[bare, RESULT].map(event).concat()).await.unwrap());
    let mcpwire_service::ReplyItem::Notification(first) = soon(stream.next()).await.unwrap() else {
        panic!("a response");
    };
    assert_eq!(first.method(), "notifications/tools/list_changed");
    assert!(first.params().is_none());
}
