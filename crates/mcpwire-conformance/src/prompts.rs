//! Prompts, and completions of their arguments.

use mcpwire::dispatch::Argument;
use mcpwire::types::{PromptMessage, Role};
use mcpwire::{Args, HandlerError, Router, prompt};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::content::{embedded, image, text};

type Result<T> = std::result::Result<T, HandlerError>;

pub(crate) fn register(router: Router) -> Router {
    router
        .prompt(
            prompt("test_simple_prompt").description("A prompt of one sentence"),
            simple,
        )
        .prompt(
            prompt("test_prompt_with_arguments").description("A prompt made of its arguments"),
            with_arguments,
        )
        .prompt(
            prompt("test_prompt_with_embedded_resource").description("A prompt about a resource"),
            with_resource,
        )
        .prompt(
            prompt("test_prompt_with_image").description("A prompt about an image"),
            with_image,
        )
        .complete_prompt("test_prompt_with_arguments", "arg1", first_argument)
}

/// What begins with what was typed.
async fn first_argument(argument: Argument) -> Result<Vec<&'static str>> {
    let known = ["paris", "party", "testValue1", "testing", "tested"];
    Ok(known
        .into_iter()
        .filter(|value| value.starts_with(argument.value()))
        .collect())
}

fn user(block: mcpwire::types::ContentBlock<'static>) -> PromptMessage<'static> {
    PromptMessage::new(Role::User, block)
}

async fn simple() -> Result<&'static str> {
    Ok("This is a simple prompt for testing.")
}

#[derive(Deserialize, JsonSchema)]
struct TwoArguments {
    /// What comes first.
    arg1: String,
    /// What comes second.
    arg2: String,
}

async fn with_arguments(Args(args): Args<TwoArguments>) -> Result<String> {
    Ok(format!(
        "Prompt with arguments: arg1='{}', arg2='{}'",
        args.arg1, args.arg2
    ))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AboutResource {
    /// The resource that the prompt is about.
    resource_uri: String,
}

async fn with_resource(Args(args): Args<AboutResource>) -> Result<Vec<PromptMessage<'static>>> {
    let resource = embedded(
        args.resource_uri,
        "text/plain",
        "Embedded resource content for testing.",
    );
    Ok(vec![
        user(resource),
        user(text("Please process the embedded resource above.")),
    ])
}

async fn with_image() -> Result<Vec<PromptMessage<'static>>> {
    Ok(vec![
        user(image()),
        user(text("Please analyze the image above.")),
    ])
}
