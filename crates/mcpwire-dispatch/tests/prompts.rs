//! Prompts (PROMPT rows) and completion (COMP rows).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use mcpwire_dispatch::{Args, Argument, HandlerError, RawArgs, Router, prompt};
use mcpwire_types::{
    EmbeddedResource, PromptArgument, PromptMessage, Role, TextContent, TextResourceContents,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use support::{error, result};

#[derive(Deserialize, JsonSchema)]
struct Triage {
    /// The folder to sort.
    folder: String,
    tone: Option<String>,
}

fn server() -> Router {
    Router::new("prompts", "1")
        .prompt(
            prompt("triage")
                .title("Triage mail")
                .description("Sorts mail"),
            |Args(a): Args<Triage>| async move {
                Ok(format!(
                    "Sort {} ({})",
                    a.folder,
                    a.tone.unwrap_or_default()
                ))
            },
        )
        .prompt(
            prompt("greet").argument(PromptArgument::new("who").title("Who").required(true)),
            |args: RawArgs| async move {
                let names: std::collections::BTreeMap<&str, &str> = args.parse()?;
                Ok(format!("Hello {}", names["who"]))
            },
        )
        .prompt("several", async || {
            let resource = TextResourceContents::new("a://b", "text");
            Ok(vec![
                PromptMessage::new(Role::User, EmbeddedResource::new(resource)),
                PromptMessage::new(Role::Assistant, TextContent::new("done")),
            ])
        })
        .prompt("failing", async || {
            Err::<String, _>(HandlerError::internal("no"))
        })
}

async fn get(server: &Router, name: &str, arguments: Value) -> Value {
    result(
        server,
        "prompts/get",
        json!({"name": name, "arguments": arguments}),
    )
    .await
}

#[tokio::test]
async fn prompt_06_arguments_are_listed_given_or_derived() {
    let listed = result(&server(), "prompts/list", json!({})).await;
    assert_eq!(
        listed["prompts"][0],
        json!({
            "name": "triage",
            "title": "Triage mail",
            "description": "Sorts mail",
            "arguments": [
                {"name": "folder", "description": "The folder to sort.", "required": true},
                {"name": "tone"},
            ],
        })
    );
    let given = json!([{"name": "who", "title": "Who", "required": true}]);
    assert_eq!(listed["prompts"][1]["arguments"], given);
    assert_eq!(listed["prompts"][2], json!({"name": "several"}));
}

#[tokio::test]
async fn prompt_08_text_becomes_a_message_of_the_user() {
    let got = get(&server(), "triage", json!({"folder": "work"})).await;
    assert_eq!(
        got,
        json!({
            "resultType": "complete",
            "description": "Sorts mail",
            "messages": [{"role": "user", "content": {"type": "text", "text": "Sort work ()"}}],
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "prompts", "version": "1"}},
        })
    );
    let several = get(&server(), "several", json!({})).await;
    assert_eq!(several["messages"][0]["content"]["type"], "resource");
    assert_eq!(several["messages"][1]["role"], "assistant");
}

#[tokio::test]
async fn prompt_12_faults_are_json_rpc_errors() {
    let server = server();
    for (params, mention) in [
        (json!({"name": "none"}), "none"),
        (json!({"name": "triage"}), "folder"),
        (
            json!({"name": "triage", "arguments": {"tone": "x"}}),
            "folder",
        ),
        (json!({"name": "greet", "arguments": {"who": 7}}), "who"),
        (json!({"name": "greet", "arguments": ["who"]}), "arguments"),
        (json!({"name": "greet", "arguments": null}), "arguments"),
        (json!({}), "params.name"),
    ] {
        let failed = error(&server, "prompts/get", params.clone()).await;
        assert_eq!(failed["code"], -32602, "{params}");
        assert!(
            failed["message"].as_str().unwrap().contains(mention),
            "{params}: {failed}"
        );
    }
    assert_eq!(
        error(&server, "prompts/get", json!({"name": "failing"})).await["code"],
        -32603
    );
}

fn completing() -> Router {
    server()
        .resource_template("note://{box}/{n}", async || Ok(""))
        .complete_prompt("triage", "folder", |typed: Argument| async move {
            let all = ["work", "home", "world"];
            Ok(all
                .into_iter()
                .filter(|one| one.starts_with(typed.value()))
                .collect::<Vec<_>>())
        })
        .complete_template("note://{box}/{n}", "n", |typed: Argument| async move {
            let of = typed.resolved("box").unwrap_or("nowhere").to_owned();
            Ok((0..150).map(|n| format!("{of}{n}")).collect::<Vec<_>>())
        })
}

async fn complete(reference: Value, name: &str, value: &str) -> Value {
    let argument = json!({"name": name, "value": value});
    let context = json!({"arguments": {"box": "inbox"}});
    let params = json!({"ref": reference, "argument": argument, "context": context});
    result(&completing(), "completion/complete", params).await["completion"].clone()
}

#[tokio::test]
async fn comp_05_values_of_a_prompt_argument() {
    let completed = complete(
        json!({"type": "ref/prompt", "name": "triage"}),
        "folder",
        "wo",
    )
    .await;
    assert_eq!(
        completed,
        json!({"values": ["work", "world"], "total": 2, "hasMore": false})
    );
    // Known, but nobody completes it.
    let completed = complete(json!({"type": "ref/prompt", "name": "triage"}), "tone", "").await;
    assert_eq!(completed["values"], json!([]));
}

#[tokio::test]
async fn comp_04_values_of_a_template_variable_with_what_is_resolved() {
    for uri in ["note://{box}/{n}", "note://inbox/1"] {
        let completed = complete(json!({"type": "ref/resource", "uri": uri}), "n", "").await;
        let values = completed["values"].as_array().unwrap();
        assert_eq!((values.len(), &values[0]), (100, &json!("inbox0")), "{uri}");
        assert_eq!(
            (&completed["total"], &completed["hasMore"]),
            (&json!(150), &json!(true))
        );
    }
}

#[tokio::test]
async fn comp_07_what_is_not_there_is_an_error() {
    let argument = json!({"name": "n", "value": ""});
    for params in [
        json!({"ref": {"type": "ref/prompt", "name": "none"}, "argument": argument}),
        json!({"ref": {"type": "ref/prompt", "name": "triage"}, "argument": argument}),
        json!({"ref": {"type": "ref/resource", "uri": "none://x"}, "argument": argument}),
        json!({"ref": {"type": "ref/resource", "uri": "note://{box}/{n}"}, "argument": {"name": "x", "value": ""}}),
        json!({"ref": {"type": "ref/other"}, "argument": argument}),
        json!({"ref": {"type": "ref/prompt"}, "argument": argument}),
        json!({"ref": {"type": "ref/prompt", "name": "triage"}}),
        json!({"ref": {"type": "ref/prompt", "name": "triage"}, "argument": {"name": "folder"}}),
        json!({"ref": {"type": "ref/prompt", "name": "triage"}, "argument": {"name": "folder", "value": 7}}),
        json!({"argument": argument}),
    ] {
        let failed = error(&completing(), "completion/complete", params.clone()).await;
        assert_eq!(failed["code"], -32602, "{params}");
    }
    // COMP-01: not declared, not there.
    assert_eq!(
        error(&server(), "completion/complete", json!({})).await["code"],
        -32601
    );
}
