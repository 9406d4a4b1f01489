//! How serving ends: with the input, by a signal, or because the peer has gone.

mod common;

use std::time::Duration;

use common::{Peer, Peers};
use mcpwire_stdio::{Limits, ServeError, Server};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

const GRACE: Duration = Duration::from_secs(2);

#[tokio::test(start_paused = true)]
async fn stdio_19_an_idle_server_ends_with_the_input() {
    let start = Instant::now();
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    peer.fence().await;
    assert!(peer.finish().await.is_empty());
    assert_eq!(start.elapsed(), Duration::ZERO);
}

// STDIO-30
#[tokio::test(start_paused = true)]
async fn stdio_30_what_is_in_flight_is_answered_within_the_grace() {
    let service = common::Double(|request: mcpwire_service::Request| async move {
        let slow = request.method() == "slow";
        tokio::time::sleep(if slow { GRACE * 5 } else { GRACE / 2 }).await;
        Ok(mcpwire_service::Reply::result("{}"))
    });
    let start = Instant::now();
    let mut peer = Peer::serve(Server::new(service));
    peer.request(1, "quick", json!({})).await;
    peer.request(2, "slow", json!({})).await;
    let rest = peer.finish().await;
    assert_eq!(rest, [json!({ "jsonrpc": "2.0", "id": 1, "result": {} })]);
    assert_eq!(start.elapsed(), GRACE);
}

// STDIO-30: nobody is left to cancel what hangs.
#[tokio::test(start_paused = true)]
async fn stdio_30_what_hangs_is_dropped_after_the_grace() {
    let peers = Peers::default();
    let start = Instant::now();
    let mut peer = Peer::of(&peers, Limits::default().shutdown_grace(GRACE * 3));
    peer.request(1, "hang", json!({})).await;
    assert!(peer.finish().await.is_empty());
    assert_eq!(start.elapsed(), GRACE * 3);
    peers.alive.becomes(0).await;
}

/// The two messages that end a listen stream on stdio.
fn end_of_listen(id: &Value) -> [Value; 2] {
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": id });
    [
        json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": { "_meta": meta, "requestId": id },
        }),
        json!({ "jsonrpc": "2.0", "id": id, "result": { "_meta": meta, "resultType": "complete" } }),
    ]
}

// SUB-21, CANCEL-14, CONF-01
#[tokio::test(start_paused = true)]
async fn sub_21_listen_streams_end_with_a_notification_and_the_result() {
    let start = Instant::now();
    let mut peer = Peer::of(&Peers::default(), Limits::default());
    for id in [json!(1), json!("1")] {
        peer.request(id, "subscriptions/listen", json!({ "notifications": {} }))
            .await;
        peer.read().await;
    }
    let rest = peer.finish().await;
    for id in [json!(1), json!("1")] {
        let of_id = rest
            .iter()
            .filter(|m| m["id"] == id || m["params"]["requestId"] == id);
        assert!(of_id.eq(&end_of_listen(&id)), "{rest:?}");
    }
    assert_eq!(rest.len(), 4);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

// SUB-19: the same when it is the service that has had enough.
#[tokio::test]
async fn sub_21_a_listen_stream_that_the_service_ends() {
    let (end, ended) = oneshot::channel::<()>();
    let ended = std::sync::Arc::new(std::sync::Mutex::new(Some(ended)));
    let service = common::Double(move |request: mcpwire_service::Request| {
        let ended = ended.lock().unwrap().take().unwrap();
        async move {
            use futures_util::stream::{self, StreamExt as _};
            let meta = json!({ "io.modelcontextprotocol/subscriptionId": request.id() });
            let acknowledged = stream::iter([common::progress(0, 0)]);
            let result = common::result(&json!({ "resultType": "complete", "_meta": meta }));
            let result = stream::once(async move {
                let _ = ended.await;
                mcpwire_service::ReplyItem::Response(result)
            });
            let items = mcpwire_service::ReplyStream::new(acknowledged.chain(result));
            Ok(mcpwire_service::Reply::Stream(items))
        }
    });
    let mut peer = Peer::serve(Server::new(service));
    peer.request("l", "subscriptions/listen", json!({})).await;
    peer.read().await;
    end.send(()).unwrap();
    assert_eq!(
        [peer.read().await, peer.read().await],
        end_of_listen(&json!("l"))
    );
    assert!(peer.finish().await.is_empty());
}

// CANCEL-13: there was no stream to end.
#[tokio::test]
async fn cancel_13_a_refused_listen_request_is_answered_with_its_error_alone() {
    let service = common::Double(|_| async {
        Ok(mcpwire_service::Reply::error(
            &mcpwire_types::Error::method_not_found("subscriptions/listen"),
        ))
    });
    let mut peer = Peer::serve(Server::new(service));
    peer.request("l", "subscriptions/listen", json!({})).await;
    peer.read_error(Some(json!("l")), -32601).await;
    assert!(peer.finish().await.is_empty());
}

// CANCEL-14: told even if the service does not end the stream.
#[tokio::test(start_paused = true)]
async fn cancel_14_a_listen_stream_that_ignores_the_drain() {
    for delay in [Duration::ZERO, GRACE / 2] {
        let service = common::Double(move |_| async move {
            use futures_util::stream::{self, StreamExt as _};
            tokio::time::sleep(delay).await;
            let items = stream::iter([common::progress(0, 0)]).chain(stream::pending());
            let items = mcpwire_service::ReplyStream::new(items);
            Ok(mcpwire_service::Reply::Stream(items))
        });
        let mut peer = Peer::serve(Server::new(service));
        let request = json!({ "notifications": {} });
        peer.request("l", "subscriptions/listen", request).await;
        if delay.is_zero() {
            // The stream is there before the input ends, or comes when it has ended.
            common::settle().await;
        }
        let rest = peer.finish().await;
        assert_eq!(rest[0]["method"], "notifications/progress");
        assert_eq!(rest[1..], end_of_listen(&json!("l"))[..1]);
    }
}

// SUB-21: what would come between the two messages that end a stream is left out.
#[tokio::test(start_paused = true)]
async fn sub_21_no_notification_follows_the_end_of_a_listen_stream() {
    let service = common::Double(|request: mcpwire_service::Request| async move {
        use futures_util::stream::{self, StreamExt as _};
        let drain = request.context().drain.begun();
        let meta = json!({ "io.modelcontextprotocol/subscriptionId": request.id() });
        let result = common::result(&json!({ "resultType": "complete", "_meta": meta }));
        let late = stream::iter([
            common::progress(1, 0),
            mcpwire_service::ReplyItem::Response(result),
        ]);
        let late = stream::once(drain).flat_map(move |()| late.clone());
        let items = stream::iter([common::progress(0, 0)]).chain(late);
        Ok(mcpwire_service::Reply::Stream(
            mcpwire_service::ReplyStream::new(items),
        ))
    });
    let mut peer = Peer::serve(Server::new(service));
    peer.request("l", "subscriptions/listen", json!({})).await;
    assert_eq!(peer.read().await["params"]["progress"], 0);
    assert_eq!(peer.finish().await, end_of_listen(&json!("l")));
}

// STDIO-20: the server starts the shutdown, while input stays open.
#[tokio::test(start_paused = true)]
async fn stdio_20_a_signal_ends_serving_the_same_way() {
    let peers = Peers::default();
    let start = Instant::now();
    let (signal, signalled) = oneshot::channel::<()>();
    let server = Server::new(peers.service()).with_graceful_shutdown(async move {
        let _ = signalled.await;
    });
    let mut peer = Peer::serve(server);
    peer.request(1, "hang", json!({})).await;
    peer.request("l", "subscriptions/listen", json!({ "notifications": {} }))
        .await;
    peer.read().await;
    signal.send(()).unwrap();
    assert_eq!(
        [peer.read().await, peer.read().await],
        end_of_listen(&json!("l"))
    );
    // Nothing that is asked stays without an answer, and cancellations are still heard.
    peer.request(2, "echo", json!({})).await;
    assert!(
        peer.read_error(Some(json!(2)), -32603)
            .await
            .contains("shutting down")
    );
    peer.cancel(1).await;
    assert_eq!(peer.read_or_end().await, None);
    peer.serving.await.unwrap().unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    peers.alive.becomes(0).await;
}

#[tokio::test]
async fn a_peer_that_closes_its_end_ends_serving_at_once() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(1, "hang", json!({})).await;
    peer.request(2, "subscriptions/listen", json!({})).await;
    peer.read().await;
    drop(peer.output);
    let request = r#"{"jsonrpc":"2.0","id":3,"method":"echo","params":{}}"#;
    tokio::io::AsyncWriteExt::write_all(&mut peer.input, format!("{request}\n").as_bytes())
        .await
        .unwrap();
    // The input is still open.
    tokio::time::timeout(common::LONG, peer.serving)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    peers.alive.becomes(0).await;
}

// At the end of input nobody may be reading any more.
#[tokio::test(start_paused = true)]
async fn stdio_30_a_peer_that_does_not_read_delays_the_end_by_the_grace_alone() {
    let peers = Peers::default();
    let start = Instant::now();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(1, "flood", json!({ "padding": 9000 })).await;
    drop(peer.input);
    peer.serving.await.unwrap().unwrap();
    assert_eq!(start.elapsed(), GRACE);
    peers.alive.becomes(0).await;
}

#[tokio::test]
async fn dropping_the_future_drops_everything() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    for id in 0..10 {
        peer.request(id, "hang", json!({})).await;
    }
    peers.alive.becomes(10).await;
    peer.serving.abort();
    peers.alive.becomes(0).await;
}

/// Fails after what it has.
struct Failing(&'static [u8]);

impl tokio::io::AsyncRead for Failing {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        if self.0.is_empty() {
            return std::task::Poll::Ready(Err(std::io::Error::other("the cable is out")));
        }
        buffer.put_slice(std::mem::take(&mut self.0));
        std::task::Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn an_input_that_fails_is_told_after_the_answers() {
    let mut output = Vec::new();
    let input = Failing(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{}}\n");
    let end = Server::new(Peers::default().service())
        .serve(input, &mut output)
        .await;
    let error = end.unwrap_err();
    assert!(matches!(error, ServeError::Read(_)));
    assert_eq!(error.to_string(), "input could not be read");
    assert!(
        std::error::Error::source(&error)
            .unwrap()
            .to_string()
            .contains("cable")
    );
    assert_eq!(
        String::from_utf8(output).unwrap(),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n"
    );
}
