//! The endpoint inside an axum app, behind middleware that knows nothing of this crate.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use common::{Call, double, soon};
use mcpwire_http::Endpoint;
use mcpwire_service::{Principal, Reply, Request};
use serde_json::json;

async fn authenticate(mut request: HttpRequest, next: Next) -> Response {
    match request
        .headers()
        .get("authorization")
        .map(HeaderValue::as_bytes)
    {
        Some(b"Bearer alice") => {
            request.extensions_mut().insert(Principal::new("alice"));
            next.run(request).await
        }
        _ => (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")]).into_response(),
    }
}

#[tokio::test]
async fn an_endpoint_mounts_in_axum() {
    let service = double(|request: Request| async move {
        let name = request.context().principal.as_ref().map(Principal::as_str);
        Reply::result(json!({"resultType": "complete", "name": name}).to_string())
    });
    let app = Router::new()
        .route_service("/mcp", Endpoint::new(service))
        .layer(from_fn(authenticate))
        .route("/health", get(|| async { "ok" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let answer = Call::new("tools/list").send(addr).await;
    assert_eq!(
        (answer.status, answer.header("www-authenticate")),
        (401, Some("Bearer"))
    );
    let call = Call::new("tools/list").header("Authorization", "Bearer alice");
    let answer = soon(call.send(addr)).await;
    assert_eq!(answer.json()["result"]["name"], "alice");
    let call = call.set("Accept", "text/event-stream");
    assert_eq!(call.send(addr).await.events()[0]["result"]["name"], "alice");
    assert_eq!(
        call.clone()
            .set("Host", "evil.example.com")
            .send(addr)
            .await
            .status,
        421
    );
    assert_eq!(call.method("DELETE").send(addr).await.status, 405);
    assert_eq!(
        Call::raw("")
            .method("GET")
            .target("/health")
            .send(addr)
            .await
            .body,
        "ok"
    );
    server.abort();
}
