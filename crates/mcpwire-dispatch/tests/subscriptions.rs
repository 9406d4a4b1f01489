//! Several subscribers of one server, slow ones among them (SUB rows; the messages of one stream are tested
//! where they are made).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use mcpwire_dispatch::{Feature, Limits, LocalBus, Router};
use mcpwire_service::{Change, ChangeBus as _, Reply, ReplyItem, ReplyStream, oneshot};
use serde_json::{Value, json};
use support::{bare_request, next, request, with_meta};

fn server(bus: LocalBus) -> Router {
    let limits = Limits::default()
        .max_pending_updates(4)
        .max_resource_subscriptions(3);
    Router::new("changing", "1")
        .bus(bus)
        .limits(limits)
        .declare(Feature::Tools)
        .declare(Feature::Resources)
}

async fn listen(server: &Router, filter: Value) -> ReplyStream {
    let request = request("subscriptions/listen", json!({ "notifications": filter }));
    match oneshot(server.clone(), request).await.unwrap() {
        Reply::Stream(stream) => stream,
        Reply::Response(response) => panic!("a stream was due: {response:?}"),
    }
}

/// The next notification: its URI where it is about a resource, else its method.
async fn heard(stream: &mut ReplyStream) -> String {
    let Some(ReplyItem::Notification(sent)) = next(stream).await else {
        panic!("a notification was due")
    };
    let params: Value = serde_json::from_slice(sent.params().unwrap()).unwrap();
    params["uri"].as_str().unwrap_or(sent.method()).to_owned()
}

#[tokio::test]
async fn sub_14_each_stream_hears_what_it_asked_for() {
    let bus = LocalBus::default();
    let server = server(bus.clone());
    let mut tools = listen(&server, json!({"toolsListChanged": true})).await;
    let mut one = listen(&server, json!({"resourceSubscriptions": ["note://a"]})).await;
    let mut nothing = listen(&server, json!({})).await;
    for stream in [&mut tools, &mut one, &mut nothing] {
        assert_eq!(
            heard(stream).await,
            "notifications/subscriptions/acknowledged"
        );
    }
    // A stream that can hear nothing takes no place on the bus.
    assert_eq!(bus.subscribers(), 2);
    server.changes().resource_updated("note://ab");
    server.changes().tools_changed();
    server.changes().resource_updated("note://a/1");
    assert_eq!(heard(&mut tools).await, "notifications/tools/list_changed");
    assert_eq!(heard(&mut one).await, "note://a/1"); // SUB-27
    drop((tools, one, nothing));
    assert_eq!(bus.subscribers(), 0);
}

#[tokio::test]
async fn sub_30_a_slow_reader_hears_each_thing_once() {
    let bus = LocalBus::default();
    let server = server(bus);
    let mut stream = listen(
        &server,
        json!({"toolsListChanged": true, "resourceSubscriptions": ["note://a"]}),
    )
    .await;
    heard(&mut stream).await;
    for n in 0..100 {
        server.changes().tools_changed();
        server
            .changes()
            .resource_updated(format!("note://a/{n}").as_str());
    }
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(heard(&mut stream).await);
    }
    // Four that wait at most, then the watched one for all the others.
    let tools = "notifications/tools/list_changed";
    assert_eq!(
        told,
        [tools, "note://a/0", "note://a/1", "note://a/2", "note://a"]
    );
}

#[tokio::test]
async fn sub_30_a_reader_that_lost_changes_hears_that_everything_may_have_changed() {
    let bus = LocalBus::default();
    let server = server(bus.clone());
    let filter =
        json!({"toolsListChanged": true, "resourceSubscriptions": ["note://a", "note://b"]});
    let mut stream = listen(&server, filter).await;
    heard(&mut stream).await;
    server.changes().resource_updated("note://b");
    bus.publish(Change::Missed);
    for expected in ["notifications/tools/list_changed", "note://a", "note://b"] {
        assert_eq!(heard(&mut stream).await, expected);
    }
}

#[tokio::test]
async fn a_server_that_holds_as_many_streams_as_it_may_says_so() {
    let limits = Limits::default().max_subscriptions(1);
    let server = server(LocalBus::default()).limits(limits);
    let filter = json!({"toolsListChanged": true});
    let stream = listen(&server, filter.clone()).await;
    let request = request("subscriptions/listen", json!({ "notifications": filter }));
    let reply = oneshot(server.clone(), request).await.unwrap();
    let Reply::Response(response) = reply else {
        panic!("a refusal was due")
    };
    // It is no mistake of the client.
    assert!(!response.is_refusal());
    let (code, error) = response.as_error().unwrap();
    assert_eq!(code, -32603);
    assert!(String::from_utf8_lossy(error).contains("max_subscriptions"));
    assert_eq!(server.listen_stats().refused, 1);
    drop(stream);
    drop(listen(&server, filter).await);
    let stats = server.listen_stats();
    assert_eq!((stats.open, stats.opened), (0, 2));
}

#[tokio::test]
async fn sub_01_a_bad_filter_is_refused_before_a_stream_begins() {
    let server = server(LocalBus::default());
    for params in [
        json!({}),
        json!({"notifications": []}),
        json!({"notifications": {"resourceSubscriptions": ["a:1", "a:2", "a:3", "a:4"]}}),
        json!({"notifications": {"resourceSubscriptions": ["relative"]}}),
    ] {
        let request = bare_request("subscriptions/listen", with_meta(params.clone()));
        let Reply::Response(response) = oneshot(server.clone(), request).await.unwrap() else {
            panic!("a refusal was due for {params}")
        };
        assert!(response.is_refusal());
        assert_eq!(response.as_error().unwrap().0, -32602);
    }
}
