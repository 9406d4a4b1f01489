//! Listen streams of one server on two replicas.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed step of a test is a failed test"
)]

mod common;

use common::*;
use futures_util::StreamExt as _;
use mcpwire_codec::Message;
use mcpwire_dispatch::{Feature, Router};
use mcpwire_nats::NatsBus;
use mcpwire_service::{Reply, ReplyItem, ReplyStream, Request, oneshot};
use serde_json::{Value, json};

fn replica(bus: NatsBus) -> Router {
    Router::new("replicated", "1")
        .bus(bus)
        .declare(Feature::Tools)
        .declare(Feature::Resources)
}

async fn listening(server: &Router) -> ReplyStream {
    let params = json!({
        "notifications": {"toolsListChanged": true, "resourceSubscriptions": ["file:///docs/a"]},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    });
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params,
    });
    let request = Request::new(Message::decode(message.to_string()).unwrap()).unwrap();
    let Reply::Stream(mut stream) = oneshot(server.clone(), request).await.unwrap() else {
        panic!("a stream was due")
    };
    let first = heard_by(&mut stream).await;
    assert_eq!(first, "notifications/subscriptions/acknowledged");
    stream
}

/// The next notification: its URI where it is about a resource, else its method.
async fn heard_by(stream: &mut ReplyStream) -> String {
    let item = tokio::time::timeout(LONG, stream.next()).await.unwrap();
    let Some(ReplyItem::Notification(sent)) = item else {
        panic!("a notification was due: {item:?}")
    };
    let params: Value = serde_json::from_slice(sent.params().unwrap()).unwrap();
    params["uri"].as_str().unwrap_or(sent.method()).to_owned()
}

#[tokio::test]
async fn sub_32_a_change_on_one_replica_reaches_the_streams_of_both() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let replicas: Vec<_> = buses.iter().cloned().map(replica).collect();
    let mut streams = Vec::new();
    for replica in &replicas {
        streams.push(listening(replica).await);
    }
    replicas[0].changes().tools_changed();
    for stream in &mut streams {
        assert_eq!(heard_by(stream).await, "notifications/tools/list_changed");
    }
    replicas[1].changes().resource_updated("file:///docs/a");
    for stream in &mut streams {
        assert_eq!(heard_by(stream).await, "file:///docs/a");
    }
}

#[tokio::test]
async fn sub_30_after_an_outage_the_streams_re_read_what_they_watch() {
    if !installed() {
        return;
    }
    let mut server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let replicas: Vec<_> = buses.iter().cloned().map(replica).collect();
    let mut stream = listening(&replicas[1]).await;
    server.kill();
    for bus in &buses {
        down(bus).await;
    }
    replicas[0].changes().resource_updated("file:///docs/a");
    server.start();
    let mut seen = Vec::new();
    while !seen.contains(&"file:///docs/a".to_owned())
        || !seen.contains(&"notifications/tools/list_changed".to_owned())
    {
        seen.push(heard_by(&mut stream).await);
    }
}
