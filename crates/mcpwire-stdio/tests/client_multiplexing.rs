//! Many callers over one connection, each with the IDs and tokens it likes.
#![allow(clippy::unwrap_used, reason = "test helpers")]

mod common;
mod common_client;

use common::Peers;
use common_client::*;
use futures_util::{FutureExt as _, StreamExt as _};
use mcpwire_service::{Reply, ReplyItem, Service as _};
use mcpwire_stdio::Server;
use mcpwire_stdio::client::{Client, Limits, Loss};
use serde_json::json;
use tokio::io::{duplex, split};
use tokio::task::JoinSet;

/// Our own server at the other end.
fn served(limits: Limits) -> (Client, Peers) {
    let peers = Peers::default();
    let (ours, theirs) = duplex(4096);
    let (reader, writer) = split(theirs);
    let server = Server::new(peers.service());
    tokio::spawn(server.serve(reader, writer));
    let (reader, writer) = split(ours);
    (Client::spawn(reader, writer, limits), peers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn base_07_the_same_id_from_many_callers() {
    let (client, _peers) = served(Limits::default().max_in_flight(50));
    let mut calls = JoinSet::new();
    for number in 0..1000 {
        let client = client.clone();
        calls.spawn(async move {
            let params = json!({ "number": number });
            let reply = call(&client, request("same", "echo", params.clone())).await;
            assert_eq!(result(reply), params);
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    assert_eq!(client.stats(), mcpwire_stdio::client::Stats::default());
}

#[tokio::test]
async fn stdio_12_answers_come_in_any_order_with_progress_in_between() {
    let (client, mut script) = scripted(Limits::default());
    let mut calls = JoinSet::new();
    for number in 0..200 {
        let client = client.clone();
        let token = format!("token {number}");
        let params = json!({ "number": number, "_meta": { "progressToken": token } });
        calls.spawn(async move {
            let reply = call(&client, request(number, "any", params)).await;
            let mut reply = stream(reply);
            for progress in 1..=2 {
                let (_, params) = notification(&mut reply).await;
                assert_eq!(
                    params,
                    json!({ "progressToken": token, "progress": progress })
                );
            }
            assert_eq!(response(&mut reply).await, json!({ "number": number }));
        });
    }
    let mut asked = Vec::new();
    for _ in 0..200 {
        asked.push(script.read().await);
    }
    // 7 and 200 have no common divisor, so this meets all of them.
    for progress in 1..=2 {
        for step in 0..200 {
            let id = &asked.get(step * 7 % 200).unwrap()["id"];
            script.progress(id, progress).await;
        }
    }
    for step in 0..200 {
        let message = asked.get(step * 11 % 200).unwrap();
        let result = json!({ "number": message["params"]["number"] });
        script.answer(&message["id"], result).await;
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    assert_eq!(client.stats(), mcpwire_stdio::client::Stats::default());
}

/// SUB-13
#[tokio::test]
async fn stdio_13_a_listen_stream_of_our_own_server_has_the_callers_id() {
    let (client, peers) = served(Limits::default());
    let mut first = stream(call(&client, listen("a\"b")).await);
    let mut second = stream(call(&client, listen(7)).await);
    for (stream, id) in [(&mut first, json!("a\"b")), (&mut second, json!(7))] {
        let (method, params) = notification(stream).await;
        assert_eq!(method, "notifications/subscriptions/acknowledged");
        assert_eq!(
            params["_meta"]["io.modelcontextprotocol/subscriptionId"],
            id
        );
    }
    assert_eq!(peers.alive.count(), 2);
    drop(first);
    peers.alive.becomes(1).await;
    drop(second);
    peers.alive.becomes(0).await;
}

#[tokio::test]
async fn prog_03_tokens_are_rewritten_and_given_back() {
    let (client, mut script) = scripted(Limits::default());
    let first = start(&client, with_token(1, "a", "token"));
    let second = start(&client, with_token(1, "b", "token"));
    let (a, b) = (script.read().await, script.read().await);
    let token = |message: &serde_json::Value| message["params"]["_meta"]["progressToken"].clone();
    assert_eq!((&token(&a), &token(&b)), (&a["id"], &b["id"]));
    assert_ne!(token(&a), token(&b));

    script.progress(&token(&b), 2).await;
    script.progress(&token(&a), 1).await;
    let mut first = stream(within(first).await);
    let mut second = stream(within(second).await);
    for (stream, progress) in [(&mut first, 1), (&mut second, 2)] {
        let (method, params) = notification(stream).await;
        assert_eq!(method, "notifications/progress");
        assert_eq!(
            params,
            json!({ "progressToken": "token", "progress": progress })
        );
    }
    script.answer(&a["id"], json!({ "a": 1 })).await;
    assert_eq!(response(&mut first).await, json!({ "a": 1 }));
    // Nothing belongs to it any more.
    script.progress(&token(&a), 3).await;
    script.answer(&b["id"], json!({ "b": 1 })).await;
    assert_eq!(response(&mut second).await, json!({ "b": 1 }));
    assert_eq!((client.stats().late, client.stats().unmatched), (1, 0));
}

#[tokio::test]
async fn prog_15_progress_that_nobody_asked_for() {
    let (client, mut script) = scripted(Limits::default());
    let call = start(&client, request(1, "a", json!({})));
    let id = script.read_request("a").await;
    script.progress(&id, 1).await;
    script.progress(&json!("other"), 1).await;
    script.progress(&json!(99), 1).await;
    script.answer(&id, json!({})).await;
    assert_eq!(result(within(call).await), json!({}));
    assert_eq!(client.stats().unmatched, 3);
}

#[tokio::test]
async fn stdio_14_log_messages_reach_the_only_one_who_asked() {
    let (client, mut script) = scripted(Limits::default());
    let plain = start(&client, request(1, "plain", json!({})));
    let first = start(&client, with_log_level(2, "first"));
    let (plain_id, first_id) = (
        script.read_request("plain").await,
        script.read_request("first").await,
    );
    let log = json!({ "level": "info", "data": 1 });
    script.notify("notifications/message", log.clone()).await;
    let mut first = stream(within(first).await);
    assert_eq!(
        notification(&mut first).await,
        ("notifications/message".into(), log.clone())
    );

    // With two of them, nobody knows whose it is.
    let second = start(&client, with_log_level(3, "second"));
    let second_id = script.read_request("second").await;
    script.notify("notifications/message", log.clone()).await;
    script.answer(&first_id, json!({})).await;
    assert_eq!(response(&mut first).await, json!({}));
    assert_eq!(client.stats().unmatched, 1);

    script.notify("notifications/message", log.clone()).await;
    let mut second = stream(within(second).await);
    assert_eq!(notification(&mut second).await.1, log);
    script.answer(&second_id, json!({})).await;
    script.answer(&plain_id, json!({})).await;
    assert_eq!(response(&mut second).await, json!({}));
    assert_eq!(result(within(plain).await), json!({}));
    script.notify("notifications/message", log).await;
    script.works(&client).await;
    assert_eq!(client.stats().unmatched, 2);
}

#[tokio::test]
async fn a_request_beyond_max_in_flight_waits() {
    let (client, mut script) = scripted(Limits::default().max_in_flight(1));
    let first = start(&client, request(1, "first", json!({})));
    let second = tokio::spawn(start(&client, request(2, "second", json!({}))));
    let mut third = client.clone();
    let id = script.read_request("first").await;
    let mut ready = Box::pin(std::future::poll_fn(|cx| third.poll_ready(cx)));
    assert!(ready.as_mut().now_or_never().is_none());
    script.answer(&id, json!({})).await;
    assert_eq!(result(within(first).await), json!({}));
    let id = script.read_request("second").await;
    script.answer(&id, json!({})).await;
    assert_eq!(result(within(second).await.unwrap()), json!({}));
    within(ready).await.unwrap();
    drop(third);
    script.works(&client).await;
}

#[tokio::test]
async fn what_is_forwarded_is_what_was_given() {
    let (client, mut script) = scripted(Limits::default());
    let text = "{ \"id\" : \"x\",\t\"params\":{\"a\": 1.50, \"_meta\":{\"progressToken\":\"t\",\"k\":[1 ]}},\"method\":\"m\\u002f\",\"x\":null,\"jsonrpc\":\"2.0\"\n}";
    let message = mcpwire_codec::Message::decode(text).unwrap();
    let call = start(&client, mcpwire_service::Request::new(message).unwrap());
    let mut line = String::new();
    within(tokio::io::AsyncBufReadExt::read_line(
        &mut script.input,
        &mut line,
    ))
    .await
    .unwrap();
    let expected = text
        .replace("\"x\",\t", "1,\t")
        .replace("\"t\"", "1")
        .replace('\n', " ");
    assert_eq!(line, expected + "\n");
    script
        .send("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{ \"code\": -7,\"message\":\"\",\"data\":[ ]}}\n")
        .await;
    let Ok(Reply::Response(response)) = within(call).await else {
        unreachable!()
    };
    let (code, error) = response.as_error().unwrap();
    assert_eq!(
        (code, &**error),
        (-7, &b"{ \"code\": -7,\"message\":\"\",\"data\":[ ]}"[..])
    );
}

#[cfg(unix)]
#[tokio::test]
async fn trans_07_over_a_unix_socket() {
    use tokio::net::{UnixListener, UnixStream};

    let directory = std::env::temp_dir().join(format!("mcpwire-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let peers = Peers::default();
    let server = Server::new(peers.service());
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, writer) = stream.into_split();
        server.serve(reader, writer).await
    });
    let (reader, writer) = UnixStream::connect(&path).await.unwrap().into_split();
    std::fs::remove_dir_all(&directory).unwrap();
    let client = Client::spawn(reader, writer, Limits::default());
    let params = json!({ "steps": 5, "padding": 100_000 });
    let reply = call(&client, request(1, "echo", params.clone())).await;
    assert_eq!(result(reply), params);
    // The server ends when nobody is left here.
    drop(client);
    within(serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_driver_ends_with_the_last_handle_and_reply() {
    let (ours, theirs) = duplex(4096);
    let (reader, writer) = split(ours);
    let (client, driver) = mcpwire_stdio::client::connect(reader, writer, Limits::default());
    let driver = tokio::spawn(driver);
    let peers = Peers::default();
    let (reader, writer) = split(theirs);
    let serving = tokio::spawn(Server::new(peers.service()).serve(reader, writer));
    let mut reply = stream(call(&client, listen(1)).await);
    drop(client);
    notification(&mut reply).await;
    assert!(!driver.is_finished());
    drop(reply);
    within(driver).await.unwrap().unwrap();
    within(serving).await.unwrap().unwrap();
    assert_eq!(peers.alive.count(), 0);
}

#[tokio::test]
async fn closing_fails_what_is_in_flight_and_what_comes_later() {
    let (client, mut script) = scripted(Limits::default());
    let waiting = start(&client, request(1, "a", json!({})));
    script.read_request("a").await;
    within(client.close()).await;
    let lost = error(within(waiting).await);
    assert!(!lost.is_unsent());
    assert!(matches!(lost.loss(), Some(Loss::Closed)), "{lost}");
    let lost = error(call(&client, request(1, "a", json!({}))).await);
    assert!(lost.is_unsent());
    assert_eq!(script.read_or_end().await, None);
}

#[tokio::test]
async fn items_keep_their_order_with_our_own_server() {
    let (client, _peers) = served(Limits::default().reply_queue(2));
    // The server of the tests sends progress for token 0, so it is not the client's to match.
    let params = json!({ "steps": 20, "padding": 10, "_meta": { "progressToken": 0 } });
    let reply = call(&client, request(1, "steps", params)).await;
    let Ok(reply) = reply else { unreachable!() };
    let end = match reply {
        Reply::Response(response) => response,
        Reply::Stream(mut items) => match within(items.next()).await {
            Some(ReplyItem::Response(response)) => response,
            _ => unreachable!(),
        },
    };
    assert_eq!(body(&end), json!({ "steps": 20 }));
    // The rest may be late, but it is not the next one's.
    assert_eq!(
        result(call(&client, request(1, "echo", json!({}))).await),
        json!({})
    );
    assert!(client.stats().unmatched >= 20);
}

#[tokio::test]
async fn a_gateway_is_a_server_over_a_client() {
    let (behind, peers) = served(Limits::default());
    let (ours, theirs) = duplex(4096);
    let (reader, writer) = split(theirs);
    tokio::spawn(Server::new(behind).serve(reader, writer));
    let (reader, writer) = split(ours);
    let client = Client::spawn(reader, writer, Limits::default());
    let mut reply = stream(call(&client, listen("mine")).await);
    let (_, params) = notification(&mut reply).await;
    assert_eq!(
        params["_meta"],
        json!({ "io.modelcontextprotocol/subscriptionId": "mine" })
    );
    let params = json!({ "a": 1 });
    let answer = call(&client, request("mine", "echo", params.clone())).await;
    assert_eq!(result(answer), params);
    assert_eq!(peers.alive.count(), 1);
    drop(reply);
    peers.alive.becomes(0).await;
}

#[tokio::test]
async fn prog_02_what_is_no_token_is_left_for_the_server_to_refuse() {
    let (client, mut script) = scripted(Limits::default());
    let _call = start(&client, with_token(1, "a", json!({ "a": 1 })));
    let message = script.read().await;
    assert_eq!(
        message["params"]["_meta"]["progressToken"],
        json!({ "a": 1 })
    );
}
