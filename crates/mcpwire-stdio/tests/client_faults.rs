//! Servers that misbehave. After each fault that leaves a connection, the next call works.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

mod common_client;

use std::time::Duration;

use common_client::*;
use mcpwire_service::Service as _;
use mcpwire_stdio::client::{Client, Error, Limits, Loss};
use serde_json::json;
use tokio::io::{AsyncWriteExt as _, duplex, split};

#[tokio::test]
async fn half_a_frame_and_the_end() {
    let (client, mut script) = scripted(Limits::default());
    let first = start(&client, request(1, "a", json!({})));
    let second = start(&client, request(1, "b", json!({})));
    let id = script.read_request("a").await;
    script.read_request("b").await;
    script
        .send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"#))
        .await;
    script.output.shutdown().await.unwrap();
    for call in [first, second] {
        let lost = error(within(call).await);
        assert!(matches!(lost.loss(), Some(Loss::Ended)), "{lost}");
        assert!(!lost.is_unsent());
    }
    let lost = error(call(&client, request(1, "a", json!({}))).await);
    assert!(lost.is_unsent(), "{lost}");
    let mut client = client;
    let ready = std::future::poll_fn(|cx| client.poll_ready(cx));
    assert!(within(ready).await.is_err());
    assert_eq!(client.stats().malformed, 1);
}

#[tokio::test]
async fn a_request_that_was_not_written_can_be_sent_again() {
    let (client, mut script) = scripted(Limits::default());
    let padding = "x".repeat(20_000);
    let begun = start(&client, request(1, "a", json!({ "padding": padding })));
    let unsent = start(&client, request(1, "b", json!({})));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    script.output.shutdown().await.unwrap();
    assert!(!error(within(begun).await).is_unsent());
    assert!(error(within(unsent).await).is_unsent());
}

#[tokio::test]
async fn stdio_28_a_line_without_end_is_not_kept() {
    let (client, mut script) = scripted(Limits::default().max_line_bytes(1000));
    let only = start(&client, request(1, "a", json!({})));
    script.read_request("a").await;
    for _ in 0..1000 {
        script.send(&"x".repeat(4000)).await;
    }
    script.send("\n").await;
    let error = error(within(only).await);
    assert!(matches!(error, Error::TooLong { limit: 1000 }), "{error}");
    let cancelled = script.read().await;
    assert_eq!(cancelled["method"], "notifications/cancelled");
    script.works(&client).await;

    // With two in flight nobody knows whose answer it was.
    let first = start(&client, request(1, "a", json!({})));
    let second = start(&client, request(1, "b", json!({})));
    let ids = [
        script.read_request("a").await,
        script.read_request("b").await,
    ];
    script.send(&("x".repeat(1001) + "\n")).await;
    for (call, id) in [first, second].into_iter().zip(ids) {
        script.answer(&id, json!({})).await;
        assert_eq!(result(within(call).await), json!({}));
    }
    assert_eq!(client.stats().too_long, 2);
}

#[tokio::test]
async fn an_answer_to_an_id_that_was_never_asked() {
    let (client, mut script) = scripted(Limits::default());
    for id in [json!(0), json!(99), json!("1"), json!(-1)] {
        script.answer(&id, json!({})).await;
    }
    script.works(&client).await;
    assert_eq!(client.stats().unmatched, 4);
}

#[tokio::test]
async fn a_second_answer_is_dropped() {
    let (client, mut script) = scripted(Limits::default());
    let call = start(&client, request(1, "a", json!({})));
    let id = script.read_request("a").await;
    script.answer(&id, json!({ "first": 1 })).await;
    script.answer(&id, json!({ "second": 1 })).await;
    assert_eq!(result(within(call).await), json!({ "first": 1 }));
    script.works(&client).await;
    assert_eq!(client.stats().late, 1);
}

#[tokio::test]
async fn a_malformed_response_fails_its_call_and_keeps_the_line() {
    let (client, mut script) = scripted(Limits::default().max_kept_bytes(30));
    for wrong in [
        r#"{"jsonrpc":"2.0","id":ID,"result":[]}"#,
        r#"{"jsonrpc":"2.0","id":ID,"result":{},"error":{"code":1,"message":""}}"#,
        r#"{"jsonrpc":"1.0","id":ID,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":ID,"error":{"code":"1","message":""}}"#,
    ] {
        let call = start(&client, request(1, "a", json!({})));
        let id = script.read_request("a").await;
        let line = wrong.replace("ID", &id.to_string());
        script.send(&format!("{line}\n")).await;
        match error(within(call).await) {
            Error::Malformed { raw, length, .. } => {
                assert_eq!((&raw[..], length), (&line.as_bytes()[..30], line.len()));
            }
            other => panic!("{other}"),
        }
        script.works(&client).await;
    }
}

#[tokio::test]
async fn stdio_28_what_is_no_message_is_skipped() {
    let (client, mut script) = scripted(Limits::default());
    let call = start(&client, request(1, "a", json!({})));
    let id = script.read_request("a").await;
    script
        .send("Server listening...\n\n   \r\n[]\n{}\n\u{1b}[1mhello\n")
        .await;
    script.answer(&id, json!({})).await;
    assert_eq!(result(within(call).await), json!({}));
    assert_eq!(client.stats().malformed, 4);
}

#[tokio::test]
async fn stdio_10_a_request_of_the_server_is_not_answered() {
    let (client, mut script) = scripted(Limits::default());
    let asked = json!({ "jsonrpc": "2.0", "id": 1, "method": "roots/list", "params": {} });
    for _ in 0..3 {
        script.say(&asked).await;
    }
    // The next thing that the client writes is its own request.
    script.works(&client).await;
    assert_eq!(client.stats().requests, 3);
}

#[tokio::test]
async fn a_reader_that_stalls_loses_its_reply_and_holds_up_nobody_for_good() {
    let limits = Limits::default()
        .reply_queue(2)
        .reply_stall(Duration::from_millis(50));
    let (client, mut script) = scripted(limits);
    let call = start(&client, with_token(1, "slow", "t"));
    let id = script.read_request("slow").await;
    script.progress(&id, 1).await;
    let mut slow = stream(within(call).await);
    for progress in 2..=4 {
        script.progress(&id, progress).await;
    }
    // Not read until the stalled reply is given up.
    let other = start(&client, request(1, "other", json!({})));
    let other_id = script.read_request("other").await;
    script.answer(&other_id, json!({})).await;
    assert_eq!(result(within(other).await), json!({}));
    script.read_cancellation(&id).await;
    assert_eq!(client.stats().stalled, 1);
    for progress in 1..=3 {
        assert_eq!(notification(&mut slow).await.1["progress"], progress);
    }
    let stalled = failure(&mut slow).await;
    assert!(matches!(stalled, Error::Stalled { .. }), "{stalled}");
    drop(slow);
    script.works(&client).await;
}

#[tokio::test]
async fn the_response_has_a_place_in_a_full_queue() {
    let (client, mut script) = scripted(Limits::default().reply_queue(1));
    let call = start(&client, with_token(1, "a", "t"));
    let id = script.read_request("a").await;
    script.progress(&id, 1).await;
    script.answer(&id, json!({})).await;
    script.works(&client).await;
    let mut reply = stream(within(call).await);
    notification(&mut reply).await;
    assert_eq!(response(&mut reply).await, json!({}));
}

#[tokio::test]
async fn a_flood_of_notifications_is_read_as_fast_as_its_reader_reads() {
    let (client, mut script) = scripted(Limits::default().reply_queue(4));
    let call = start(&client, with_token(1, "a", "t"));
    let id = script.read_request("a").await;
    let flood = tokio::spawn(async move {
        for progress in 0..5000 {
            script.progress(&id, progress).await;
        }
        script.answer(&id, json!({})).await;
        script
    });
    let mut reply = stream(within(call).await);
    for progress in 0..5000 {
        assert_eq!(notification(&mut reply).await.1["progress"], progress);
    }
    assert_eq!(response(&mut reply).await, json!({}));
    let mut script = within(flood).await.unwrap();
    script.works(&client).await;
}

#[tokio::test]
async fn a_flood_for_nobody_is_dropped() {
    let (client, mut script) = scripted(Limits::default());
    for progress in 0..5000 {
        script.progress(&json!(77), progress).await;
    }
    script.works(&client).await;
    assert_eq!(client.stats().unmatched, 5000);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_read_is_given_up() {
    let limits = Limits::default().write_stall(Duration::from_secs(60));
    let (client, script) = scripted(limits);
    let padding = "x".repeat(20_000);
    let call = start(&client, request(1, "a", json!({ "padding": padding })));
    let lost = error(call.await);
    assert!(
        matches!(lost.loss(), Some(Loss::WriteStalled { .. })),
        "{lost}"
    );
    drop(script);
}

#[tokio::test]
async fn answers_are_read_even_if_the_server_takes_no_more_input() {
    // Two pipes, so that one can break alone.
    let (mut output, reader) = duplex(4096);
    let (writer, input) = duplex(4096);
    let client = Client::spawn(reader, writer, Limits::default());
    let first = start(&client, request(1, "a", json!({})));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(input);
    let second = start(&client, request(1, "b", json!({})));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    output
        .write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n")
        .await
        .unwrap();
    assert_eq!(result(within(first).await), json!({}));
    let lost = error(within(second).await);
    assert!(lost.is_unsent(), "{lost}");
    assert!(matches!(lost.loss(), Some(Loss::Write(_))), "{lost}");
}

#[tokio::test]
async fn a_driver_that_is_dropped_fails_everything() {
    let (ours, _theirs) = duplex(4096);
    let (reader, writer) = split(ours);
    let (client, driver) = mcpwire_stdio::client::connect(reader, writer, Limits::default());
    let driver = tokio::spawn(driver);
    let waiting = start(&client, request(1, "a", json!({})));
    tokio::task::yield_now().await;
    driver.abort();
    let lost = error(within(waiting).await);
    assert!(matches!(lost.loss(), Some(Loss::Closed)), "{lost}");
    let lost = error(call(&client, request(1, "a", json!({}))).await);
    assert!(lost.is_unsent(), "{lost}");
}
