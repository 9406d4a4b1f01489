//! The client that the official conformance suite drives: told by the environment which scenario it
//! is in, and by its argument where the server is.

use std::process::ExitCode;

use mcpwire::Client;
use mcpwire::client::Error;
use mcpwire::http::client::Client as Remote;
use mcpwire::service::BoxError;
use mcpwire::types::{
    ElicitAction, ElicitRequestFormParams, ElicitResult, ElicitValue, PrimitiveSchemaDefinition,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const SCENARIO: &str = "MCP_CONFORMANCE_SCENARIO";
const CONTEXT: &str = "MCP_CONFORMANCE_CONTEXT";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), BoxError> {
    let url = std::env::args()
        .nth(1)
        .ok_or("usage: mcpwire-conformance-client URL")?;
    let scenario = std::env::var(SCENARIO).unwrap_or_default();
    let client = Client::builder(Remote::new(&url)?)
        .info("mcpwire-conformance-client", env!("CARGO_PKG_VERSION"))
        .on_form(|form| async move { Ok::<_, BoxError>(accept(&form)) })
        .cache("nobody")
        .build();
    match &*scenario {
        "tools_call" => add(&client).await,
        "request-metadata" => metadata(&client).await,
        "sep-2322-client-request-state" => request_state(&client).await,
        "http-standard-headers" => everything(&client).await,
        "http-custom-headers" => told(&client).await,
        "http-invalid-tool-headers" => valid_tools(&client).await,
        "json-schema-ref-no-deref" => list(&client).await,
        "json-schema-2020-12-preservation" => echo_schema(&client).await,
        other => Err(format!("{SCENARIO} is {other:?}, which this client does not know").into()),
    }
}

/// Fills in a form: yes, one, a word, or the first choice.
fn accept(form: &ElicitRequestFormParams<'_>) -> ElicitResult<'static> {
    let fields = form
        .requested_schema
        .properties
        .iter()
        .map(|(name, field)| {
            let value = match field {
                PrimitiveSchemaDefinition::Boolean(_) => ElicitValue::from(true),
                PrimitiveSchemaDefinition::Number(_) => ElicitValue::from(1),
                _ => ElicitValue::from("yes"),
            };
            (name.to_owned(), value)
        });
    ElicitResult::new(ElicitAction::Accept).content(fields.collect::<Vec<_>>())
}

async fn list(client: &Client) -> Result<(), BoxError> {
    client.list_tools().await?;
    Ok(())
}

async fn add(client: &Client) -> Result<(), BoxError> {
    list(client).await?;
    client
        .call_tool("add_numbers", &json!({"a": 5, "b": 3}))
        .await?;
    Ok(())
}

async fn metadata(client: &Client) -> Result<(), BoxError> {
    client.discover().await?;
    list(client).await
}

async fn request_state(client: &Client) -> Result<(), BoxError> {
    list(client).await?;
    for tool in [
        "test_mrtr_echo_state",
        "test_mrtr_no_state",
        "test_mrtr_unrelated",
        "test_mrtr_no_result_type",
    ] {
        client.call_tool(tool, &json!({})).await?;
    }
    Ok(())
}

/// Lists everything, and uses all of it.
async fn everything(client: &Client) -> Result<(), BoxError> {
    client.discover().await?;
    for tool in client.list_tools().await? {
        client.call_tool(&tool.name, &json!({})).await?;
    }
    for resource in client.list_resources().await? {
        client.read_resource(&resource.uri).await?;
    }
    for prompt in client.list_prompts().await? {
        client.get_prompt(&prompt.name, []).await?;
    }
    Ok(())
}

/// Makes the calls that the suite wants.
async fn told(client: &Client) -> Result<(), BoxError> {
    #[derive(Deserialize)]
    struct Context {
        #[serde(rename = "toolCalls")]
        calls: Vec<Call>,
    }
    #[derive(Deserialize)]
    struct Call {
        name: String,
        arguments: Map<String, Value>,
    }
    let context: Context = serde_json::from_str(&std::env::var(CONTEXT)?)?;
    list(client).await?;
    for call in context.calls {
        client.call_tool(&call.name, &call.arguments).await?;
    }
    Ok(())
}

/// Calls every tool that is fit to be called.
async fn valid_tools(client: &Client) -> Result<(), BoxError> {
    let tools = client.list_tools().await?;
    for skipped in &tools.skipped {
        if !matches!(skipped, Error::InvalidTool { .. }) {
            return Err(format!("left out for another reason: {skipped}").into());
        }
        eprintln!("warning: {skipped}");
    }
    for tool in tools {
        client
            .call_tool(&tool.name, &json!({"region": "us-west1"}))
            .await?;
    }
    Ok(())
}

async fn echo_schema(client: &Client) -> Result<(), BoxError> {
    let tools = client.list_tools().await?;
    let tool = tools
        .iter()
        .find(|tool| tool.name == "json_schema_2020_12_tool");
    let schema = &tool
        .ok_or("the tool with the schema is missing")?
        .input_schema;
    client
        .call_tool("json_schema_echo", &json!({"schema": schema}))
        .await?;
    Ok(())
}
