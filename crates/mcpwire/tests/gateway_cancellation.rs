//! Whoever gives up on one side of a gateway is heard on the other.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{
    Lines, Remote, answer, begin_post, child, list, over_http, over_stdio, post, request,
};

fn cancelled(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
    )
}

fn result(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
}

fn with_progress(id: &str) -> String {
    let meta = support::meta(r#","progressToken":1"#);
    format!(r#"{{"jsonrpc":"2.0","method":"tools/call","params":{{"name":"a",{meta}}},"id":{id}}}"#)
}

fn progress() -> String {
    r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#
        .to_owned()
}

fn acknowledged(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"notifications":{{}},"_meta":{{"io.modelcontextprotocol/subscriptionId":{id}}}}}}}"#
    )
}

/// The child answers the next call, whatever became of the last.
async fn works(address: std::net::SocketAddr, child: &mut Lines, number: &str) {
    let posted = begin_post(address, &list("\"next\""), &[]).await;
    assert_eq!(child.hear().await, list(number));
    child.say(&result(number)).await;
    assert_eq!(answer(posted).await.body().await, result("\"next\""));
}

#[tokio::test]
async fn cancel_03_a_dropped_http_request_is_cancelled_for_the_child() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let posted = begin_post(address, &list("1"), &[]).await;
    child.hear().await;
    drop(posted);
    assert_eq!(child.hear().await, cancelled("1"));
    // CANCEL-10: an answer that crossed the cancellation is for nobody.
    child.say(&result("1")).await;
    works(address, &mut child, "2").await;
}

#[tokio::test]
async fn cancel_03_a_dropped_http_stream_is_cancelled_for_the_child() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let posted = begin_post(address, &with_progress("1"), &[]).await;
    child.hear().await;
    child.say(&progress()).await;
    let mut answer = answer(posted).await;
    assert!(answer.event().await.unwrap().contains("progress"));
    drop(answer);
    assert_eq!(child.hear().await, cancelled("1"));
    works(address, &mut child, "2").await;
}

#[tokio::test]
async fn sub_18_a_dropped_listen_stream_is_cancelled_for_the_child() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let listen = request("9", "subscriptions/listen", r#""notifications":{},"#);
    let posted = begin_post(address, &listen, &[]).await;
    child.hear().await;
    child.say(&acknowledged("1")).await;
    let mut answer = answer(posted).await;
    assert_eq!(answer.event().await.unwrap(), acknowledged("9"));
    drop(answer);
    assert_eq!(child.hear().await, cancelled("1"));
    works(address, &mut child, "2").await;
}

#[tokio::test]
async fn http_66_a_request_cancelled_on_stdio_closes_the_connection() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    caller.say(&list("\"a\"")).await;
    let mut exchange = remote.hear().await;
    caller.say(&cancelled("\"a\"")).await;
    exchange.closed().await;
    // No answer to what was cancelled, and one to what comes then.
    caller.say(&list("2")).await;
    remote.hear().await.json(200, &result("2")).await;
    assert_eq!(caller.hear().await, result("2"));
}

#[tokio::test]
async fn http_66_a_stream_cancelled_on_stdio_closes_the_connection() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    caller.say(&with_progress("1")).await;
    let mut exchange = remote.hear().await;
    exchange.events().await;
    exchange.event(&progress()).await;
    assert_eq!(caller.hear().await, progress());
    caller.say(&cancelled("1")).await;
    exchange.closed().await;
    caller.say(&list("1")).await;
    remote.hear().await.json(200, &result("1")).await;
    assert_eq!(caller.hear().await, result("1"));
}

/// A gateway whose caller hangs up leaves nothing running behind it.
#[tokio::test]
async fn http_66_the_end_of_stdio_closes_the_connections() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, serving) = over_stdio(remote.client());
    caller.say(&list("1")).await;
    let mut exchange = remote.hear().await;
    drop(serving);
    exchange.closed().await;
}

/// CANCEL-09: a cancellation that is about nothing changes nothing, on either side.
#[tokio::test]
async fn cancel_09_a_cancellation_of_nothing_is_ignored() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let answer = post(address, &cancelled("77")).await;
    assert_eq!(answer.status, 202);
    works(address, &mut child, "1").await;

    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    caller.say(&cancelled("77")).await;
    caller.say(&list("1")).await;
    remote.hear().await.json(200, &result("1")).await;
    assert_eq!(caller.hear().await, result("1"));
}
