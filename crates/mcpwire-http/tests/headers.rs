//! Headers that mirror the body, and what happens when they do not.
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Call, Server, double, echo};
use mcpwire_service::{Reply, Request};
use serde_json::{Value, json};

const MISMATCH: (u16, i64) = (400, -32020);
const PARAMS: (u16, i64) = (400, -32602);
const VERSION: (u16, i64) = (400, -32022);

/// Sends each call and compares status and code; what is refused has to carry the ID (HTTP-54).
async fn refused(cases: Vec<(&str, Call, (u16, i64))>) {
    let server = Server::start(echo()).await;
    for (what, call, expected) in cases {
        let answer = call.send(server.addr).await;
        assert_eq!(answer.refusal(), expected, "{what}: {answer:?}");
        assert_eq!(answer.json()["id"], 1, "{what}: {answer:?}");
    }
}

async fn served(cases: Vec<(&str, Call)>) {
    let server = Server::start(echo()).await;
    for (what, call) in cases {
        let answer = call.send(server.addr).await;
        assert_eq!(answer.status, 200, "{what}: {answer:?}");
    }
}

/// A tools/list with other metadata.
fn with_meta(meta: &Value) -> Call {
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
    Call::raw(body.to_string())
        .header("MCP-Protocol-Version", "2026-07-28")
        .header("Mcp-Method", "tools/list")
}

fn meta_with(key: &str, value: Value) -> Value {
    let mut meta = common::meta();
    meta[format!("io.modelcontextprotocol/{key}")] = value;
    meta
}

#[tokio::test]
async fn http_37_41_the_version_header_is_there_and_true() {
    let list = || Call::new("tools/list");
    let name = "MCP-Protocol-Version";
    refused(vec![
        ("missing", list().without(name), MISMATCH),
        ("empty", list().set(name, ""), MISMATCH),
        ("another", list().set(name, "2025-11-25"), MISMATCH),
        ("unknown", list().set(name, "v999.0.0"), MISMATCH),
        ("twice", list().header(name, "2026-07-28"), MISMATCH),
        (
            "joined",
            list().set(name, "2026-07-28, 2026-07-28"),
            MISMATCH,
        ),
        ("padded inside", list().set(name, "2026-07-28 x"), MISMATCH),
    ])
    .await;
}

/// HTTP-38.
#[tokio::test]
async fn ver_03_04_05_unknown_versions_are_refused_with_those_that_are_known() {
    let server = Server::start(echo()).await;
    for version in ["v999.0.0", "2025-11-25", "2026-07-28 ", ""] {
        let call = with_meta(&meta_with("protocolVersion", version.into()));
        let answer = call
            .set("MCP-Protocol-Version", version)
            .send(server.addr)
            .await;
        if version.ends_with(' ') {
            // The white space is part of the body's value alone.
            assert_eq!(answer.refusal(), MISMATCH);
            continue;
        }
        assert_eq!(answer.refusal(), VERSION, "{version:?}");
        let data = json!({"requested": version, "supported": ["2026-07-28"]});
        assert_eq!(answer.json()["error"]["data"], data);
    }
}

#[tokio::test]
async fn conf_02_the_order_of_the_checks() {
    let other = || with_meta(&meta_with("protocolVersion", "v999.0.0".into()));
    let version = "MCP-Protocol-Version";
    refused(vec![
        (
            "header missing, meta missing",
            with_meta(&json!({})).without(version),
            MISMATCH,
        ),
        (
            "header other, meta missing",
            with_meta(&json!({})).set(version, "v999.0.0"),
            PARAMS,
        ),
        ("header and body differ, body unknown", other(), MISMATCH),
        (
            "both unknown, method header missing",
            other().set(version, "v999.0.0").without("Mcp-Method"),
            VERSION,
        ),
    ])
    .await;
}

#[tokio::test]
async fn meta_13_14_required_metadata_is_required() {
    let body = |body: &str| {
        let call = with_meta(&json!({}));
        Call {
            body: body.to_owned(),
            ..call
        }
    };
    let without = |key: &str| {
        let mut meta = common::meta();
        meta.as_object_mut()
            .unwrap()
            .remove(&format!("io.modelcontextprotocol/{key}"));
        with_meta(&meta)
    };
    refused(vec![
        (
            "no params",
            body(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#),
            PARAMS,
        ),
        (
            "no _meta",
            body(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#),
            PARAMS,
        ),
        ("_meta null", with_meta(&Value::Null), PARAMS),
        ("_meta empty", with_meta(&json!({})), PARAMS),
        ("no version", without("protocolVersion"), PARAMS),
        ("no capabilities", without("clientCapabilities"), PARAMS),
        (
            "version 1",
            with_meta(&meta_with("protocolVersion", 1.into())),
            PARAMS,
        ),
        (
            "capabilities []",
            with_meta(&meta_with("clientCapabilities", json!([]))),
            PARAMS,
        ),
        // LOG-09
        (
            "log level loud",
            with_meta(&meta_with("logLevel", "loud".into())),
            PARAMS,
        ),
    ])
    .await;
    // META-15
    served(vec![("no client info", with_meta(&common::meta()))]).await;
}

/// HTTP-49, HTTP-51.
#[tokio::test]
async fn http_42_48_the_method_header_is_there_and_true() {
    let list = || Call::new("tools/list");
    refused(vec![
        ("missing", list().without("Mcp-Method"), MISMATCH),
        (
            "another",
            list().set("Mcp-Method", "prompts/list"),
            MISMATCH,
        ),
        (
            "another case",
            list().set("Mcp-Method", "TOOLS/LIST"),
            MISMATCH,
        ),
        ("twice", list().header("Mcp-Method", "tools/list"), MISMATCH),
        (
            "joined",
            list().set("Mcp-Method", "tools/list,tools/list"),
            MISMATCH,
        ),
    ])
    .await;
    // HTTP-47, HTTP-52
    served(vec![
        (
            "lower case",
            list()
                .without("Mcp-Method")
                .header("mcp-method", "tools/list"),
        ),
        (
            "upper case",
            list()
                .without("Mcp-Method")
                .header("MCP-METHOD", "tools/list"),
        ),
        ("spaces", list().set("Mcp-Method", "  tools/list\t ")),
    ])
    .await;
}

/// HTTP-49, HTTP-51.
#[tokio::test]
async fn http_43_46_the_name_header_is_there_and_true() {
    let tool = || Call::tool("zażółć").without("Mcp-Name");
    let plain = || Call::tool("add");
    refused(vec![
        ("missing", plain().without("Mcp-Name"), MISMATCH),
        ("another", plain().set("Mcp-Name", "sub"), MISMATCH),
        ("another case", plain().set("Mcp-Name", "Add"), MISMATCH),
        ("twice", plain().header("Mcp-Name", "add"), MISMATCH),
        ("joined", plain().set("Mcp-Name", "add, add"), MISMATCH),
        ("empty", plain().set("Mcp-Name", ""), MISMATCH),
        ("raw UTF-8", tool().header("Mcp-Name", "zażółć"), MISMATCH),
        (
            "no padding",
            tool().header("Mcp-Name", "=?base64?emHFvMOzxYLEhw?="),
            MISMATCH,
        ),
        (
            "no Base64",
            tool().header("Mcp-Name", "=?base64?!!?="),
            MISMATCH,
        ),
        (
            "other letter case",
            plain().set("Mcp-Name", "=?BASE64?YWRk?="),
            MISMATCH,
        ),
        (
            "prompt",
            Call::with("prompts/get", json!({"name": "p"})).without("Mcp-Name"),
            MISMATCH,
        ),
        (
            "resource",
            Call::with("resources/read", json!({"uri": "a:b"})).set("Mcp-Name", "a:c"),
            MISMATCH,
        ),
        // TASK-41
        (
            "task",
            Call::with("tasks/get", json!({"taskId": "t"})).without("Mcp-Name"),
            MISMATCH,
        ),
    ])
    .await;
    served(vec![
        ("plain", plain()),
        (
            "wrapped",
            tool().header("Mcp-Name", "=?base64?emHFvMOzxYLEhw==?="),
        ),
        (
            "wrapped without need",
            plain().set("Mcp-Name", "=?base64?YWRk?="),
        ),
        ("spaces", plain().set("Mcp-Name", "  add  ")),
        ("comma in the name", Call::tool("a, b")),
        ("empty name", Call::tool("")),
        ("prompt", Call::with("prompts/get", json!({"name": "p"}))),
        (
            "resource",
            Call::with("resources/read", json!({"uri": "a:b"})),
        ),
        ("task", Call::with("tasks/cancel", json!({"taskId": "t"}))),
        // HTTP-57
        (
            "name where none is due",
            Call::new("tools/list").header("Mcp-Name", "whatever"),
        ),
        (
            "unknown field",
            Call::new("tools/list").header("Mcp-Fancy", "1"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn http_58_a_name_that_the_body_lacks_is_malformed_params() {
    refused(vec![
        (
            "tool",
            Call::with("tools/call", json!({})).header("Mcp-Name", "add"),
            PARAMS,
        ),
        (
            "tool, both missing",
            Call::with("tools/call", json!({})),
            PARAMS,
        ),
        (
            "number",
            Call::with("tools/call", json!({"name": 7})).header("Mcp-Name", "7"),
            PARAMS,
        ),
        (
            "prompt",
            Call::with("prompts/get", json!({})).header("Mcp-Name", "p"),
            PARAMS,
        ),
        (
            "resource",
            Call::with("resources/read", json!({})).header("Mcp-Name", "a:b"),
            PARAMS,
        ),
        (
            "task",
            Call::with("tasks/get", json!({})).header("Mcp-Name", "t"),
            PARAMS,
        ),
    ])
    .await;
}

#[tokio::test]
async fn errors_say_what_to_mend_and_quote_no_more_than_a_line() {
    let server = Server::start(echo()).await;
    let long = "x".repeat(1000);
    let answer = Call::tool("add")
        .set("Mcp-Name", &long)
        .send(server.addr)
        .await;
    let message = answer.message();
    assert!(
        message.contains("Mcp-Name") && message.contains("params.name"),
        "{message}"
    );
    assert!(message.len() < 200, "{message}");
    let answer = Call::new("tools/list")
        .without("Mcp-Method")
        .send(server.addr)
        .await;
    assert!(
        answer.message().contains("Mcp-Method is missing"),
        "{answer:?}"
    );
}

/// HDR-30: the service compares, so it gets every field as it came.
#[tokio::test]
async fn hdr_30_mirrored_params_reach_the_service() {
    let server = Server::start(double(|request: Request| async move {
        let params = request.context().mirrored_params.as_ref().unwrap();
        let all: Vec<_> = params
            .get_all("Region")
            .map(|value| value.to_vec())
            .collect();
        Reply::result(
            json!({"resultType": "complete", "region": all, "len": params.len()}).to_string(),
        )
    }))
    .await;
    let answer = Call::tool("t")
        .header("Mcp-Param-Region", "eu")
        .header("mcp-param-REGION", "=?base64?dXM=?=")
        .header("Mcp-Parameter", "no")
        .send(server.addr)
        .await;
    let region = [b"eu".to_vec(), b"=?base64?dXM=?=".to_vec()];
    let expected = json!({"resultType": "complete", "region": region, "len": 2});
    assert_eq!(answer.json()["result"], expected);
    let answer = Call::new("tools/list").send(server.addr).await;
    assert_eq!(answer.json()["result"]["len"], 0);
}
