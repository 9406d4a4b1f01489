//! Structured output against the tool's `outputSchema` (TOOL-29).
#![cfg(feature = "jsonschema")]

use mcpwire_client::{Client, Error};
use mcpwire_service::Reply;
use mcpwire_types::method;

mod common;
use common::Scripted;

async fn call(schema: &'static str, result: &'static str, check: bool) -> Result<(), Error> {
    let server = Scripted::new(move |_, request| match &*request.method() {
        method::TOOLS_LIST => Reply::result(format!(
            r#"{{"tools":[{{"name":"t","inputSchema":{{"type":"object"}},"outputSchema":{schema}}}]}}"#
        )),
        _ => Reply::result(result),
    });
    let client = Client::builder(server).check_output(check).build();
    client.list_tools().await?;
    client.call_tool("t", &()).await.map(drop)
}

const SCHEMA: &str = r#"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"#;

#[tokio::test]
async fn tool_29_output_is_checked_on_request() {
    let wrong = r#"{"content":[],"structuredContent":{"n":"x"}}"#;
    for (result, fits) in [
        (r#"{"content":[],"structuredContent":{"n":1}}"#, true),
        (wrong, false),
        // TOOL-31
        (r#"{"content":[]}"#, false),
        (r#"{"content":[],"isError":true}"#, true),
    ] {
        assert_eq!(call(SCHEMA, result, true).await.is_ok(), fits, "{result}");
        call(SCHEMA, result, false).await.unwrap();
    }
    let error = call(SCHEMA, wrong, true).await.unwrap_err();
    assert!(error.to_string().contains("/n"), "{error}");
    assert_eq!(error.raw().unwrap(), wrong.as_bytes());
}

/// Nothing is fetched, whatever the schema refers to.
/// TOOL-49
#[tokio::test]
async fn tool_29_references_are_not_followed_out() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let schema = format!(r#"{{"type":"object","$ref":"http://{address}/s.json"}}"#).leak();
    let error = call(schema, r#"{"content":[],"structuredContent":{}}"#, true)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Output { .. }), "{error}");
    assert!(listener.accept().is_err());
}
