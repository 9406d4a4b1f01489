//! Lines that are no request: each is answered where an answer is due, and the next one is served.

mod common;

use common::{Peer, Peers};
use mcpwire_stdio::Limits;
use serde_json::{Value, json};

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;

#[tokio::test]
async fn err_02_err_03_bad_lines_are_answered_and_the_next_is_served() {
    let mut peer = Peer::of(&Peers::default(), Limits::default().max_depth(8));
    let deep = r#"{"jsonrpc":"2.0","id":8,"method":"echo","params":{"a":[[[[[[[[]]]]]]]]}}"#;
    for (line, id, code) in [
        // ERR-02, STDIO-28: not JSON, so nothing in it is believed.
        ("hello", None, PARSE_ERROR),
        ("{", None, PARSE_ERROR),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"echo","params":{}"#,
            None,
            PARSE_ERROR,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"echo"} {}"#,
            None,
            PARSE_ERROR,
        ),
        // BASE-32
        (
            r#"[{"jsonrpc":"2.0","id":1,"method":"echo","params":{}}]"#,
            None,
            INVALID_REQUEST,
        ),
        ("[]", None, INVALID_REQUEST),
        // ERR-03, BASE-20: with the ID where there is one.
        ("17", None, INVALID_REQUEST),
        ("{}", None, INVALID_REQUEST),
        (
            r#"{"id":1,"method":"echo","params":{}}"#,
            Some(json!(1)),
            INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"1.0","id":"a","method":"echo","params":{}}"#,
            Some(json!("a")),
            INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"2.0","id":2,"method":7,"params":{}}"#,
            Some(json!(2)),
            INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"2.0","id":3,"method":"echo","params":[]}"#,
            Some(json!(3)),
            INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"2.0","id":4,"method":"echo","method":"hang","params":{}}"#,
            Some(json!(4)),
            INVALID_REQUEST,
        ),
        (deep, Some(json!(8)), INVALID_REQUEST),
        // BASE-05, BASE-09: no ID at all.
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"echo","params":{}}"#,
            None,
            INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1.5,"method":"echo","params":{}}"#,
            None,
            INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"2.0","id":5,"id":6,"method":"echo","params":{}}"#,
            None,
            INVALID_REQUEST,
        ),
    ] {
        peer.line(line).await;
        let sentence = peer.read_error(id, code).await;
        assert!(!sentence.is_empty(), "{line}");
        peer.fence().await;
    }
    assert!(peer.finish().await.is_empty());
}

// BASE-02
#[tokio::test]
async fn base_02_a_line_that_is_not_utf_8_is_answered() {
    use tokio::io::AsyncWriteExt as _;

    let mut peer = Peer::of(&Peers::default(), Limits::default());
    peer.input
        .write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}\n")
        .await
        .unwrap();
    peer.read_error(None, PARSE_ERROR).await;
    peer.fence().await;
}

#[tokio::test]
async fn base_27_base_30_what_waits_for_no_answer_gets_none() {
    let peers = Peers::default();
    let mut peer = Peer::of(&peers, Limits::default());
    for line in [
        // Notifications, known and unknown, and broken ones.
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/whatever","params":{"a":1}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/whatever","params":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{}}"#,
        // BASE-30: responses.
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}"#,
        r#"{"jsonrpc":"2.0","error":{"code":-1,"message":"no"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":7}"#,
        // Nothing at all.
        "",
        "\r",
        "  \t ",
    ] {
        peer.line(line).await;
        peer.fence().await;
    }
    assert!(peer.finish().await.is_empty());
    assert_eq!(peers.alive.count(), 0);
}

// STDIO-28
#[tokio::test]
async fn stdio_28_an_oversized_line_is_answered_and_the_next_is_served() {
    let mut peer = Peer::of(&Peers::default(), Limits::default().max_line_bytes(1000));
    for length in [1001, 5000, 100_000, 3_000_000] {
        let request = |padding: usize| {
            let text = "x".repeat(padding);
            json!({ "jsonrpc": "2.0", "id": 1, "method": "echo", "params": { "text": text } })
                .to_string()
        };
        let line = request(length - request(0).len());
        assert_eq!(line.len(), length);
        peer.line(&line).await;
        // Its ID was in reach and is not looked at.
        let sentence = peer.read_error(None, INVALID_REQUEST).await;
        assert!(sentence.contains("1000 bytes"), "{sentence}");

        peer.line(&request(1000 - request(0).len())).await;
        peer.read_echo(1).await;
    }
    assert!(peer.finish().await.is_empty());
}

// Legacy clients are answered by the service, like anybody else.
#[tokio::test]
async fn initialize_reaches_the_service() {
    let service = common::Double(|request: mcpwire_service::Request| async move {
        let method = json!({ "method": request.method() });
        Ok(mcpwire_service::Reply::result(method.to_string()))
    });
    let mut peer = Peer::serve(mcpwire_stdio::Server::new(service));
    peer.request(0, "initialize", json!({ "protocolVersion": "2025-06-18" }))
        .await;
    assert_eq!(
        peer.read().await["result"],
        json!({ "method": "initialize" })
    );
    let rest: Vec<Value> = peer.finish().await;
    assert!(rest.is_empty());
}
