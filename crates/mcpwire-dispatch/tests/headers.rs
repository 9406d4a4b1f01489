//! Parameters that a transport mirrors in headers (HDR rows), as far as the router sees them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use bytes::Bytes;
use mcpwire_dispatch::{RawArgs, Router, tool};
use mcpwire_service::{MirroredParams, Reply, oneshot};
use serde_json::{Value, json};
use support::request;

fn server() -> Router {
    let schema = json!({
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
        "required": ["region"],
    });
    Router::new("mirror", "1").tool(tool("deploy").input_schema(schema), async |_: RawArgs| {
        Ok("done")
    })
}

/// The code of the error, and whether it was a refusal; nothing where the call went well.
async fn deploy(headers: Option<&[(&str, &str)]>, arguments: Value) -> Option<(i64, bool)> {
    let mut request = request(
        "tools/call",
        json!({"name": "deploy", "arguments": arguments}),
    );
    request.context_mut().mirrored_params = headers.map(|headers| {
        let mut params = MirroredParams::default();
        for (name, value) in headers {
            params.push(name, Bytes::copy_from_slice(value.as_bytes()));
        }
        params
    });
    let Reply::Response(response) = oneshot(server(), request).await.unwrap() else {
        panic!("one response was due")
    };
    response
        .as_error()
        .map(|(code, _)| (code, response.is_refusal()))
}

#[tokio::test]
async fn hdr_30_headers_agree_with_the_body() {
    let eu = json!({"region": "eu"});
    assert_eq!(deploy(Some(&[("region", "eu")]), eu.clone()).await, None);
    assert_eq!(
        deploy(Some(&[("Region", "eu"), ("Other", "x")]), eu.clone()).await,
        None
    );
    assert_eq!(
        deploy(Some(&[("region", "us")]), eu.clone()).await,
        Some((-32020, true))
    );
    // HDR-32: in the body alone.
    assert_eq!(deploy(Some(&[]), eu.clone()).await, Some((-32020, true)));
    // A transport without headers mirrors nothing.
    assert_eq!(deploy(None, eu).await, None);
}

#[tokio::test]
async fn hdr_36_a_mismatch_comes_before_the_schema() {
    // The argument is missing, which alone would be a tool error.
    assert_eq!(
        deploy(Some(&[("region", "eu")]), json!({})).await,
        Some((-32020, true))
    );
    assert_eq!(deploy(Some(&[]), json!({})).await, None);
}
