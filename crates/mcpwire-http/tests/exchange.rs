//! One HTTP exchange stands alone, and what HTTP knows about it reaches the service.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::convert::Infallible;

use bytes::Bytes;
use common::{Call, Server, double, soon};
use http_body_util::{BodyExt, Full};
use mcpwire_http::{Endpoint, RemoteAddr};
use mcpwire_service::{Principal, Reply, Request, Service};
use serde_json::json;

/// CVE-2026-25536: two clients with equal IDs, at the same time, each get their own answer. The first
/// is answered only after the second was.
#[tokio::test]
async fn conf_28_equal_ids_of_two_clients_do_not_meet() {
    let (second_done, wait) = tokio::sync::watch::channel(false);
    let service = double(move |request: Request| {
        let mut wait = wait.clone();
        async move {
            let name = request
                .message()
                .text(mcpwire_codec::Part::Name)
                .unwrap()
                .into_owned();
            if name == "first" {
                wait.wait_for(|done| *done).await.unwrap();
            }
            Reply::result(json!({"resultType": "complete", "name": name}).to_string())
        }
    });
    let server = Server::start(service).await;
    let first = Call::tool("first")
        .header("Connection", "close")
        .open(server.addr)
        .await;
    let second = Call::tool("second").send(server.addr).await;
    assert_eq!(
        (
            second.json()["id"].clone(),
            second.json()["result"]["name"].clone()
        ),
        (json!(1), json!("second"))
    );
    second_done.send(true).unwrap();
    let first = first.finish().await;
    assert_eq!(
        (
            first.json()["id"].clone(),
            first.json()["result"]["name"].clone()
        ),
        (json!(1), json!("first"))
    );
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let server = Server::start(common::echo()).await;
    let mut bytes = Call::new("tools/list").bytes();
    bytes.extend(Call::raw("{").bytes());
    bytes.extend(Call::new("prompts/list").bytes());
    let mut open = common::Open::send(server.addr, &bytes).await;
    let text = open.until("prompts/list").await;
    assert_eq!(text.matches("HTTP/1.1 200").count(), 2, "{text}");
    assert_eq!(text.matches("HTTP/1.1 400").count(), 1, "{text}");
}

#[tokio::test]
async fn the_remote_address_and_the_headers_reach_the_service() {
    let server = Server::start(double(|request: Request| async move {
        let context = request.context();
        assert!(context.principal.is_none());
        let parts: &http::request::Parts = context.extensions.get().unwrap();
        let RemoteAddr(remote) = context.extensions.get().unwrap();
        let result = json!({
            "resultType": "complete",
            "remote": remote.ip().to_string(),
            "agent": parts.headers["user-agent"].to_str().unwrap(),
        });
        Reply::result(result.to_string())
    }))
    .await;
    let answer = Call::new("tools/list")
        .header("User-Agent", "test")
        .send(server.addr)
        .await;
    assert_eq!(answer.json()["result"]["remote"], "127.0.0.1");
    assert_eq!(answer.json()["result"]["agent"], "test");
}

/// SEC-06: who somebody is comes from middleware in front, and from nowhere else.
#[tokio::test]
async fn sec_06_a_verified_principal_reaches_the_service() {
    let service = double(|request: Request| async move {
        let name = request.context().principal.as_ref().map(Principal::as_str);
        Reply::result(json!({"resultType": "complete", "name": name}).to_string())
    });
    let mut endpoint = Endpoint::new(service);
    let call = Call::new("tools/list").header("Principal", "mallory");
    for principal in [Some("alice"), None] {
        let mut request = http::Request::post("/mcp");
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(name) = principal {
            request = request.extension(Principal::new(name));
        }
        let body = Full::new(Bytes::from(call.body.clone()));
        let response = endpoint.call(request.body(body).unwrap()).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["result"]["name"], json!(principal));
    }
}

/// The service is asked whether it is ready before it is called, as `tower_service` demands.
#[tokio::test]
async fn the_service_is_called_only_when_it_is_ready() {
    #[derive(Clone)]
    struct Strict(bool);

    impl Service<Request> for Strict {
        type Response = Reply;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Reply, Infallible>>;

        fn poll_ready(
            &mut self,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), Infallible>> {
            if std::mem::replace(&mut self.0, true) {
                return std::task::Poll::Ready(Ok(()));
            }
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        }

        fn call(&mut self, _: Request) -> Self::Future {
            assert!(self.0, "called before it was ready");
            std::future::ready(Ok(Reply::result(common::RESULT)))
        }
    }

    let server = Server::start(Strict(false)).await;
    assert_eq!(
        soon(Call::new("tools/list").send(server.addr)).await.status,
        200
    );
}
