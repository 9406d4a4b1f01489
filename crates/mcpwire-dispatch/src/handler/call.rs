//! One call of a handler, as its extractors see it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mcpwire_codec::Part;
use mcpwire_service::{Request, Response};

use crate::feature::completion::Argument;
use crate::handler::Run;
use crate::handler::outbox::Outbox;
use crate::input::Input;
use crate::router::Router;
use crate::router::registry::Registry;
use crate::router::run::{RouterFuture, panicked};
use crate::template::TemplateParams;

/// What a handler answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallKind {
    /// `tools/call`.
    Tool,
    /// `prompts/get`.
    Prompt,
    /// `resources/read` of a listed resource.
    Resource,
    /// `resources/read` of a URI that a template matches.
    ResourceTemplate,
    /// `completion/complete`.
    Completion,
    /// A method of an extension.
    Method,
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
            Self::ResourceTemplate => "resource template",
            Self::Completion => "completion",
            Self::Method => "method",
        })
    }
}

/// What [`FromCall`](crate::FromCall) takes its values from.
///
/// It lives for one call and nothing in it comes from an earlier one (BASE-34).
#[derive(Debug)]
pub struct Call {
    pub(crate) request: Request,
    pub(crate) router: Router,
    pub(crate) registry: Arc<Registry>,
    pub(crate) kind: CallKind,
    pub(crate) uri: Option<Arc<str>>,
    pub(crate) template_params: Option<TemplateParams>,
    pub(crate) argument: Option<Argument>,
    /// What came along with a retry.
    pub(crate) input: Option<Box<Input>>,
    pub(crate) input_taken: bool,
    pub(crate) outbox: Outbox,
}

impl Call {
    pub(crate) fn new(
        request: &Request,
        router: &Router,
        registry: &Arc<Registry>,
        kind: CallKind,
    ) -> Self {
        let outbox = Outbox::new(registry.limits.outbox_capacity);
        Self {
            request: request.clone(),
            router: router.clone(),
            registry: Arc::clone(registry),
            kind,
            uri: None,
            template_params: None,
            argument: None,
            input: None,
            input_taken: false,
            outbox,
        }
    }

    /// The request, with what the transport and middleware know about it.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What is being answered.
    pub fn kind(&self) -> CallKind {
        self.kind
    }

    /// The JSON text of `arguments` of a tool or prompt; an empty object where there were none.
    pub fn arguments(&self) -> &[u8] {
        let arguments = match self.kind {
            CallKind::Tool | CallKind::Prompt => self.request.message().raw(Part::Arguments),
            _ => None,
        };
        arguments.unwrap_or(b"{}")
    }

    /// The value given to [`Router::state`].
    pub fn state<S: Send + Sync + 'static>(&self) -> Option<&S> {
        self.registry.states.get()
    }

    /// Starts the handler.
    pub(crate) fn run(self, run: &Run) -> Result<RouterFuture, Response> {
        // Extractors and the part of a handler before its future are the server's code as well.
        catch_unwind(AssertUnwindSafe(|| run(self))).unwrap_or_else(|_| Err(panicked()))
    }
}
