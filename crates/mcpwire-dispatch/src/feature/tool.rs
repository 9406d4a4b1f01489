//! Tools: their definition, what their handlers return, and the way of one call.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use mcpwire_codec::Part;
use mcpwire_service::{HeaderParams, Request, Response};
use mcpwire_types::{
    CallToolResult, ContentBlock, Error, Extra, Icon, JSONValue, MetaObject, TextContent, Tool,
    ToolAnnotations, ToolInputSchema, ToolOutputSchema,
};

use crate::error::{HandlerError, tool_error};
use crate::handler::call::{Call, CallKind};
use crate::handler::result::respond;
use crate::handler::{Handler, Run, erase};
use crate::router::Router;
use crate::router::dispatch::{open_input, pause, refuse, required_text};
use crate::router::register::{RegisterError, Signature};
use crate::router::registry::Registry;
use crate::router::run::RouterFuture;
use crate::router::table::Entry;
use crate::schema::Validator;
use crate::schema::text::SchemaText;

/// Begins the definition of a tool; the name is how a model calls it (TOOL-16 to TOOL-19).
pub fn tool(name: impl Into<String>) -> ToolDef {
    ToolDef {
        name: name.into().into(),
        title: None,
        description: None,
        icons: None,
        input_schema: None,
        output_schema: OutputSchema::Derived,
        annotations: None,
        meta: None,
        extra: Extra::new(),
        check_output: true,
    }
}

/// The definition of a tool, to be registered with [`Router::tool`].
///
/// Only the name is required; a description is what a model chooses by.
#[derive(Clone, Debug)]
pub struct ToolDef {
    name: Cow<'static, str>,
    title: Option<Cow<'static, str>>,
    description: Option<Cow<'static, str>>,
    icons: Option<Vec<Icon<'static>>>,
    input_schema: Option<SchemaText>,
    output_schema: OutputSchema,
    annotations: Option<ToolAnnotations<'static>>,
    meta: Option<MetaObject<'static>>,
    extra: Extra<'static>,
    check_output: bool,
}

#[derive(Clone, Debug)]
enum OutputSchema {
    Derived,
    Given(SchemaText),
    None,
}

impl ToolDef {
    /// The name for people (TOOL-15).
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into().into());
        self
    }

    /// What the tool does and when to use it, for the model.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into().into());
        self
    }

    /// Adds an icon (ICON-01).
    pub fn icon(mut self, icon: Icon<'static>) -> Self {
        self.icons.get_or_insert_default().push(icon);
        self
    }

    /// The JSON Schema of the arguments, in place of the one derived from the handler (TOOL-09,
    /// TOOL-10). It is sent as it is; its root has `"type": "object"`. A property with the keyword
    /// `x-mcp-header` is mirrored in a header on HTTP (HDR-01).
    pub fn input_schema(mut self, schema: impl Into<SchemaText>) -> Self {
        self.input_schema = Some(schema.into());
        self
    }

    /// The JSON Schema of the structured content, in place of the one derived from the handler's
    /// output (TOOL-12). What the handler returns is checked against it (TOOL-28).
    pub fn output_schema(mut self, schema: impl Into<SchemaText>) -> Self {
        self.output_schema = OutputSchema::Given(schema.into());
        self
    }

    /// Publishes no `outputSchema`, even where one could be derived.
    pub fn without_output_schema(mut self) -> Self {
        self.output_schema = OutputSchema::None;
        self
    }

    /// Publishes the `outputSchema` but does not hold the handler to it.
    pub fn without_output_check(mut self) -> Self {
        self.check_output = false;
        self
    }

    /// All hints at once (TOOL-13). Clients need not believe them (TOOL-14).
    pub fn annotations(mut self, annotations: ToolAnnotations<'static>) -> Self {
        self.annotations = Some(annotations);
        self
    }

    /// Hints that the tool changes nothing (`readOnlyHint`).
    pub fn read_only(mut self, hint: bool) -> Self {
        self.hints().read_only_hint = Some(hint);
        self
    }

    /// Hints whether the tool may destroy or overwrite (`destructiveHint`, by default it may).
    pub fn destructive(mut self, hint: bool) -> Self {
        self.hints().destructive_hint = Some(hint);
        self
    }

    /// Hints that a second equal call does nothing more (`idempotentHint`).
    pub fn idempotent(mut self, hint: bool) -> Self {
        self.hints().idempotent_hint = Some(hint);
        self
    }

    /// Hints whether the tool deals with an open world of other parties (`openWorldHint`, by default
    /// it does).
    pub fn open_world(mut self, hint: bool) -> Self {
        self.hints().open_world_hint = Some(hint);
        self
    }

    /// The tool's `_meta` (META-01).
    pub fn meta(mut self, meta: MetaObject<'static>) -> Self {
        self.meta = Some(meta);
        self
    }

    fn hints(&mut self) -> &mut ToolAnnotations<'static> {
        self.annotations.get_or_insert_default()
    }
}

impl From<&str> for ToolDef {
    fn from(name: &str) -> Self {
        tool(name)
    }
}

impl From<String> for ToolDef {
    fn from(name: String) -> Self {
        tool(name)
    }
}

/// Takes over the definition of a tool from elsewhere, schemas included.
impl From<Tool<'static>> for ToolDef {
    fn from(tool: Tool<'static>) -> Self {
        let output_schema = match &tool.output_schema {
            Some(schema) => OutputSchema::Given(schema.as_str().into()),
            None => OutputSchema::None,
        };
        Self {
            name: tool.name,
            title: tool.title,
            description: tool.description,
            icons: tool.icons,
            input_schema: Some(tool.input_schema.as_str().into()),
            output_schema,
            annotations: tool.annotations,
            meta: tool.meta,
            extra: tool.extra,
            check_output: true,
        }
    }
}

/// The schema of a tool whose handler takes no arguments (TOOL-11).
const NO_ARGUMENTS: &str = r#"{"type":"object","additionalProperties":false}"#;
/// The schema of a tool whose handler takes whatever comes.
const ANY_ARGUMENTS: &str = r#"{"type":"object"}"#;

/// What a tool's handler can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    note = "return Ok of: Json<T>, String, &str, (), ContentBlock, Vec<ContentBlock>, JSONValue or \
            CallToolResult"
)]
pub trait IntoToolResult {
    /// The result that is sent.
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError>;

    /// The `outputSchema` of tools that return this, where there is one.
    fn output_schema() -> Option<SchemaText> {
        None
    }
}

impl IntoToolResult for CallToolResult<'static> {
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        Ok(self)
    }
}

impl IntoToolResult for Vec<ContentBlock<'static>> {
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        Ok(CallToolResult::new(self))
    }
}

impl IntoToolResult for ContentBlock<'static> {
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        Ok(CallToolResult::new([self]))
    }
}

impl IntoToolResult for String {
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        Ok(CallToolResult::new([TextContent::new(self)]))
    }
}

impl IntoToolResult for &'static str {
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        Ok(CallToolResult::new([TextContent::new(self)]))
    }
}

/// No content at all.
impl IntoToolResult for () {
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        Ok(CallToolResult::new(Vec::<ContentBlock<'_>>::new()))
    }
}

/// Structured content, and the same as a text block (TOOL-30).
impl IntoToolResult for JSONValue<'static> {
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        let text = TextContent::new(self.as_str().to_owned());
        Ok(CallToolResult::new([text]).structured_content(self))
    }
}

#[cfg(feature = "schemars")]
impl<T: serde::Serialize + schemars::JsonSchema> IntoToolResult
    for crate::handler::result::Json<T>
{
    fn into_tool_result(self) -> Result<CallToolResult<'static>, HandlerError> {
        JSONValue::from_serialize(&self.0)?.into_tool_result()
    }

    fn output_schema() -> Option<SchemaText> {
        crate::handler::derive::output_schema::<T>().map(Into::into)
    }
}

/// A tool that was registered.
pub(crate) struct ToolEntry {
    pub(crate) tool: Tool<'static>,
    run: Run,
    arguments: Validator,
    header_params: HeaderParams,
    pub(crate) logs: bool,
}

impl Entry for ToolEntry {
    fn key(&self) -> &str {
        &self.tool.name
    }
}

impl fmt::Debug for ToolEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolEntry")
            .field("tool", &self.tool)
            .finish_non_exhaustive()
    }
}

impl ToolEntry {
    pub(crate) fn new<H, M>(
        def: ToolDef,
        handler: H,
        registry: &Registry,
    ) -> Result<Self, RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoToolResult,
    {
        let mut signature = Signature::new(CallKind::Tool, &def.name, &registry.states);
        H::describe(&mut signature);
        let needs = signature.finish()?;
        if def.name.is_empty() {
            return Err(needs.invalid("name", "it is empty"));
        }
        let input_schema = match (def.input_schema, &needs.input_schema) {
            (Some(given), _) => given.into_string(),
            (None, Some(derived)) => derived.as_str().to_owned(),
            (None, None) if needs.takes_arguments => ANY_ARGUMENTS.to_owned(),
            (None, None) => NO_ARGUMENTS.to_owned(),
        };
        let arguments = Validator::compile(&input_schema)
            .map_err(|error| needs.invalid("inputSchema", error))?;
        let header_params = HeaderParams::parse(&input_schema)
            .map_err(|error| needs.invalid("inputSchema", error))?;
        let input_schema = ToolInputSchema::from_text(input_schema)
            .map_err(|error| needs.invalid("inputSchema", error))?;

        let output_schema = match def.output_schema {
            OutputSchema::Given(schema) => Some(schema),
            OutputSchema::Derived => H::Output::output_schema(),
            OutputSchema::None => None,
        };
        let output_schema = output_schema.map(SchemaText::into_string);
        let promise = match output_schema.as_deref().filter(|_| def.check_output) {
            Some(schema) => Some(Arc::new(Promise {
                tool: def.name.clone(),
                output: Validator::compile(schema)
                    .map_err(|error| needs.invalid("outputSchema", error))?,
            })),
            None => None,
        };
        let output_schema = output_schema.map(ToolOutputSchema::from_text);
        let output_schema = output_schema
            .transpose()
            .map_err(|error| needs.invalid("outputSchema", error))?;

        let mut tool = Tool::new(def.name, input_schema);
        tool.title = def.title;
        tool.description = def.description;
        tool.icons = def.icons;
        tool.output_schema = output_schema;
        tool.annotations = def.annotations;
        tool.meta = def.meta;
        tool.extra = def.extra;
        let run = erase(handler, move |call: Call| {
            let registry = call.registry;
            let promise = promise.clone();
            move |outcome: Result<H::Output, _>| {
                let outcome = outcome.and_then(H::Output::into_tool_result);
                finish(&registry, promise.as_deref(), outcome)
            }
        });
        Ok(Self {
            tool,
            run,
            arguments,
            header_params,
            logs: needs.logs,
        })
    }

    /// TOOL-35.
    fn check_arguments(&self, arguments: Option<&[u8]>) -> Result<(), String> {
        let json = simdutf8::basic::from_utf8(arguments.unwrap_or(b"{}"));
        self.arguments
            .check(json.map_err(|error| error.to_string())?)
    }
}

/// Answers `tools/call`.
pub(crate) fn call(
    router: &Router,
    registry: &Arc<Registry>,
    request: &Request,
) -> Result<RouterFuture, Response> {
    let name = required_text(request, Part::Name, "name")?;
    let arguments = request.message().raw(Part::Arguments);
    if arguments.is_some_and(|json| !json.starts_with(b"{")) {
        return Err(refuse(&Error::invalid_params(
            "params.arguments is not an object",
        )));
    }
    let entry = registry.tools.get(&name).ok_or_else(|| unknown(&name))?;
    if let Some(mirrored) = &request.context().mirrored_params {
        entry
            .header_params
            .check(mirrored, arguments)
            .map_err(|error| refuse(&error))?;
    }
    let input = open_input(registry, request)?;
    entry
        .check_arguments(arguments)
        .map_err(|violations| misfit(registry, &name, &violations))?;
    let mut call = Call::new(request, router, registry, CallKind::Tool);
    call.input = input;
    call.run(&entry.run)
}

#[cold]
fn unknown(name: &str) -> Response {
    Response::error(&Error::invalid_params(format!("unknown tool {name:?}")))
}

/// TOOL-35: the model reads what to mend.
#[cold]
fn misfit(registry: &Registry, name: &str, violations: &str) -> Response {
    let message = format!("the arguments do not fit the input schema of {name:?}: {violations}");
    respond(registry, &mut tool_error(message))
}

/// What a tool has said of its results (TOOL-28).
struct Promise {
    tool: Cow<'static, str>,
    output: Validator,
}

impl Promise {
    /// TOOL-31: a server that breaks its own promise is at fault, not the model.
    fn check(&self, result: &CallToolResult<'_>) -> Result<(), Error<'static>> {
        if result.is_error == Some(true) {
            return Ok(());
        }
        let name = &self.tool;
        let Some(structured) = &result.structured_content else {
            return Err(Error::internal(format!(
                "tool {name:?} has an outputSchema but returned no structured content"
            )));
        };
        self.output
            .check(structured.as_str())
            .map_err(|violations| {
                Error::internal(format!(
                    "tool {name:?} returned what its outputSchema forbids: {violations}"
                ))
            })
    }
}

/// The response for what a tool's handler came to.
fn finish(
    registry: &Registry,
    promise: Option<&Promise>,
    mut outcome: Result<CallToolResult<'static>, HandlerError>,
) -> Response {
    let Ok(result) = &mut outcome else {
        return failed(registry, outcome);
    };
    match promise.map_or(Ok(()), |promise| promise.check(result)) {
        Ok(()) => respond(registry, result),
        Err(error) => Response::error(&error),
    }
}

#[cold]
fn failed(registry: &Registry, outcome: Result<CallToolResult<'static>, HandlerError>) -> Response {
    if let Err(HandlerError::Input(asked)) = outcome {
        return pause(registry, asked);
    }
    match outcome.or_else(HandlerError::into_tool_result) {
        Ok(mut result) => respond(registry, &mut result),
        Err(error) => Response::error(&error),
    }
}
