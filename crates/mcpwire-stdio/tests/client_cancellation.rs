//! Dropping a call or its reply cancels the request, once, if it was sent.
#![allow(clippy::unwrap_used, reason = "test helpers")]

mod common_client;

use std::time::Duration;

use common_client::*;
use mcpwire_stdio::client::{Error, Limits};
use serde_json::json;

/// CANCEL-02, CANCEL-03
#[tokio::test]
async fn stdio_16_dropping_the_future_cancels_the_request() {
    let (client, mut script) = scripted(Limits::default().max_in_flight(1));
    let call = start(&client, request("mine", "a", json!({})));
    let id = script.read_request("a").await;
    drop(call);
    script.read_cancellation(&id).await;
    // Once, and its place is free.
    script.works(&client).await;
    // CANCEL-10
    script.answer(&id, json!({})).await;
    script.works(&client).await;
    assert_eq!(client.stats().late, 1);
}

#[tokio::test]
async fn stdio_16_dropping_the_reply_cancels_the_request() {
    let (client, mut script) = scripted(Limits::default());
    let call = start(&client, with_token(1, "a", 1));
    let id = script.read_request("a").await;
    script.progress(&id, 1).await;
    let reply = stream(within(call).await);
    drop(reply);
    script.read_cancellation(&id).await;
    script.works(&client).await;
}

#[tokio::test]
async fn cancel_06_an_answered_request_is_not_cancelled() {
    let (client, mut script) = scripted(Limits::default());
    let call = start(&client, with_token(1, "a", 1));
    let id = script.read_request("a").await;
    script.progress(&id, 1).await;
    script.answer(&id, json!({})).await;
    let mut reply = stream(within(call).await);
    notification(&mut reply).await;
    assert_eq!(response(&mut reply).await, json!({}));
    drop(reply);

    // Answered, but never looked at.
    let call = start(&client, request(1, "b", json!({})));
    let id = script.read_request("b").await;
    script.answer(&id, json!({})).await;
    script.works(&client).await;
    drop(call);
    script.works(&client).await;
}

#[tokio::test]
async fn cancel_06_a_request_that_was_never_sent_is_not_cancelled() {
    let (client, mut script) = scripted(Limits::default());
    // More than the pipe holds, so that what comes behind it stays here.
    let padding = "x".repeat(20_000);
    let first = start(&client, request(1, "first", json!({ "padding": padding })));
    let second = start(&client, request(2, "second", json!({})));
    let third = start(&client, request(3, "third", json!({})));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    // The first one is on its way and is completed; the second one is taken back.
    drop((first, second));
    let first = script.read_request("first").await;
    let mut rest = [script.read().await, script.read().await];
    rest.sort_by_key(|message| message["method"].to_string());
    assert_eq!(rest[0]["method"], "notifications/cancelled");
    assert_eq!(rest[0]["params"]["requestId"], first);
    assert_eq!(rest[1]["method"], "third");
    script.answer(&rest[1]["id"], json!({})).await;
    assert_eq!(result(within(third).await), json!({}));
    script.works(&client).await;
}

#[tokio::test]
async fn cancellations_are_written_when_the_last_handle_goes() {
    let (client, mut script) = scripted(Limits::default());
    let call = start(&client, request(1, "a", json!({})));
    let id = script.read_request("a").await;
    drop((client, call));
    script.read_cancellation(&id).await;
    assert_eq!(script.read_or_end().await, None);
}

#[tokio::test]
async fn sub_26_a_listen_stream_ends_with_the_notification_and_the_result() {
    let (client, mut script) = scripted(Limits::default());
    let call = start(&client, listen("mine"));
    let id = script.read_request("subscriptions/listen").await;
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": id });
    let acknowledged = json!({ "_meta": meta, "notifications": {} });
    script
        .notify("notifications/subscriptions/acknowledged", acknowledged)
        .await;
    let mut reply = stream(within(call).await);
    let mine = json!({ "io.modelcontextprotocol/subscriptionId": "mine" });
    assert_eq!(notification(&mut reply).await.1["_meta"], mine);
    script
        .notify(
            "notifications/resources/updated",
            json!({ "uri": "a:b", "_meta": meta }),
        )
        .await;
    assert_eq!(
        notification(&mut reply).await,
        (
            "notifications/resources/updated".into(),
            json!({ "uri": "a:b", "_meta": mine })
        )
    );
    script
        .notify(
            "notifications/cancelled",
            json!({ "requestId": id, "_meta": meta }),
        )
        .await;
    script
        .answer(&id, json!({ "resultType": "complete", "_meta": meta }))
        .await;
    assert_eq!(
        response(&mut reply).await,
        json!({ "resultType": "complete", "_meta": mine })
    );
    drop(reply);
    script.works(&client).await;
}

#[tokio::test]
async fn sub_26_a_listen_stream_that_has_no_result_ends_all_the_same() {
    let limits = Limits::default().listen_end_wait(Duration::from_millis(20));
    let (client, mut script) = scripted(limits);
    let call = start(&client, listen(1));
    let id = script.read_request("subscriptions/listen").await;
    script
        .notify(
            "notifications/cancelled",
            json!({ "requestId": id, "reason": "going" }),
        )
        .await;
    let ended = error(within(call).await);
    assert!(
        matches!(&ended, Error::Ended { reason: Some(reason) } if reason == "going"),
        "{ended}"
    );
    // The server ended it, so there is nothing to cancel.
    script.works(&client).await;
}

#[tokio::test]
async fn cancel_13_a_server_cannot_cancel_another_request() {
    let limits = Limits::default().listen_end_wait(Duration::from_millis(1));
    let (client, mut script) = scripted(limits);
    let call = start(&client, request(1, "a", json!({})));
    let id = script.read_request("a").await;
    script
        .notify("notifications/cancelled", json!({ "requestId": id }))
        .await;
    script.works(&client).await;
    script.answer(&id, json!({})).await;
    assert_eq!(result(within(call).await), json!({}));
    assert_eq!(client.stats().unmatched, 1);
}
