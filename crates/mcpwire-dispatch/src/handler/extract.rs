//! What a handler can take as a parameter.
//!
//! [`FromCall`] is the one trait; [`Ctx`](crate::Ctx), [`Input`](crate::Input),
//! [`Progress`](crate::Progress), [`Log`](crate::Log) and [`Path`](crate::Path) implement it in
//! their own modules.

use std::sync::Arc;
use std::time::SystemTime;

use mcpwire_types::{DecodeError, JSONObject};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::HandlerError;
use crate::handler::call::{Call, CallKind};
use crate::input::Input;
use crate::listen::changes::Changes;
use crate::router::Router;
use crate::router::register::Signature;
use crate::template::TemplateParams;

/// A value that a handler takes as a parameter.
///
/// Taking it does no waiting: what needs to (a look-up in a database) belongs into the handler or into
/// middleware in front of the router.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    note = "handlers take extractors: Args<T>, RawArgs, State<S>, Ctx, Input, Progress, Log, Uri, Path<T> and \
            others that implement FromCall"
)]
pub trait FromCall: Sized {
    /// Takes the value out of one call. An error ends the call before the handler runs.
    fn from_call(call: &mut Call) -> Result<Self, HandlerError>;

    /// Says at registration what it needs; the default needs nothing.
    fn describe(signature: &mut Signature<'_>) {
        let _ = signature;
    }
}

const WITH_ARGUMENTS: &[CallKind] = &[CallKind::Tool, CallKind::Prompt];
const WITH_URI: &[CallKind] = &[CallKind::Resource, CallKind::ResourceTemplate];
const WITH_INPUT: &[CallKind] = &[
    CallKind::Tool,
    CallKind::Prompt,
    CallKind::Resource,
    CallKind::ResourceTemplate,
];

/// The arguments of a tool or prompt, as a type of yours.
///
/// The tool's `inputSchema` is derived from `T` unless the tool was given one; a prompt's `arguments`
/// likewise, in alphabetical order (their values are strings, PROMPT-07). What does not fit ends the call with a message that
/// says where and what to mend: a tool error for tools (TOOL-35), `-32602` for prompts (PROMPT-12).
#[cfg(feature = "schemars")]
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart in parameter position"
)]
pub struct Args<T>(pub T);

#[cfg(feature = "schemars")]
impl<T: DeserializeOwned + schemars::JsonSchema> FromCall for Args<T> {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        parse_arguments(simdutf8::basic::from_utf8(call.arguments())?).map(Self)
    }

    fn describe(signature: &mut Signature<'_>) {
        signature.only_for("Args", WITH_ARGUMENTS, "a tool or prompt");
        signature.arguments(Some(crate::handler::derive::input_schema::<T>()));
    }
}

/// The arguments of a tool or prompt as JSON, as they came; an empty object where there were none.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart in parameter position"
)]
pub struct RawArgs(pub JSONObject<'static>);

impl RawArgs {
    /// Reads the arguments as a type that needs no schema; what does not fit ends the call as with
    /// `Args`.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, HandlerError> {
        parse_arguments(self.0.as_str())
    }
}

impl FromCall for RawArgs {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        object(call.arguments()).map(Self)
    }

    fn describe(signature: &mut Signature<'_>) {
        signature.only_for("RawArgs", WITH_ARGUMENTS, "a tool or prompt");
        signature.arguments(None);
    }
}

/// `json` was validated when the message was read.
fn parse_arguments<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, HandlerError> {
    mcpwire_codec::parse_valid(json).map_err(|error| misfit(&error))
}

#[cold]
fn misfit(error: &DecodeError) -> HandlerError {
    HandlerError::Arguments(format!(
        "the arguments do not fit at {}: {}",
        error.path(),
        error.message()
    ))
}

fn object(json: &[u8]) -> Result<JSONObject<'static>, HandlerError> {
    let object: JSONObject<'_> = mcpwire_codec::parse_valid(simdutf8::basic::from_utf8(json)?)?;
    Ok(object.into_owned())
}

/// The whole `params` of a method of an extension, as a type of yours (`_meta` is a member of it).
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart in parameter position"
)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromCall for Params<T> {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        let params = call.request.params().unwrap_or_default();
        serde_json::from_slice(&params)
            .map(Self)
            .map_err(|error| HandlerError::invalid_params(format!("params do not fit: {error}")))
    }
}

/// The whole `params` of the request as JSON, as they came.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart in parameter position"
)]
pub struct RawParams(pub JSONObject<'static>);

impl FromCall for RawParams {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        object(&call.request.params().unwrap_or_default()).map(Self)
    }
}

/// A clone of the value given to [`Router::state`].
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart in parameter position"
)]
pub struct State<S>(pub S);

impl<S: Clone + Send + Sync + 'static> FromCall for State<S> {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        // Registration has refused handlers whose state is not there.
        call.state()
            .cloned()
            .map(Self)
            .ok_or_else(|| HandlerError::internal("state is missing"))
    }

    fn describe(signature: &mut Signature<'_>) {
        signature.state::<S>();
    }
}

/// The URI of the resource that is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart in parameter position"
)]
pub struct Uri(pub Arc<str>);

impl FromCall for Uri {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        call.uri
            .clone()
            .map(Self)
            .ok_or_else(|| HandlerError::internal("there is no URI"))
    }

    fn describe(signature: &mut Signature<'_>) {
        signature.only_for("Uri", WITH_URI, "a resource");
    }
}

impl FromCall for TemplateParams {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        let params = call.template_params.clone();
        params.ok_or_else(|| HandlerError::internal("there are no template parameters"))
    }

    fn describe(signature: &mut Signature<'_>) {
        const KINDS: &[CallKind] = &[CallKind::ResourceTemplate];
        signature.only_for("TemplateParams", KINDS, "a resource template");
    }
}

impl FromCall for Input {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        if std::mem::replace(&mut call.input_taken, true) {
            // Two of them would not know of each other's questions.
            return Err(HandlerError::internal("the handler takes Input twice"));
        }
        match call.input.take() {
            Some(input) => Ok(*input),
            None => Input::from_request(&call.request, &call.registry.input, SystemTime::now())
                .map_err(HandlerError::rpc),
        }
    }

    fn describe(signature: &mut Signature<'_>) {
        signature.only_for("Input", WITH_INPUT, "a tool, prompt or resource");
    }
}

/// The router that runs the handler, for handlers that add or remove what it offers.
impl FromCall for Router {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        Ok(call.router.clone())
    }
}

impl FromCall for Changes {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        Ok(call.registry.changes())
    }
}
