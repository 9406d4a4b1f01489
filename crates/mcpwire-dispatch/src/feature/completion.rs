//! Completion of prompt arguments and template variables (COMP rows).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use mcpwire_codec::Part;
use mcpwire_service::{Request, Response};
use mcpwire_types::{
    CompleteRequestParams, CompleteResult, Completion, CompletionReference, Error,
};

use crate::error::HandlerError;
use crate::handler::call::{Call, CallKind};
use crate::handler::extract::FromCall;
use crate::handler::result::respond;
use crate::handler::{Handler, Run, erase};
use crate::router::Router;
use crate::router::dispatch::refuse;
use crate::router::register::{RegisterError, Signature};
use crate::router::registry::Registry;
use crate::router::run::RouterFuture;

/// What is being completed: the argument, what was typed so far, and the arguments that have their
/// value already (COMP-02, COMP-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    name: String,
    value: String,
    resolved: Vec<(String, String)>,
}

impl Argument {
    /// The name of the argument or template variable.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was typed so far; possibly nothing.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value that another argument has already.
    pub fn resolved(&self, name: &str) -> Option<&str> {
        self.resolved
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

impl FromCall for Argument {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        call.argument
            .clone()
            .ok_or_else(|| HandlerError::internal("nothing is being completed"))
    }

    fn describe(signature: &mut Signature<'_>) {
        signature.only_for("Argument", &[CallKind::Completion], "a completion");
    }
}

/// What a completion's handler can return, best first (COMP-08).
///
/// More than a hundred values are cut, and the answer says so (COMP-06).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a completion",
    note = "return Ok of: Vec<String>, Vec<&'static str> or mcpwire_types::Completion"
)]
pub trait IntoCompletion {
    /// The values, before they are cut.
    fn into_completion(self) -> Completion<'static>;
}

impl IntoCompletion for Completion<'static> {
    fn into_completion(self) -> Completion<'static> {
        self
    }
}

impl IntoCompletion for Vec<String> {
    fn into_completion(self) -> Completion<'static> {
        Completion::new(self)
    }
}

impl IntoCompletion for Vec<&'static str> {
    fn into_completion(self) -> Completion<'static> {
        Completion::new(self)
    }
}

/// What has an argument that can be completed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Completed {
    /// A prompt, by name.
    Prompt(String),
    /// A resource template, by its text.
    Template(String),
}

impl fmt::Display for Completed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prompt(name) => write!(f, "prompt `{name}`"),
            Self::Template(text) => write!(f, "resource template `{text}`"),
        }
    }
}

/// The handlers by what they complete: few, so one map of maps is enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct Completers(HashMap<Completed, HashMap<String, Arc<CompleterEntry>>>);

impl Completers {
    fn get(&self, of: &Completed, argument: &str) -> Option<&Arc<CompleterEntry>> {
        self.0.get(of)?.get(argument)
    }

    pub(crate) fn remove(&mut self, of: &Completed) {
        self.0.remove(of);
    }
}

/// A handler that completes one argument.
pub(crate) struct CompleterEntry {
    run: Run,
    pub(crate) logs: bool,
}

impl fmt::Debug for CompleterEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompleterEntry").finish_non_exhaustive()
    }
}

/// Adds a handler, unless what it completes is not there.
pub(crate) fn register<H, M>(
    registry: &mut Registry,
    of: Completed,
    argument: &str,
    handler: H,
) -> Result<(), RegisterError>
where
    H: Handler<M>,
    H::Output: IntoCompletion,
{
    let name = format!("{argument} of {of}");
    let mut signature = Signature::new(CallKind::Completion, &name, &registry.states);
    H::describe(&mut signature);
    let needs = signature.finish()?;
    let known = match &of {
        Completed::Prompt(name) => registry
            .prompts
            .get(name)
            .map(|entry| entry.has_argument(argument)),
        Completed::Template(text) => {
            let template = registry.templates.get(text);
            template.map(|entry| entry.matcher.variables().any(|name| name == argument))
        }
    };
    let missing = match known {
        Some(true) => None,
        Some(false) => Some(format!("`{argument}`")),
        None => Some(of.to_string()),
    };
    if let Some(missing) = missing {
        return Err(RegisterError::Unknown {
            what: needs.what,
            missing,
        });
    }
    if registry.completers.get(&of, argument).is_some() {
        return Err(RegisterError::Duplicate { what: needs.what });
    }
    let run = erase(handler, |call: Call| {
        let registry = call.registry;
        move |outcome: Result<H::Output, HandlerError>| match outcome {
            Ok(output) => completed(&registry, output.into_completion()),
            Err(error) => Response::error(&error.into_error()),
        }
    });
    let entry = Arc::new(CompleterEntry {
        run,
        logs: needs.logs,
    });
    registry.declared.completions = true;
    registry.declared.logging |= entry.logs;
    registry
        .completers
        .0
        .entry(of)
        .or_default()
        .insert(argument.to_owned(), entry);
    Ok(())
}

/// Answers `completion/complete`.
pub(crate) fn complete(
    router: &Router,
    registry: &Arc<Registry>,
    request: &Request,
) -> Result<RouterFuture, Response> {
    let params: CompleteRequestParams<'_> = request
        .message()
        .parse(Part::Params)
        .map_err(|error| refuse(&error.to_error()))?;
    let argument = &*params.argument.name;
    let of = referenced(registry, &params.ref_, argument)
        .map_err(|message| Response::error(&Error::invalid_params(message)))?;
    let Some(entry) = registry.completers.get(&of, argument).cloned() else {
        // Known, but with nothing to offer.
        let nothing = Vec::<String>::new().into_completion();
        return Err(completed(registry, nothing));
    };
    let resolved = params
        .context
        .and_then(|context| context.arguments)
        .unwrap_or_default();
    let argument = Argument {
        name: params.argument.name.into_owned(),
        value: params.argument.value.into_owned(),
        resolved: resolved
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_string()))
            .collect(),
    };
    let mut call = Call::new(request, router, registry, CallKind::Completion);
    call.argument = Some(argument);
    call.run(&entry.run)
}

/// What a reference names, if it has the argument; the error is for the client (COMP-07).
fn referenced(
    registry: &Registry,
    reference: &CompletionReference<'_>,
    argument: &str,
) -> Result<Completed, String> {
    let (of, known) = match reference {
        CompletionReference::Prompt(prompt) => {
            let entry = registry.prompts.get(&prompt.name);
            let entry = entry.ok_or_else(|| format!("unknown prompt {:?}", prompt.name))?;
            (
                Completed::Prompt(entry.prompt.name.to_string()),
                entry.has_argument(argument),
            )
        }
        CompletionReference::ResourceTemplate(template) => {
            // The template itself, or a URI that it stands for (COMP-03).
            let entry = registry.templates.get(&template.uri).or_else(|| {
                registry
                    .templates
                    .iter()
                    .find(|entry| entry.matcher.matches(&template.uri).is_some())
            });
            let entry =
                entry.ok_or_else(|| format!("unknown resource template {:?}", template.uri))?;
            let known = entry.matcher.variables().any(|name| name == argument);
            (
                Completed::Template(entry.template.uri_template.to_string()),
                known,
            )
        }
        _ => return Err("params.ref is neither a prompt nor a resource template".to_owned()),
    };
    if known {
        Ok(of)
    } else {
        Err(format!("{of} has no argument {argument:?}"))
    }
}

fn completed(registry: &Registry, completion: Completion<'static>) -> Response {
    let max = registry.limits.max_completions;
    respond(registry, &mut cut(completion, max))
}

/// At most `max` values, with a word on whether there are more (COMP-05, COMP-06).
fn cut(mut completion: Completion<'static>, max: usize) -> CompleteResult<'static> {
    let found = completion.values.len();
    completion.total = completion.total.or(i64::try_from(found).ok());
    if found > max {
        completion.values.truncate(max);
        completion.has_more = Some(true);
    }
    completion.has_more = completion.has_more.or(Some(false));
    CompleteResult::new(completion)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comp_06_a_hundred_values_at_most() {
        let values: Vec<String> = (0..250).map(|n| n.to_string()).collect();
        let completion = cut(values.into_completion(), 100).completion;
        assert_eq!(completion.values.len(), 100);
        assert_eq!(
            (completion.total, completion.has_more),
            (Some(250), Some(true))
        );
        let completion = cut(vec!["a"].into_completion(), 100).completion;
        assert_eq!(
            (completion.total, completion.has_more),
            (Some(1), Some(false))
        );
    }

    #[test]
    fn comp_05_what_a_handler_knows_better_stays() {
        let known = Completion::new(["a"]).total(7).has_more(true);
        let completion = cut(known, 100).completion;
        assert_eq!(
            (completion.total, completion.has_more),
            (Some(7), Some(true))
        );
    }
}
