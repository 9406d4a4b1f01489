//! Tools that answer at once: one for each kind of content, errors, progress, logs and changes.

use std::time::Duration;

use mcpwire::dispatch::Changes;
use mcpwire::types::{ClientCapabilities, ClientSamplingCapability, ContentBlock, LoggingLevel};
use mcpwire::{Ctx, HandlerError, Log, Progress, RawArgs, Router, tool};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use crate::content::{audio, embedded, image, text};

type Result<T> = std::result::Result<T, HandlerError>;
type Blocks = Vec<ContentBlock<'static>>;

pub(crate) fn register(router: Router) -> Router {
    router
        .tool(
            tool("test_simple_text").description("Answers with text"),
            simple_text,
        )
        .tool(
            tool("test_image_content").description("Answers with an image"),
            image_content,
        )
        .tool(
            tool("test_audio_content").description("Answers with sound"),
            audio_content,
        )
        .tool(
            tool("test_embedded_resource").description("Answers with a resource"),
            embedded_resource,
        )
        .tool(
            tool("test_multiple_content_types")
                .description("Answers with several kinds of content"),
            multiple_content_types,
        )
        .tool(
            tool("test_error_handling").description("Always fails"),
            error_handling,
        )
        .tool(
            tool("test_tool_with_progress").description("Reports progress three times"),
            with_progress,
        )
        .tool(
            tool("test_logging_tool").description("Logs what it does"),
            logging,
        )
        .tool(
            tool("test_missing_capability").description("Needs a client that does sampling"),
            missing_capability,
        )
        .tool(
            tool("test_custom_header")
                .description("Takes a value that is mirrored in a header")
                .input_schema(json!({
                    "type": "object",
                    "properties": {"value": {"type": "string", "x-mcp-header": "Value"}},
                    "required": ["value"],
                })),
            custom_header,
        )
        .tool(
            tool("test_trigger_tool_change").description("Says that tools changed"),
            tool_change,
        )
        .tool(
            tool("test_trigger_prompt_change").description("Says that prompts changed"),
            prompt_change,
        )
}

async fn simple_text() -> Result<&'static str> {
    Ok("This is a simple text response for testing.")
}

async fn image_content() -> Result<ContentBlock<'static>> {
    Ok(image())
}

async fn audio_content() -> Result<ContentBlock<'static>> {
    Ok(audio())
}

async fn embedded_resource() -> Result<ContentBlock<'static>> {
    let text = "This is an embedded resource content.";
    Ok(embedded("test://embedded-resource", "text/plain", text))
}

async fn multiple_content_types() -> Result<Blocks> {
    let json = r#"{"test":"data","value":123}"#;
    let resource = embedded("test://mixed-content-resource", "application/json", json);
    Ok(vec![
        text("Multiple content types test:"),
        image(),
        resource,
    ])
}

async fn error_handling() -> Result<()> {
    Err(HandlerError::tool(
        "This tool intentionally returns an error for testing",
    ))
}

async fn with_progress(progress: Progress) -> Result<&'static str> {
    let progress = progress.with_total(100);
    for step in [0, 50, 100] {
        progress.report(step).await;
        sleep(Duration::from_millis(50)).await;
    }
    Ok("Reported progress three times")
}

async fn logging(log: Log) -> Result<&'static str> {
    let log = log.with_logger("fixture");
    log.log(LoggingLevel::Debug, "about to begin").await;
    for step in [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ] {
        log.log(LoggingLevel::Info, step).await;
    }
    Ok("Logged, for whoever asked for it")
}

async fn missing_capability(ctx: Ctx) -> Result<&'static str> {
    ctx.require(&ClientCapabilities::new().sampling(ClientSamplingCapability::new()))?;
    Ok("The client does sampling")
}

#[derive(Deserialize)]
struct Mirrored {
    value: String,
}

async fn custom_header(arguments: RawArgs) -> Result<String> {
    let Mirrored { value } = arguments.parse()?;
    Ok(format!("The value is {value}"))
}

async fn tool_change(changes: Changes) -> Result<&'static str> {
    changes.tools_changed();
    Ok("Said that the tools changed")
}

async fn prompt_change(changes: Changes) -> Result<&'static str> {
    changes.prompts_changed();
    Ok("Said that the prompts changed")
}
