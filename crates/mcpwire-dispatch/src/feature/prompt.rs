//! Prompts: their definition, what their handlers return, and the way of one call.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use mcpwire_codec::Part;
use mcpwire_service::{Request, Response};
use mcpwire_types::{
    ContentBlock, Error, GetPromptResult, Icon, JSONObject, Map, MetaObject, Prompt,
    PromptArgument, PromptMessage, Role, TextContent,
};

use crate::error::HandlerError;
use crate::handler::call::{Call, CallKind};
use crate::handler::result::respond;
use crate::handler::{Handler, Run, erase};
use crate::router::Router;
use crate::router::dispatch::{open_input, pause, refuse, required_text};
use crate::router::register::{RegisterError, Signature};
use crate::router::registry::Registry;
use crate::router::run::RouterFuture;
use crate::router::table::Entry;

/// Begins the definition of a prompt.
pub fn prompt(name: impl Into<String>) -> PromptDef {
    PromptDef(Prompt::new(name.into()))
}

/// The definition of a prompt, to be registered with [`Router::prompt`].
#[derive(Clone, Debug)]
pub struct PromptDef(Prompt<'static>);

impl PromptDef {
    /// The name for people (BASE-42).
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.0.title = Some(title.into().into());
        self
    }

    /// What the prompt is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into().into());
        self
    }

    /// Adds an icon (ICON-01).
    pub fn icon(mut self, icon: Icon<'static>) -> Self {
        self.0.icons.get_or_insert_default().push(icon);
        self
    }

    /// Adds an argument, in place of those derived from the handler (PROMPT-06).
    pub fn argument(mut self, argument: PromptArgument<'static>) -> Self {
        self.0.arguments.get_or_insert_default().push(argument);
        self
    }

    /// [`PromptDef::argument`] for one that has to be given; without it the request is refused
    /// (PROMPT-12).
    pub fn required(self, name: impl Into<String>, description: impl Into<String>) -> Self {
        let argument = PromptArgument::new(name.into()).description(description.into());
        self.argument(argument.required(true))
    }

    /// [`PromptDef::argument`] for one that may be left out.
    pub fn optional(self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.argument(PromptArgument::new(name.into()).description(description.into()))
    }

    /// The prompt's `_meta` (META-01).
    pub fn meta(mut self, meta: MetaObject<'static>) -> Self {
        self.0.meta = Some(meta);
        self
    }
}

impl From<&str> for PromptDef {
    fn from(name: &str) -> Self {
        prompt(name)
    }
}

impl From<String> for PromptDef {
    fn from(name: String) -> Self {
        prompt(name)
    }
}

impl From<Prompt<'static>> for PromptDef {
    fn from(prompt: Prompt<'static>) -> Self {
        Self(prompt)
    }
}

/// What a prompt's handler can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a prompt",
    note = "return Ok of: String, &str, PromptMessage, Vec<PromptMessage> or GetPromptResult"
)]
pub trait IntoPromptResult {
    /// The result that is sent.
    fn into_prompt_result(self) -> Result<GetPromptResult<'static>, HandlerError>;
}

impl IntoPromptResult for GetPromptResult<'static> {
    fn into_prompt_result(self) -> Result<GetPromptResult<'static>, HandlerError> {
        Ok(self)
    }
}

impl IntoPromptResult for Vec<PromptMessage<'static>> {
    fn into_prompt_result(self) -> Result<GetPromptResult<'static>, HandlerError> {
        Ok(GetPromptResult::new(self))
    }
}

impl IntoPromptResult for PromptMessage<'static> {
    fn into_prompt_result(self) -> Result<GetPromptResult<'static>, HandlerError> {
        vec![self].into_prompt_result()
    }
}

/// One message of the user.
impl IntoPromptResult for String {
    fn into_prompt_result(self) -> Result<GetPromptResult<'static>, HandlerError> {
        let block = ContentBlock::Text(TextContent::new(self));
        PromptMessage::new(Role::User, block).into_prompt_result()
    }
}

/// One message of the user.
impl IntoPromptResult for &'static str {
    fn into_prompt_result(self) -> Result<GetPromptResult<'static>, HandlerError> {
        self.to_owned().into_prompt_result()
    }
}

/// A prompt that was registered.
pub(crate) struct PromptEntry {
    pub(crate) prompt: Prompt<'static>,
    run: Run,
    pub(crate) logs: bool,
}

impl Entry for PromptEntry {
    fn key(&self) -> &str {
        &self.prompt.name
    }
}

impl fmt::Debug for PromptEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromptEntry")
            .field("prompt", &self.prompt)
            .finish_non_exhaustive()
    }
}

impl PromptEntry {
    pub(crate) fn new<H, M>(
        def: PromptDef,
        handler: H,
        registry: &Registry,
    ) -> Result<Self, RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoPromptResult,
    {
        let PromptDef(mut prompt) = def;
        let mut signature = Signature::new(CallKind::Prompt, &prompt.name, &registry.states);
        H::describe(&mut signature);
        let needs = signature.finish()?;
        if prompt.name.is_empty() {
            return Err(needs.invalid("name", "it is empty"));
        }
        if let (None, Some(schema)) = (&prompt.arguments, &needs.input_schema) {
            prompt.arguments = Some(derived_arguments(schema));
        }
        let mut names = std::collections::HashSet::new();
        for argument in prompt.arguments.iter().flatten() {
            if !names.insert(&*argument.name) {
                return Err(
                    needs.invalid("arguments", format!("{:?} is there twice", argument.name))
                );
            }
        }
        let description: Option<Arc<str>> = prompt.description.as_deref().map(Into::into);
        Ok(Self {
            run: erase(handler, move |call: Call| {
                let registry = call.registry;
                let description = description.clone();
                move |outcome: Result<H::Output, _>| {
                    let outcome = outcome.and_then(H::Output::into_prompt_result);
                    finish(&registry, description.as_deref(), outcome)
                }
            }),
            prompt,
            logs: needs.logs,
        })
    }

    pub(crate) fn has_argument(&self, name: &str) -> bool {
        self.prompt
            .arguments
            .iter()
            .flatten()
            .any(|argument| argument.name == name)
    }
}

/// The properties of a schema as the arguments of a prompt.
fn derived_arguments(schema: &JSONObject<'_>) -> Vec<PromptArgument<'static>> {
    let schema: serde_json::Value = serde_json::from_str(schema.as_str()).unwrap_or_default();
    let required = |name: &str| {
        let names = schema.get("required").and_then(serde_json::Value::as_array);
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    let properties = schema
        .get("properties")
        .and_then(serde_json::Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, property)| {
            let mut argument = PromptArgument::new(name.clone());
            let description = property
                .get("description")
                .and_then(serde_json::Value::as_str);
            argument.description = description.map(|text| text.to_owned().into());
            argument.required = required(name).then_some(true);
            argument
        })
        .collect()
}

/// The response for what a prompt's handler came to.
fn finish(
    registry: &Registry,
    description: Option<&str>,
    outcome: Result<GetPromptResult<'static>, HandlerError>,
) -> Response {
    match outcome {
        Ok(mut result) => {
            if result.description.is_none() {
                result.description = description.map(|text| text.to_owned().into());
            }
            respond(registry, &mut result)
        }
        Err(HandlerError::Input(asked)) => pause(registry, asked),
        Err(error) => Response::error(&error.into_error()),
    }
}

/// Answers `prompts/get`.
pub(crate) fn get(
    router: &Router,
    registry: &Arc<Registry>,
    request: &Request,
) -> Result<RouterFuture, Response> {
    let name = required_text(request, Part::Name, "name")?;
    let given: Map<'_, Cow<'_, str>> = match request.message().raw(Part::Arguments) {
        None => Map::new(),
        Some(_) => request.message().parse(Part::Arguments).map_err(|error| {
            refuse(&Error::invalid_params(format!(
                "prompt arguments are an object of strings: {error}"
            )))
        })?,
    };
    let Some(entry) = registry.prompts.get(&name) else {
        return Err(Response::error(&Error::invalid_params(format!(
            "unknown prompt {name:?}"
        ))));
    };
    for argument in entry.prompt.arguments.iter().flatten() {
        if argument.required == Some(true) && given.get(&argument.name).is_none() {
            let message = format!("prompt {name:?} needs the argument {:?}", argument.name);
            return Err(Response::error(&Error::invalid_params(message)));
        }
    }
    let input = open_input(registry, request)?;
    let mut call = Call::new(request, router, registry, CallKind::Prompt);
    call.input = input;
    call.run(&entry.run)
}
