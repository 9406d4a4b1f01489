//! Multi round-trip requests through the router, for each method that may ask (MRTR rows; what a handler
//! can ask, and how state is sealed, is tested where it is made).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mcpwire_dispatch::{
    Form, HandlerError, Input, KeyRing, Progress, RawArgs, Router, State, prompt,
};
use mcpwire_types::method;
use serde_json::{Value, json};
use support::{answer, request, send, text};

#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

async fn greet(input: Input, State(runs): State<Runs>) -> Result<String, HandlerError> {
    runs.0.fetch_add(1, Ordering::SeqCst);
    let form = Form::new("What is your name?").string("name").required();
    let name = input.elicit("user_name", form)?.require()?;
    let form = Form::new("And your colour?").string("colour").required();
    let colour = input.elicit("colour", form)?.require()?;
    let of = |values: &mcpwire_dispatch::FormValues, field| {
        values.text(field).unwrap_or_default().to_owned()
    };
    Ok(format!(
        "{} likes {}",
        of(&name, "name"),
        of(&colour, "colour")
    ))
}

fn server(keys: [u8; 32], runs: Runs) -> Router {
    Router::new("asking", "1")
        .key_ring(KeyRing::new(keys))
        .state(runs)
        .tool("greet", greet)
        .prompt(prompt("greet"), greet)
        .resource("greet://x", greet)
        .tool("plain", async |_: RawArgs| Ok("plain"))
        .tool("reporting", async |progress: Progress, input: Input| {
            progress.report(1).await;
            input.elicit("sure", Form::new("Sure?").boolean("sure").required())?;
            Ok(())
        })
}

fn params(target: &Value, more: &Value) -> Value {
    let mut params = target.clone();
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}});
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    params
}

fn accept(content: impl Into<Value>) -> Value {
    let content: Value = content.into();
    json!({"action": "accept", "content": content})
}

/// MRTR-43: every round goes to another replica, which shares nothing but the key.
#[tokio::test]
async fn mrtr_12_rounds_are_finished_by_any_replica() {
    for (method, target) in [
        (
            method::TOOLS_CALL,
            json!({"name": "greet", "arguments": {}}),
        ),
        (method::PROMPTS_GET, json!({"name": "greet"})),
        (method::RESOURCES_READ, json!({"uri": "greet://x"})),
    ] {
        let runs = Runs::default();
        let replica = || server([7; 32], runs.clone());
        let round = |more: Value| {
            let request = request(method, params(&target, &more));
            async { send(&replica(), request).await["result"].clone() }
        };
        let first = round(json!({})).await;
        assert_eq!(first["resultType"], "input_required", "{method}: {first}");
        assert_eq!(
            first["inputRequests"]["user_name"]["method"],
            "elicitation/create"
        );
        // META-23 and MRTR-41: the server's name, and no caching hints.
        assert_eq!(
            first["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
            "asking"
        );
        assert!(first.get("ttlMs").is_none() && first.get("cacheScope").is_none());

        let mut more = json!({"inputResponses": {"user_name": accept(json!({"name": "Ada"}))}});
        if let Some(state) = first.get("requestState") {
            more["requestState"] = state.clone();
        }
        let second = round(more).await;
        assert_eq!(second["resultType"], "input_required", "{method}: {second}");
        let state = second["requestState"].clone();
        assert!(
            state.is_string(),
            "the first answer has to travel: {second}"
        );

        let more = json!({"inputResponses": {"colour": accept(json!({"colour": "teal"}))}, "requestState": state});
        let third = round(more).await;
        assert_eq!(third["resultType"], "complete", "{method}: {third}");
        assert!(
            third.to_string().contains("Ada likes teal"),
            "{method}: {third}"
        );
        // The handler ran from the top in each round.
        assert_eq!(runs.0.load(Ordering::SeqCst), 3);
    }
}

async fn second_round_state(target: &Value) -> Value {
    let more = json!({"inputResponses": {"user_name": accept(json!({"name": "Ada"}))}});
    let request = request(method::TOOLS_CALL, params(target, &more));
    send(&server([7; 32], Runs::default()), request).await["result"]["requestState"].clone()
}

#[tokio::test]
async fn mrtr_31_state_that_is_not_ours_is_refused() {
    let target = json!({"name": "greet", "arguments": {}});
    let state = second_round_state(&target).await;
    let colour = json!({"colour": accept(json!({"colour": "teal"}))});
    let tampered = json!(format!("{}-TAMPERED", state.as_str().unwrap()));
    let other_tool = json!({"name": "plain", "arguments": {}});
    for (keys, target, state) in [
        ([7; 32], &target, &tampered),
        // Another replica with another key.
        ([8; 32], &target, &state),
        // Another request, even one whose handler asks nothing.
        ([7; 32], &other_tool, &state),
        (
            [7; 32],
            &json!({"name": "greet", "arguments": {"a": 1}}),
            &state,
        ),
        ([7; 32], &target, &json!(7)),
    ] {
        let more = json!({"inputResponses": colour, "requestState": state});
        let request = request(method::TOOLS_CALL, params(target, &more));
        let response = send(&server(keys, Runs::default()), request).await;
        assert_eq!(
            response["error"]["code"], -32602,
            "{target} {state}: {response}"
        );
    }
}

#[tokio::test]
async fn mrtr_10_without_the_capability_the_request_fails() {
    let request = request(method::TOOLS_CALL, json!({"name": "greet"}));
    let response = send(&server([7; 32], Runs::default()), request).await;
    assert_eq!(response["error"]["code"], -32021);
    let required = &response["error"]["data"]["requiredCapabilities"];
    assert!(required["elicitation"].is_object(), "{response}");
}

/// A handler may have reported before it asks: the question is then the end of a stream.
#[tokio::test]
async fn mrtr_02_a_question_ends_a_stream_too() {
    let mut params = params(&json!({"name": "reporting"}), &json!({}));
    params["_meta"]["progressToken"] = json!("t");
    let (notifications, response) = answer(
        &server([7; 32], Runs::default()),
        request(method::TOOLS_CALL, params),
    )
    .await;
    assert_eq!(notifications.len(), 1);
    assert_eq!(response["result"]["resultType"], "input_required");
}

#[tokio::test]
async fn mrtr_27_answers_that_nobody_needs_are_ignored() {
    let more = json!({"inputResponses": {"stray": {"any": 1}}});
    let request = request(method::TOOLS_CALL, params(&json!({"name": "plain"}), &more));
    let response = send(&server([7; 32], Runs::default()), request).await;
    assert_eq!(text(&response["result"]), "plain");
}

#[tokio::test]
async fn a_replica_is_known_by_the_fingerprint_of_its_key() {
    let fingerprint = |keys| server(keys, Runs::default()).key_fingerprint();
    assert_eq!(fingerprint([7; 32]), fingerprint([7; 32]));
    assert_ne!(fingerprint([7; 32]), fingerprint([8; 32]));
}
