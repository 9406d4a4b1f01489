//! Registration in a chain, which ends the program on a mistake.

use serde::Serialize;

use super::{Router, mistake};
use crate::feature::completion::{self, Completed, IntoCompletion};
use crate::feature::prompt::{IntoPromptResult, PromptDef};
use crate::feature::resource::{IntoResourceResult, ResourceDef, ResourceTemplateDef};
use crate::feature::tool::{IntoToolResult, ToolDef};
use crate::handler::Handler;
use crate::router::register::RegisterError;

/// Registration, for when the server is put together.
///
/// # Panics
///
/// All of these panic on what [`RegisterError`] lists: mistakes of the programmer, found before the server
/// serves anybody. The `add_*` methods return it instead.
impl Router {
    /// Registers a tool.
    pub fn tool<H, M>(self, tool: impl Into<ToolDef>, handler: H) -> Self
    where
        H: Handler<M>,
        H::Output: IntoToolResult,
    {
        or_mistake(self.put_tool(tool, handler));
        self
    }

    /// Registers a prompt.
    pub fn prompt<H, M>(self, prompt: impl Into<PromptDef>, handler: H) -> Self
    where
        H: Handler<M>,
        H::Output: IntoPromptResult,
    {
        or_mistake(self.put_prompt(prompt, handler));
        self
    }

    /// Registers a resource that is listed.
    pub fn resource<H, M>(self, resource: impl Into<ResourceDef>, handler: H) -> Self
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        or_mistake(self.put_resource(resource, handler));
        self
    }

    /// Registers a resource template. A read goes to a listed resource first, then to the first template
    /// that matches, in the order of registration.
    pub fn resource_template<H, M>(
        self,
        template: impl Into<ResourceTemplateDef>,
        handler: H,
    ) -> Self
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        or_mistake(self.put_resource_template(template, handler));
        self
    }

    /// Registers what completes an argument of a prompt that is registered already; the handler takes
    /// [`Argument`](crate::Argument).
    pub fn complete_prompt<H, M>(self, prompt: &str, argument: &str, handler: H) -> Self
    where
        H: Handler<M>,
        H::Output: IntoCompletion,
    {
        or_mistake(self.complete(Completed::Prompt(prompt.to_owned()), argument, handler));
        self
    }

    /// Registers what completes a variable of a resource template that is registered already; the handler
    /// takes [`Argument`](crate::Argument).
    pub fn complete_template<H, M>(self, uri_template: &str, variable: &str, handler: H) -> Self
    where
        H: Handler<M>,
        H::Output: IntoCompletion,
    {
        or_mistake(self.complete(
            Completed::Template(uri_template.to_owned()),
            variable,
            handler,
        ));
        self
    }

    /// Registers a method of an extension. Its handler takes [`Params`](crate::Params) or
    /// [`RawParams`](crate::RawParams) and returns anything that serializes to a JSON object; what every
    /// result has (`resultType`, the server's name) is put in where it is missing.
    pub fn method<H, M>(self, name: impl Into<String>, handler: H) -> Self
    where
        H: Handler<M>,
        H::Output: Serialize,
    {
        or_mistake(self.add_method(name, handler));
        self
    }

    fn complete<H, M>(&self, of: Completed, argument: &str, handler: H) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoCompletion,
    {
        self.update(|registry| completion::register(registry, of, argument, handler))
    }
}

fn or_mistake(outcome: Result<(), RegisterError>) {
    if let Err(error) = outcome {
        mistake(&error.to_string());
    }
}
