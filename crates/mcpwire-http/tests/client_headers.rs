//! What the client sends: every field with its name and value, and the message as it is.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use mcpwire_codec::Message;
use mcpwire_http::client::{BuildError, Client, Error};
use mcpwire_service::{MirroredParams, Request};
use remote::{RESULT, Received, Remote, begin, call, json_answer, list, raw, request, soon};
use serde_json::json;

/// What arrives at the server of such a request.
async fn sent(request: Request) -> Received {
    let remote = Remote::start().await;
    let client = remote.client();
    sent_by(&remote, &client, request).await
}

async fn sent_by(remote: &Remote, client: &Client, request: Request) -> Received {
    let call = begin(client, request);
    let mut peer = remote.accept().await;
    let received = peer.request().await;
    peer.send(json_answer(RESULT)).await;
    soon(call).await.unwrap().unwrap();
    received
}

/// HTTP-08, HTTP-09, HTTP-11, HTTP-14
#[tokio::test]
async fn http_10_a_call_has_exactly_these_fields() {
    let remote = Remote::start().await;
    let client = remote.client();
    let request = request("tools/call", json!({"name": "greet", "arguments": {}}));
    let body = request.message().as_bytes().clone();
    let received = sent_by(&remote, &client, request).await;
    assert_eq!(received.line, "POST /mcp HTTP/1.1");
    let expected = [
        ("accept", "application/json, text/event-stream"),
        ("content-length", &body.len().to_string()),
        ("content-type", "application/json"),
        ("host", &remote.addr.to_string()),
        ("mcp-method", "tools/call"),
        ("mcp-name", "greet"),
        ("mcp-protocol-version", "2026-07-28"),
    ];
    assert_eq!(
        received.headers,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(received.body, body);
}

/// HTTP-44
#[tokio::test]
async fn http_43_the_name_is_that_of_the_method() {
    for (method, params, name) in [
        ("tools/call", json!({"name": "a", "uri": "b"}), Some("a")),
        ("prompts/get", json!({"name": "a b"}), Some("a b")),
        (
            "resources/read",
            json!({"name": "a", "uri": "file:///x"}),
            Some("file:///x"),
        ),
        (
            "tasks/get",
            json!({"taskId": "t-1", "name": "a"}),
            Some("t-1"),
        ),
        ("tasks/cancel", json!({"taskId": "t-1"}), Some("t-1")),
        (
            "tools/list",
            json!({"name": "a", "uri": "b", "taskId": "c"}),
            None,
        ),
        ("tools/call", json!({"name": ""}), Some("")),
        // For the server to refuse (HTTP-58).
        ("tools/call", json!({}), None),
        ("tools/call", json!({"name": 7}), None),
    ] {
        let received = sent(request(method, params.clone())).await;
        assert_eq!(received.header("mcp-name"), name, "{method} {params}");
        assert_eq!(received.header("mcp-method"), Some(method));
    }
}

#[tokio::test]
async fn http_45_what_is_not_plain_is_wrapped() {
    for (name, header) in [
        ("zażółć", "=?base64?emHFvMOzxYLEhw==?="),
        (" lead", "=?base64?IGxlYWQ=?="),
        ("x\ty", "=?base64?eAl5?="),
        ("a\r\nEvil: 1", "=?base64?YQ0KRXZpbDogMQ==?="),
        ("=?base64?Zm9v?=", "=?base64?PT9iYXNlNjQ/Wm05dj89?="),
    ] {
        let received = sent(request("tools/call", json!({"name": name}))).await;
        assert_eq!(received.header("mcp-name"), Some(header), "{name:?}");
        assert_eq!(received.headers.len(), 7, "{received:?}");
    }
}

/// HDR-26
#[tokio::test]
async fn hdr_03_mirrored_params_are_fields() {
    let mut request = request("tools/call", json!({"name": "a"}));
    let mut params = MirroredParams::default();
    params.push("Region", "eu".into());
    params.push("Empty", "".into());
    request.context_mut().mirrored_params = Some(params);
    let received = sent(request).await;
    assert_eq!(received.header("mcp-param-region"), Some("eu"));
    assert_eq!(received.header("mcp-param-empty"), Some(""));
}

#[tokio::test]
async fn what_cannot_be_a_field_is_not_sent() {
    let remote = Remote::start().await;
    for (name, value) in [("a b", "x"), ("a:b", "x"), ("Region", "a\nb")] {
        let mut request = request("tools/call", json!({"name": "a"}));
        let mut params = MirroredParams::default();
        params.push(name, value.into());
        request.context_mut().mirrored_params = Some(params);
        let error = match call(&remote.client(), request).await {
            Err(error) => error,
            Ok(reply) => panic!("{name:?}: {reply:?}"),
        };
        assert!(matches!(error, Error::Header { .. }), "{name:?}: {error:?}");
        assert!(error.is_unsent());
    }
    assert!(remote.is_left_alone().await);
}

#[tokio::test]
async fn http_35_without_a_version_nothing_is_sent() {
    let remote = Remote::start().await;
    for message in [
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{}}}"#,
    ] {
        let error = call(&remote.client(), raw(message)).await.unwrap_err();
        assert!(matches!(error, Error::NoProtocolVersion), "{error:?}");
        assert!(error.is_unsent());
    }
    assert!(remote.is_left_alone().await);
}

#[tokio::test]
async fn http_36_the_version_is_that_of_the_body() {
    let text = r#"  {"jsonrpc" : "2.0", "id":1, "method":"tools\/list","params":{"_meta":
        {"io.modelcontextprotocol/protocolVersion":"2099-01-01"}, "x" : "é"}} "#;
    let message = Message::decode(text).unwrap();
    let received = sent(Request::new(message).unwrap()).await;
    assert_eq!(received.header("mcp-protocol-version"), Some("2099-01-01"));
    assert_eq!(received.header("mcp-method"), Some("tools/list"));
    assert_eq!(received.body, text);
}

#[tokio::test]
async fn fields_of_ones_own_go_along() {
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .header("X-Team", "blue")
        .header("x-team", "green")
        .header("User-Agent", "test/1")
        .authorization("Basic YTpi")
        .bearer("open sesame")
        .build()
        .unwrap();
    let received = sent_by(&remote, &client, list()).await;
    assert_eq!(received.header("authorization"), Some("Bearer open sesame"));
    assert_eq!(received.header("user-agent"), Some("test/1"));
    let teams = received.headers.iter().filter(|(name, _)| name == "x-team");
    assert_eq!(teams.count(), 2);
}

#[tokio::test]
async fn credentials_stay_off_plain_connections_to_others() {
    let with = |url: &str| Client::builder(url).bearer("secret");
    for url in [
        "http://example.com/mcp",
        "http://localhost.example.com/mcp",
        "http://127.0.0.1.example.com/mcp",
        "http://10.0.0.1/mcp",
        "http://[2001:db8::1]/mcp",
    ] {
        let error = with(url).build().unwrap_err();
        assert!(
            matches!(error, BuildError::PlainCredentials { .. }),
            "{url}: {error:?}"
        );
        with(url)
            .danger_allow_plain_authorization()
            .build()
            .unwrap();
        Client::new(url).unwrap();
        let error = Client::builder(url)
            .header("Cookie", "a=b")
            .build()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "cookie would be sent unencrypted to another machine: use https://, \
             or danger_allow_plain_authorization"
        );
    }
    for url in [
        "http://localhost/mcp",
        "http://127.0.0.1:1/mcp",
        "http://127.8.9.1/mcp",
        "http://[::1]:8080/mcp",
        "http://[::ffff:127.0.0.1]/mcp",
    ] {
        let builder = with(url);
        assert!(!format!("{builder:?}").contains("secret"), "{builder:?}");
        builder.build().unwrap();
    }
}

#[tokio::test]
async fn fields_of_the_protocol_cannot_be_set() {
    for name in [
        "Accept",
        "Connection",
        "Content-Length",
        "content-type",
        "Mcp-Session-Id",
        "MCP-Protocol-Version",
        "Transfer-Encoding",
    ] {
        let builder = Client::builder("http://localhost/").header(name, "1");
        let error = builder.build().unwrap_err();
        assert!(
            matches!(error, BuildError::Taken { .. }),
            "{name}: {error:?}"
        );
    }
    for (name, value) in [("a b", "c"), ("a", "b\nc"), ("", "c")] {
        let builder = Client::builder("http://localhost/").header(name, value);
        let error = builder.build().unwrap_err();
        assert!(
            matches!(error, BuildError::Header { .. }),
            "{name}: {error:?}"
        );
    }
}

#[tokio::test]
async fn urls_that_are_no_endpoint_are_refused() {
    for url in [
        "",
        "localhost",
        "/mcp",
        "ftp://localhost/",
        "http://",
        "http:///mcp",
        "http://:80/",
        "http://user:secret@localhost/mcp",
        "http://a b/",
        "unix:///run/mcp",
    ] {
        let error = Client::new(url).unwrap_err();
        assert!(matches!(error, BuildError::Url { .. }), "{url}: {error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(!format!("{:?}", Client::builder(url)).contains("secret"));
    }
}
