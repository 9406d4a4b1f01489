//! What the server says of itself, and which requests it takes (DISC, META, VER, ERR, EXT rows).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::time::Duration;

use mcpwire_dispatch::{Args, CacheHint, Ctx, Feature, HandlerError, Log, RawParams, Router, tool};
use mcpwire_types::{ClientCapabilities, ClientRootsCapability, Implementation, method};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use support::{bare_request, error, result, send, with_meta};

fn server() -> Router {
    Router::new("demo", "2.1.0").tool("hello", async || Ok("hi"))
}

/// DISC-01, DISC-04, DISC-05, META-24, CACHE-02, CACHE-05.
#[tokio::test]
async fn disc_03_discover_says_what_is_there() {
    let server = server().instructions("Search before you fetch.");
    assert_eq!(
        result(&server, "server/discover", json!({})).await,
        json!({
            "resultType": "complete",
            "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {"listChanged": true}},
            "instructions": "Search before you fetch.",
            "ttlMs": 0,
            "cacheScope": "private",
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "demo", "version": "2.1.0"}},
        })
    );
}

/// BASE-49, RES-01, PROMPT-01, TOOL-01, LOG-02, SUB-28.
#[tokio::test]
async fn disc_10_capabilities_follow_from_what_is_registered() {
    let capabilities = |server: Router| async move {
        result(&server, "server/discover", json!({})).await["capabilities"].clone()
    };
    assert_eq!(capabilities(Router::new("empty", "1")).await, json!({}));
    let full = Router::new("full", "1")
        .tool("log", async |_: Log| Ok(()))
        .prompt(
            mcpwire_dispatch::prompt("p").required("a", "an argument"),
            async || Ok("p"),
        )
        .resource("a://b", async || Ok("r"))
        .complete_prompt("p", "a", async || Ok(vec!["x"]));
    assert_eq!(
        capabilities(full.clone()).await,
        json!({
            "tools": {"listChanged": true},
            "prompts": {"listChanged": true},
            "resources": {"listChanged": true, "subscribe": true},
            "completions": {},
            "logging": {},
        })
    );
    assert_eq!(
        capabilities(full.without_changes()).await,
        json!({"tools": {}, "prompts": {}, "resources": {}, "completions": {}, "logging": {}})
    );
    let templates = Router::new("templates", "1").resource_template("a://{b}", async || Ok("r"));
    assert!(capabilities(templates).await.get("resources").is_some());
}

#[tokio::test]
async fn err_05_a_feature_that_is_not_declared_is_no_method() {
    let server = Router::new("empty", "1").without_changes();
    for name in [
        method::TOOLS_LIST,
        method::TOOLS_CALL,
        method::PROMPTS_LIST,
        method::PROMPTS_GET,
        method::RESOURCES_LIST,
        method::RESOURCES_TEMPLATES_LIST,
        method::RESOURCES_READ,
        method::COMPLETION_COMPLETE,
        method::SUBSCRIPTIONS_LISTEN,
    ] {
        assert_eq!(
            error(&server, name, json!({})).await["code"],
            -32601,
            "{name}"
        );
    }
    // TOOL-03: declared and empty is something else.
    let declared = server
        .declare(Feature::Tools)
        .declare(Feature::Resources)
        .declare(Feature::Prompts);
    for (name, member) in [
        (method::TOOLS_LIST, "tools"),
        (method::PROMPTS_LIST, "prompts"),
        (method::RESOURCES_LIST, "resources"),
        (method::RESOURCES_TEMPLATES_LIST, "resourceTemplates"),
    ] {
        assert_eq!(
            result(&declared, name, json!({})).await[member],
            json!([]),
            "{name}"
        );
    }
}

/// BASE-41, LOG-14.
#[tokio::test]
async fn err_04_unknown_and_removed_methods_are_not_found() {
    for name in [
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "tasks/get",
        "tools/List",
        "",
    ] {
        let failed = error(&server(), name, json!({})).await;
        assert_eq!(failed["code"], -32601, "{name}");
    }
}

#[tokio::test]
async fn meta_13_a_request_without_its_metadata_is_refused() {
    let refused = [
        json!({}),
        json!({"_meta": {}}),
        json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}),
        json!({"_meta": {"io.modelcontextprotocol/clientCapabilities": {}}}),
    ];
    for params in refused {
        for name in ["tools/list", "no/such"] {
            let response = send(&server(), bare_request(name, params.clone())).await;
            assert_eq!(response["error"]["code"], -32602, "{name} {params}");
        }
    }
    let text = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#;
    let response = send(
        &server(),
        support::raw_request(text, mcpwire_service::Context::default()),
    )
    .await;
    assert_eq!(response["error"]["code"], -32602);
}

/// VER-02, VER-11.
#[tokio::test]
async fn ver_03_a_version_that_is_not_offered_is_refused_everywhere() {
    for name in ["server/discover", "tools/list", "no/such", "initialize"] {
        let meta = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}});
        let failed = error(&server(), name, meta).await;
        assert_eq!(failed["code"], -32022, "{name}");
        assert_eq!(
            failed["data"],
            json!({"supported": ["2026-07-28"], "requested": "2031-01-01"})
        );
    }
}

#[tokio::test]
async fn ver_20_initialize_is_told_the_versions() {
    let legacy = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
    let failed = send(&server(), bare_request("initialize", legacy.clone())).await["error"].clone();
    assert_eq!(failed["code"], -32022);
    assert_eq!(
        failed["data"],
        json!({"supported": ["2026-07-28"], "requested": "2025-11-25"})
    );
    // VER-22: with modern metadata it is just an unknown method.
    let failed = error(&server(), "initialize", legacy).await;
    assert_eq!(failed["code"], -32601);
    assert!(
        failed["message"].as_str().unwrap().contains("2026-07-28"),
        "{failed}"
    );
    assert_eq!(failed["data"]["supported"], json!(["2026-07-28"]));
}

#[tokio::test]
async fn meta_23_the_servers_name_is_in_every_result_unless_switched_off() {
    let info = Implementation::new("demo", "1").title("Demo");
    let server = Router::with_info(info)
        .tool("hello", async || Ok("hi"))
        .method("com.example/m", async || Ok(()));
    let requests = [
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "hello"})),
        ("com.example/m", json!({})),
    ];
    for (name, params) in requests.clone() {
        let meta = result(&server, name, params).await["_meta"].clone();
        let info = &meta["io.modelcontextprotocol/serverInfo"];
        assert_eq!(
            *info,
            json!({"name": "demo", "version": "1", "title": "Demo"}),
            "{name}"
        );
    }
    let silent = server.without_server_info();
    for (name, params) in requests {
        assert!(
            result(&silent, name, params).await.get("_meta").is_none(),
            "{name}"
        );
    }
}

/// ERR-06, META-19.
#[tokio::test]
async fn meta_20_a_missing_client_capability_is_named() {
    let server = Router::new("demanding", "1").tool("ask", async |ctx: Ctx| {
        ctx.require(&ClientCapabilities::new().roots(ClientRootsCapability::new()))?;
        ctx.require_extension("com.example/x")?;
        Ok("able")
    });
    let call = |capabilities: Value| {
        let meta = json!({"io.modelcontextprotocol/clientCapabilities": capabilities});
        let request = bare_request(
            "tools/call",
            with_meta(json!({"name": "ask", "_meta": meta})),
        );
        let server = server.clone();
        async move { send(&server, request).await }
    };
    let failed = call(json!({})).await["error"].clone();
    assert_eq!(failed["code"], -32021);
    assert_eq!(
        failed["data"],
        json!({"requiredCapabilities": {"roots": {}}})
    );
    let failed = call(json!({"roots": {}})).await["error"].clone();
    assert_eq!(failed["code"], -32021);
    let missing = json!({"requiredCapabilities": {"extensions": {"com.example/x": {}}}});
    assert_eq!(failed["data"], missing);
    let able = call(json!({"roots": {"own": 1}, "extensions": {"com.example/x": {"a": 1}}})).await;
    assert_eq!(support::text(&able["result"]), "able");
}

#[derive(Deserialize, JsonSchema)]
struct Task {
    #[serde(rename = "taskId")]
    task_id: String,
}

#[tokio::test]
async fn ext_01_extensions_are_declared_and_their_methods_answered() {
    let server = server()
        .extension("io.modelcontextprotocol/tasks", json!({}))
        .extension("com.example/x", json!({"level": 3}))
        .method(
            "tasks/get",
            async |mcpwire_dispatch::Params(task): mcpwire_dispatch::Params<Task>| {
                if task.task_id == "gone" {
                    return Err(HandlerError::invalid_params("unknown task"));
                }
                Ok(json!({"taskId": task.task_id, "status": "working"}))
            },
        )
        .method("com.example/echo", async |RawParams(params): RawParams| {
            Ok(params)
        })
        .method("com.example/typed", async || {
            Ok(json!({"resultType": "task", "_meta": {"a": 1}}))
        })
        .method("com.example/bad", async || Ok(7));
    let discovered = result(&server, "server/discover", json!({})).await;
    assert_eq!(
        discovered["capabilities"]["extensions"],
        json!({"io.modelcontextprotocol/tasks": {}, "com.example/x": {"level": 3}})
    );
    let got = result(&server, "tasks/get", json!({"taskId": "t1"})).await;
    assert_eq!(
        (&got["taskId"], &got["resultType"]),
        (&json!("t1"), &json!("complete"))
    );
    assert_eq!(
        error(&server, "tasks/get", json!({"taskId": "gone"})).await["code"],
        -32602
    );
    assert_eq!(
        error(&server, "tasks/get", json!({"taskId": 7})).await["code"],
        -32602
    );
    let echoed = result(&server, "com.example/echo", json!({"own": [1.50]})).await;
    assert_eq!(echoed["own"], json!([1.5]));
    let typed = result(&server, "com.example/typed", json!({})).await;
    assert_eq!(typed, json!({"resultType": "task", "_meta": {"a": 1}}));
    assert_eq!(
        error(&server, "com.example/bad", json!({})).await["code"],
        -32603
    );
}

/// CACHE-27.
#[tokio::test]
async fn cache_01_hints_are_set_by_kind() {
    let minute = Duration::from_secs(60);
    let server = server()
        .resource("a://b", async || Ok("text"))
        .cache(CacheHint::public(minute))
        .cache_method(method::SERVER_DISCOVER, CacheHint::private(minute * 2));
    let hint = |result: &Value| (result["ttlMs"].clone(), result["cacheScope"].clone());
    let discovered = result(&server, "server/discover", json!({})).await;
    assert_eq!(hint(&discovered), (json!(120_000), json!("private")));
    for name in ["tools/list", "resources/list", "resources/templates/list"] {
        let listed = result(&server, name, json!({})).await;
        assert_eq!(hint(&listed), (json!(60_000), json!("public")), "{name}");
    }
    let read = result(&server, "resources/read", json!({"uri": "a://b"})).await;
    assert_eq!(hint(&read), (json!(0), json!("private")));
    // CACHE-03
    let called = support::call_tool(&server, "hello", json!({})).await;
    assert!(called.get("ttlMs").is_none() && called.get("cacheScope").is_none());
}

#[test]
#[should_panic(expected = "answers of tools/call carry no caching hint")]
fn cache_03_other_methods_have_no_hint() {
    let _ = server().cache_method(method::TOOLS_CALL, CacheHint::default());
}

#[tokio::test]
async fn log_09_an_unknown_level_is_refused() {
    let server = Router::new("log", "1").tool(tool("log"), async |_: Log, _: Args<Nothing>| Ok(()));
    let meta = json!({"name": "log", "_meta": {"io.modelcontextprotocol/logLevel": "loud"}});
    assert_eq!(error(&server, "tools/call", meta).await["code"], -32602);
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}
