//! Calls of tools that ask, as a client makes them round by round.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use mcpwire_dispatch::{Ask, Form, HandlerError, Input, Router, TextField};
use mcpwire_service::Principal;
use mcpwire_types::{
    CreateMessageRequestParams, SamplingMessage, SamplingMessageContentBlock, TextContent,
};
use serde_json::{Value, json};

use crate::support::{request, send};

pub fn name_form() -> Form<TextField> {
    Form::new("What is your name?").string("name").required()
}

pub fn question(max_tokens: i64) -> CreateMessageRequestParams<'static> {
    let block =
        SamplingMessageContentBlock::from(TextContent::new("What is the capital of France?"));
    CreateMessageRequestParams::new([SamplingMessage::new("user", block)], max_tokens)
}

pub async fn greet(input: Input) -> Result<String, HandlerError> {
    let name = input.elicit("user_name", name_form())?.require()?;
    Ok(format!("Hello, {}!", name.text("name").unwrap_or_default()))
}

/// One call of a tool, with everything declared that a client can do.
pub struct Call {
    pub tool: &'static str,
    pub arguments: Value,
    pub more: Value,
    pub capabilities: Value,
    pub principal: Option<&'static str>,
}

pub fn call(tool: &'static str) -> Call {
    let all =
        json!({"elicitation": {"form": {}, "url": {}}, "sampling": {"tools": {}}, "roots": {}});
    Call {
        tool,
        arguments: json!({}),
        more: json!({}),
        capabilities: all,
        principal: None,
    }
}

impl Call {
    pub fn answers(mut self, answers: Value) -> Self {
        self.more["inputResponses"] = answers;
        self
    }

    /// Repeats the state of an earlier result, if it has one (MRTR-17, MRTR-19).
    pub fn state(mut self, earlier: &Value) -> Self {
        if let Some(state) = earlier.get("requestState") {
            self.more["requestState"] = state.clone();
        }
        self
    }

    pub async fn response(self, server: &Router) -> Value {
        let mut params = json!({"name": self.tool, "arguments": self.arguments,
            "_meta": {"io.modelcontextprotocol/clientCapabilities": self.capabilities}});
        for (key, value) in self.more.as_object().unwrap() {
            params[key] = value.clone();
        }
        let mut request = request("tools/call", params);
        request.context_mut().principal = self.principal.map(Principal::new);
        send(server, request).await
    }

    pub async fn result(self, server: &Router) -> Value {
        let response = self.response(server).await;
        assert!(response.get("error").is_none(), "{response}");
        response["result"].clone()
    }

    pub async fn error(self, server: &Router) -> (i64, String) {
        let response = self.response(server).await;
        assert!(response.get("result").is_none(), "{response}");
        let error = &response["error"];
        (
            error["code"].as_i64().unwrap(),
            error["message"].as_str().unwrap().to_owned(),
        )
    }
}

pub fn accept(content: impl Into<Value>) -> Value {
    let content: Value = content.into();
    json!({"action": "accept", "content": content})
}

pub fn keys(result: &Value) -> Vec<&str> {
    assert_eq!(result["resultType"], "input_required", "{result}");
    result["inputRequests"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// Asks three things in one round.
pub async fn many(input: Input) -> Result<String, HandlerError> {
    let ask = Ask::new()
        .elicit("user_name", name_form())
        .sample("greeting", question(50))
        .roots("client_roots");
    let answers = input.ask(ask)?;
    let name = answers.elicit("user_name")?.require()?;
    let (model, roots) = (
        answers.sample("greeting")?.model,
        answers.roots("client_roots")?.len(),
    );
    Ok(format!(
        "{} {model} {roots}",
        name.text("name").unwrap_or_default()
    ))
}

pub fn many_answers() -> Value {
    json!({
        "user_name": accept(json!({"name": "Alice"})),
        "greeting": {"role": "assistant", "content": {"type": "text", "text": "Hi"}, "model": "m"},
        "client_roots": {"roots": []},
    })
}
