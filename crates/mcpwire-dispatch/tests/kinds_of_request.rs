//! What holds for several kinds of request alike: which may ask for input, what an answer may hold, how
//! extensions meet (BASE, MRTR, EXT, ELICIT rows).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::time::Duration;

use mcpwire_dispatch::{CacheHint, Ctx, Form, HandlerError, Input, Limits, Router, prompt, tool};
use mcpwire_types::{Error, JSONValue};
use serde_json::{Value, json};
use support::{bare_request, call_tool, error, result, send, with_meta};

async fn name(input: Input) -> Result<String, HandlerError> {
    let answer = input.elicit("name", Form::new("Who are you?").string("name").required())?;
    Ok(answer
        .require()?
        .text("name")
        .unwrap_or_default()
        .to_owned())
}

fn asking() -> Value {
    json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}})
}

/// MRTR-04, RES-13, PROMPT-10, ELICIT-05: three methods may ask, in the same words.
#[tokio::test]
async fn mrtr_04_tools_prompts_and_resources_may_ask() {
    let server = Router::new("s", "1")
        .tool("who", name)
        .prompt(prompt("who"), name)
        .resource("who://me", name);
    for (method, params) in [
        ("tools/call", json!({"name": "who"})),
        ("prompts/get", json!({"name": "who"})),
        ("resources/read", json!({"uri": "who://me"})),
    ] {
        let mut params = params;
        params["_meta"] = asking();
        let asked = result(&server, method, params.clone()).await;
        assert_eq!(asked["resultType"], "input_required", "{method}");
        assert_eq!(
            asked["inputRequests"]["name"]["method"], "elicitation/create",
            "{method}"
        );
        // MRTR-41: such a result is not to be kept.
        assert!(
            asked.get("ttlMs").is_none() && asked.get("cacheScope").is_none(),
            "{method}"
        );
        params["inputResponses"] =
            json!({"name": {"action": "accept", "content": {"name": "Ada"}}});
        let finished = result(&server, method, params).await;
        assert_eq!(finished["resultType"], "complete", "{method}");
        assert!(finished.to_string().contains("Ada"), "{method}: {finished}");
    }
}

/// BASE-23: the data of an error is any JSON, and goes out as the handler gave it.
#[tokio::test]
async fn base_23_an_error_holds_any_data() {
    for data in [
        json!(null),
        json!([1, {"a": "b"}]),
        json!("text"),
        json!(false),
    ] {
        let server = Router::new("s", "1").tool("fail", {
            let data = data.clone();
            move || {
                let data = JSONValue::from(data.clone());
                async move { Err::<(), _>(HandlerError::rpc(Error::new(-40_000, "no").data(data))) }
            }
        });
        let failed = error(&server, "tools/call", json!({"name": "fail"})).await;
        assert_eq!((&failed["code"], &failed["data"]), (&json!(-40_000), &data));
    }
}

/// TOOL-17, TOOL-20: names are compared exactly, and unusual ones are accepted.
#[tokio::test]
async fn tool_17_and_20_names_are_taken_as_they_are() {
    let server = Router::new("s", "1")
        .tool("get", async || Ok("lower"))
        .tool("GET", async || Ok("upper"))
        .tool("zażółć, gęślą", async || Ok("unusual"));
    for (name, said) in [
        ("get", "lower"),
        ("GET", "upper"),
        ("zażółć, gęślą", "unusual"),
    ] {
        let called = call_tool(&server, name, json!({})).await;
        assert_eq!(called["content"][0]["text"], said);
    }
    assert_eq!(
        error(&server, "tools/call", json!({"name": "Get"})).await["code"],
        -32602
    );
}

/// CACHE-31: all pages of one list say the same of who may share them.
#[tokio::test]
async fn cache_31_pages_share_their_scope() {
    let hint = CacheHint::public(Duration::from_secs(5));
    let server = Router::new("s", "1")
        .limits(Limits::default().page_size(1))
        .cache(hint);
    let server = server.tool("a", async || Ok(())).tool("b", async || Ok(()));
    let first = result(&server, "tools/list", json!({})).await;
    let second = result(
        &server,
        "tools/list",
        json!({"cursor": first["nextCursor"]}),
    )
    .await;
    for page in [&first, &second] {
        // CACHE-29: each page has a hint of its own.
        assert_eq!(
            (&page["ttlMs"], &page["cacheScope"]),
            (&json!(5000), &json!("public"))
        );
    }
    assert_eq!(second["tools"][0]["name"], "b");
}

/// EXT-04, EXT-11: what needs an extension is refused to a client that did not declare it on this very
/// request.
#[tokio::test]
async fn ext_04_an_undeclared_extension_is_named() {
    let server = Router::new("s", "1").tool("far", async |ctx: Ctx| {
        ctx.require_extension("com.example/far")?;
        Ok("there")
    });
    let mut params = json!({"name": "far", "_meta": {
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {"com.example/far": {}}},
    }});
    let called = result(&server, "tools/call", params.clone()).await;
    assert_eq!(called["content"][0]["text"], "there");
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {}});
    let refused = error(&server, "tools/call", params).await;
    assert_eq!(refused["code"], -32021);
    let required = json!({"extensions": {"com.example/far": {}}});
    assert_eq!(refused["data"]["requiredCapabilities"], required);
}

/// CONF-20: a legacy version in modern metadata is a version that is not offered.
#[tokio::test]
async fn conf_20_a_legacy_version_is_not_offered() {
    let mut params = with_meta(json!({}));
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2025-11-25");
    let server = Router::new("s", "1");
    let refused = send(&server, bare_request("server/discover", params)).await;
    assert_eq!(refused["error"]["code"], -32022);
    assert_eq!(refused["error"]["data"]["supported"], json!(["2026-07-28"]));
}

/// TOOL-42, SCHEMA-03, SCHEMA-05: arguments are held against the whole schema, by the rules of its
/// dialect.
#[cfg(feature = "jsonschema")]
#[tokio::test]
async fn tool_42_arguments_are_checked_by_the_dialect_of_the_schema() {
    let pair = |dialect: Option<&str>| {
        // `prefixItems` means something in 2020-12 alone.
        let mut schema = json!({"type": "object", "properties": {"pair": {
            "type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}],
        }}});
        if let Some(dialect) = dialect {
            schema["$schema"] = json!(dialect); // SCHEMA-02
        }
        schema
    };
    let wrong = json!({"pair": ["x", 1]});
    for (dialect, fails) in [
        (None, true), // SCHEMA-01
        (Some("https://json-schema.org/draft/2020-12/schema"), true),
        (Some("http://json-schema.org/draft-07/schema#"), false),
    ] {
        let server = Router::new("s", "1")
            .tool(tool("pair").input_schema(pair(dialect)), async || {
                Ok("fits")
            });
        let called = call_tool(&server, "pair", wrong.clone()).await;
        assert_eq!(called["isError"] == true, fails, "{dialect:?}: {called}");
    }
}
