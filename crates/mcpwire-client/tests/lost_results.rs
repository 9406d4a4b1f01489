//! A result is never lost: what is unknown survives, and what is wrong is handed over whole.

use mcpwire_client::{Client, Error};
use mcpwire_types::ContentBlock;
use serde_json::json;

mod common;
use common::Scripted;

/// BASE-18: servers of earlier revisions send no `resultType`.
#[tokio::test]
async fn base_18_a_missing_type_is_complete() {
    let client = Client::new(Scripted::always(r#"{"content":[]}"#));
    client.call_tool("t", &()).await.unwrap();
}

#[tokio::test]
async fn base_17_another_type_is_an_error_with_the_bytes() {
    for result in [
        r#"{"resultType":"task","taskId":"1"}"#,
        r#"{"resultType":"","content":[]}"#,
    ] {
        let client = Client::new(Scripted::always(result));
        let error = client.call_tool("t", &()).await.unwrap_err();
        assert!(matches!(error, Error::ResultType { .. }), "{error}");
        assert_eq!(error.raw().unwrap(), result.as_bytes());
    }
}

/// MRTR-05: a list cannot ask for input.
#[tokio::test]
async fn mrtr_05_a_list_that_asks_for_input_is_an_error() {
    let client = Client::new(Scripted::always(r#"{"resultType":"input_required"}"#));
    let error = client.list_tools().await.unwrap_err();
    assert!(matches!(error, Error::ResultType { .. }), "{error}");
}

/// CONTENT-11
#[tokio::test]
async fn base_42_what_is_unknown_survives() {
    let client = Client::new(Scripted::always(
        r#"{"content":[{"type":"hologram","depth":3}],"x-cost":{"usd":0.10}}"#,
    ));
    let result = client.call_tool("t", &()).await.unwrap();
    let [ContentBlock::Unknown(block)] = &result.content[..] else {
        panic!("{result:?}");
    };
    assert_eq!(block.as_str(), r#"{"type":"hologram","depth":3}"#);
    assert_eq!(
        result.extra.get("x-cost").unwrap().as_str(),
        r#"{"usd":0.10}"#
    );
}

#[tokio::test]
async fn base_16_a_wrong_value_says_where_and_hands_over_the_bytes() {
    let result = r#"{"content":[{"type":"text","text":"a"},{"type":"text","text":7}]}"#;
    let client = Client::new(Scripted::always(result));
    let error = client.call_tool("t", &()).await.unwrap_err();
    let text = error.to_string();
    for part in [
        "tools/call",
        "$.content[1].text",
        "string",
        "7",
        "at byte 61",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(error.raw().unwrap(), result.as_bytes());
}

/// One item that cannot be read costs that item alone.
#[tokio::test]
async fn tool_01_a_list_survives_a_broken_item() {
    let client = Client::new(Scripted::new(|index, _| {
        mcpwire_service::Reply::result(match index {
            0 => {
                r#"{"tools":[{"name":"a","inputSchema":{"type":"object"}},{"name":1},
                    {"name":"b","inputSchema":{"type":"object"}}],"nextCursor":"2"}"#
            }
            _ => r#"{"tools":[{"name":"c","inputSchema":{"type":"object"}}]}"#,
        })
    }));
    let tools = client.list_tools().await.unwrap();
    let names: Vec<_> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let [error @ Error::Decode { .. }] = &tools.skipped[..] else {
        panic!("{:?}", tools.skipped);
    };
    assert_eq!(error.raw().unwrap(), r#"{"name":1}"#.as_bytes());
}

#[tokio::test]
async fn err_01_an_error_keeps_all_that_it_says() {
    let json = r#"{"code":-32602,"message":"no\nsuch","data":{"uri":"x:/y"},"hint":1}"#;
    let client = Client::new(Scripted::new(move |_, _| common::rpc_error(-32602, json)));
    let error = client.read_resource("x:/y").await.unwrap_err();
    assert_eq!(error.raw().unwrap(), json.as_bytes());
    // The server's text must not break lines of a log.
    assert_eq!(
        error.to_string(),
        r"the server answered with error -32602: no\nsuch"
    );
    let Error::Rpc(error) = error else { panic!() };
    assert_eq!(error.message, "no\nsuch");
    assert_eq!(error.data().unwrap(), r#"{"uri":"x:/y"}"#);
}

#[tokio::test]
async fn raw_gives_the_result_as_it_came() {
    let result = r#"{ "content" : [ ] , "n" : 1.0 }"#;
    let client = Client::new(Scripted::always(result));
    let raw = client.call_tool("t", &json!({})).raw().await.unwrap();
    assert_eq!(raw, result.as_bytes());
}
