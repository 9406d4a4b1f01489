//! Answers that are event streams: their form, their end, their pace.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use common::{Call, Dropped, RESULT, Server, channel, done, double, progress, soon};
use mcpwire_http::Limits;
use mcpwire_service::{Notification, Reply, ReplyItem, ReplyStream, Request, Response};
use mcpwire_types::Error;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A service whose replies are streams that the test fills.
fn filled() -> (
    UnboundedReceiver<UnboundedSender<ReplyItem>>,
    impl common::Double,
) {
    let (starts, started) = unbounded_channel();
    let service = double(move |_| {
        let (sender, reply) = channel();
        starts.send(sender).unwrap();
        async { reply }
    });
    (started, service)
}

fn quickly(limits: Limits) -> Limits {
    limits.keep_alive_interval(Duration::from_millis(20))
}

#[tokio::test]
async fn http_19_22_25_26_notifications_come_as_events_and_the_response_ends_the_stream() {
    let (mut started, service) = filled();
    let server = Server::start(service).await;
    let mut open = Call::tool("t").open(server.addr).await;
    let sender = soon(started.recv()).await.unwrap();
    sender.send(progress(1)).unwrap();
    let head = open.until("\r\n\r\n").await.to_ascii_lowercase();
    for line in [
        "http/1.1 200 ok",
        "content-type: text/event-stream",
        "x-accel-buffering: no",
        "cache-control: no-store",
    ] {
        assert!(head.lines().any(|found| found == line), "{line} in {head}");
    }
    open.until(r#""progress":1"#).await;
    sender.send(progress(2)).unwrap();
    open.until(r#""progress":2"#).await;
    sender.send(done()).unwrap();
    // PROG-10: nothing comes after the response.
    drop(sender.send(progress(3)));
    // The last chunk ends the body, and the connection stays open for the next request.
    let text = open.until("\r\n0\r\n\r\n").await.to_owned();
    let answer = common::Answer::parse(text.as_bytes());
    let events = answer.events();
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["method"], "notifications/progress");
    assert_eq!(
        events[2],
        json!({"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete"}})
    );
    // HTTP-32
    assert!(
        answer
            .body
            .split_inclusive("\n\n")
            .all(|event| event.starts_with("data: {"))
    );
    assert!(!answer.body.contains("id: ") && !answer.body.contains("event:"));
}

#[tokio::test]
async fn http_32_line_breaks_in_ready_json_stay_within_the_event() {
    let server = Server::start(double(|_| async {
        let result = "{\r\n \"resultType\":\n \"complete\"\r}";
        let items = [progress(1), ReplyItem::Response(Response::result(result))];
        Reply::Stream(ReplyStream::new(futures_util::stream::iter(items)))
    }))
    .await;
    let answer = Call::tool("t").send(server.addr).await;
    assert_eq!(answer.events()[1]["result"]["resultType"], "complete");
    assert_eq!(answer.body.matches("\n\n").count(), 2);
}

#[tokio::test]
async fn large_messages_come_whole_in_both_forms() {
    let text = "x".repeat(300_000);
    let result = format!(r#"{{"resultType":"complete","text":"{text}"}}"#);
    let server = Server::start(double(move |_| {
        let result = result.clone();
        async { Reply::result(result) }
    }))
    .await;
    let answer = Call::tool("t").send(server.addr).await;
    assert_eq!(
        answer.header("content-length"),
        Some(answer.body.len().to_string().as_str())
    );
    assert_eq!(answer.json()["result"]["text"], text);
    let answer = Call::tool("t")
        .set("Accept", "text/event-stream")
        .send(server.addr)
        .await;
    assert_eq!(answer.events()[0]["result"]["text"], text);
}

#[tokio::test]
async fn conf_04_an_error_after_the_start_is_the_last_event() {
    let (mut started, service) = filled();
    let server = Server::start(service).await;
    let mut open = Call::tool("t").open(server.addr).await;
    let sender = soon(started.recv()).await.unwrap();
    sender.send(progress(1)).unwrap();
    open.until(r#""progress":1"#).await;
    let error = Error::new(-32601, "too late for a status");
    sender
        .send(ReplyItem::Response(Response::error(&error)))
        .unwrap();
    let text = open.until("\r\n0\r\n\r\n").await;
    let answer = common::Answer::parse(text.as_bytes());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.events()[1]["error"]["code"], -32601);
}

/// HTTP-55: a stream that is nothing but a response is no stream, so that the status is right even
/// where a gateway did not know what would come.
#[tokio::test]
async fn http_55_a_stream_of_one_response_is_answered_as_one() {
    let service = |response: Response| {
        double(move |_| {
            let items = [ReplyItem::Response(response.clone())];
            async { Reply::Stream(ReplyStream::new(futures_util::stream::iter(items))) }
        })
    };
    let unknown = Response::error(&Error::new(-32601, "unknown method"));
    let server = Server::start(service(unknown)).await;
    for method in ["tools/list", "subscriptions/listen"] {
        assert_eq!(
            Call::new(method).send(server.addr).await.refusal(),
            (404, -32601)
        );
    }
    let server = Server::start(service(Response::result(RESULT))).await;
    let answer = Call::new("tools/list").send(server.addr).await;
    assert_eq!(answer.json()["result"]["resultType"], "complete");
    // HTTP-33
    let answer = Call::new("subscriptions/listen").send(server.addr).await;
    assert_eq!(answer.events()[0]["result"]["resultType"], "complete");
}

/// CONF-27: a stream without a response is reported, be it that it ended or that it panicked.
#[tokio::test]
async fn conf_27_a_stream_that_breaks_off_ends_in_an_internal_error() {
    let service = double(|request: Request| async move {
        let mut notifications = usize::from(&*request.method() != "tools/list");
        let panics = &*request.method() == "tools/call";
        let items = futures_util::stream::poll_fn(move |_| {
            assert!(notifications > 0 || !panics, "a secret");
            let left = notifications.checked_sub(1);
            notifications = left.unwrap_or_default();
            Poll::Ready(left.map(|_| progress(1)))
        });
        Reply::Stream(ReplyStream::new(items))
    });
    let server = Server::start(service).await;
    for call in [Call::new("prompts/list"), Call::tool("t")] {
        let answer = call.send(server.addr).await;
        let events = answer.events();
        assert_eq!(events.len(), 2);
        assert_eq!(
            (&events[1]["id"], &events[1]["error"]["code"]),
            (&json!(1), &json!(-32603))
        );
        assert!(!answer.body.contains("secret"));
    }
    for call in [
        Call::new("tools/list"),
        Call::tool("t").set("Accept", "application/json"),
    ] {
        assert_eq!(call.send(server.addr).await.refusal(), (500, -32603));
    }
}

#[tokio::test]
async fn http_27_silent_streams_are_kept_alive_with_comments() {
    let (mut started, service) = filled();
    let server =
        Server::start_with(service, |serve| serve.limits(quickly(Limits::default()))).await;
    let mut open = Call::tool("t").open(server.addr).await;
    open.until(": keep-alive\n\n\r\n").await;
    open.read.clear();
    open.until(": keep-alive\n\n\r\n").await;
    let sender = soon(started.recv()).await.unwrap();
    sender.send(done()).unwrap();
    open.until("\r\n0\r\n\r\n").await;
}

/// What takes long becomes a stream while it is still awaited, if the client can read one.
#[tokio::test]
async fn http_27_long_answers_are_kept_alive_too() {
    let slow = || {
        double(|_| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Reply::result(RESULT)
        })
    };
    let server = Server::start_with(slow(), |serve| serve.limits(quickly(Limits::default()))).await;
    let answer = Call::tool("t").send(server.addr).await;
    assert!(answer.body.starts_with(": keep-alive\n\n"), "{answer:?}");
    assert_eq!(answer.events()[0]["result"]["resultType"], "complete");
    let answer = Call::tool("t")
        .set("Accept", "application/json")
        .send(server.addr)
        .await;
    assert_eq!(answer.json()["result"]["resultType"], "complete");
}

/// A client that does not read holds up its own handler, fills nobody's memory, and is left to
/// itself after `write_timeout`.
#[tokio::test]
async fn nothing_runs_ahead_of_a_reader_who_does_not_read() {
    let made = Arc::new(AtomicUsize::new(0));
    let (sender, mut told) = unbounded_channel();
    let service = double({
        let made = Arc::clone(&made);
        move |_| {
            let (made, guard) = (Arc::clone(&made), Dropped(sender.clone(), "dropped"));
            let text = "x".repeat(64 * 1024);
            let items = futures_util::stream::poll_fn(move |_| {
                let _ = &guard;
                made.fetch_add(1, Ordering::Relaxed);
                let params = format!(r#"{{"data":"{text}"}}"#);
                let note = Notification::new("notifications/message", params);
                Poll::Ready(Some(ReplyItem::Notification(note)))
            });
            async { Reply::Stream(ReplyStream::new(items)) }
        }
    });
    let limits = Limits::default().write_timeout(Duration::from_millis(100));
    let server = Server::start_with(service, |serve| serve.limits(limits)).await;
    let _open = Call::tool("t").open(server.addr).await;
    // The stream is infinite, so that it is dropped means that nothing could be written any more.
    assert_eq!(soon(told.recv()).await, Some("dropped"));
    // Sockets hold some megabytes.
    let made = made.load(Ordering::Relaxed);
    assert!(
        made < 1000,
        "{made} messages of 64 KiB were made for nobody"
    );
}
