//! A service that fails still has each request answered, and no other request suffers.

mod common;

use std::task::{Context, Poll};

use common::{Double, Peer, Peers};
use mcpwire_service::{BoxError, Reply, Request, Service};
use mcpwire_stdio::{Limits, Server};
use serde_json::json;

const INTERNAL_ERROR: i64 = -32603;

// ERR-01
#[tokio::test]
async fn every_way_to_fail_is_an_internal_error() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    peer.request(0, "hang", json!({})).await;
    for (method, found) in [("fail", "the database is away"), ("panic", "panicked")] {
        peer.request(method, method, json!({})).await;
        let sentence = peer.read_error(Some(json!(method)), INTERNAL_ERROR).await;
        assert!(sentence.contains(found), "{sentence}");
        assert!(
            !sentence.contains("on purpose"),
            "what a panic says is not for the peer"
        );
        peer.fence().await;
    }
    // CONF-27: notifications, and then the end.
    peer.request("end", "end", json!({})).await;
    assert_eq!(peer.read().await["method"], "notifications/progress");
    peer.read_error(Some(json!("end")), INTERNAL_ERROR).await;
    peer.fence().await;
    peers.alive.becomes(1).await;
}

/// Like a layer that sheds load.
#[derive(Clone)]
struct NeverReady;

impl Service<Request> for NeverReady {
    type Response = Reply;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Reply, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Err("overloaded".into()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        unreachable!("it was never ready")
    }
}

#[tokio::test]
async fn a_service_that_is_not_ready_is_not_called() {
    let mut peer = Peer::serve(Server::new(NeverReady));
    peer.request(1, "echo", json!({})).await;
    assert!(
        peer.read_error(Some(json!(1)), INTERNAL_ERROR)
            .await
            .contains("overloaded")
    );
}

/// Ready only for the first clone that asks: as a concurrency limit of one that is taken.
#[derive(Clone)]
struct ReadyOnce(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Service<Request> for ReadyOnce {
    type Response = Reply;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Reply, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.0.swap(true, std::sync::atomic::Ordering::SeqCst) {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        std::future::ready(Ok(Reply::result("{}")))
    }
}

#[tokio::test]
async fn waiting_for_readiness_does_not_stop_the_reading() {
    let taken = std::sync::Arc::default();
    let mut peer = Peer::serve(Server::new(ReadyOnce(taken)));
    peer.request(1, "echo", json!({})).await;
    peer.read_echo(1).await;
    peer.request(2, "echo", json!({})).await;
    peer.line("?").await;
    peer.read_error(None, -32700).await;
}

/// Panics when it is dropped, so also when it is cancelled.
struct Bomb;

impl Drop for Bomb {
    #[allow(clippy::panic, reason = "that is what it is for")]
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

#[tokio::test]
async fn a_panic_while_a_request_is_dropped_hurts_no_other() {
    let service = Double(|request: Request| async move {
        let _bomb = (request.method() == "bomb").then(|| Bomb);
        if request.method() == "bomb" {
            std::future::pending::<()>().await;
        }
        Ok(Reply::result("{}"))
    });
    let mut peer = Peer::serve(Server::new(service));
    peer.request(1, "bomb", json!({})).await;
    tokio::task::yield_now().await;
    peer.cancel(1).await;
    peer.fence().await;
    assert!(peer.finish().await.is_empty());
}
