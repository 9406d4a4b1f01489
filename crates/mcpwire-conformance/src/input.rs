//! Tools and a prompt that ask for input in the middle of their work.
//!
//! Each handler runs again from the top when the answers have come, possibly on another replica; none
//! of them does anything in front of a question.

use mcpwire::dispatch::{Ask, Form};
use mcpwire::types::{
    CreateMessageRequestParams, CreateMessageResult, Role, SamplingContent, SamplingMessage,
    SamplingMessageContentBlock, TextContent,
};
use mcpwire::{HandlerError, Input, Router, prompt, tool};

type Result<T> = std::result::Result<T, HandlerError>;

pub(crate) fn register(router: Router) -> Router {
    let named = |name: &str, description: &str| {
        tool(format!("test_input_required_result_{name}")).description(description)
    };
    router
        .tool(named("elicitation", "Asks for a name"), elicitation)
        .tool(
            named("sampling", "Has the client's model answer a question"),
            sampling,
        )
        .tool(named("list_roots", "Asks for the roots"), list_roots)
        .tool(
            named(
                "request_state",
                "Asks for a confirmation, with request state",
            ),
            request_state,
        )
        .tool(
            named("multiple_inputs", "Asks for three things at once"),
            multiple_inputs,
        )
        .tool(
            named("multi_round", "Asks for one thing after another"),
            multi_round,
        )
        .tool(
            named(
                "tampered_state",
                "Asks for a confirmation, with request state",
            ),
            request_state,
        )
        .tool(
            named("capabilities", "Asks for what the client can do"),
            capabilities,
        )
        .tool(named("url", "Asks to open a URL"), open_url)
        .tool(
            tool("test_streaming_elicitation").description("Asks for a confirmation"),
            confirmation,
        )
        .prompt(
            prompt("test_input_required_result_prompt")
                .description("A prompt that asks for its context"),
            with_context,
        )
}

fn asks_name() -> Form {
    Form::new("What is your name?")
        .string("name")
        .required()
        .finish()
}

fn asks_capital() -> CreateMessageRequestParams<'static> {
    asks_model("What is the capital of France?", 100)
}

fn asks_model(question: &'static str, max_tokens: i64) -> CreateMessageRequestParams<'static> {
    let block = SamplingMessageContentBlock::Text(TextContent::new(question));
    let message = SamplingMessage::new(Role::User, block);
    CreateMessageRequestParams::new([message], max_tokens)
}

/// What the model wrote.
fn text_of(result: &CreateMessageResult<'_>) -> String {
    match &result.content {
        SamplingContent::One(SamplingMessageContentBlock::Text(content)) => {
            content.text.to_string()
        }
        _ => "something other than one text".to_owned(),
    }
}

async fn elicitation(input: Input) -> Result<String> {
    let answer = input.elicit("user_name", asks_name())?.require()?;
    Ok(format!(
        "Hello, {}!",
        answer.text("name").unwrap_or_default()
    ))
}

async fn sampling(input: Input) -> Result<String> {
    let answer = input.sample("capital_question", asks_capital())?;
    Ok(format!("The model says: {}", text_of(&answer)))
}

async fn list_roots(input: Input) -> Result<String> {
    let roots = input.roots("client_roots")?;
    let uris: Vec<_> = roots.iter().map(|root| &*root.uri).collect();
    Ok(format!("Roots: {}", uris.join(", ")))
}

/// Bound to this very request, so that there is a state from the first question on.
async fn request_state(input: Input) -> Result<&'static str> {
    input.bind();
    let form = Form::new("Please confirm").boolean("ok").required();
    let answer = input.elicit("confirm", form)?.require()?;
    Ok(if answer.boolean("ok") == Some(true) {
        "state-ok"
    } else {
        "not confirmed"
    })
}

async fn multiple_inputs(input: Input) -> Result<String> {
    input.bind();
    let answers = input.ask(
        Ask::new()
            .elicit("user_name", asks_name())
            .sample("greeting", asks_model("Generate a greeting", 50))
            .roots("client_roots"),
    )?;
    let name = answers.elicit("user_name")?.require()?;
    let name = name.text("name").unwrap_or_default();
    let greeting = text_of(&answers.sample("greeting")?);
    let roots = answers.roots("client_roots")?;
    let roots: Vec<_> = roots.iter().map(|root| &*root.uri).collect();
    Ok(format!("{name}: {greeting}, at {}", roots.join(", ")))
}

async fn multi_round(input: Input) -> Result<String> {
    input.bind();
    let form = Form::new("Step 1: What is your name?")
        .string("name")
        .required();
    let first = input.elicit("step1", form)?.require()?;
    let form = Form::new("Step 2: What is your favorite color?")
        .string("color")
        .required();
    let second = input.elicit("step2", form)?.require()?;
    let (name, color) = (first.text("name"), second.text("color"));
    Ok(format!(
        "{} likes {}",
        name.unwrap_or_default(),
        color.unwrap_or_default()
    ))
}

/// What the client did not declare is not asked for.
async fn capabilities(input: Input) -> Result<String> {
    let mut ask = Ask::new();
    if input.can_elicit() {
        ask = ask.elicit("user_name", asks_name());
    }
    if input.can_sample() {
        ask = ask.sample("capital_question", asks_capital());
    }
    if input.can_list_roots() {
        ask = ask.roots("client_roots");
    }
    input.ask(ask)?;
    Ok("Everything that could be asked was answered".to_owned())
}

async fn open_url(input: Input) -> Result<String> {
    let consent = input.open_url("consent", "Please sign in", "https://example.com/sign-in")?;
    Ok(format!("The user's answer: {consent:?}").to_lowercase())
}

async fn confirmation(input: Input) -> Result<&'static str> {
    let form = Form::new("Go on?").boolean("ok").required();
    input.elicit("confirm", form)?.require()?;
    Ok("Went on")
}

async fn with_context(input: Input) -> Result<String> {
    let form = Form::new("What context should the prompt use?")
        .string("context")
        .required();
    let answer = input.elicit("user_context", form)?.require()?;
    Ok(format!(
        "A prompt about {}",
        answer.text("context").unwrap_or_default()
    ))
}
