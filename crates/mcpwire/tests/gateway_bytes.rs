//! Gateways pass on what they do not have to change byte for byte.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{
    Remote, answer, begin_post, child, http_client, meta, over_http, over_stdio, request,
};

/// Spacing, spellings of numbers, escapes and members that nobody knows. Its `id` is `ID`.
fn odd_request() -> String {
    let meta = meta(r#" , "com.example/x" :{ "deep" :[ [ ] , 1e5 ]}"#);
    format!(
        r#" {{"params" : {{ "arguments":{{"n":1.0,"m" :-0.0, "e":1E+2,"big":123456789012345678901234567890,"s":"\/\u00e9\ud83d\ude00é\t" , "empty":{{ }} }}, "name":"odd","later":null,{meta} }} ,	"unknown":[1.50 , true],  "id" : ID , "method":"tools\/call","jsonrpc":"2.0"}} "#
    )
}

const ODD_RESULT: &str = r#"{ "resultType" :"complete", "content":[ ],"structuredContent":{"n":1.0,"m" :-0.0,"e":1E+2,"big":123456789012345678901234567890, "s":"\/\u00e9\ud83d\ude00é\t"}	, "unknown":null,"_meta":{ "x" : 1.50 }  }"#;
const ODD_ERROR: &str = r#"{ "message":"caf\u00e9 \/ ","code" :-32099 ,"data":{"n":1.0 ,"big":123456789012345678901234567890}, "unknown" :[ ]}"#;

/// How IDs may be spelled, and how they come back: the same ID, in its plainest spelling.
const IDS: [(&str, &str); 5] = [
    ("7", "7"),
    ("\"7\"", "\"7\""),
    (r#""a\/b \u00e9""#, r#""a/b é""#),
    ("-9007199254740991", "-9007199254740991"),
    (r#""""#, r#""""#),
];

fn result_of(id: &str, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

fn error_of(id: &str, error: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}

/// The ID of a line that has it as the test's requests do.
fn id_of(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    value.get("id").unwrap().to_string()
}

#[tokio::test]
async fn stdio_to_http_keeps_every_byte_but_the_id() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    for (id, back) in IDS {
        for (ours, theirs) in [
            (result_of("N", ODD_RESULT), result_of(back, ODD_RESULT)),
            (error_of("N", ODD_ERROR), error_of(back, ODD_ERROR)),
        ] {
            let message = odd_request().replace("ID", id);
            let posted = begin_post(address, &message, &[]).await;
            let line = child.hear().await;
            let number = id_of(&line);
            assert_eq!(line, odd_request().replace("ID", &number));
            child.say(&ours.replace('N', &number)).await;
            let answer = answer(posted).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.body().await, theirs);
        }
    }
}

#[tokio::test]
async fn http_to_stdio_keeps_every_byte() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    for (id, back) in IDS {
        for answer in [result_of(back, ODD_RESULT), error_of(back, ODD_ERROR)] {
            let message = odd_request().replace("ID", id);
            caller.say(&message).await;
            let exchange = remote.hear().await;
            assert_eq!(exchange.body, message);
            assert_eq!(exchange.field("mcp-method"), Some("tools/call"));
            assert_eq!(exchange.field("mcp-name"), Some("odd"));
            assert_eq!(exchange.field("mcp-protocol-version"), Some("2026-07-28"));
            exchange.json(200, &answer).await;
            assert_eq!(caller.hear().await, answer);
        }
    }
}

/// stdio to HTTP, HTTP to HTTP, and HTTP to stdio, one behind the other.
#[tokio::test]
async fn three_gateways_in_a_row_are_as_one() {
    let (client, mut child) = child();
    let (last, _last) = over_http(client).await;
    let (middle, _middle) = over_http(http_client(last)).await;
    let (mut caller, _first) = over_stdio(http_client(middle));
    for (id, back) in IDS {
        caller.say(&odd_request().replace("ID", id)).await;
        let line = child.hear().await;
        let number = id_of(&line);
        assert_eq!(line, odd_request().replace("ID", &number));
        child.say(&result_of(&number, ODD_RESULT)).await;
        assert_eq!(caller.hear().await, result_of(back, ODD_RESULT));
    }
}

/// Line ends between tokens are the one thing that a line cannot hold: they become spaces (STDIO-03).
#[tokio::test]
async fn stdio_03_line_ends_become_spaces() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let message = request("1", "tools/list", "\"a\":\r\n[\n1.0 ],\n");
    let posted = begin_post(address, &message, &[]).await;
    assert_eq!(child.hear().await, message.replace(['\r', '\n'], " "));
    child.say(&result_of("1", "{}")).await;
    assert_eq!(answer(posted).await.body().await, result_of("1", "{}"));

    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    caller.say(&request("1", "tools/list", "")).await;
    remote
        .hear()
        .await
        .json(200, &result_of("1", "{\n\"a\":\r\n1.0 }"))
        .await;
    assert_eq!(caller.hear().await, result_of("1", "{ \"a\":  1.0 }"));
}

#[tokio::test]
async fn a_megabyte_passes_both_ways() {
    let (client, mut child) = child();
    let (last, _last) = over_http(client).await;
    let (mut caller, _first) = over_stdio(http_client(last));
    let text = "0123456789abcdef".repeat(64 * 1024);
    let message = request(
        "1",
        "tools/call",
        &format!(r#""name":"big","arguments":{{"t":"{text}"}},"#),
    );
    let result = format!(r#"{{"resultType":"complete","content":[],"text":"{text}"}}"#);
    // Both at once: what is larger than every buffer on the way has to be read while it is written.
    let server = async {
        assert_eq!(child.hear().await, message);
        child.say(&result_of("1", &result)).await;
    };
    let client = async {
        caller.say(&message).await;
        assert_eq!(caller.hear().await, result_of("1", &result));
    };
    tokio::join!(server, client);
}

/// Calls that are in flight together, with the same ID even, stay apart.
#[tokio::test]
async fn callers_share_the_child_and_keep_their_ids() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let first = begin_post(address, &request("1", "tools/list", r#""n":1,"#), &[]).await;
    let first_number = id_of(&child.hear().await);
    let second = begin_post(address, &request("1", "tools/list", r#""n":2,"#), &[]).await;
    let second_number = id_of(&child.hear().await);
    assert_ne!(first_number, second_number);
    child.say(&result_of(&second_number, r#"{"n":2}"#)).await;
    child.say(&result_of(&first_number, r#"{"n":1}"#)).await;
    assert_eq!(
        answer(first).await.body().await,
        result_of("1", r#"{"n":1}"#)
    );
    assert_eq!(
        answer(second).await.body().await,
        result_of("1", r#"{"n":2}"#)
    );
}
