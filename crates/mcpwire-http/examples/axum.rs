//! The endpoint inside an axum app, behind a layer that says who is asking.
//!
//! Run it with `cargo run -p mcpwire-http --example axum`.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mcpwire_http::Endpoint;
use mcpwire_service::{Principal, Reply, Request};
use mcpwire_types::Error;

/// Stands in for the check of a real access token.
async fn authenticate(mut request: HttpRequest, next: Next) -> Response {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes);
    if token != Some(b"Bearer open sesame") {
        return (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Bearer")],
        )
            .into_response();
    }
    request.extensions_mut().insert(Principal::new("alice"));
    next.run(request).await
}

async fn answer(request: Request) -> Result<Reply, Infallible> {
    if let Some(principal) = &request.context().principal {
        eprintln!("{} asks for {}", principal.as_str(), request.method());
    }
    Ok(Reply::error(&Error::method_not_found(&request.method())))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new()
        .route_service("/mcp", Endpoint::new(tower::service_fn(answer)))
        .layer(from_fn(authenticate))
        .route("/health", get(|| async { "ok" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    eprintln!("serving http://{}/mcp", listener.local_addr()?);
    axum::serve(listener, app).await
}
