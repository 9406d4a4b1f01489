//! Methods of extensions: parameters and results as they are (EXT rows).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use mcpwire_codec::WrittenResult;
use mcpwire_service::{Request, Response};
use mcpwire_types::{Error, method};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::HandlerError;
use crate::handler::call::{Call, CallKind};
use crate::handler::{Handler, Run, erase};
use crate::router::Router;
use crate::router::register::{RegisterError, Signature};
use crate::router::registry::Registry;
use crate::router::run::RouterFuture;
use crate::router::table::Entry;

/// Every method that the router answers by itself.
pub(crate) const OWN: [&str; 10] = [
    method::SERVER_DISCOVER,
    method::TOOLS_LIST,
    method::TOOLS_CALL,
    method::PROMPTS_LIST,
    method::PROMPTS_GET,
    method::RESOURCES_LIST,
    method::RESOURCES_TEMPLATES_LIST,
    method::RESOURCES_READ,
    method::COMPLETION_COMPLETE,
    method::SUBSCRIPTIONS_LISTEN,
];

/// A method of an extension that was registered.
pub(crate) struct MethodEntry {
    name: String,
    run: Run,
    pub(crate) logs: bool,
}

impl Entry for MethodEntry {
    fn key(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for MethodEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodEntry")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl MethodEntry {
    pub(crate) fn new<H, M>(
        name: String,
        handler: H,
        registry: &Registry,
    ) -> Result<Self, RegisterError>
    where
        H: Handler<M>,
        H::Output: Serialize,
    {
        let mut signature = Signature::new(CallKind::Method, &name, &registry.states);
        H::describe(&mut signature);
        if OWN.contains(&&*name) || name == "initialize" {
            return Err(signature.invalid("name", "the protocol itself defines this method"));
        }
        if name.is_empty() || name.starts_with("notifications/") {
            return Err(signature.invalid("name", "it is not the name of a request"));
        }
        let needs = signature.finish()?;
        let run = erase(handler, |call: Call| {
            let registry = call.registry;
            move |outcome: Result<H::Output, HandlerError>| {
                let result = outcome.and_then(|output| Ok(WrittenResult::new(&output)?));
                finish(&registry, result)
            }
        });
        Ok(Self {
            name,
            run,
            logs: needs.logs,
        })
    }
}

/// Answers a method that an extension brought.
pub(crate) fn call(
    router: &Router,
    registry: &Arc<Registry>,
    entry: &MethodEntry,
    request: &Request,
) -> Result<RouterFuture, Response> {
    Call::new(request, router, registry, CallKind::Method).run(&entry.run)
}

/// The response for what the handler came to.
fn finish(registry: &Registry, outcome: Result<WrittenResult, HandlerError>) -> Response {
    let result = outcome.map_err(HandlerError::into_error);
    match result.and_then(|result| complete(registry, result)) {
        Ok(result) => Response::written(result),
        Err(error) => Response::error(&error),
    }
}

/// Gives the result what every result has: a `resultType` (BASE-12) and the server's name (META-23),
/// unless the handler put them in. Nothing at all becomes an empty result.
fn complete(
    registry: &Registry,
    mut result: WrittenResult,
) -> Result<WrittenResult, Error<'static>> {
    let unreadable = |_| Error::internal("the result of the method is no JSON object");
    if result.as_json() == b"null" {
        let nothing = serde_json::Map::new();
        result = WrittenResult::new(&nothing).map_err(unreadable)?;
    }
    let members: HashMap<String, &RawValue> =
        serde_json::from_slice(result.as_json()).map_err(unreadable)?;
    let has_type = members.contains_key("resultType");
    let has_meta = members.contains_key("_meta");
    if !has_type {
        result.push_member(br#""resultType":"complete""#);
    }
    if let Some(info) = registry.server_info().filter(|_| !has_meta) {
        result.push_member(&info.meta_member);
    }
    Ok(result)
}
