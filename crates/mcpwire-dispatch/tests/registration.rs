//! Mistakes of the programmer show when the server is put together.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use mcpwire_dispatch::{
    Args, Argument, HandlerError, Input, Path, RegisterError, Router, State, Uri, prompt, tool,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

async fn nothing() -> Result<String, HandlerError> {
    Ok(String::new())
}

fn server() -> Router {
    Router::new("server", "1")
        .tool("taken", nothing)
        .prompt(prompt("taken").required("a", "an argument"), nothing)
        .resource("taken://x", nothing)
        .resource_template("taken://x/{y}", nothing)
        .method("com.example/taken", nothing)
}

fn refused(outcome: Result<(), RegisterError>) -> String {
    outcome.unwrap_err().to_string()
}

#[test]
fn tool_19_names_are_unique() {
    let server = server();
    assert_eq!(
        refused(server.add_tool("taken", nothing)),
        "tool `taken` is registered already"
    );
    assert_eq!(
        refused(server.add_prompt("taken", nothing)),
        "prompt `taken` is registered already"
    );
    assert_eq!(
        refused(server.add_resource("taken://x", nothing)),
        "resource `taken://x` is registered already"
    );
    assert_eq!(
        refused(server.add_resource_template("taken://x/{y}", nothing)),
        "resource template `taken://x/{y}` is registered already"
    );
    let method = refused(server.add_method("com.example/taken", nothing));
    assert_eq!(method, "method `com.example/taken` is registered already");
}

#[test]
#[should_panic(expected = "tool `taken` is registered already")]
fn chains_panic_with_the_same_words() {
    let _ = server().tool("taken", nothing);
}

/// TOOL-18 is a SHOULD: an unusual name is the author's choice, an empty one cannot be called.
#[test]
fn tool_16_a_name_is_not_empty() {
    let server = server();
    assert!(server.add_tool("with space, comma", nothing).is_ok());
    assert!(refused(server.add_tool("", nothing)).contains("bad name"));
    assert!(refused(server.add_prompt("", nothing)).contains("bad name"));
}

#[test]
fn tool_09_schemas_are_objects_that_are_valid() {
    let server = server();
    let add = |schema: serde_json::Value| server.add_tool(tool("x").input_schema(schema), nothing);
    for bad in [
        json!({"type": "array"}),
        json!({}),
        json!({"type": ["object", "null"]}),
        json!(true),
        json!(null),
        json!("object"),
        json!({"type": "object", "properties": 7}),
    ] {
        assert!(
            refused(add(bad.clone())).contains("bad inputSchema"),
            "{bad}"
        );
    }
    let text = refused(server.add_tool(tool("x").input_schema("{"), nothing));
    assert!(text.starts_with("tool `x`: bad inputSchema"), "{text}");
    let output = tool("x").output_schema(json!({"type": "strange"}));
    assert!(refused(server.add_tool(output, nothing)).contains("bad outputSchema"));
}

/// SCHEMA-10, SCHEMA-12.
#[test]
fn schema_08_no_reference_leads_to_the_network() {
    let schema =
        json!({"type": "object", "properties": {"a": {"$ref": "https://example.com/a.json"}}});
    let refusal = refused(server().add_tool(tool("x").input_schema(schema), nothing));
    assert!(refusal.contains("example.com"), "{refusal}");
}

#[test]
fn hdr_04_annotations_are_checked() {
    for bad in [
        json!({"type": "string", "x-mcp-header": ""}),
        json!({"type": "string", "x-mcp-header": "a b"}),
        json!({"type": "number", "x-mcp-header": "A"}),
    ] {
        let schema = json!({"type": "object", "properties": {"a": bad}});
        let refusal = refused(server().add_tool(tool("x").input_schema(schema), nothing));
        assert!(refusal.contains("x-mcp-header"), "{refusal}");
    }
}

#[test]
fn res_25_uris_and_templates_are_checked() {
    let server = server();
    assert!(refused(server.add_resource("no scheme", nothing)).contains("bad uri"));
    assert!(refused(server.add_resource_template("a://{x", nothing)).contains("bad uriTemplate"));
    assert!(
        refused(server.add_resource_template("a://{x}{y}", nothing)).contains("bad uriTemplate")
    );
}

/// CONTENT-07: a priority that JSON cannot say would leave the whole list unwritten.
#[test]
fn what_cannot_be_written_is_not_listed() {
    let annotations = || mcpwire_types::Annotations::new().priority(f64::NAN);
    let resource = mcpwire_dispatch::resource("a://b").annotations(annotations());
    assert!(refused(server().add_resource(resource, nothing)).contains("bad definition"));
    let template = mcpwire_dispatch::resource_template("a://{b}").annotations(annotations());
    assert!(refused(server().add_resource_template(template, nothing)).contains("bad definition"));
}

#[test]
fn a_state_that_is_not_there_is_seen_at_once() {
    async fn handler(State(_): State<u64>) -> Result<(), HandlerError> {
        Ok(())
    }
    let refusal = refused(server().add_tool("x", handler));
    assert_eq!(
        refusal,
        "tool `x`: the handler takes State<u64>, call Router::state with one before registering it"
    );
    assert!(server().state(7_u64).add_tool("x", handler).is_ok());
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[test]
fn extractors_of_another_kind_of_call_are_seen_at_once() {
    let server = server();
    let refusal = refused(server.add_tool("x", async |_: Path<String>| Ok(())));
    assert_eq!(
        refusal,
        "tool `x`: the handler takes Path, which only a resource template has"
    );
    assert!(refused(server.add_tool("x", async |_: Uri| Ok(()))).contains("Uri"));
    assert!(
        refused(server.add_resource("a://b", async |_: Path<String>| Ok("x"))).contains("Path")
    );
    assert!(
        refused(server.add_resource("a://b", async |_: Args<Nothing>| Ok("x"))).contains("Args")
    );
    assert!(refused(server.add_prompt("x", async |_: Argument| Ok("x"))).contains("Argument"));
    assert!(refused(server.add_method("x", async |_: Input| Ok(()))).contains("Input"));
}

#[test]
#[should_panic(expected = "`b` is not registered")]
fn comp_07_a_completion_is_for_an_argument_that_is_there() {
    let _ = server().complete_prompt("taken", "b", async || Ok(vec!["x"]));
}

#[test]
#[should_panic(expected = "resource template `taken://{z}` is not registered")]
fn comp_07_a_completion_is_for_a_template_that_is_there() {
    let _ = server().complete_template("taken://{z}", "z", async || Ok(vec!["x"]));
}

#[test]
fn methods_of_the_protocol_are_not_overridden() {
    for name in [
        "tools/call",
        "server/discover",
        "initialize",
        "subscriptions/listen",
        "",
        "notifications/x",
    ] {
        assert!(
            refused(server().add_method(name, nothing)).contains("bad name"),
            "{name}"
        );
    }
}

#[test]
#[should_panic(expected = "no extension identifier")]
fn ext_02_an_extension_has_a_prefix() {
    let _ = server().extension("tasks", json!({}));
}

#[test]
fn routers_are_send_and_sync() {
    fn check<T: Send + Sync + Clone + 'static>() {}
    check::<Router>();
}
