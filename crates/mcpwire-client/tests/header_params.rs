//! Arguments that a tool wants mirrored in header fields (HDR rows).

use mcpwire_client::method::ListTools;
use mcpwire_client::{Client, Error, Mirroring};
use mcpwire_codec::Message;
use mcpwire_service::{MirroredParams, Reply, Request, oneshot};
use mcpwire_types::method;
use serde_json::json;

mod common;
use common::{Scripted, rpc_error};

const TOOLS: &str = r#"{"tools":[
    {"name":"deploy","inputSchema":{"type":"object","properties":{
        "region":{"type":"string","x-mcp-header":"Region"},
        "count":{"type":"integer","x-mcp-header":"Count"},
        "free":{"type":"string"}}}},
    {"name":"broken","inputSchema":{"type":"object","properties":{
        "n":{"type":"number","x-mcp-header":"N"}}}},
    {"name":"plain","inputSchema":{"type":"object"}}]}"#;

fn server() -> Scripted {
    Scripted::new(|_, request| {
        Reply::result(match &*request.method() {
            method::TOOLS_LIST => TOOLS,
            _ => r#"{"content":[]}"#,
        })
    })
}

/// HDR-02, HDR-16, HDR-18, HDR-24
#[tokio::test]
async fn hdr_03_annotated_arguments_are_mirrored() {
    let server = server();
    let client = Client::new(server.clone());
    client.list_tools().await.unwrap();
    let arguments = json!({"region": "Hello, 世界", "count": 42, "free": "x"});
    client.call_tool("deploy", &arguments).await.unwrap();
    let expected = [
        ("Count", "42"),
        ("Region", "=?base64?SGVsbG8sIOS4lueVjA==?="),
    ];
    let fields = server.fields(1);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    assert_eq!(fields, expected);
    // HDR-17: null and absent arguments have none.
    client
        .call_tool("deploy", &json!({"region": null}))
        .await
        .unwrap();
    assert!(server.fields(2).is_empty());
}

/// HDR-12, HDR-13: the others are kept, and what was left out is told.
#[tokio::test]
async fn hdr_12_an_invalid_tool_is_left_out_and_not_called() {
    let server = server();
    let client = Client::new(server.clone());
    let tools = client.list_tools().await.unwrap();
    let names: Vec<_> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["deploy", "plain"]);
    let [Error::InvalidTool { name, source }] = &tools.skipped[..] else {
        panic!("{:?}", tools.skipped);
    };
    assert_eq!(name, "broken");
    assert!(source.to_string().contains("number"), "{source}");
    let error = client
        .call_tool("broken", &json!({"n": 1}))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::InvalidTool { .. }), "{error}");
    assert_eq!(server.count(), 1);
}

/// HDR-12: also where a single page is asked for.
#[tokio::test]
async fn hdr_12_a_single_page_has_valid_tools_alone() {
    let server = server();
    let client = Client::new(server.clone());
    let page = client.call(ListTools::new()).await.unwrap();
    assert_eq!(page.tools.len(), 2);
    client
        .call_tool("deploy", &json!({"count": 1}))
        .await
        .unwrap();
    assert_eq!(server.fields(1).len(), 1);
    client
        .call_tool("broken", &json!({"n": 1}))
        .await
        .unwrap_err();
}

/// HDR-40
#[tokio::test]
async fn hdr_40_an_integer_out_of_range_is_not_sent() {
    let server = server();
    let client = Client::new(server.clone());
    client.list_tools().await.unwrap();
    let arguments = json!({"count": 9_007_199_254_740_993_i64});
    let error = client.call_tool("deploy", &arguments).await.unwrap_err();
    assert!(matches!(error, Error::Mirror(_)), "{error}");
    assert_eq!(server.count(), 1);
}

/// HDR-27, HDR-28: a server whose tool has changed since it was listed, or was never listed.
#[tokio::test]
async fn hdr_41_a_mismatch_refreshes_the_tools_and_is_retried_once() {
    let mismatch = r#"{"code":-32020,"message":"Mcp-Param-Region is missing"}"#;
    let server = Scripted::new(move |_, request| match &*request.method() {
        method::TOOLS_LIST => Reply::result(TOOLS),
        _ => match &request.context().mirrored_params {
            Some(fields) if fields.get_all("region").count() == 1 => {
                Reply::result(r#"{"content":[]}"#)
            }
            _ => rpc_error(-32020, mismatch),
        },
    });
    let client = Client::new(server.clone());
    client
        .call_tool("deploy", &json!({"region": "eu"}))
        .await
        .unwrap();
    assert_eq!(server.count(), 3);
    // Without a region nothing can be mended.
    let error = client.call_tool("deploy", &json!({})).await.unwrap_err();
    assert_eq!(error.code(), Some(-32020));
    assert_eq!(server.count(), 6);
}

/// HDR-03 for callers that know nothing of it, as those of a gateway from stdio to HTTP.
#[tokio::test]
async fn hdr_03_a_gateway_mirrors_for_its_callers() {
    let call = |region: &str| {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":"7","method":"tools/call","params":{{"name":"deploy","arguments":{{"region":"{region}"}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        Request::new(Message::decode(text).unwrap()).unwrap()
    };
    let mismatch = r#"{"code":-32020,"message":"Mcp-Param-Region is missing"}"#;
    let server = Scripted::new(move |_, request| match &*request.method() {
        method::TOOLS_LIST => Reply::result(TOOLS),
        _ => match &request.context().mirrored_params {
            Some(fields) if fields.get_all("region").count() == 1 => Reply::result("{}"),
            _ => rpc_error(-32020, mismatch),
        },
    });
    let gateway = Mirroring::new(server.clone());
    // The tools are unknown at first, and listed when the server complains.
    let reply = oneshot(gateway.clone(), call("eu")).await.unwrap();
    assert!(matches!(&reply, Reply::Response(response) if response.as_result().is_some()));
    assert_eq!(server.count(), 3);
    assert_eq!(server.fields(2), [("Region".to_owned(), "eu".to_owned())]);
    assert_eq!(server.message(2)["id"], "7");
    oneshot(gateway.clone(), call("us")).await.unwrap();
    assert_eq!(server.count(), 4);

    // GW-01: what came with fields keeps them, be they right or wrong.
    let mut request = call("eu");
    request.context_mut().mirrored_params = Some(MirroredParams::default());
    let reply = oneshot(gateway, request).await.unwrap();
    assert!(matches!(&reply, Reply::Response(response) if response.as_error().is_some()));
    assert_eq!(server.count(), 5);
}

/// The tools of a list that passes are remembered.
#[tokio::test]
async fn hdr_28_a_gateway_learns_from_lists_that_pass() {
    let server = server();
    let gateway = Mirroring::new(server.clone());
    let client = Client::new(gateway);
    client.discover().raw().await.unwrap();
    client.call(ListTools::new()).raw().await.unwrap();
    client
        .call_tool("deploy", &json!({"region": "eu"}))
        .await
        .unwrap();
    assert_eq!(server.fields(2), [("Region".to_owned(), "eu".to_owned())]);
}

/// GW-06, VER-20: what HTTP cannot carry is refused as a server would, and not sent.
#[tokio::test]
async fn gw_06_a_gateway_refuses_what_lacks_its_metadata() {
    let server = server();
    let gateway = Mirroring::new(server.clone());
    for (params, code) in [
        (
            r#""initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}"#,
            -32022,
        ),
        (r#""tools/list","params":{}"#, -32602),
        (r#""ping""#, -32602),
    ] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":{params}}}"#);
        let request = Request::new(Message::decode(text).unwrap()).unwrap();
        let Reply::Response(response) = oneshot(gateway.clone(), request).await.unwrap() else {
            panic!("{params}");
        };
        assert_eq!(
            response.as_error().map(|(code, _)| code),
            Some(code),
            "{params}"
        );
        assert!(response.is_refusal());
    }
    assert_eq!(server.count(), 0);
}
