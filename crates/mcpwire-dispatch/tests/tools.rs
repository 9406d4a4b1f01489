//! Tools: definition, arguments, results (TOOL rows).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use mcpwire_dispatch::{Args, Ctx, HandlerError, Json, RawArgs, Router, State, tool};
use mcpwire_types::{CallToolResult, ContentBlock, Icon, ImageContent, JSONValue, TextContent};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{bare_request, call_tool, error, result, send, text, with_meta};

#[derive(Deserialize, JsonSchema)]
struct Add {
    x: i64,
    y: i64,
}

#[derive(Serialize, JsonSchema)]
struct Sum {
    sum: i64,
}

async fn shout(RawArgs(args): RawArgs, State(mark): State<char>) -> Result<String, HandlerError> {
    Ok(format!("{}{mark}", args.as_str()))
}

fn server() -> Router {
    Router::new("adder", "1.0.0")
        .state('!')
        .tool(
            tool("add").description("Add two integers"),
            |Args(a): Args<Add>| async move { Ok(Json(Sum { sum: a.x + a.y })) },
        )
        .tool("shout", shout)
        .tool("nothing", async || Ok(()))
        .tool("static", async || Ok("text"))
}

/// TOOL-02.
#[tokio::test]
async fn tool_07_tools_are_listed_with_their_schemas_in_order() {
    let server = server();
    let listed = result(&server, "tools/list", json!({})).await;
    let names: Vec<_> = listed["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, ["add", "shout", "nothing", "static"]);
    assert_eq!(
        listed["tools"][0],
        json!({
            "name": "add",
            "description": "Add two integers",
            "inputSchema": {
                "type": "object",
                "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
                "required": ["x", "y"],
            },
            "outputSchema": {
                "type": "object",
                "properties": {"sum": {"type": "integer"}},
                "required": ["sum"],
            },
        })
    );
    // TOOL-11: no parameters are said to be none, unknown ones to be any.
    assert_eq!(listed["tools"][1]["inputSchema"], json!({"type": "object"}));
    let none = json!({"type": "object", "additionalProperties": false});
    assert_eq!(listed["tools"][2]["inputSchema"], none);
    assert_eq!(listed["resultType"], "complete");
}

#[tokio::test]
async fn tool_30_structured_content_comes_as_text_too() {
    let called = call_tool(&server(), "add", json!({"x": 2, "y": 3})).await;
    assert_eq!(
        called,
        json!({
            "resultType": "complete",
            "content": [{"type": "text", "text": "{\"sum\":5}"}],
            "structuredContent": {"sum": 5},
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "adder", "version": "1.0.0"}},
        })
    );
}

#[tokio::test]
async fn tool_24_arguments_may_be_left_out() {
    let called = result(&server(), "tools/call", json!({"name": "shout"})).await;
    assert_eq!(text(&called), "{}!");
}

/// CONTENT-03.
#[tokio::test]
async fn tool_25_plain_outputs_become_content() {
    let server = server();
    assert_eq!(
        call_tool(&server, "nothing", json!({})).await["content"],
        json!([])
    );
    let block = json!([{"type": "text", "text": "text"}]);
    assert_eq!(
        call_tool(&server, "static", json!({})).await["content"],
        block
    );

    let image = || ContentBlock::Image(ImageContent::new("aGk=", "image/png"));
    let server = Router::new("blocks", "1")
        .tool("one", move || async move { Ok(image()) })
        .tool("two", move || async move {
            Ok(vec![ContentBlock::Text(TextContent::new("t")), image()])
        })
        .tool("own", async || {
            Ok(CallToolResult::new([TextContent::new("no")]).is_error(true))
        })
        .tool("json", async || Ok(JSONValue::null()));
    assert_eq!(
        call_tool(&server, "one", json!({})).await["content"][0]["type"],
        "image"
    );
    assert_eq!(
        call_tool(&server, "two", json!({})).await["content"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(call_tool(&server, "own", json!({})).await["isError"], true);
    // TOOL-27: null is structured content, and other than none.
    let null = call_tool(&server, "json", json!({})).await;
    assert_eq!(null.get("structuredContent"), Some(&Value::Null));
}

/// ERR-07.
#[tokio::test]
async fn tool_32_faults_of_the_request_are_json_rpc_errors() {
    let server = server();
    let unknown = error(&server, "tools/call", json!({"name": "sub"})).await;
    assert_eq!(unknown["code"], -32602);
    assert!(
        unknown["message"].as_str().unwrap().contains("sub"),
        "{unknown}"
    );
    for params in [
        json!({}),
        json!({"name": 7}),
        json!({"name": null}),
        json!({"name": "add", "arguments": []}),
        json!({"name": "add", "arguments": null}),
        json!({"name": "add", "arguments": "x"}),
    ] {
        assert_eq!(
            error(&server, "tools/call", params.clone()).await["code"],
            -32602,
            "{params}"
        );
    }
}

#[tokio::test]
async fn conf_03_faults_of_shape_are_refusals_and_unknown_tools_are_not() {
    let server = server();
    let refused = |params: Value| {
        let request = support::request("tools/call", params);
        let server = server.clone();
        async move {
            match mcpwire_service::oneshot(server, request).await.unwrap() {
                mcpwire_service::Reply::Response(response) => response.is_refusal(),
                mcpwire_service::Reply::Stream(_) => panic!("one response was due"),
            }
        }
    };
    assert!(refused(json!({"arguments": {}})).await);
    assert!(refused(json!({"name": "add", "arguments": 7})).await);
    assert!(!refused(json!({"name": "sub"})).await);
}

/// TOOL-35, CONF-10.
#[tokio::test]
async fn tool_35_arguments_that_do_not_fit_are_for_the_model() {
    let server = server();
    for (arguments, mention) in [
        (json!({"x": 1}), "y"),
        (json!({"x": 1, "y": "two"}), "/y"),
        (json!({"x": 1.5, "y": 2}), "/x"),
    ] {
        let called = call_tool(&server, "add", arguments.clone()).await;
        assert_eq!(called["isError"], true, "{arguments}");
        assert!(
            text(&called).contains(mention),
            "{arguments}: {}",
            text(&called)
        );
    }
    let called = call_tool(&server, "nothing", json!({"x": 1})).await;
    assert_eq!(called["isError"], true);
}

/// TOOL-33.
#[tokio::test]
async fn tool_34_failures_of_a_tool_are_for_the_model() {
    let server = Router::new("failing", "1")
        .tool("parse", async || {
            let n: i32 = "seven".parse()?;
            Ok(n.to_string())
        })
        .tool("say", async || {
            Err::<(), _>(HandlerError::tool("use the other tool"))
        });
    let called = call_tool(&server, "parse", json!({})).await;
    assert_eq!(called["isError"], true);
    assert!(text(&called).contains("invalid digit"), "{called}");
    let called = call_tool(&server, "say", json!({})).await;
    assert_eq!(text(&called), "use the other tool");
}

#[tokio::test]
async fn tool_32_a_handler_can_answer_with_a_json_rpc_error() {
    let server = Router::new("failing", "1").tool("rpc", async || {
        Err::<(), _>(HandlerError::rpc(mcpwire_types::Error::new(-5, "no")))
    });
    assert_eq!(
        error(&server, "tools/call", json!({"name": "rpc"})).await,
        json!({"code": -5, "message": "no"})
    );
}

#[tokio::test]
async fn err_08_a_panic_ends_one_call_and_not_the_server() {
    let server = Router::new("failing", "1")
        .tool("late", async || {
            tokio::task::yield_now().await;
            std::hint::black_box(None::<()>).expect("the secret");
            Ok(())
        })
        .tool("early", |_: RawArgs| {
            std::hint::black_box(None::<()>).expect("the secret");
            async { Ok(()) }
        })
        .tool("fine", async || Ok("fine"));
    for name in ["late", "early"] {
        let failed = error(&server, "tools/call", json!({"name": name})).await;
        assert_eq!(failed["code"], -32603);
        assert!(!failed.to_string().contains("secret"), "{failed}");
    }
    assert_eq!(text(&call_tool(&server, "fine", json!({})).await), "fine");
}

#[tokio::test]
async fn tool_28_structured_content_is_held_to_the_schema() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "maximum": 3}}});
    let answer = |n: i64| JSONValue::from_serialize(&json!({ "n": n })).unwrap();
    let server = Router::new("typed", "1")
        .tool(
            tool("good").output_schema(schema.clone()),
            move || async move { Ok(answer(3)) },
        )
        .tool(
            tool("bad").output_schema(schema.clone()),
            move || async move { Ok(answer(4)) },
        )
        .tool(tool("none").output_schema(schema.clone()), async || {
            Ok("text")
        })
        .tool(
            tool("lax").output_schema(schema).without_output_check(),
            move || async move { Ok(answer(4)) },
        )
        .tool(
            tool("err").output_schema(json!({"type": "string"})),
            async || Err::<JSONValue<'static>, _>(HandlerError::tool("no")),
        );
    assert_eq!(
        call_tool(&server, "good", json!({})).await["structuredContent"],
        json!({"n": 3})
    );
    assert_eq!(
        call_tool(&server, "lax", json!({})).await["structuredContent"],
        json!({"n": 4})
    );
    // TOOL-31: an error need not fit.
    assert_eq!(call_tool(&server, "err", json!({})).await["isError"], true);
    for name in ["bad", "none"] {
        let failed = error(&server, "tools/call", json!({"name": name})).await;
        assert_eq!(failed["code"], -32603, "{name}");
    }
}

/// TOOL-10.
#[tokio::test]
async fn schema_15_given_schemas_are_sent_unchanged() {
    let text = r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","$defs":{"a":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/a"}},"additionalProperties":false,"if":{},"x-own":1}"##;
    let server = Router::new("schemas", "1").tool(
        tool("given").input_schema(text),
        |Args(_): Args<Add>| async { Ok(()) },
    );
    let message =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": with_meta(json!({}))});
    let request = support::raw_request(&message.to_string(), mcpwire_service::Context::default());
    let mcpwire_service::Reply::Response(response) =
        mcpwire_service::oneshot(server, request).await.unwrap()
    else {
        panic!("one response was due")
    };
    let sent = String::from_utf8(response.as_result().unwrap().to_vec()).unwrap();
    assert!(sent.contains(text), "{sent}");
}

#[tokio::test]
async fn tool_08_everything_that_describes_a_tool_is_listed() {
    let server = Router::new("described", "1").tool(
        tool("wipe")
            .title("Wipe")
            .description("Wipes a disk")
            .icon(Icon::new("data:image/png;base64,aGk="))
            .read_only(false)
            .destructive(true)
            .idempotent(true)
            .open_world(false),
        async || Ok(()),
    );
    let listed = result(&server, "tools/list", json!({})).await;
    assert_eq!(
        listed["tools"][0],
        json!({
            "name": "wipe",
            "title": "Wipe",
            "description": "Wipes a disk",
            "icons": [{"src": "data:image/png;base64,aGk="}],
            "inputSchema": {"type": "object", "additionalProperties": false},
            "annotations": {
                "readOnlyHint": false,
                "destructiveHint": true,
                "idempotentHint": true,
                "openWorldHint": false,
            },
        })
    );
}

/// META-18, META-30.
#[tokio::test]
async fn base_34_a_handler_sees_its_own_request_and_nothing_else() {
    let server = Router::new("seeing", "1").tool("see", async |ctx: Ctx| {
        Ok(format!(
            "{} {} {} {:?} {:?}",
            ctx.method(),
            ctx.request_id(),
            ctx.protocol_version(),
            ctx.client_info().map(|info| info.name.into_owned()),
            ctx.trace_context().traceparent,
        ))
    });
    let traced = json!({"name": "see", "_meta": {"traceparent": "00-aa-bb-01"}});
    let seen = result(&server, "tools/call", traced).await;
    assert_eq!(
        text(&seen),
        r#"tools/call 7 2026-07-28 Some("test-client") Some("00-aa-bb-01")"#
    );
    let mut params = with_meta(json!({"name": "see"}));
    params["_meta"]
        .as_object_mut()
        .unwrap()
        .remove("io.modelcontextprotocol/clientInfo");
    let seen = send(&server, bare_request("tools/call", params)).await;
    assert_eq!(text(&seen["result"]), "tools/call 7 2026-07-28 None None");
}
